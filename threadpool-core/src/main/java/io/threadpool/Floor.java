package io.threadpool;

import io.threadpool.internal.Errands;
import io.threadpool.internal.Headcount;
import io.threadpool.internal.IdleWorkers;
import io.threadpool.internal.Timers;

/**
 * What the crew and the end of a pool work with, the same for all of a pool; and the look of who
 * leaves, {@link #isLeftAlone}, which wakes somebody.
 */
record Floor(
    AbortSignal signal,
    BodyCount count,
    Backlog backlog,
    Delays delays,
    IdleWorkers idle,
    Bodies bodies,
    Ledger ledger,
    Quiescence quiescence,
    Events events,
    Headcount headcount,
    Timers timers,
    Errands errands,
    Seam seam,
    Observer observer) {

  /** Where tests get between. A class, since there is no other in a program's JVM. */
  static class Seam {
    /** Before its thread says that it has come. */
    void onCome(int worker) {}

    /** Before each look for a task. */
    void onLoop(int worker) {}

    /** Between taking what is due and claiming it. */
    void onDue(int worker) {}

    /** Between finding nothing and asking whether the queue is drained. */
    void onEmpty(int worker) {}
  }

  /**
   * Whether something waits and nobody will come for it; wakes one who sleeps, and clears the stack
   * of those that have left. Where no run is counted, who holds the searching flag is a submitter,
   * whose stack may be at its end.
   */
  boolean isLeftAlone() {
    return backlog.hasWork() && (!idle.wakeOne() || headcount.alive() == 0);
  }
}
