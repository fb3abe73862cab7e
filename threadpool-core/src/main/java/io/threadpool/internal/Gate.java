package io.threadpool.internal;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;

/**
 * Where threads wait, seldom (for the end of a pool, for idleness, for a body to have left its
 * thread), for a condition that others make true before they signal; and how one waits for another
 * that is between two steps a few instructions apart.
 *
 * <p>Implementation note. Who waits stands in the line before it looks at the condition, and who
 * makes that true does so before it goes through the line. It parks, since to wait in the monitor
 * would pin a virtual thread's carrier, before Java 24; and the line is guarded by a monitor, since
 * the virtual machine leaves one whatever is thrown, as it may be at the end of a stack. Whom that
 * keeps in the line is woken in vain.
 */
public final class Gate {

  /**
   * How long any wait lasts at the most before it looks again, should a signal have failed. Races
   * in the tests raise it, so that a signal that is missed is missed for good.
   */
  static volatile long lookAgainNanos = 1_000_000_000L;

  private static final int PAUSES = 1_000;

  private static final long REST_NANOS = 1_000_000;

  /** Who waits. Not the thread itself, whose class may say what it equals. */
  private static final class Waiter {
    final Thread thread = Thread.currentThread();

    /** Where it stands in the line. Guarded by the monitor. */
    int place;
  }

  /** The line. Guarded by the monitor. */
  private final List<Waiter> waiters = new ArrayList<>();

  /**
   * Waits until the condition holds.
   *
   * @param open the condition; made true by writes before {@link #signalAll}; calls no user code
   * @param nanos how long to wait at the most
   * @return whether the condition holds
   */
  public boolean await(BooleanSupplier open, long nanos) throws InterruptedException {
    long start = System.nanoTime();
    Waiter own = new Waiter();
    enter(own);
    try {
      while (!open.getAsBoolean()) {
        long left = nanos - (System.nanoTime() - start);
        if (left <= 0) {
          return false;
        }
        if (Thread.interrupted()) {
          throw new InterruptedException();
        }
        LockSupport.parkNanos(this, Math.min(left, lookAgainNanos));
      }
      return true;
    } finally {
      leave(own);
    }
  }

  /** How long a wait lasts at the most before it looks again. */
  public static long lookAgainNanos() {
    return lookAgainNanos;
  }

  private synchronized void enter(Waiter own) {
    own.place = waiters.size();
    waiters.add(own);
  }

  private synchronized void leave(Waiter own) {
    Waiter last = waiters.remove(waiters.size() - 1);
    if (last != own) {
      waiters.set(own.place, last);
      last.place = own.place;
    }
  }

  /** Has those that wait look. Takes no memory. */
  public synchronized void signalAll() {
    for (int i = 0; i < waiters.size(); i++) {
      Threads.unpark(waiters.get(i).thread);
    }
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
