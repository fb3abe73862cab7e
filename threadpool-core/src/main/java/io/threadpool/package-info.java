/**
 * A pool of worker threads that takes tasks, runs each once, in the order they were accepted, and
 * shuts down without losing or hanging anything.
 */
@NullMarked
package io.threadpool;

import org.jspecify.annotations.NullMarked;
