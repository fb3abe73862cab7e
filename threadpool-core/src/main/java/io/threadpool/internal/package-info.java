/**
 * The mechanisms of a pool, which know no task and no pool: the queue, the sleepers, the permits,
 * the timer, the errands, and what they stand on. Not exported.
 */
@NullMarked
package io.threadpool.internal;

import org.jspecify.annotations.NullMarked;
