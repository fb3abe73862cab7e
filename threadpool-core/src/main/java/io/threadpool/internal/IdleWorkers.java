package io.threadpool.internal;

import java.util.Arrays;
import java.util.Objects;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * The workers that sleep, last in, first out; whether a worker that is awake is searching; and
 * whether one of those asleep is the lookout.
 *
 * <p>Implementation note. One word holds, from its low end: the index of the top worker plus one
 * (16 bits, 0 for none), the SEARCHING flag (1), the LOOKOUT flag (1), and a version (46) that
 * every change increases, so that a pop is not fooled by a worker that left and came back. The
 * stack is Treiber's; one searcher at a time is Go's and tokio's rule for spinning workers. The
 * lookout sleeps with a time limit while others take tasks so fast that its help would slow them
 * down; while there is one, nobody is woken.
 *
 * <pre>
 *   asleep    --wakeOne--> searching                  the waker pops it and sets the flag
 *   asleep    --wakeAll--> awake                      and no lookout any more
 *   awake     --trySearch--> searching                if nobody else is
 *   searching --stopSearching--> awake, has work      then looks at the queue again
 *   awake, searching --register--> asleep             then looks at the queue again
 *   awake     --standDown--> asleep                   the lookout, if there was none
 *   lookout   --endLookout, or register by another--> asleep     who did it looks at the queue
 *   asleep    --leave--> dormant                      its place stays on the stack
 *   dormant   --wakeOne, wakeAll--> off the stack     and whoever popped it goes on
 * </pre>
 *
 * <p>No lost wake-up. A producer fills its slot (F, a CAS), then reads the word (R). If R finds
 * SEARCHING set, the searcher clears it later (C, atomic, after R in the word's order), then looks
 * at the queue (L): F before R before C before L, so L sees the fill, or that it was taken. If R
 * finds LOOKOUT set, then whoever clears it (C) looks afterwards: the same chain; and the lookout
 * clears it as soon as it wakes up and finds that the head is slower without it, or that there is
 * nothing and nobody searches. If R finds nobody asleep and neither flag, then every worker that
 * will sleep registers after R (C again), and then looks, or stands down, which sets LOOKOUT after
 * R: the same chain. Else the producer pops a worker, which polls after it was woken. F, R, C and L
 * are volatile or stronger, so the chain is in one total order. What must not be dropped from the
 * code: the look after {@link #register}, after {@link #stopSearching} and after {@link
 * #endLookout}, all three by the one that rests, or leaves.
 *
 * <p>The same with workers that leave. One that sleeps leaves by a CAS of its signal, which whoever
 * pops it sets as well: so it was woken, or the popper finds it dormant, gives up the SEARCHING
 * flag that came with the pop, and begins anew, as after each clearing of that flag. What another
 * producer has left to the flag meanwhile is so looked at, and who finds nobody says so.
 *
 * <p>Not invariant: that a worker on the stack is parked (it may be about to look); that SEARCHING
 * set means that the searcher is running (it may not have been scheduled yet); that one worker at
 * most thinks that it is the lookout (one that was relieved notices when its time is up); that a
 * place on the stack has a worker.
 */
public final class IdleWorkers {

  /** How many places there may be. */
  public static final int MOST = 0xFFFE;

  private static final long TOP_MASK = 0xFFFF;
  private static final long SEARCHING = 1L << 16;
  private static final long LOOKOUT = 1L << 17;
  private static final long ONE_VERSION = 1L << 18;

  /** Where the word is, beside what a producer has just written. */
  private final TailLine line;

  /** Where workers sleep, by their index. Written under the monitor, before one registers there. */
  private volatile @Nullable Parker[] parkers;

  /** A place that is free for another run, one before the other. Guarded by the monitor. */
  private @Nullable Parker vacant;

  /** How often a worker has begun to stand down. Written by CAS, by those, and read by all. */
  private final PaddedLong trials = new PaddedLong(0);

  /**
   * Set where a wake-up may not have reached its worker, since unpark threw, or a look that was due
   * broke off. Written by wakers and by those that look, read and cleared by the next one.
   */
  public volatile boolean doubtful;

  /** Those that wait for entries of a queue; where a parker is null, it is added later. */
  public IdleWorkers(@Nullable Parker[] parkers, TaskQueue queue) {
    this.parkers = parkers;
    line = queue.line;
  }

  private boolean change(long from, long to) {
    return TailLine.SLEEPERS.compareAndSet(line, from, to);
  }

  /** Adds a place, the next one. */
  public synchronized void add(Parker parker) {
    @Nullable Parker[] more = parkers;
    if (parker.id >= more.length) {
      more = Arrays.copyOf(more, 2 * parker.id + 1);
    }
    more[parker.id] = parker;
    parkers = more;
  }

  /**
   * Takes one of the two steps to a vacant place: it was popped, or never was on the stack; and its
   * run has left. After the second it may be used again.
   */
  public void vacate(Parker parker) {
    if (parker.vacate()) {
      synchronized (this) {
        parker.nextVacant = vacant;
        vacant = parker;
      }
    }
  }

  /** A place that was used before, ready for the next run; null where there is none. */
  public synchronized @Nullable Parker takeVacant() {
    Parker taken = vacant;
    if (taken != null) {
      vacant = taken.nextVacant;
      taken.reuse();
    }
    return taken;
  }

  /**
   * Wakes one worker, unless one is searching or on the lookout, or none sleeps. The caller has
   * filled a slot before. Does not throw: what it could not do is done by the next call.
   *
   * @return false where there was nobody: neither asleep, nor searching, nor on the lookout
   */
  public boolean wakeOne() {
    try {
      settleDoubt();
      long w = line.sleepers;
      while ((w & (SEARCHING | LOOKOUT)) == 0 && (w & TOP_MASK) != 0) {
        Parker top = top(w);
        if (change(w, popped(w, top) | SEARCHING)) {
          if (!top.mayLeave) {
            top.signal = Parker.SEARCHING; // A store needs no stack, so who is popped is marked.
          } else if (!top.mark(Parker.SEARCHING)) {
            stopSearching();
            vacate(top);
            w = line.sleepers;
            continue;
          }
          LockSupport.unpark(top.thread);
          return true;
        }
        w = line.sleepers;
      }
      return (w & (SEARCHING | LOOKOUT)) != 0;
    } catch (Throwable noStackOrMemory) {
      doubtful = true;
      return true;
    }
  }

  /** Wakes every worker that sleeps. Does not throw, as {@link #wakeOne}. */
  public void wakeAll() {
    try {
      settleDoubt();
      for (long w = line.sleepers; (w & TOP_MASK) != 0; w = line.sleepers) {
        Parker top = top(w);
        if (change(w, popped(w, top) & ~LOOKOUT)) {
          if (!top.mayLeave) {
            top.signal = Parker.PLAIN;
          } else if (!top.mark(Parker.PLAIN)) {
            vacate(top);
            continue;
          }
          LockSupport.unpark(top.thread);
        }
      }
    } catch (Throwable noStackOrMemory) {
      doubtful = true;
    }
  }

  /**
   * The top of the stack. Where it may leave, to mark it takes a call, which needs stack: that is
   * asked for before it is popped.
   */
  private Parker top(long w) {
    Parker top = Objects.requireNonNull(parkers[(int) (w & TOP_MASK) - 1], "parker");
    if (top.mayLeave) {
      StackProbe.ensureLittle();
    }
    return top;
  }

  /** Settles what a failed wake-up left, if any did: unparks again who was popped. */
  public void settleDoubt() {
    if (doubtful) {
      try {
        doubtful = false;
        for (Parker parker : parkers) {
          if (parker != null) {
            parker.wakeAgain();
          }
        }
        var unused = wakeOne();
      } catch (Throwable noStackOrMemory) {
        doubtful = true;
      }
    }
  }

  private static long popped(long w, Parker top) {
    return ((w & ~TOP_MASK) | top.below) + ONE_VERSION;
  }

  /**
   * Registers the calling worker, which has found nothing, as asleep; gives the flag up if it was
   * the searcher, and relieves the lookout, since nothing is taken fast any more.
   */
  public void register(Parker parker, boolean searching) {
    var unused = push(parker, searching ? LOOKOUT | SEARCHING : LOOKOUT, 0);
  }

  public long trials() {
    return trials.get();
  }

  /** Lets the caller stand down, unless another has since the number of trials was this. */
  public boolean tryTrial(long before) {
    return trials.compareAndSet(before, before + 1);
  }

  /**
   * Registers the calling worker, which leaves the tasks to others, as asleep.
   *
   * @return whether it is the lookout; false where there was one
   */
  public boolean standDown(Parker parker) {
    return (push(parker, 0, LOOKOUT) & LOOKOUT) == 0;
  }

  /** Pushes a worker, clears flags and sets flags; returns the word from before. */
  private long push(Parker parker, long clears, long sets) {
    for (; ; ) {
      long w = line.sleepers;
      parker.below = (int) (w & TOP_MASK);
      long pushed = ((w & ~TOP_MASK) | (parker.id + 1)) + ONE_VERSION;
      if (change(w, (pushed & ~clears) | sets)) {
        return w;
      }
    }
  }

  public boolean hasLookout() {
    return (line.sleepers & LOOKOUT) != 0;
  }

  /** Whether one sleeps whom the next submitter has to wake. */
  public boolean isToBeWoken() {
    long w = line.sleepers;
    return (w & TOP_MASK) != 0 && (w & (SEARCHING | LOOKOUT)) == 0;
  }

  public boolean hasSearcher() {
    return (line.sleepers & SEARCHING) != 0;
  }

  /** Ends the lookout, if there is one; the caller looks at the queue afterwards. */
  public void endLookout() {
    for (; ; ) {
      long w = line.sleepers;
      if ((w & LOOKOUT) == 0 || change(w, (w & ~LOOKOUT) + ONE_VERSION)) {
        return;
      }
    }
  }

  /** Makes the caller the searcher, if there is none. */
  public boolean trySearch() {
    long w = line.sleepers;
    return (w & SEARCHING) == 0 && change(w, (w | SEARCHING) + ONE_VERSION);
  }

  /** Gives the searching flag up; the caller holds it, and looks at the queue afterwards. */
  public void stopSearching() {
    // Once a holder: the bit is set, nothing is borrowed.
    var unused = (long) TailLine.SLEEPERS.getAndAdd(line, ONE_VERSION - SEARCHING);
  }
}
