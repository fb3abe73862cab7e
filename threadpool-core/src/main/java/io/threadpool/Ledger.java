package io.threadpool;

import java.util.concurrent.atomic.AtomicLong;

/**
 * What has become of a pool's tasks: the counts of each worker, and those that others add to.
 *
 * <p>Every outcome is counted once, by whoever decides it: a task's state word admits one decision,
 * and a raw command is counted when it ends. What has not ended when the abort grace has is counted
 * as the rest ({@link Counts#closed}), in the report, which is what is shown from then on.
 */
final class Ledger {

  /** The counts of one worker: written by its thread with release stores, summed by readers. */
  static final class Tally {
    private final PaddedLong completed = new PaddedLong(0);
    private final PaddedLong failed = new PaddedLong(0);

    void count(Outcome outcome) {
      (outcome == Outcome.COMPLETED ? completed : failed).incrementOwned();
    }
  }

  private final Tally[] tallies;

  private final AtomicLong completed;
  private final AtomicLong failed;
  private final AtomicLong cancelled;
  private final AtomicLong aborted;
  private final AtomicLong rejected;

  /** Tasks accepted without passing through the queue: run by their submitters. */
  private final AtomicLong unqueued;

  /** Those of the aborted that nobody outside {@code CompletableFuture} could settle. */
  private final AtomicLong openStages;

  /** Of a pool with so many workers. */
  Ledger(int workers) {
    tallies = new Tally[workers];
    for (int i = 0; i < workers; i++) {
      tallies[i] = new Tally();
    }
    completed = new AtomicLong();
    failed = new AtomicLong();
    cancelled = new AtomicLong();
    aborted = new AtomicLong();
    rejected = new AtomicLong();
    unqueued = new AtomicLong();
    openStages = new AtomicLong();
  }

  /** That of a terminated pool, whose report has all but what is refused from now on. */
  Ledger(Ledger ended, Ledger parts) {
    tallies = parts.tallies;
    completed = parts.completed;
    failed = parts.failed;
    cancelled = parts.cancelled;
    aborted = parts.aborted;
    rejected = ended.rejected;
    unqueued = parts.unqueued;
    openStages = parts.openStages;
  }

  Tally tally(int worker) {
    return tallies[worker];
  }

  /** Counts an outcome that no worker's own tally takes. */
  void count(Outcome outcome) {
    counter(outcome).getAndIncrement();
  }

  private AtomicLong counter(Outcome outcome) {
    if (outcome == Outcome.COMPLETED) {
      return completed;
    }
    if (outcome == Outcome.FAILED) {
      return failed;
    }
    return outcome == Outcome.CANCELLED ? cancelled : aborted;
  }

  void countUnqueued() {
    unqueued.getAndIncrement();
  }

  void countRejected() {
    rejected.getAndIncrement();
  }

  void countOpenStage() {
    openStages.getAndIncrement();
  }

  long rejected() {
    return rejected.get();
  }

  long openStages() {
    return openStages.get();
  }

  long accepted(TaskQueue queue) {
    return unqueued.get() + queue.accepted();
  }

  /**
   * Reads the outcomes first and the acceptances last, so that a busy pool never shows too many.
   */
  Counts counts(TaskQueue queue) {
    long nCompleted = completed.get();
    long nFailed = failed.get();
    for (Tally tally : tallies) {
      nCompleted += tally.completed.get();
      nFailed += tally.failed.get();
    }
    long nCancelled = cancelled.get();
    long nAborted = aborted.get();
    return new Counts(accepted(queue), nCompleted, nFailed, nCancelled, nAborted);
  }
}
