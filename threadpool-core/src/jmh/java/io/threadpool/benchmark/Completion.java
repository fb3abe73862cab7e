package io.threadpool.benchmark;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicLongArray;
import java.util.concurrent.locks.LockSupport;

/**
 * Counts the tasks that have run, at the cost of one uncontended atomic increment each, and lets
 * one thread sleep until they all have.
 *
 * <p>A thread counts in a stripe of its own, picked by its id. Every 64th count of a stripe goes to
 * a shared sum; when that comes near the number awaited, the waiter is woken and adds up the
 * stripes itself, yielding, for the last few tasks.
 */
final class Completion {

  private static final int STRIPES = 128;

  /** A power of two: from one stripe to the next, in longs; two cache lines. */
  private static final int STRIDE = 16;

  /** A power of two. */
  private static final int PUBLISHED_EACH = 64;

  /** For how long who waits for tasks does so. */
  static final long GIVE_UP = TimeUnit.MINUTES.toNanos(1);

  private final AtomicLongArray counts = new AtomicLongArray(STRIPES * STRIDE);
  private final AtomicLong published = new AtomicLong();
  private final AtomicBoolean woken = new AtomicBoolean();
  private final long unpublished;

  /** Written by the waiter before the tasks are handed over, read by whoever runs them. */
  private volatile Thread waiter;

  private volatile long wakeAt = Long.MAX_VALUE;
  private volatile long target;

  /**
   * @param threads how many threads run tasks, at most
   */
  Completion(int threads) {
    unpublished = (PUBLISHED_EACH - 1L) * Math.min(threads, STRIPES);
  }

  /** A task has run, on this thread. */
  void done() {
    int stripe = (int) Thread.currentThread().getId() & (STRIPES - 1);
    long count = counts.incrementAndGet(stripe * STRIDE);
    if ((count & (PUBLISHED_EACH - 1)) == 0) {
      publish();
    }
  }

  private void publish() {
    if (published.addAndGet(PUBLISHED_EACH) >= wakeAt
        && !woken.get()
        && woken.compareAndSet(false, true)) {
      LockSupport.unpark(waiter);
    }
  }

  /** Says, before they are handed over, how many more tasks this thread will wait for. */
  void expect(long tasks) {
    waiter = Thread.currentThread();
    woken.set(false);
    target += tasks;
    wakeAt = target - unpublished;
  }

  /** Waits for all the tasks expected so far. */
  void await() {
    long start = System.nanoTime();
    while (sum() < target) {
      if (published.get() < wakeAt) {
        LockSupport.parkNanos(this, TimeUnit.MILLISECONDS.toNanos(5));
      } else {
        Thread.yield();
      }
      if (System.nanoTime() - start > GIVE_UP) {
        throw new IllegalStateException(sum() + " of " + target + " tasks have run");
      }
    }
  }

  private long sum() {
    long sum = 0;
    for (int stripe = 0; stripe < STRIPES; stripe++) {
      sum += counts.get(stripe * STRIDE);
    }
    return sum;
  }
}
