package io.threadpool.internal;

/**
 * Has those that submit much faster than the workers take let others run now and then, the workers
 * among them.
 *
 * <p>Implementation note. Submitters that have all processors to themselves run into each other at
 * the tail, and what they append is in no cache any more when it is taken. Where they let others
 * run while the queue grows so, one processor appends most of the time while another takes. Where
 * next to nothing was appended and taken meanwhile, since nobody wanted to run, or others than who
 * works with this queue, or a yield is barred, it is tried again after twice as many entries, and
 * so on. All this decides when a thread runs, and nothing else: who writes last of several, or
 * reads what is late, does not matter.
 */
public class Pace extends Yielder {

  /** After how many entries somebody looks. A power of two. */
  public static final long EVERY = 256;

  static final long LONGEST = 256 * EVERY;

  /** Fewer that are queued are left alone. */
  static final long FEW = 1_000;

  private final TaskQueue queue;

  /** The index and the length at the last look. Written by those that look, as the next. */
  private volatile long lookedAt;

  private volatile long lengthThen;

  /** After how many entries the next look is due. */
  private volatile long gap = EVERY;

  public Pace(TaskQueue queue) {
    super(queue);
    this.queue = queue;
  }

  /** Called by who has appended an entry at that index, and holds nothing of the pool's. */
  public final void appended(long index) {
    long appended = index - lookedAt;
    if (appended < gap) {
      return;
    }
    long length = queue.length();
    boolean grows = 2 * (length - lengthThen) > appended; // Less than half as many were taken.
    lookedAt = index;
    lengthThen = length;
    if (grows && length >= FEW) {
      long before = moves();
      letRun();
      gap = moves() - before >= EVERY ? EVERY : Math.min(2 * gap, LONGEST);
    }
  }

  private long moves() {
    return queue.offered() + queue.taken();
  }
}
