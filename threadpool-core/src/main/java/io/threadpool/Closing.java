package io.threadpool;

import io.threadpool.internal.Errands;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * What {@code close()} does on its caller's thread: it waits for the end, and joins the threads.
 * How a pool ends is the {@link Lifecycle}'s.
 */
final class Closing {

  /** How long the threads of workers that have left may take to end. */
  private static final long JOIN_NANOS = 1_000_000_000L;

  private Closing() {}

  /**
   * Waits until a pool that was shut down has ended.
   *
   * @param abort what an interrupt of the wait does
   * @param lateNanos how long what the end has still to tell may take
   */
  static void await(
      Lifecycle lifecycle, Crew crew, Errands errands, Runnable abort, long lateNanos) {
    boolean interrupted = false;
    for (boolean over = false; !over; ) {
      try {
        lifecycle.awaitReport();
        over = true;
      } catch (InterruptedException e) {
        interrupted = true;
        abort.run();
      }
    }
    errands.awaitQuiet(lateNanos, lateNanos); // What they log is told by the end, if the log lets.
    if (!interrupted && lifecycle.isTerminated()) {
      interrupted = joinThreads(crew.threads());
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  /** Waits for threads whose work is over; returns whether the caller was interrupted meanwhile. */
  private static boolean joinThreads(List<Thread> threads) {
    long start = System.nanoTime();
    try {
      for (Thread thread : threads) {
        long left = JOIN_NANOS - (System.nanoTime() - start);
        if (left <= 0) {
          return false;
        }
        TimeUnit.NANOSECONDS.timedJoin(thread, left);
      }
      return false;
    } catch (InterruptedException e) {
      return true;
    }
  }
}
