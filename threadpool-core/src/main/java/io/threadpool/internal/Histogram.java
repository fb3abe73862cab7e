package io.threadpool.internal;

import java.util.concurrent.atomic.AtomicLongArray;
import java.util.concurrent.atomic.AtomicReferenceArray;

/**
 * How many durations there were of about each length: counts in buckets that are as wide as a 16th
 * of the power of two that they begin above, and exact below 32 nanoseconds. So the middle of a
 * bucket differs from what it counts by a 32nd at the most.
 *
 * <p>Thread-safe. The counts are striped, two stripes a processor at the most; a stripe is made
 * when a thread first counts in it.
 */
public final class Histogram {

  private static final int STRIPES =
      Integer.highestOneBit(Runtime.getRuntime().availableProcessors()) * 2;

  /** Each power of two has 2 to this many buckets. */
  private static final int BITS = 4;

  /** How many there are, up to that of the longest duration. */
  private static final int BUCKETS = bucketOf(Long.MAX_VALUE) + 1;

  /** Written by CAS, by who counts first in a stripe; each of its elements by who counts. */
  private final AtomicReferenceArray<AtomicLongArray> stripes = new AtomicReferenceArray<>(STRIPES);

  static int bucketOf(long nanos) {
    int shift = Math.max(0, Long.SIZE - 1 - BITS - Long.numberOfLeadingZeros(nanos));
    return (shift << BITS) + (int) (nanos >>> shift);
  }

  /** The duration that a bucket stands for. */
  public static long middleOf(int bucket) {
    int shift = Math.max(0, (bucket >>> BITS) - 1);
    long low = (long) (bucket - (shift << BITS)) << shift;
    return low + ((1L << shift) >>> 1);
  }

  /** Counts a duration so many times; one that is negative, since clocks differ, as none. */
  public void count(long nanos, int times) {
    int stripe = (int) Thread.currentThread().getId() & (STRIPES - 1);
    AtomicLongArray counts = stripes.get(stripe);
    if (counts == null) {
      AtomicLongArray made = new AtomicLongArray(BUCKETS);
      AtomicLongArray witness = stripes.compareAndExchange(stripe, null, made);
      counts = witness == null ? made : witness;
    }
    counts.getAndAdd(bucketOf(Math.max(0, nanos)), times);
  }

  /** The counts of all buckets. */
  public long[] counts() {
    long[] sums = new long[BUCKETS];
    for (int i = 0; i < STRIPES; i++) {
      AtomicLongArray counts = stripes.get(i);
      for (int bucket = 0; counts != null && bucket < BUCKETS; bucket++) {
        sums[bucket] += counts.get(bucket);
      }
    }
    return sums;
  }
}
