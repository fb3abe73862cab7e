package io.threadpool.internal;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import org.jspecify.annotations.Nullable;

/**
 * The slot of a {@link TaskQueue} whose entry a consumer is working on. The entry stays in the slot
 * until then, and stands nowhere else: to write a number with every task is cheaper than to write a
 * reference, of which the garbage collector has to be told.
 *
 * <p>Written by the consumer's thread. Another thread that asks for the {@link #heldEntry} sees the
 * entry, or, in a null, that the consumer has let go of it, and what it wrote before; or that the
 * entry was dead, so that there is nothing to work on, and was swept out. The index is written
 * after the segment and read before it. So who reads an index and a segment that does not hold it
 * has read a later segment, and that was written, volatile, after the entry was let go of.
 */
public abstract class HeldSlot extends PaddingBefore {

  /** What {@link #heldRun} answers where none runs. */
  public static final long NO_RUN = -1;

  private static final VarHandle INDEX = Handles.field(MethodHandles.lookup(), "index", long.class);
  private static final VarHandle RUN = Handles.field(MethodHandles.lookup(), "run", long.class);

  /** The consumer's. */
  public final Thread thread;

  /** Volatile; written once for all the entries that are taken from it in a row. */
  private volatile @Nullable Segment segment;

  /**
   * The last index held; the slot tells whether it still is. While the consumer tries to take one,
   * that one's complement, which is negative; so, too, after a try that failed. Written with
   * release, read by others with acquire.
   */
  private long index = ~Long.MAX_VALUE;

  /** The last index whose work has begun. Written with release, read by others with acquire. */
  @SuppressWarnings("UnusedVariable") // By its handle.
  private long run = NO_RUN;

  /** The last index held of an entry that is timed. The thread's own, as the next two. */
  private long timed = Long.MAX_VALUE;

  /** When that was queued, and for how many entries it stands. */
  public long queuedAt;

  public int weight;

  /**
   * When the work on the entry began, or a little before; nanoTime. Written by the thread, read by
   * others.
   */
  public volatile long startedAt;

  protected HeldSlot(Thread thread) {
    this.thread = thread;
  }

  /**
   * The caller will try to move the head over the slot. Said before it does, whose CAS is the fence
   * between this and what the consumer reads next: so an entry that was taken is never invisible to
   * who reads {@link #triedEntry} and {@link #heldEntry}.
   */
  public final void trying(Segment segment, long index) {
    if (this.segment != segment) {
      this.segment = segment;
    }
    INDEX.setRelease(this, ~index);
  }

  /** The caller has moved the head over the slot, and owns its entry, which may be to be timed. */
  final void hold(Segment own, long index, boolean isTimed) {
    INDEX.setRelease(this, index);
    if (isTimed) {
      int offset = (int) (index - own.base);
      timed(index, own.time(offset), own.weight(offset));
    }
  }

  /** What is held was queued at that time, unless that is 0, and stands for so many. */
  private void timed(long index, long nanoTime, int entries) {
    timed = nanoTime == 0 ? Long.MAX_VALUE : index;
    queuedAt = nanoTime;
    weight = entries;
  }

  /** What is worked on next is not held, and to be timed: it was due at that time. */
  public final void timedSince(long nanoTime) {
    timed(index, nanoTime, 1);
  }

  /** Whether the work on what is held is to be timed. To its own thread. */
  public final boolean isTimed() {
    return timed == index;
  }

  /**
   * Drops the entry, if one is held. The store, a release, may be seen later than what the thread
   * reads next: where that matters, an atomic or a fence follows (the worker).
   */
  public final void letGo() {
    Segment own = segment;
    if (own != null && index >= 0) {
      own.take((int) (index - own.base));
    }
  }

  /** Drops what has been swept while it was held; false where that is not so. */
  public final boolean letGoOfSwept() {
    Segment own = segment;
    if (own == null
        || index < 0
        || !own.holds(index)
        || own.get((int) (index - own.base)) != Segment.SWEPT) {
      return false;
    }
    letGo();
    return true;
  }

  /**
   * The work on what is held begins. The store is a release: who sees it sees {@link #startedAt} as
   * it was written before.
   */
  public final void begin() {
    RUN.setRelease(this, index);
  }

  /** The index on whose entry the work has begun and has not ended; else {@link #NO_RUN}. */
  public final long heldRun() {
    long begun = (long) RUN.getAcquire(this);
    return begun >= 0 && begun == (long) INDEX.getAcquire(this) && entryAt(begun) != null
        ? begun
        : NO_RUN;
  }

  /** The entry that is being worked on, or null. */
  public final @Nullable Object heldEntry() {
    return entryAt((long) INDEX.getAcquire(this));
  }

  /**
   * The entry that the consumer may have taken a moment ago, or null; another one may hold it, or
   * may have tried as well. Once the queue is drained, somebody has taken it.
   */
  public final @Nullable Object triedEntry() {
    return entryAt(~(long) INDEX.getAcquire(this));
  }

  private @Nullable Object entryAt(long held) {
    Segment at = segment;
    return at != null && held >= 0 && at.holds(held) ? at.entry((int) (held - at.base)) : null;
  }
}
