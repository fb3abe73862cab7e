package io.threadpool.internal;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/**
 * What the library's own classes meet in a scenario instead of the clock and the timer, which
 * Lincheck stops, and of {@code park}; {@code Weaver} puts it there.
 *
 * <p>The clock moves on at each look, so that who waits a little for another thread looks once and
 * gives up; and it jumps where a scenario says so. A wait with a time limit ends when it is woken.
 */
public final class ModelWorld {

  /** Longer than any wait of the library that spins, shorter than those that sleep. */
  private static final long TICK_NANOS = 200_000;

  /**
   * How far the thread's looks have moved its clock; a value, so that no schedule depends on it.
   */
  private static final ThreadLocal<Long> LOOKS = ThreadLocal.withInitial(() -> 0L);

  /** How far the scenario has moved the clock. */
  private static volatile long passed;

  private ModelWorld() {}

  /** Lets a time pass, of which who sleeps hears when it is woken. */
  public static void pass(long nanos) {
    passed += nanos;
  }

  /** For {@link System#nanoTime}. */
  public static long nanoTime() {
    long looks = LOOKS.get() + TICK_NANOS;
    LOOKS.set(looks);
    return looks + passed;
  }

  /** For {@link LockSupport#park(Object)}. */
  public static void park(Object blocker) {
    if (Thread.currentThread() instanceof ModelThread thread) {
      thread.parkHere();
    } else {
      LockSupport.park(blocker);
    }
  }

  /** For {@link LockSupport#parkNanos(Object, long)}. */
  public static void parkNanos(Object blocker, long nanos) {
    park(blocker);
  }

  /** For {@link LockSupport#unpark}. */
  public static void unpark(Thread thread) {
    if (thread instanceof ModelThread parked) {
      parked.unparkThis();
    } else {
      LockSupport.unpark(thread);
    }
  }

  /** For {@link TimeUnit#timedWait}. */
  public static void timedWait(TimeUnit unit, Object monitor, long timeout)
      throws InterruptedException {
    monitor.wait();
  }
}
