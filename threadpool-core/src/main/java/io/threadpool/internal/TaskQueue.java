package io.threadpool.internal;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * A first-in first-out queue, with a rough limit or none, for many producers and many consumers,
 * with a close that has one linearisation point.
 *
 * <p>Implementation note. The queue is an infinite array, cut into linked {@link Segment}s. A
 * producer <em>claims</em> an index by adding to the {@linkplain TailLine tail} and then
 * <em>fills</em> that slot; a consumer moves {@link #head} over a filled slot and so owns the
 * entry. The idea of claiming by fetch-and-add and of letting a consumer bar a slot whose producer
 * is late is that of Morrison and Afek, "Fast concurrent queues for x86 processors" (PPoPP 2013);
 * the segments follow Yang and Mellor-Crummey, "A wait-free queue as fast as fetch-and-add" (PPoPP
 * 2016).
 *
 * <p>Invariants.
 *
 * <ol>
 *   <li>{@code head} only grows, and passes an index only after its slot holds an entry or TAKEN,
 *       or where its segment was swept out or will never exist. So no slot behind the head is null
 *       where a segment holds it, and a late producer's fill fails there.
 *   <li>Who moves the head from {@code i} to {@code i + 1} while slot {@code i} holds an entry owns
 *       that entry, alone.
 *   <li>{@code tailSegment.base <= } every index claimed after that segment was read: the hint
 *       moves only to segments that hold an index claimed before, or that such a segment precedes.
 *   <li>Bit 0 of {@code tail} is set once, by {@link #close}; a claim that returns it set is
 *       refused. So the indices claimed below {@link #bound} are exactly the candidates for
 *       draining.
 *   <li>{@code headSegment.base <= head} for a segment read before the head.
 * </ol>
 *
 * <p>Not invariant: that {@code tailSegment} is not behind {@code headSegment} for a moment; that a
 * claimed slot is ever filled; that the segments' bases are contiguous (the sweeper unlinks some);
 * that {@code tail} stands still after the close (refused claims still add to it).
 *
 * <p>Why {@link #poll} never says <em>empty</em> while a filled slot stands behind a late one: it
 * says so only where the slot at the head was null and {@code tail}, read afterwards, was not above
 * the head; then no index from the head on was claimed at that moment. A claimed slot that is late
 * is given up instead. Where the head stands at the end of the last segment, nothing beyond was
 * filled, since a fill needs a segment.
 */
public class TaskQueue {

  /** What {@link #offer} answers when the queue holds about as much as it may. */
  public static final long FULL = -1;

  /** What {@link #offer} answers when the queue is closed. */
  public static final long CLOSED = -2;

  /** Stands for the next segment of one that will have none: the queue is closed and drained. */
  static final Segment SEALED = new Segment(Long.MAX_VALUE, 0);

  public static final int DEFAULT_SEGMENT_SIZE = 1_024;

  /** About how long a consumer waits for a late producer, in nanoseconds. */
  private static final long GIVE_UP_NANOS = 1_000;

  private static final long CLOSED_BIT = 1;
  private static final long CLAIM = 2;
  private static final long UNKNOWN = -1;

  private static final VarHandle HEAD_SEGMENT =
      Handles.field(MethodHandles.lookup(), "headSegment", Segment.class);
  private static final VarHandle TAIL_SEGMENT =
      Handles.field(MethodHandles.lookup(), "tailSegment", Segment.class);

  /** Where entries come further apart than this, on average, all of them are timed. */
  private static final long TIMED_NANOS = 16_000;

  /** After how many entries that is looked at first. */
  private static final int RUSH = 32;

  private final int segmentSize;

  /** Whether all are timed, whatever their number. Written by who wants that. */
  private volatile boolean timesAll;

  /** About how many indices may lie between the tail and the head. */
  private final long limit;

  /** Where the tail is, beside what producers read next. */
  final TailLine line = new TailLine();

  /** The next index to take. Written by consumers. */
  private final PaddedLong head = new PaddedLong(0);

  /** Where consumers start. Written by CAS, by the consumer that has emptied a segment. */
  private volatile Segment headSegment;

  /** Where producers start; a hint. Written by CAS, by producers and consumers. */
  private volatile Segment tailSegment;

  /**
   * A past value of head plus swept, for the rough limit. Written by producers that seem over it.
   */
  private volatile long headSeen;

  /** The first index that is refused; {@link #UNKNOWN} until closed. Written once by the closer. */
  private volatile long bound = UNKNOWN;

  /** How many claimed indices will never be filled. Written by consumers, seldom. */
  private final AtomicLong lost = new AtomicLong();

  /** How many slots ahead of the head were swept out. Written by the sweeper and by consumers. */
  private final AtomicLong swept = new AtomicLong();

  /** How many slots the head has passed that held nothing. Written by consumers, seldom. */
  private final AtomicLong hollow = new AtomicLong();

  public TaskQueue(int segmentSize, long limit) {
    this.segmentSize = segmentSize;
    this.limit = limit;
    Segment first = new Segment(0, segmentSize, nanoTime(), true);
    headSegment = first;
    tailSegment = first;
  }

  /**
   * Appends an entry and returns its index, or {@link #FULL} or {@link #CLOSED}. What it throws (no
   * memory for a segment, no stack) leaves at most a claimed slot, which a consumer gives up.
   */
  public final long offer(Object entry) {
    for (; ; ) {
      Segment start = tailSegment;
      int lot = start.lot; // Before the claim, which is a fence that later reads would wait for.
      int sparsity = start.sparsity;
      if (start.base - headSeen >= limit && isFull(start)) {
        return FULL;
      }
      long claimed = (long) TailLine.TAIL.getAndAdd(line, CLAIM);
      if ((claimed & CLOSED_BIT) != 0) {
        return CLOSED;
      }
      long index = claimed >>> 1;
      onClaim(index);
      Segment segment = start;
      if (index - start.base >= segmentSize) {
        segment = walkTo(start, index);
        if (segment == null) {
          continue;
        }
        if (segment == SEALED) {
          return CLOSED;
        }
        lot = segment.lot;
        sparsity = segment.sparsity;
      }
      int offset = (int) (index - segment.base);
      if (((offset ^ lot) & sparsity) == 0
          ? fillTimed(segment, offset, entry)
          : segment.fill(offset, entry)) {
        return index;
      }
    }
  }

  /** Fills a slot and notes when. Apart, and long enough to be no part of what it is called by. */
  private boolean fillTimed(Segment segment, int offset, Object entry) {
    long now = nanoTime();
    int filled = offset + 1;
    if (filled % RUSH == 0 && !timesAll && now - segment.madeAt < filled * TIMED_NANOS) {
      segment.timeFew();
    }
    segment.setTime(offset, now);
    return segment.fill(offset, entry);
  }

  /** Whether a segment that follows is to have all its entries timed. */
  private boolean timesAllAfter(Segment segment, long nanoTime) {
    return timesAll || nanoTime - segment.madeAt >= segmentSize * TIMED_NANOS;
  }

  /** Has all entries timed from here on, or as many as their number allows. */
  public final void timeAll(boolean all) {
    if (timesAll != all) {
      timesAll = all;
      if (all) {
        timeLast(tailSegment);
      }
    }
  }

  /** The clock of the times; a test overrides it. */
  public long nanoTime() {
    return System.nanoTime();
  }

  /** Called between the claim and the fill, to look, or to stop a producer there. */
  public void onClaim(long index) {}

  /**
   * Called, too, where the claimed slot is in another segment than expected, once that is there.
   */
  public void onLinked() {}

  private boolean isFull(Segment start) {
    long seen = gone();
    headSeen = seen;
    return start.base - seen >= limit;
  }

  /**
   * Walks forward to the segment of a claimed index. Null where the index has been passed, {@link
   * #SEALED} where it will have no segment.
   */
  private @Nullable Segment walkTo(Segment start, long index) {
    Segment segment = start;
    while (index - segment.base >= segmentSize) {
      long now = nanoTime();
      Segment next = segment.nextOrLink(segmentSize, now, timesAllAfter(segment, now));
      if (next == SEALED) {
        return SEALED;
      }
      segment = next == segment ? headSegment : next;
    }
    if (index < segment.base) {
      return null;
    }
    advanceTailSegment(segment);
    onLinked();
    return segment;
  }

  private void advanceTailSegment(Segment to) {
    Segment from = tailSegment;
    while (from.base < to.base && !TAIL_SEGMENT.compareAndSet(this, from, to)) {
      from = tailSegment;
    }
  }

  /** Takes the first entry, or returns null where there is none. */
  public final @Nullable Object poll() {
    return poll(Long.MAX_VALUE, null);
  }

  /** Takes the first entry if its index is below {@code end}, or returns null. */
  public final @Nullable Object pollBefore(long end) {
    return poll(end, null);
  }

  /**
   * Takes the first entry, which stays in its slot until it is let go of; or returns null where
   * there is none.
   */
  public final @Nullable Object poll(HeldSlot holder) {
    return poll(Long.MAX_VALUE, holder);
  }

  private @Nullable Object poll(long end, @Nullable HeldSlot holder) {
    for (; ; ) {
      Segment segment = headSegment;
      long index = head.get();
      if (index >= end) {
        return null;
      }
      if (index - segment.base >= segmentSize) {
        if (!advance(segment, index)) {
          return null;
        }
        continue;
      }
      int offset = (int) (index - segment.base);
      Object entry = segment.get(offset);
      if (entry == null) {
        if (index >= claimedEnd()) {
          return null;
        }
        entry = awaitFill(segment, offset);
      }
      if (entry == Segment.TAKEN || entry == Segment.SWEPT) {
        pass(index, entry);
        continue;
      }
      if (holder != null) {
        holder.trying(segment, index);
      }
      boolean timed = segment.isTimed(offset); // Before the fence that the CAS is.
      if (head.compareAndSet(index, index + 1)) {
        if (holder == null) {
          segment.take(offset);
        } else {
          holder.hold(segment, index, timed);
        }
        return entry;
      }
    }
  }

  /** Moves the head over a slot that holds nothing, unless somebody else has moved it. */
  private void pass(long index, Object mark) {
    if (head.compareAndSet(index, index + 1)) {
      hollow.getAndIncrement();
      if (mark == Segment.SWEPT) {
        swept.getAndDecrement();
      }
    }
  }

  /** Waits about a microsecond for a claimed slot, then gives it up; returns what stands there. */
  private Object awaitFill(Segment segment, int offset) {
    long start = System.nanoTime();
    Object entry;
    while ((entry = segment.get(offset)) == null) {
      if (System.nanoTime() - start < GIVE_UP_NANOS) {
        Thread.onSpinWait();
      } else if (segment.giveUp(offset)) {
        lost.getAndIncrement();
        return Segment.TAKEN;
      }
    }
    return entry;
  }

  /** Moves on from a segment that the head has left; false where nothing lies beyond it now. */
  private boolean advance(Segment from, long index) {
    Segment next = from.next();
    if (next == null) {
      if (index >= bound) {
        return false;
      }
      from.casNext(null, SEALED);
    } else if (next == SEALED) {
      long end = bound;
      if (index >= end) {
        return false;
      }
      if (head.compareAndSet(index, end)) {
        hollow.getAndAdd(end - index);
        lost.getAndAdd(end - index);
      }
    } else if (next != from) {
      if (next.base > index && head.compareAndSet(index, next.base)) {
        hollow.getAndAdd(next.base - index);
        swept.getAndAdd(index - next.base);
      }
      if (HEAD_SEGMENT.compareAndSet(this, from, next)) {
        advanceTailSegment(next);
        from.retire();
      }
    }
    return true;
  }

  /** The first index that is not claimed, or is refused; {@link #UNKNOWN} amid the close. */
  private long claimedEnd() {
    long t = line.tail;
    return (t & CLOSED_BIT) == 0 ? t >>> 1 : bound;
  }

  /**
   * Closes the queue; the second call does nothing. What was claimed before may still be filled
   * until a consumer gives it up; what is claimed afterwards is refused.
   */
  public final void close() {
    long before = (long) TailLine.TAIL.getAndBitwiseOr(line, CLOSED_BIT);
    if ((before & CLOSED_BIT) == 0) {
      bound = before >>> 1;
    }
  }

  public final boolean isClosed() {
    return (line.tail & CLOSED_BIT) != 0;
  }

  /** True once the queue is closed and no entry will ever be taken from it again. */
  public final boolean isDrained() {
    long end = bound;
    return end != UNKNOWN && head.get() >= end;
  }

  /**
   * True where a claimed index lies ahead that may be, or become, filled, or that, once the queue
   * is closed, only {@link #poll} can give up. Reads the tail.
   */
  public final boolean hasWork() {
    Segment segment = headSegment;
    long index = head.get();
    boolean missing = index - segment.base >= segmentSize && segment.next() == null;
    return index < (missing ? bound : claimedEnd());
  }

  /**
   * How many entries were offered so far; about. Reads what who has just offered one has written.
   */
  public final long offered() {
    return line.tail >>> 1;
  }

  /** How many entries were taken so far; about, while a slot that holds none is being passed. */
  public final long taken() {
    return head.get() - hollow.get();
  }

  /** True where the slot at the head is filled. Reads nothing that producers write but the slot. */
  public boolean isFilled() {
    Segment segment = headSegment;
    long offset = head.get() - segment.base;
    if (offset >= segmentSize) {
      Segment next = segment.next();
      return next != null && (next != SEALED || !isDrained());
    }
    return segment.get((int) offset) != null;
  }

  /**
   * Shows the entries from the head on, in their order, as long as each says so; one may be taken
   * meanwhile.
   */
  public final void peek(Predicate<Object> onward) {
    Segment segment = headSegment; // Before the head.
    for (long index = head.get(); ; index++) {
      while (index - segment.base >= segmentSize) {
        Segment next = segment.next();
        if (next == null || next == SEALED || next == segment) {
          return;
        }
        segment = next;
        index = Math.max(index, segment.base);
      }
      Object entry = segment.entry((int) (index - segment.base));
      if (entry == null ? index >= claimedEnd() : !onward.test(entry)) {
        return;
      }
    }
  }

  /** Notes that an entry was taken which the sweeper has counted as swept. */
  public final void tookSwept() {
    swept.getAndDecrement();
  }

  /**
   * About how many entries lie between the head and the tail, dead ones that still stand included.
   */
  public long length() {
    long end = reachable(); // First: too few sooner than more than ever stood there.
    return Math.max(0, end - gone());
  }

  /**
   * How long ago the first entry that stands in the queue, is timed and is not dead was put there,
   * in nanoseconds; -1 where there is none.
   */
  public final long oldest(Predicate<Object> dead) {
    long now = nanoTime();
    Segment segment = headSegment;
    long index = head.get();
    while (segment != null && segment != SEALED) {
      int first = segment.firstTimed((int) Math.max(0, index - segment.base), dead);
      long time = first < 0 ? 0 : segment.time(first); // It may have been dropped meanwhile.
      if (time != 0) {
        return Math.max(0, now - time);
      }
      Segment next = segment.next();
      if (next == null && timesAllAfter(segment, now)) {
        timeLast(segment);
      }
      segment = next == segment ? null : next;
    }
    return -1;
  }

  /** Has all entries timed that the segment is still to have. */
  private void timeLast(Segment last) {
    last.timeAll((int) Math.min(segmentSize, Math.max(0, (line.tail >>> 1) - last.base)));
  }

  private long gone() {
    return head.get() + swept.get();
  }

  /** How many indices were claimed and not refused, as far as is known amid the close. */
  private long claimed() {
    long t = line.tail;
    long end = bound;
    return end == UNKNOWN ? t >>> 1 : end;
  }

  /**
   * How many entries were ever accepted; exact when no offer is under way. A claim whose segment
   * could not be allocated counts as lost from the start. A test overrides it.
   */
  public long accepted() {
    long gone = lost.get();
    return reachable() - gone;
  }

  /**
   * How many indices were claimed and have, or had, a segment; or were sealed, which counts as
   * lost.
   */
  private long reachable() {
    long claimed = claimed();
    Segment last = tailSegment;
    for (Segment next = last.next(); next != null; next = last.next()) {
      if (next == SEALED) {
        return claimed;
      }
      last = next == last ? headSegment : next;
    }
    return Math.min(claimed, last.base + segmentSize);
  }

  /**
   * Drops the dead entries, wherever they stand, and unlinks the segments that hold nothing more.
   * One caller at a time. An unlinked segment's own link still leads forward, for who stands on it.
   *
   * @param dead whether an entry may be dropped
   * @param onSwept called for each that was; false where somebody has taken it all the same, since
   *     its index had been passed
   */
  public final void sweep(Predicate<Object> dead, Predicate<Object> onSwept) {
    Segment previous = headSegment;
    sweepSegment(previous, dead, onSwept);
    for (Segment segment = previous.next(); segment != null; segment = previous.next()) {
      if (segment == previous || segment == SEALED) {
        return; // Consumers have come past, or this is the end.
      }
      boolean allSwept = sweepSegment(segment, dead, onSwept);
      Segment next = segment.next();
      boolean last = next == null || next == SEALED || next == segment;
      if (next == null || last || !allSwept || !previous.casNext(segment, next)) {
        previous = segment;
      }
    }
  }

  /** Drops a segment's dead entries; true where every slot is SWEPT, each of them counted. */
  private boolean sweepSegment(Segment segment, Predicate<Object> dead, Predicate<Object> onSwept) {
    boolean allSwept = true;
    for (int offset = 0; offset < segmentSize; offset++) {
      Object entry = segment.get(offset);
      if (entry == Segment.SWEPT) {
        continue;
      }
      boolean taken = entry == null || entry == Segment.TAKEN;
      if (entry != null
          && !taken
          && dead.test(entry)
          && segment.sweep(offset, entry)
          && onSwept.test(entry)) {
        swept.getAndIncrement();
      } else {
        allSwept = false;
      }
    }
    return allSwept;
  }
}
