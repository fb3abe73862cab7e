package io.threadpool.examples.serve;

import java.time.Duration;

/**
 * A point in time after which nobody waits any more.
 *
 * @param nanoTime the point, on the clock of {@link System#nanoTime}
 */
record Deadline(long nanoTime) {
  private static final long NANOS_PER_MILLI = 1_000_000;

  static Deadline in(Duration wait) {
    return new Deadline(System.nanoTime() + wait.toNanos());
  }

  /** Zero once it has passed; rounded up, so that waiting that long does pass it. */
  long millisLeft() {
    long nanos = nanoTime - System.nanoTime();
    return nanos <= 0 ? 0 : (nanos - 1) / NANOS_PER_MILLI + 1;
  }

  /** For whom nanoseconds matter; not negative. */
  Duration left() {
    return Duration.ofNanos(Math.max(0, nanoTime - System.nanoTime()));
  }

  boolean hasPassed() {
    return millisLeft() == 0;
  }
}
