package io.threadpool.internal;

/**
 * Lets other threads run that wait for the processor, as long as that is cheap. For those that look
 * again and again for what others are to do, and may keep them from doing it.
 *
 * <p>Implementation note. What yields comes back within microseconds where the others are threads
 * that do next to nothing before they wait in their turn, as callers do that share a pool. Where
 * somebody computes, it comes back after a time slice, some milliseconds, or, where it has lately
 * had less than its share, after the next yield or the one after that. Where a slice was lost,
 * nobody yields for twice as long; where another is, within as long again, for four times, and so
 * on: in the end a sixty-fourth of the time goes to others. One that was lost for other reasons, to
 * a collection, say, is not soon followed by another, and has little effect.
 *
 * <p>May be shared. Of those that lose the same slice side by side one says so, or a few that write
 * at the same time; which of these comes last does not matter: it decides how long nobody yields,
 * and nothing else.
 */
public class Yielder {

  /** What takes as long was no turn of somebody's that waits like the caller, but a time slice. */
  static final long SLICE_NANOS = 1_000_000;

  /** A longer one tells no more: the process, or the machine, stood still. */
  static final long LONGEST_NANOS = 16_000_000;

  static final int MOST_DOUBLINGS = 6;

  /** Those that submit as often, on average, have the time that a yield takes. */
  static final long SUBMITTED_EACH_NANOS = 20_000;

  private final TaskQueue queue;

  /** How often the bar was doubled, last. Written by those that have lost a time slice. */
  private volatile int doublings;

  /** For how long nobody was to yield after the last one. Written by the same. */
  private volatile long barNanos;

  /** Until when nobody yields; nanoTime. Written by the same. */
  private volatile long barredUntil = nanoTime();

  /** For those that look for what is submitted to a queue, or for what becomes of that. */
  public Yielder(TaskQueue queue) {
    this.queue = queue;
  }

  /** Yields, unless that has lately cost a time slice; false where it has, or does now. */
  public boolean letRun() {
    long start = nanoTime();
    long until = barredUntil;
    if (start - until < 0) {
      return false;
    }
    long offered = queue.offered();
    yieldProcessor();
    long nanos = nanoTime() - start;
    if (nanos < SLICE_NANOS) {
      return true;
    }
    boolean others = queue.offered() - offered < nanos / SUBMITTED_EACH_NANOS;
    if (others && until == barredUntil) { // Else somebody who has lost it, too, has said so.
      int times = start - until < barNanos ? Math.min(doublings + 1, MOST_DOUBLINGS) : 1;
      long bar = Math.min(nanos, LONGEST_NANOS) << times;
      doublings = times;
      barNanos = bar;
      barredUntil = start + nanos + bar;
    }
    return false;
  }

  /** A test overrides it, as the next. */
  long nanoTime() {
    return System.nanoTime();
  }

  void yieldProcessor() {
    Gate.pause();
  }
}
