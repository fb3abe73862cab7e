package io.threadpool;

import io.threadpool.internal.Histogram;
import java.time.Duration;

/**
 * How long something took, many times: how often, the mean, and the percentiles.
 *
 * <p>It is read from counts in 16 buckets for each power of two nanoseconds, so each duration that
 * it tells is that of a measured one, with an error of at most a 32nd (3.2 %) of that; below 32
 * nanoseconds it is exact. Where of n tasks one in 256 was measured ({@link PoolStats} says when),
 * what is told as the percentile p of all lies, 19 times out of 20, between those percentiles that
 * differ from p by {@code 2 sqrt(p (1 - p) 256 / n)}: of a million tasks, the median between the
 * 48.4th and the 51.6th, the 99th between the 98.6th and the 99.4th. Where long ones and short ones
 * come in turns, every second, fourth or the like, it may be twice as far.
 *
 * <p>Immutable and thread-safe.
 *
 * <pre>{@code
 * Latencies waits = pool.stats().queueWait();
 * System.out.println("Half waited " + waits.p50().toMillis() + " ms at the most,");
 * System.out.println("one in a hundred " + waits.p99().toMillis() + " ms or longer.");
 * }</pre>
 */
public final class Latencies {

  static final Latencies NONE = new Latencies(new long[0]);

  /** The buckets that are not empty, and what is in each. */
  private final short[] buckets;

  private final long[] counts;
  private final long count;

  private Latencies(long[] all) {
    int filled = 0;
    for (long each : all) {
      filled += each == 0 ? 0 : 1;
    }
    buckets = new short[filled];
    counts = new long[filled];
    int at = 0;
    long sum = 0;
    for (int bucket = 0; bucket < all.length; bucket++) {
      if (all[bucket] != 0) {
        buckets[at] = (short) bucket;
        counts[at++] = all[bucket];
        sum += all[bucket];
      }
    }
    count = sum;
  }

  static Latencies of(Histogram histogram) {
    return new Latencies(histogram.counts());
  }

  /**
   * Returns how many it is told of: those that were measured, and those for which they stand. Of n
   * tasks it may miss n by some hundreds. In a rush of n, of which some are cancelled before they
   * begin, it is within {@code 16 sqrt(n)} of those that ran, 19 times out of 20, and within twice
   * that where every second or fourth is cancelled.
   *
   * @return the number of durations
   */
  public long count() {
    return count;
  }

  /**
   * Returns the mean; its error is at most a 32nd of it.
   *
   * @return the mean, zero where nothing was measured
   */
  public Duration mean() {
    return Duration.ofNanos(Math.round(sum() / Math.max(1, count)));
  }

  /**
   * Returns all durations added up; the error is at most a 32nd of it. What is counted later never
   * makes it less.
   *
   * @return the sum, zero where nothing was measured
   */
  public Duration total() {
    return Duration.ofNanos((long) sum());
  }

  private double sum() {
    double sum = 0;
    for (int i = 0; i < counts.length; i++) {
      sum += (double) counts[i] * Histogram.middleOf(buckets[i]);
    }
    return sum;
  }

  /**
   * Returns the median: the shortest that at least half of the durations do not exceed.
   *
   * @return the 50th percentile, zero where nothing was measured
   */
  public Duration p50() {
    return exceededBy(500);
  }

  /**
   * Returns the shortest that 90 % of the durations do not exceed.
   *
   * @return the 90th percentile, zero where nothing was measured
   */
  public Duration p90() {
    return exceededBy(100);
  }

  /**
   * Returns the shortest that 99 % of the durations do not exceed.
   *
   * @return the 99th percentile, zero where nothing was measured
   */
  public Duration p99() {
    return exceededBy(10);
  }

  /**
   * Returns the shortest that 99.9 % of the durations do not exceed; the longest of fewer than a
   * thousand.
   *
   * @return the 99.9th percentile, zero where nothing was measured
   */
  public Duration p999() {
    return exceededBy(1);
  }

  /**
   * Returns the longest of those that were measured. Others may have been longer.
   *
   * @return the longest duration, zero where nothing was measured
   */
  public Duration max() {
    return exceededBy(0);
  }

  /** The shortest that so many in a thousand exceed, or fewer. */
  private Duration exceededBy(long perMille) {
    long above = count / 1_000 * perMille + count % 1_000 * perMille / 1_000;
    int i = counts.length - 1;
    for (; i > 0 && above >= counts[i]; i--) {
      above -= counts[i];
    }
    return i < 0 ? Duration.ZERO : Duration.ofNanos(Histogram.middleOf(buckets[i]));
  }

  /**
   * Returns those that were measured after an earlier look at the same pool.
   *
   * @param earlier what was seen then; of another pool, or later, the result tells nothing
   * @return the durations in between
   * @throws NullPointerException if {@code earlier} is null
   */
  public Latencies minus(Latencies earlier) {
    Checks.nonNull(earlier, "earlier");
    long[] all = new long[counts.length == 0 ? 0 : buckets[counts.length - 1] + 1];
    for (int i = 0; i < counts.length; i++) {
      all[buckets[i]] = counts[i];
    }
    for (int i = 0; i < earlier.counts.length; i++) {
      int bucket = earlier.buckets[i];
      if (bucket < all.length) {
        all[bucket] = Math.max(0, all[bucket] - earlier.counts[i]);
      }
    }
    return new Latencies(all);
  }

  /** Returns all of it on one line. */
  @Override
  public String toString() {
    return "Latencies[count=%s, mean=%s, p50=%s, p90=%s, p99=%s, p999=%s, max=%s]"
        .formatted(count, mean(), p50(), p90(), p99(), p999(), max());
  }
}
