package io.threadpool.internal;

import static org.junit.jupiter.api.Assertions.assertTrue;

/**
 * Counts the rounds of a race that took about a second, after which a signal that was missed is
 * looked for again. A few may, on a machine that stands still for as long; and the more, the longer
 * the other rounds took: where they wait for a processor, so does one for a second now and then.
 */
public final class SlowRounds {

  private static final long SLOW_NANOS = 900_000_000L;

  /** What a round takes on two processors of its own, at the most. */
  private static final long USUAL_NANOS = 2_000_000L;

  private int slow;
  private int others;
  private long othersNanos;

  /** Counts a round that has ended, and began at that time. */
  public void ended(long start) {
    long took = System.nanoTime() - start;
    if (took > SLOW_NANOS) {
      slow++;
    } else {
      others++;
      othersNanos += took;
    }
  }

  public int slow() {
    return slow;
  }

  public void assertSeldom() {
    long waited = Math.max(0, othersNanos - others * USUAL_NANOS);
    long allowed = 4 + others / 10_000 + waited / SLOW_NANOS;
    assertTrue(
        slow <= allowed, () -> "rounds that took a second: " + slow + ", allowed: " + allowed);
  }
}
