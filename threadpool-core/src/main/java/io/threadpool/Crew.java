package io.threadpool;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * Those who work in a pool. A <em>run</em> is a worker's time on a thread; what kind of thread it
 * is, when runs begin, and when they end, is what one kind of crew differs in from the other.
 *
 * <p>The pool itself counts as a body ({@link BodyCount}) until it is closed and nothing waits any
 * more, so that a crew of no runs may have some yet.
 */
abstract class Crew {

  /** How long the threads of workers that have left may take to end. */
  private static final long JOIN_NANOS = 1_000_000_000L;

  /**
   * Starts the runs that are there from the first.
   *
   * @param factory the user's, which the caller keeps; null for the library's own
   * @return why none could be, where that is so; else null
   */
  abstract @Nullable Throwable start(@Nullable ThreadFactory factory);

  /** Plays the only worker on the calling thread, to the end of the closed queue. */
  abstract void runHere();

  /**
   * After an entry was queued, or is known to be: nobody sleeps who could be woken, and nobody
   * searches. Calls no user code.
   */
  abstract void nobodyAwake();

  /**
   * The same, by a run that has just begun and found more than it takes, or leaves its place and
   * some behind.
   */
  void moreFound() {
    nobodyAwake();
  }

  /** Looks after what nobody else may have: by who waits for the pool, or closes it. */
  abstract void look();

  /** The outermost frames of all threads that run bodies: the runs' and the guests'. */
  final List<Frame> roots(Guests guests) {
    Listing roots = new Listing();
    var unused = any(roots) || guests.roots.any(roots);
    return roots.frames;
  }

  /** The frame of each run; one may have left meanwhile. */
  final List<Frame> frames() {
    Listing listing = new Listing();
    var unused = any(listing);
    return listing.frames;
  }

  /** Says no to each, so all are asked. No lambda, as an abort links none in a full heap. */
  private static final class Listing implements Predicate<Frame> {
    private final List<Frame> frames = new ArrayList<>();

    @Override
    public boolean test(Frame frame) {
      return !frames.add(frame);
    }
  }

  /** The thread of a run that was started has come. */
  void came() {}

  /** Runs were counted out whose threads ended without them; once for those. */
  void lost() {
    look();
  }

  /** Nothing is left beside the queue: who was kept for that may leave. */
  void nothingBeside() {}

  /** The queue is closed: sees to it that it is drained. Calls no user code. */
  void closed() {
    look();
  }

  /** The pool has terminated. */
  abstract void ended();

  /** Whether that needs no telling, as long as the size is not changed. */
  boolean isComplete() {
    return false;
  }

  /** Whether more runs may begin than have. */
  abstract boolean mayGrow();

  /** Changes how many runs there may be, and how many stay. */
  abstract void resize(int min, int max);

  /**
   * Runs a queued task that the calling thread, which runs a body of the pool, is about to wait
   * for; returns when that has left the thread where it ran, or somebody else has it.
   */
  abstract void help(Task<?> task);

  /** Whether the test says so of the frame of a run; one may have left meanwhile. Makes no list. */
  abstract boolean any(Predicate<? super Frame> test);

  /** The numbers of the workers that there are, for the log; none where they have none. */
  IntStream numbers() {
    return IntStream.empty();
  }

  /** How many runs have a body. */
  abstract int active();

  /** Whether no run has a body; one that is starting may take one that is not settled. */
  boolean nothingRuns() {
    return active() == 0;
  }

  /** Whether nobody is in a run, but those that sleep. */
  boolean isAsleep() {
    return nothingRuns();
  }

  /** Whether each run there is has a body. */
  final boolean isBusy() {
    int alive = alive();
    return alive > 0 && active() >= alive;
  }

  /** Whether nobody is in a run that is not counted as a body by itself. */
  abstract boolean isOut();

  /** How many runs were asked for. */
  abstract int size();

  /** How many runs there are. */
  abstract int alive();

  /** How many there were at the most. */
  abstract int largest();

  /** Waits for the threads, whose work is over; returns whether the caller was interrupted. */
  final boolean joinThreads() {
    long start = System.nanoTime();
    try {
      for (Frame frame : frames()) { // The caller may be one of them, whose work is over.
        long left = JOIN_NANOS - (System.nanoTime() - start);
        if (left > 0 && frame.thread != Thread.currentThread()) {
          TimeUnit.NANOSECONDS.timedJoin(frame.thread, left);
        }
      }
      return false;
    } catch (InterruptedException e) {
      return true;
    }
  }
}
