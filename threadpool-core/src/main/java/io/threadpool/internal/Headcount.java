package io.threadpool.internal;

import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * How many runs a crew on threads has and may have, and when one leaves, as it is not needed or one
 * too many: a run counts from the decision to start it to the decision that it leaves.
 *
 * <p>Implementation note. One leaves at a time, and whoever does holds {@link #leaving}, so that no
 * two leave where one is to stay. Sleeping runs that are not needed leave one after the other: of
 * so many above the least, each waits for its share of the keep-alive after the last one that left;
 * they look again after a random number of such shares, lest all of them wake for each that leaves.
 * Who changes the bounds wakes those that sleep; who registers as asleep reads the bounds after
 * that, and wakes himself where they have changed: one of the two sees the other.
 *
 * <p>None leaves in favour of one that has not come: a factory may hold that up, and its thread may
 * prove dead. Who is too much leaves once that is there, or is the late one itself.
 */
public final class Headcount {

  private static final long LONGEST_NANOS = Long.MAX_VALUE / 4;
  private static final long LOOK_AGAIN_NANOS = 5_000_000;

  /** The least number in the upper half, the largest in the lower. */
  private volatile long bounds;

  /** Written as the bounds are, under the monitor. */
  private volatile boolean grows;

  private final long keepAliveNanos;

  /**
   * How many count, in the lower half, and how many of those have not come: whose threads have not
   * reached them, and may never do. In one word, since who leaves subtracts the ones from the
   * others. Written by atomic adds, and by CAS where one is counted in.
   */
  private final AtomicLong word = new AtomicLong();

  private static final long ONE_AWAITED = 1L << 32;

  /** How many of those have no thread yet. Written before one counts, by who counts it in. */
  private final AtomicInteger unstarted = new AtomicInteger();

  private final AtomicInteger largest = new AtomicInteger();
  private final AtomicBoolean leaving = new AtomicBoolean();

  /** Where workers that are awake read whether there may be too many; only then do they look. */
  private final Notice notice;

  /** Set while the pool is built; null where none is kept. */
  private @Nullable Beside keptFor;

  /** When the last one left that was not needed; nanoTime. Written by who leaves. */
  private volatile long leftAt;

  /** Of no runs, with room for none: that is made when the crew starts. */
  public Headcount(long keepAliveNanos, Notice notice) {
    this.notice = notice;
    this.keepAliveNanos = Math.min(keepAliveNanos, LONGEST_NANOS);
    leftAt = System.nanoTime() - this.keepAliveNanos;
  }

  /**
   * Changes the bounds.
   *
   * @param min how many stay when they are not needed
   * @param max how many there may be
   */
  public synchronized void resize(int min, int max) {
    grows = min < max || bounds != 0; // None before the first.
    setBounds(min, max);
  }

  private void setBounds(int min, int max) {
    bounds = ((long) min << 32) | max;
    lookForSurplus();
  }

  /**
   * Whether others may follow those that are lost: where the bounds differ, or were ever changed.
   */
  public boolean grows() {
    return grows;
  }

  /** Both bounds; equal where nothing has changed. */
  public long bounds() {
    return bounds;
  }

  /** How many stay: one at the least while what it is to be kept for is there. */
  public int min() {
    int least = (int) (bounds >>> 32);
    return least == 0 && keptFor != null && keptFor.size() > 0 ? 1 : least;
  }

  /**
   * Has one run stay while something is there, since nothing else keeps the virtual machine alive
   * for it. Who counts that in looks at the runs afterwards, and who has left looks at it.
   */
  public void keepOneFor(Beside what) {
    keptFor = what;
  }

  /** Whether that is so, as long as the least number is none. */
  public boolean keepsOne() {
    return keptFor != null && bounds >>> 32 == 0;
  }

  /** Whether one is to stay, and none is there. */
  public boolean lacksKept() {
    return keepsOne() && alive() == 0 && min() > 0;
  }

  public int max() {
    return (int) bounds;
  }

  public int alive() {
    return (int) word.get();
  }

  /** How many of those have not come. */
  public int awaited() {
    return (int) (word.get() >>> 32);
  }

  /** How many of those have come. */
  public int come() {
    long w = word.get();
    return (int) w - (int) (w >>> 32);
  }

  /**
   * How many of those that are counted have no thread yet. No more than are counted: one whose
   * thread was faster than who started it may have left before that is noted.
   */
  public int unstarted() {
    return Math.min(unstarted.get(), alive());
  }

  /** How many have a thread; for a moment, while others are counted in, too few. */
  public int present() {
    int n = alive();
    return Math.max(0, n - unstarted.get());
  }

  /** How many had a thread at a time, at the most, as far as that was noted. */
  public int largest() {
    return largest.get();
  }

  public boolean hasRoom() {
    return alive() < max();
  }

  /** Whether there are fewer than are always to be there, or none. */
  public boolean isShort() {
    int n = alive();
    return n == 0 || n < min();
  }

  public boolean isSurplus() {
    return alive() > max();
  }

  public boolean isElastic() {
    return isElastic(bounds);
  }

  /** Whether, by those bounds, a worker that sleeps may have to leave. */
  public boolean isElastic(long those) {
    int max = (int) those;
    return (int) (those >>> 32) < max || alive() > max;
  }

  /** Counts one in, if there is room. */
  public boolean tryEnter() {
    unstarted.getAndIncrement();
    for (long w = word.get(); (int) w < max(); w = word.get()) {
      if (word.compareAndSet(w, w + ONE_AWAITED + 1)) {
        if (isSurplus()) {
          lookForSurplus(); // The bounds have changed, and who did so did not count this one.
        }
        return true;
      }
    }
    unstarted.getAndDecrement();
    return false;
  }

  /** One that was counted in has been started. */
  public void started() {
    unstarted.getAndDecrement();
    int n = present();
    for (int most = largest.get(); most < n; most = largest.get()) {
      largest.compareAndSet(most, n);
    }
  }

  /** One that was counted in is not started, and was counted out: in this order. */
  public void notStarted() {
    unstarted.getAndDecrement();
  }

  /**
   * One that was counted in has come to its run.
   *
   * @return how many have
   */
  public int came() {
    long w = word.addAndGet(-ONE_AWAITED);
    return (int) w - (int) (w >>> 32);
  }

  /**
   * Counts one out that does not come any more, or whose run has ended otherwise than by leaving.
   */
  public void lost(boolean came) {
    word.getAndAdd(came ? -1 : -ONE_AWAITED - 1);
  }

  /** There will be no others for so many that were lost, unless it grows. */
  public synchronized void lostForGood(int lost) {
    if (!grows) {
      int max = Math.max(1, max() - lost);
      setBounds(Math.min((int) (bounds >>> 32), max), max);
    }
  }

  /**
   * How long until a worker may leave that has slept since then; {@code Long.MAX_VALUE} while all
   * are to stay.
   */
  public long untilLeaving(long asleepSince) {
    int n = come();
    int spare = n - min();
    if (n > max()) {
      return 0;
    }
    if (spare <= 0) { // Who comes as the first to spare wakes all; but may be held up, and never.
      return alive() > min() ? Math.max(LOOK_AGAIN_NANOS, keepAliveNanos) : Long.MAX_VALUE;
    }
    long now = System.nanoTime();
    long left = keepAliveNanos - (now - asleepSince);
    long share = keepAliveNanos / spare;
    if (now - leftAt >= share) {
      return left;
    }
    return Math.max(left, share * (1 + ThreadLocalRandom.current().nextInt(spare)));
  }

  /** Whether there may be more than there are to be. */
  public boolean isShrinking() {
    return notice.isSurplus();
  }

  /** Under the monitor, as bounds are written. */
  private synchronized void lookForSurplus() {
    notice.surplus(isSurplus());
  }

  /** Lets a worker leave that is awake, if there are too many. */
  public boolean tryLeave() {
    return tryLeave(null, 0);
  }

  /** Lets a worker leave that sleeps and has not been woken, if it may; null for one awake. */
  public boolean tryLeave(@Nullable Parker sleeping, long asleepSince) {
    if (sleeping == null && come() <= max() && isSurplus()) {
      return false; // Who has not come is too much; each task asks, meanwhile.
    }
    StackProbe.ensureSome(); // Who has gone dormant has to be counted out.
    if (!leaving.compareAndSet(false, true)) {
      return false;
    }
    try {
      boolean may = sleeping == null ? come() > max() : untilLeaving(asleepSince) <= 0;
      if (!may && isShrinking()) {
        lookForSurplus();
      }
      if (!may || (sleeping != null && !sleeping.goDormant())) {
        return false;
      }
      if (!isSurplus()) {
        leftAt = System.nanoTime();
      }
      word.getAndAdd(-1);
      return true;
    } finally {
      leaving.set(false);
    }
  }
}
