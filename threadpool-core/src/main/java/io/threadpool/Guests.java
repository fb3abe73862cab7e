package io.threadpool;

import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

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

  /** Guests that have been counted in and have not begun, or been refused. Written by guests. */
  private final AtomicInteger pending = new AtomicInteger();

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
      begun(frame);
      if (claimed) {
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
   * @param onAccepted called when the entry is accepted, and claimed, before it runs
   * @return whether it was accepted, and has run
   */
  boolean runUnqueued(Object entry, Runnable onAccepted) {
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
      // After the guest was counted in, so that a close that does not see it is seen here.
      accepted = !core.queue.isClosed();
      if (accepted) {
        core.ledger.countUnqueued();
        if (entry instanceof Task<?> task) {
          task.claim(true); // Nobody else has its handle.
        }
      } else {
        frame.set(null);
      }
      begun(frame);
      if (accepted) {
        runAccepted(frame, entry, onAccepted);
      }
      return accepted;
    } finally {
      exit(frame, accepted);
    }
  }

  private void runAccepted(Frame frame, Object entry, Runnable onAccepted) {
    if (entry instanceof Task<?> task) {
      onAccepted.run();
      task.runClaimed(frame.tally);
    } else {
      Outcome outcome = core.runRaw(entry, Events.handlerOn(frame.thread));
      if (frame.end()) {
        core.count(outcome, frame.tally);
      }
    }
  }

  /** Counts a guest in; an inline run is already counted with the body below it. */
  private boolean countIn(Frame frame) {
    if (frame.root != frame) {
      pending.getAndIncrement();
      return true;
    }
    if (!core.lifecycle.enterBody()) {
      return false;
    }
    pending.getAndIncrement();
    active.getAndIncrement();
    return true;
  }

  /** The frame's body is claimed, or will not be: from here on its state or fate tells. */
  private void begun(Frame frame) {
    if (frame.begin()) {
      pending.getAndDecrement();
    }
  }

  /** Waits until no guest stands between being counted in and having begun. */
  void awaitBegun() {
    while (pending.get() > 0) {
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
      begun(frame); // Where something was thrown before.
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

  void interruptForAbort(@Nullable Frame spared) {
    for (Frame frame : roots) {
      if (frame != spared) {
        frame.interruptForAbort();
      }
    }
  }
}
