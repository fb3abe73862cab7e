package io.threadpool.examples.serve;

import java.time.Duration;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/**
 * The threads that answer connections, whichever pool they come from.
 *
 * <p>At most {@code workers} connections are answered at once, in the order in which they were
 * handed over; {@code waiting} more may wait, and no more than that are handed over. The life of
 * the workers, and what a connection throws, is logged. Each implementation is written as a user of
 * that pool would write it.
 */
interface ServerPool extends Executor {

  /**
   * Answers what was handed over, and returns when the last thread has left. At the end of {@code
   * drain}, or when the calling thread is interrupted, it interrupts what is being answered, leaves
   * the rest, and after five seconds more tells which threads are stuck, and where, and returns.
   *
   * @param drain how long everything may run; null for as long as it takes
   */
  void close(@Nullable Duration drain);
}
