package io.threadpool;

import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Bodies of the pool that do not run in a worker's loop: by their submitter under {@code
 * callerRuns}, by a joiner, or by a user who calls {@code run()}.
 *
 * <p>Everything that can fail for want of stack or memory is done before the body is claimed.
 */
final class Guests {

  /** How deep {@code callerRuns} nests on one thread. */
  static final int MAX_DEPTH = 32;

  private static final long ONE_START = 1L << 32;

  private final PoolCore core;

  /** The outermost frames of threads that are not workers, for the abort and the report. */
  private final Set<Frame> roots = ConcurrentHashMap.newKeySet();

  /** How many are active (low half) and, so that a change shows, have started (high half). */
  private final AtomicLong activity = new AtomicLong();

  Guests(PoolCore core) {
    this.core = core;
  }

  /** Equal at two times, with no guest active, only if none was active between them. */
  long activity() {
    return activity.get();
  }

  int active() {
    return (int) activity.get();
  }

  Set<Frame> roots() {
    return roots;
  }

  /**
   * Claims a task for the calling thread and runs it; does nothing where it was claimed or settled,
   * or the pool has terminated.
   *
   * @param queued whether the task stands in the queue
   */
  void run(Task<?> task, boolean queued) {
    StackProbe.ensure();
    Frame frame = new Frame(core);
    if (!begin(frame)) {
      return;
    }
    try {
      if (task.claim(false)) {
        if (queued) {
          core.leftQueue(false);
        }
        frame.enter(task);
        try {
          task.runClaimed(frame.tally);
        } finally {
          frame.exit();
        }
      }
    } finally {
      end(frame);
    }
  }

  /**
   * Runs an entry that its submitter could not queue, unless the pool is closed.
   *
   * @return whether it was accepted, and has run
   */
  boolean runUnqueued(Object entry) {
    StackProbe.ensure();
    Frame frame = new Frame(core);
    if (!begin(frame)) {
      return false;
    }
    try {
      // After the guest was counted in, so that a close that does not see it is seen here.
      if (core.queue.isClosed()) {
        return false;
      }
      core.ledger.countUnqueued();
      if (entry instanceof Task<?> task) {
        task.claim(true);
        frame.enter(task);
        try {
          task.runClaimed(frame.tally);
        } finally {
          frame.exit();
        }
      } else {
        runRaw(frame, entry);
      }
      return true;
    } finally {
      end(frame);
    }
  }

  private void runRaw(Frame frame, Object entry) {
    frame.enter(entry);
    Outcome outcome = core.runRaw(entry);
    if (frame.end()) {
      core.count(outcome, frame.tally);
    }
    frame.exit();
  }

  /** Counts a guest in; an inline run is already counted with the body below it. */
  private boolean begin(Frame frame) {
    if (frame.root != frame) {
      return true;
    }
    if (!core.lifecycle.enterBody()) {
      return false;
    }
    activity.getAndAdd(ONE_START + 1);
    roots.add(frame);
    return true;
  }

  private void end(Frame frame) {
    if (frame.root == frame) {
      roots.remove(frame);
      activity.getAndDecrement();
      core.quiescence().check();
      core.lifecycle.bodyLeft();
    }
  }

  void interruptForAbort() {
    for (Frame frame : roots) {
      frame.interruptForAbort();
    }
  }
}
