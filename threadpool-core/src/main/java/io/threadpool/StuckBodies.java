package io.threadpool;

import java.time.Duration;
import java.util.Arrays;
import java.util.List;

/** Settles and describes what still runs on a thread when the abort grace has ended. */
final class StuckBodies {

  private StuckBodies() {}

  /** Settles every body that a pool still has on the thread of a root frame. */
  static void settle(PoolCore core, Frame root, List<StuckTask> stuck) {
    boolean runs = false;
    for (Frame frame = root.innermost(); frame != null; frame = frame.below) {
      Object entry = frame.entry();
      if (entry instanceof Task<?> task) {
        runs |= settleTask(task);
      } else if (entry != null && frame.markStuck()) {
        core.ledger.count(Outcome.ABORTED);
        runs = true;
      }
    }
    if (runs) {
      stuck.add(describe(root));
    }
  }

  private static boolean settleTask(Task<?> task) {
    if (task.isRunning() && task.abort(TaskAbortedException.Reason.STUCK, false)) {
      task.publishAbort();
      return true;
    }
    return task.isRunning(); // Cancelled, say, but still there.
  }

  private static StuckTask describe(Frame root) {
    long age = System.nanoTime() - root.innermost().startedAt;
    return new StuckTask(
        root.thread.getName(), Duration.ofNanos(age), Arrays.asList(root.thread.getStackTrace()));
  }
}
