package io.threadpool;

import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Bodies of the pool that do not run in a worker's loop: by their submitter under {@code
 * callerRuns}, by a joiner, or by a user who calls {@code run()}.
 *
 * <p>Everything that can fail for want of stack or memory is done before the body is claimed.
 */
final class Guests {

  /** How many bodies {@code callerRuns} puts on one stack. */
  static final int MAX_DEPTH = 32;

  private final PoolCore core;

  /** The outermost frames of threads that are not workers, for the abort and the report. */
  private final Set<Frame> roots = ConcurrentHashMap.newKeySet();

  /** How many of them there are. Written by guests. */
  private final AtomicInteger active = new AtomicInteger();

  /** Submitters that are amid accepting what they run: no user code. Written by those. */
  private final AtomicInteger accepting = new AtomicInteger();

  Guests(PoolCore core) {
    this.core = core;
  }

  int active() {
    return active.get();
  }

  Set<Frame> roots() {
    return roots;
  }

  /**
   * Claims a queued task for the calling thread and runs it; does nothing where it was claimed or
   * settled, or the pool has terminated.
   */
  void run(Task<?> task) {
    StackProbe.ensure();
    Frame frame = new Frame(core, false);
    if (!countIn(frame)) {
      return;
    }
    boolean claimed = false;
    try {
      enter(frame, task);
      claimed = task.claim(false);
      if (claimed) {
        frame.begun = true;
        core.leftQueue(false);
        task.runClaimed(frame.tally);
      }
    } finally {
      exit(frame, claimed);
    }
  }

  /**
   * Runs an entry that its submitter could not queue, unless the pool is closed.
   *
   * @return whether it was accepted, and has run
   */
  boolean runUnqueued(Object entry) {
    if (core.queue.isClosed()) {
      return false;
    }
    StackProbe.ensure();
    Frame frame = new Frame(core, true);
    if (!countIn(frame)) {
      return false;
    }
    boolean accepted = false;
    try {
      enter(frame, entry);
      accepted = accept(frame, entry);
      if (accepted) {
        runAccepted(frame, entry);
      }
      return accepted;
    } finally {
      exit(frame, accepted);
    }
  }

  /**
   * Accepts and claims the entry, unless the pool is closed. Who waits for {@link #accepting} after
   * the close finds it counted, or this finds the queue closed.
   */
  private boolean accept(Frame frame, Object entry) {
    accepting.getAndIncrement();
    try {
      if (core.queue.isClosed()) {
        return false;
      }
      core.ledger.countUnqueued();
      frame.begun = true;
      if (entry instanceof Task<?> task) {
        task.claim(true); // Nobody else has its handle.
      }
      return true;
    } finally {
      accepting.getAndDecrement();
    }
  }

  private void runAccepted(Frame frame, Object entry) {
    if (entry instanceof Task<?> task) {
      task.runClaimed(frame.tally);
    } else {
      core.count(core.runRaw(entry, Events.handlerOn(frame.thread)), frame.tally);
    }
  }

  /** Counts a guest in; an inline run is already counted with the body below it. */
  private boolean countIn(Frame frame) {
    if (frame.root != frame) {
      return true;
    }
    if (!core.lifecycle.enterBody()) {
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
      roots.add(frame);
    }
    frame.deliverAbort(); // After it can be found, so that an abort that does not is seen here.
  }

  private void exit(Frame frame, boolean ran) {
    boolean guest = frame.root == frame;
    if (!ran) {
      frame.set(null);
    }
    if (guest) {
      roots.remove(frame);
    }
    try {
      frame.exit(ran);
    } finally {
      if (guest) {
        active.getAndDecrement();
        core.quiescence().check();
        core.lifecycle.bodyLeft();
      }
    }
  }
}
