/** Carries the logging context of the thread that submits a task to the thread that runs it. */
@NullMarked
package io.threadpool.examples.mdc;

import org.jspecify.annotations.NullMarked;
