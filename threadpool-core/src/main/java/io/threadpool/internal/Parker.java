package io.threadpool.internal;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * Where one worker sleeps: its place in the stack of {@link IdleWorkers}, and the word by which it
 * is woken.
 *
 * <pre>
 *   NONE --wakeOne--> SEARCHING, --wakeAll--> PLAIN   by who popped the worker off the stack
 *   PLAIN, SEARCHING --await--> NONE                  by the worker, before it registers again
 *   NONE --goDormant--> DORMANT                       by the worker, whose run ends then
 *   DORMANT --reuse--> NONE                           before the next run at this place
 * </pre>
 *
 * <p>A worker on the stack is popped once, so it is woken once for each time it registers. One that
 * may leave decides by CAS which of the two came first, its wake-up or its leaving. The place of
 * one that left stays on the stack until somebody pops it; it can be used again when that has
 * happened and the run has left: whoever comes second, of the two, finds that out by {@link
 * #vacate}.
 */
public final class Parker {

  public static final int NONE = 0;
  public static final int PLAIN = 1;
  public static final int SEARCHING = 2;
  public static final int DORMANT = 3;

  private static final VarHandle SIGNAL =
      Handles.field(MethodHandles.lookup(), "signal", int.class);
  private static final VarHandle STEPS = Handles.field(MethodHandles.lookup(), "steps", int.class);

  /** The worker's index in its pool. */
  public final int id;

  /**
   * The stack's next worker, one-based, 0 for none. Written by the worker before its push, read by
   * who pops; opaque in effect, since a stale value makes the pop's CAS fail by its version.
   */
  public volatile int below;

  /** Written by who wakes and by the worker, as the diagram says; volatile. */
  public volatile int signal;

  /**
   * Whether the worker may leave while it sleeps. Written by it before it registers, read by who
   * pops it: its push and the pop order the two.
   */
  public boolean mayLeave;

  /** The next place that is free for another run. Guarded by the {@link IdleWorkers}' monitor. */
  @Nullable Parker nextVacant;

  /** How many of the two steps to a vacant place were taken. Written by who takes one. */
  volatile int steps;

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

  /** Marks a worker that was popped and may leave; false where it has left meanwhile. */
  boolean mark(int how) {
    return SIGNAL.compareAndSet(this, NONE, how);
  }

  /** The sleeping worker leaves, unless it was woken. */
  boolean goDormant() {
    return SIGNAL.compareAndSet(this, NONE, DORMANT);
  }

  /** Takes one of the two steps, the pop and the leaving; true for who takes the second. */
  boolean vacate() {
    return (int) STEPS.getAndAdd(this, 1) == 1;
  }

  /** For the next run at this place. */
  void reuse() {
    steps = 0;
    signal = NONE;
  }

  /** Unparks again a worker that has been woken and may not have heard of it. */
  public void wakeAgain() {
    if (signal != NONE) {
      LockSupport.unpark(thread);
    }
  }
}
