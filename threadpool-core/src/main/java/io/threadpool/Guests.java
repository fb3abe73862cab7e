package io.threadpool;

import io.threadpool.internal.Gate;
import io.threadpool.internal.Registry;
import io.threadpool.internal.StackProbe;
import io.threadpool.internal.TaskQueue;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * Bodies that run outside a worker's loop: by their submitter under {@code callerRuns}, by a
 * joiner, or by a user who calls {@code run()}. Whether a joiner runs a task, waits, or is refused
 * is decided by the {@link Task}. On a thread that runs no other body of the pool they are guests,
 * which the {@link BodyCount} counts; on top of one, inline, they are counted with that.
 *
 * <p>Everything that can fail for want of stack or memory is done before the body is claimed.
 */
final class Guests {

  /** How many bodies {@code callerRuns} puts on one stack. */
  static final int MAX_DEPTH = 32;

  private final BodyCount count;
  private final TaskQueue queue;
  private final Quiescence quiescence;
  private final Bodies bodies;

  /** The outermost frames of threads that are not workers, for the abort and the report. */
  final Registry<Frame> roots = new Registry<>();

  /** How many of them there are. Written by guests. */
  private final AtomicInteger active = new AtomicInteger();

  /** Submitters that are amid accepting what they run: no user code. Written by those. */
  private final AtomicInteger accepting = new AtomicInteger();

  Guests(BodyCount count, TaskQueue queue, Quiescence quiescence, Bodies bodies) {
    this.count = count;
    this.queue = queue;
    this.quiescence = quiescence;
    this.bodies = bodies;
  }

  /** The innermost frame of the pool on the calling thread's stack, or null. */
  @Nullable Frame innermost() {
    return Frame.of(bodies.signal);
  }

  /**
   * Lets something run as if it were a body of the pool's: what user code there is in it may not
   * wait for the pool. A body that it joins and so runs is a guest.
   */
  void asBody(Runnable run) {
    for (int turn = 0; ; turn++) {
      try {
        Frame.restore(new Frame(bodies.signal, bodies.events, false, true));
        break;
      } catch (OutOfMemoryError full) {
        Gate.pause(turn); // A thread that ended here would be waited for.
      }
    }
    run.run();
  }

  int active() {
    return active.get();
  }

  /**
   * Claims a queued task for the calling thread and runs it; does nothing where it was claimed or
   * settled, or the pool has terminated.
   */
  void run(Task<?> task) {
    var unused = run(task, false);
  }

  /**
   * Runs an entry that its submitter could not queue, unless the pool is closed.
   *
   * @return whether it was accepted, and has run
   */
  boolean runUnqueued(Object entry) {
    return !queue.isClosed() && run(entry, true);
  }

  private boolean run(Object entry, boolean unqueued) {
    StackProbe.ensure();
    Frame frame = new Frame(bodies.signal, bodies.events, unqueued, false);
    if (!countIn(frame)) {
      return false;
    }
    boolean ours = false;
    try {
      enter(frame, entry);
      ours = unqueued ? accept(frame, entry) : ((Task<?>) entry).claimInQueue();
      if (ours) {
        frame.begun = true;
        bodies.run(entry, frame);
      }
      return ours;
    } finally {
      exit(frame, ours);
    }
  }

  /**
   * Accepts and claims the entry, unless the pool is closed. Who waits for {@link #accepting} after
   * the close finds it counted, or this finds the queue closed.
   */
  private boolean accept(Frame frame, Object entry) {
    accepting.getAndIncrement();
    try {
      if (queue.isClosed()) {
        return false;
      }
      bodies.ledger.unqueued.getAndIncrement();
      frame.begun = true;
      if (entry instanceof Task<?> task) {
        task.claimUnqueued();
      }
      return true;
    } finally {
      accepting.getAndDecrement();
    }
  }

  /** Counts a guest in; an inline run is already counted with the body below it. */
  private boolean countIn(Frame frame) {
    if (frame.root != frame) {
      return true;
    }
    if (!count.enter()) {
      return false;
    }
    active.getAndIncrement();
    return true;
  }

  /** Waits until no submitter is amid accepting what it runs. */
  void awaitAccepted() {
    while (accepting.get() > 0) {
      Gate.pause();
    }
  }

  private void enter(Frame frame, Object entry) {
    frame.enter(entry);
    if (frame.root == frame) {
      frame.place = roots.add(frame, System.identityHashCode(frame.thread));
    }
    bodies.watch();
    frame.deliverAbort(); // After it can be found, so that an abort that does not is seen here.
  }

  private void exit(Frame frame, boolean ran) {
    boolean guest = frame.root == frame;
    if (frame.place >= 0) {
      roots.remove(frame.place);
    }
    try {
      frame.exit(ran);
    } finally {
      if (guest) {
        active.getAndDecrement();
        quiescence.check();
        count.leave();
      }
    }
  }
}
