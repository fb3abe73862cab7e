package io.threadpool;

import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;

/**
 * Where threads wait, seldom, for a condition that others make true before they signal; and how one
 * waits for another that is between two steps a few instructions apart.
 */
final class Gate {

  /** How long a wait lasts at the most before it looks again, should a signal have failed. */
  private static final long LOOK_AGAIN_NANOS = 1_000_000_000L;

  /**
   * Waits until the condition holds.
   *
   * @param open the condition; made true by writes before {@link #signalAll}; calls no user code
   * @param nanos how long to wait at the most
   * @return whether the condition holds
   */
  boolean await(BooleanSupplier open, long nanos) throws InterruptedException {
    long start = System.nanoTime();
    synchronized (this) {
      while (!open.getAsBoolean()) {
        long left = nanos - (System.nanoTime() - start);
        if (left <= 0) {
          return false;
        }
        TimeUnit.NANOSECONDS.timedWait(this, Math.min(left, LOOK_AGAIN_NANOS));
      }
      return true;
    }
  }

  synchronized void signalAll() {
    notifyAll();
  }

  /** Lets other threads run, since the one waited for may have been descheduled. */
  @SuppressWarnings("ThreadPriorityCheck") // Correctness does not depend on it.
  static void pause() {
    Thread.yield();
  }
}
