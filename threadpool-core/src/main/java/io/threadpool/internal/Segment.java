package io.threadpool.internal;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * A run of consecutive slots of a {@link TaskQueue}.
 *
 * <p>A slot's states, each edge with the method that takes it:
 *
 * <pre>
 *   null --fill--> entry --take---> TAKEN     by the consumer that moved the head over it
 *   null --giveUp-----------------> TAKEN     by a consumer whose wait for the producer ended
 *                  entry --sweep--> SWEPT     by the sweeper; a consumer's take may follow: TAKEN
 * </pre>
 */
public final class Segment {

  /** What stands in a slot whose entry was taken, or that was given up before it had one. */
  public static final Object TAKEN = new Object();

  /** What stands in a slot whose entry was dead and has been dropped ahead of the head. */
  public static final Object SWEPT = new Object();

  private static final VarHandle SLOT = MethodHandles.arrayElementVarHandle(Object[].class);
  private static final VarHandle NEXT =
      Handles.field(MethodHandles.lookup(), "next", Segment.class);

  /** The queue's index of the first slot. */
  public final long base;

  private static final int PLACES = TaskQueue.DEFAULT_SEGMENT_SIZE;

  /** Of so many entries one is timed, where not all are; a power of two. */
  private static final int SPARSE = 256;

  /** Which entries are timed where not all are, modulo {@link #SPARSE}. */
  final int lot = ThreadLocalRandom.current().nextInt(SPARSE);

  /** When it was made; nanoTime. */
  final long madeAt;

  /**
   * The bits of an offset that are as those of {@link #lot} where its entry is timed: none, for
   * all, or those below {@link #SPARSE}. Written by producers that find that they are many, and by
   * who wants all timed; read by others, and it does not matter when they see that.
   */
  int sparsity;

  /** From which offset on all are timed, where they are. Written before {@link #sparsity}. */
  private int allFrom;

  /**
   * When the timed entries were put into their slots, of all or of a few; 0 where that is not
   * known. Written by who wants all timed, each element by who fills the slot.
   */
  private long[] times;

  /** Written through {@link #SLOT} only. */
  private final @Nullable Object[] slots;

  /**
   * The next segment; null where there is none yet; this segment itself once it is retired; {@link
   * TaskQueue#SEALED} where there will be none. Written by CAS, and by {@link #retire}.
   */
  private volatile @Nullable Segment next;

  public Segment(long base, int size) {
    this(base, size, 0, false);
  }

  Segment(long base, int size, long madeAt, boolean timesAll) {
    this.base = base;
    this.slots = new Object[size];
    this.madeAt = madeAt;
    sparsity = timesAll ? 0 : SPARSE - 1;
    times = new long[timesAll ? PLACES : PLACES / SPARSE];
  }

  /**
   * Reads a slot; acquire, so that who sees an entry sees what its producer wrote before {@link
   * #fill}. From a null, which may be old, nothing follows: the queue then reads the tail,
   * volatile, or tries a CAS.
   */
  public @Nullable Object get(int offset) {
    return SLOT.getAcquire(slots, offset);
  }

  /**
   * Puts an entry into its slot, unless the slot was given up. The CAS publishes the entry to
   * {@link #get}, and is the full fence between the fill and the producer's look at the idle
   * workers ({@link IdleWorkers#wakeOne}).
   */
  public boolean fill(int offset, Object entry) {
    return SLOT.compareAndSet(slots, offset, null, entry);
  }

  /** Whether an entry is to be timed, or may have been. */
  boolean isTimed(int offset) {
    return ((offset ^ lot) & sparsity) == 0;
  }

  /** Where the time of a timed entry stands among those. */
  private static int placeIn(long[] times, int offset) {
    return times.length == PLACES ? offset : offset / SPARSE;
  }

  /** Notes when an entry is put into its slot: before that, which publishes it. */
  void setTime(int offset, long nanoTime) {
    long[] known = times;
    if (known.length == PLACES || isOfFew(offset)) {
      known[placeIn(known, offset)] = nanoTime;
    }
  }

  /** When an entry that the caller has seen in its slot was put there; 0 where it was not timed. */
  long time(int offset) {
    long[] known = times;
    return weight(offset) > 0 && (known.length == PLACES || isOfFew(offset))
        ? known[placeIn(known, offset)]
        : 0;
  }

  private boolean isOfFew(int offset) {
    return ((offset ^ lot) & (SPARSE - 1)) == 0;
  }

  /** For how many entries one that was timed stands; 0 where it was not to be. */
  int weight(int offset) {
    if (sparsity == 0 && offset >= allFrom) {
      return 1;
    }
    return isOfFew(offset) ? SPARSE : 0;
  }

  /** Times a few, from here on; those that are queued and count for the few still do. */
  void timeFew() {
    sparsity = SPARSE - 1;
  }

  /** Times all from an offset on. */
  void timeAll(int from) {
    if (sparsity != 0) {
      long[] few = times;
      long[] all = new long[PLACES];
      for (int offset = lot; offset < PLACES; offset += SPARSE) {
        all[offset] = few[placeIn(few, offset)];
      }
      times = all;
      allFrom = from;
      sparsity = 0;
    }
  }

  /**
   * The offset of the first timed entry from an offset on that stands in its slot and is not dead;
   * -1 where there is none.
   */
  int firstTimed(int from, Predicate<Object> dead) {
    int step = times.length == PLACES ? 1 : SPARSE;
    int first = step == 1 ? from : lot + (Math.max(0, from - lot) + SPARSE - 1) / SPARSE * SPARSE;
    for (int offset = first; offset < slots.length; offset += step) {
      Object entry = time(offset) == 0 ? null : entry(offset);
      if (entry != null && !dead.test(entry)) {
        return offset;
      }
    }
    return -1;
  }

  /** Bars the slot to a producer that has claimed it and not come back. */
  public boolean giveUp(int offset) {
    return SLOT.compareAndSet(slots, offset, null, TAKEN);
  }

  /** Whether an index of the queue is one of these slots. */
  public boolean holds(long index) {
    return index >= base && index - base < slots.length;
  }

  /** The entry that stands in a slot, or null. Acquire, as {@link #get}. */
  public @Nullable Object entry(int offset) {
    Object there = get(offset);
    return there == TAKEN || there == SWEPT ? null : there;
  }

  /**
   * Drops the entry that the caller has taken. Release is enough: the caller has moved the head
   * over the slot, so no consumer takes it again, and no producer fills what is not null.
   */
  public void take(int offset) {
    SLOT.setRelease(slots, offset, TAKEN);
  }

  /** Drops an entry that the caller has not taken, if it still stands there. */
  public boolean sweep(int offset, Object entry) {
    return SLOT.compareAndSet(slots, offset, entry, SWEPT);
  }

  public @Nullable Segment next() {
    return next;
  }

  public boolean casNext(@Nullable Segment expected, Segment replacement) {
    return NEXT.compareAndSet(this, expected, replacement);
  }

  /** Returns the next segment, which this call links if there is none. */
  Segment nextOrLink(int size, long nanoTime, boolean timesAll) {
    Segment following = next;
    if (following != null) {
      return following;
    }
    Segment created = new Segment(base + size, size, nanoTime, timesAll);
    Segment witness = (Segment) NEXT.compareAndExchange(this, null, created);
    return witness == null ? created : witness;
  }

  /**
   * Lets go of the later segments, so that this one, promoted and dead, keeps none of them alive.
   */
  public void retire() {
    next = this;
  }
}
