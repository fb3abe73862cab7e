package io.threadpool;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Settles and describes what still runs when the abort grace has ended. Used by one thread.
 *
 * <p>All are decided before the first handle is told, since that runs the user's dependent stages,
 * which may not come back: a handle that has dependents is told on a thread of its own, and only
 * its result is waited for.
 */
final class StuckBodies {

  /** How long the results of all handles may take to appear. */
  private static final long PUBLISH_NANOS = 1_000_000_000L;

  private final PoolCore core;
  private final List<StuckTask> stuck;
  private final List<Task<?>> aborted = new ArrayList<>();

  StuckBodies(PoolCore core, List<StuckTask> stuck) {
    this.core = core;
    this.stuck = stuck;
  }

  /**
   * Decides every body that the pool still has on the thread of a root frame.
   *
   * @param worker whether that is a worker's; what it has taken is settled, too, if it is not
   *     claimed yet
   */
  void settle(Frame root, boolean worker) {
    boolean runs = false;
    for (Frame frame = root.innermost(); frame != null; frame = frame.below) {
      Object entry = frame.entry();
      if (entry instanceof Task<?> task) {
        boolean held = task.isRunning() || (worker && frame == root);
        runs |= (held && settleTask(task)) || task.isRunning();
      } else if (entry != null && frame.markStuck()) {
        core.ledger.count(Outcome.ABORTED);
        runs = true;
      }
    }
    Object last = root.innermost().entry();
    if (last != null) {
      StuckTask description = describe(root);
      // A body that was decided, but whose stages hold the thread, is stuck as well, if it still
      // is.
      if (runs || root.innermost().entry() == last) {
        stuck.add(description);
      }
    }
  }

  private boolean settleTask(Task<?> task) {
    if (task.abortStuck()) {
      aborted.add(task);
      return true;
    }
    return false;
  }

  private static StuckTask describe(Frame root) {
    long age = System.nanoTime() - root.innermost().startedAt;
    return new StuckTask(
        root.thread.getName(), Duration.ofNanos(age), Arrays.asList(root.thread.getStackTrace()));
  }

  /** Tells the handles; when this returns they are done, though their stages may still run. */
  void publish() {
    for (Task<?> task : aborted) {
      if (task.getNumberOfDependents() == 0 || !core.runElsewhere(task::publishAbort)) {
        task.publishAbort();
      }
    }
    long start = System.nanoTime();
    for (Task<?> task : aborted) {
      while (!task.isDone() && System.nanoTime() - start < PUBLISH_NANOS) {
        Gate.pause();
      }
    }
  }
}
