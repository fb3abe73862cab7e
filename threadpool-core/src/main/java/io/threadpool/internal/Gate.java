package io.threadpool.internal;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;

/**
 * Where threads wait, seldom (for the end of a pool, for idleness, for a body to have left its
 * thread), for a condition that others make true before they signal; and how one waits for another
 * that is between two steps a few instructions apart.
 */
public final class Gate {

  /** How long a wait lasts at the most before it looks again, should a signal have failed. */
  private static final long LOOK_AGAIN_NANOS = 1_000_000_000L;

  private static final int PAUSES = 1_000;

  private static final long REST_NANOS = 1_000_000;

  /**
   * Waits until the condition holds.
   *
   * @param open the condition; made true by writes before {@link #signalAll}; calls no user code
   * @param nanos how long to wait at the most
   * @return whether the condition holds
   */
  public boolean await(BooleanSupplier open, long nanos) throws InterruptedException {
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

  public synchronized void signalAll() {
    notifyAll();
  }

  /** Lets other threads run, since the one waited for may have been descheduled. */
  @SuppressWarnings("ThreadPriorityCheck") // Correctness does not depend on it.
  public static void pause() {
    Thread.yield();
  }

  /**
   * Waits for a thread that is between two steps, with user code between them that may not come
   * back: lets others run, and rests where that takes long.
   *
   * @param turn how often the caller has waited so
   */
  public static void pause(int turn) {
    if (turn < PAUSES) {
      pause();
      return;
    }
    boolean interrupted = Thread.interrupted();
    LockSupport.parkNanos(REST_NANOS);
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }
}
