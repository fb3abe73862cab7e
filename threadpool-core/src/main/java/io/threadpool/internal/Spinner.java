package io.threadpool.internal;

import java.util.concurrent.Future;

/**
 * Looks again and again for a moment whether something is over: where it takes no longer than that,
 * a wait ends sooner so than by a call of the system's.
 *
 * <p>Implementation note. Where a moment was too short, nobody spins for a multiple of it, twice as
 * long each time, up to a millisecond, until one was long enough. So where who waits shares a
 * processor with who is to do it, or waits for what takes longer, next to nothing is lost. May be
 * shared: of those that write side by side it does not matter who comes last, since it decides who
 * spins, and nothing else.
 */
public class Spinner {

  static final long SPIN_NANOS = 1_500;

  /** How long nobody spins after the first moment that was too short. */
  static final long BAR_NANOS = 8_000;

  static final int MOST_DOUBLINGS = 7;

  /** How often it looks before it reads the clock, which takes about as long as a look. */
  private static final int LOOKS_A_TIME = 4;

  /** How many moments in a row were too short. Written by those that spin. */
  private volatile int vain;

  /** Until when nobody spins; nanoTime. Written by the same. */
  private volatile long barredUntil = nanoTime();

  /** Looks until it is done, for a moment, unless that was lately in vain; whether it is. */
  public boolean spin(Future<?> handle) {
    long start = nanoTime();
    if (start - barredUntil < 0) {
      return handle.isDone();
    }
    do {
      for (int i = 0; i < LOOKS_A_TIME; i++) {
        if (handle.isDone()) {
          if (vain != 0) {
            vain = 0;
          }
          return true;
        }
        Thread.onSpinWait();
      }
    } while (nanoTime() - start < SPIN_NANOS);
    int before = vain;
    barredUntil = start + SPIN_NANOS + (BAR_NANOS << before);
    vain = Math.min(before + 1, MOST_DOUBLINGS);
    return false;
  }

  /** A test overrides it. */
  long nanoTime() {
    return System.nanoTime();
  }
}
