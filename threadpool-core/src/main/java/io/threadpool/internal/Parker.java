package io.threadpool.internal;

import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * Where one worker sleeps: its place in the stack of {@link IdleWorkers}, and the word by which it
 * is woken.
 *
 * <pre>
 *   NONE --wakeOne--> SEARCHING, --wakeAll--> PLAIN   by who popped the worker off the stack
 *   PLAIN, SEARCHING --await--> NONE                 by the worker, before it registers again
 * </pre>
 *
 * <p>A worker on the stack is popped once, so it is woken once for each time it registers.
 */
public final class Parker {

  public static final int NONE = 0;
  public static final int PLAIN = 1;
  public static final int SEARCHING = 2;

  /** The worker's index in its pool. */
  public final int id;

  /**
   * The stack's next worker, one-based, 0 for none. Written by the worker before its push, read by
   * who pops; opaque in effect, since a stale value makes the pop's CAS fail by its version.
   */
  public volatile int below;

  /** Written by who wakes and by the worker, as the diagram says; volatile. */
  public volatile int signal;

  /** Set by the worker before it first registers, read by who wakes it. */
  public volatile @Nullable Thread thread;

  public Parker(int id) {
    this.id = id;
  }

  /**
   * Sleeps until woken; true where the searching flag came with it. Clears interrupts meanwhile.
   */
  public boolean await(Object blocker) {
    int seen;
    while ((seen = signal) == NONE) {
      LockSupport.park(blocker);
      if (signal == NONE) {
        Thread.interrupted();
      }
    }
    signal = NONE;
    return seen == SEARCHING;
  }

  /** Sleeps until woken or a time is up; true for the former. Clears interrupts meanwhile. */
  public boolean isWokenWithin(Object blocker, long nanos) {
    long start = System.nanoTime();
    while (signal == NONE) {
      long left = nanos - (System.nanoTime() - start);
      if (left <= 0) {
        return false;
      }
      LockSupport.parkNanos(blocker, left);
      if (signal == NONE) {
        Thread.interrupted();
      }
    }
    return true;
  }

  /** Unparks again a worker that has been woken and may not have heard of it. */
  public void wakeAgain() {
    if (signal != NONE) {
      LockSupport.unpark(thread);
    }
  }
}
