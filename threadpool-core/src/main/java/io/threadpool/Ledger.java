package io.threadpool;

import io.threadpool.internal.Histogram;
import io.threadpool.internal.PaddedLong;
import io.threadpool.internal.TaskQueue;
import java.util.Arrays;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * The counts behind {@code stats()} and the report: what has become of a pool's tasks, as each
 * worker counts it, and as others do. What is queued the {@link TaskQueue} and the permits know,
 * what is active the frames.
 *
 * <p>Every outcome is counted once, by whoever decides it: a task's state word admits one decision,
 * and a raw command is counted when it ends. What has not ended when the abort grace has is counted
 * as the rest ({@link Counts#closed}), in the report, which is what is shown from then on.
 */
class Ledger {

  /** The counts of one worker: written by its thread with release stores, summed by readers. */
  static class Tally {
    private final PaddedLong completed = new PaddedLong(0);
    private final PaddedLong failed = new PaddedLong(0);

    void count(Outcome outcome) {
      (outcome == Outcome.COMPLETED ? completed : failed).incrementOwned();
    }

    long completed() {
      return completed.get();
    }

    long failed() {
      return failed.get();
    }
  }

  /**
   * The counts of any number of workers, which share a few words; all of those are made before,
   * since to count, between a decision and what follows from it, may take no memory.
   */
  private static final class SharedTally extends Tally {
    private static final int WORDS =
        Integer.highestOneBit(Runtime.getRuntime().availableProcessors()) * 2;

    private final PaddedLong[] completed = words();
    private final PaddedLong[] failed = words();

    private static PaddedLong[] words() {
      PaddedLong[] words = new PaddedLong[WORDS];
      for (int i = 0; i < WORDS; i++) {
        words[i] = new PaddedLong(0);
      }
      return words;
    }

    @Override
    void count(Outcome outcome) {
      PaddedLong[] words = outcome == Outcome.COMPLETED ? completed : failed;
      words[(int) Thread.currentThread().getId() & (WORDS - 1)].getAndAdd(1);
    }

    @Override
    long completed() {
      return sum(completed);
    }

    @Override
    long failed() {
      return sum(failed);
    }

    private static long sum(PaddedLong[] words) {
      long sum = 0;
      for (PaddedLong word : words) {
        sum += word.get();
      }
      return sum;
    }
  }

  /** By the number of the worker. Written under the monitor. */
  private volatile @Nullable Tally[] tallies;

  private final TaskQueue queue;
  private final AtomicLong completed = new AtomicLong();
  private final AtomicLong failed = new AtomicLong();
  private final AtomicLong cancelled = new AtomicLong();
  private final AtomicLong aborted = new AtomicLong();

  /** How long those waited that have ended. */
  final Histogram waits = new Histogram();

  /** How long they ran. */
  final Histogram runs = new Histogram();

  /** Outlives the rest in the handle of a terminated pool. */
  final AtomicLong rejected = new AtomicLong();

  /** Tasks accepted without passing through the queue: run by their submitters. */
  private final AtomicLong unqueued = new AtomicLong();

  /** Tasks accepted beside the queue, to be due later. Written by who schedules them. */
  private final AtomicLong scheduled = new AtomicLong();

  /** How often one of those ceased to be delayed. Written by who hands it over, or settles it. */
  private final AtomicLong fallenDue = new AtomicLong();

  /** How often one was delayed again after that. Written by who has run it. */
  private final AtomicLong left = new AtomicLong();

  /** Those of the aborted that nobody outside {@code CompletableFuture} could settle. */
  private final AtomicLong openStages = new AtomicLong();

  /** Of a pool with so many workers, whose queue knows what it has accepted. */
  Ledger(int workers, TaskQueue queue) {
    this.queue = queue;
    tallies = new Tally[workers];
  }

  /** That of one worker, for all its runs. */
  synchronized Tally tally(int worker) {
    @Nullable Tally[] all = tallies;
    if (worker >= all.length) {
      all = Arrays.copyOf(all, 2 * worker + 1);
    }
    Tally tally = all[worker];
    if (tally == null) {
      tally = new Tally();
      all[worker] = tally;
      tallies = all;
    }
    return tally;
  }

  /** One for any number of workers. */
  synchronized Tally sharedTally() {
    Tally tally = new SharedTally();
    tallies = new Tally[] {tally};
    return tally;
  }

  /**
   * Counts an outcome.
   *
   * @param tally that of the worker on whose thread it was decided; used where a body did
   */
  void count(Outcome outcome, @Nullable Tally tally) {
    if (tally != null && (outcome == Outcome.COMPLETED || outcome == Outcome.FAILED)) {
      tally.count(outcome);
    } else {
      counter(outcome).getAndIncrement();
    }
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

  void countScheduled() {
    scheduled.getAndIncrement();
  }

  void countFallenDue() {
    fallenDue.getAndIncrement();
  }

  void countLeft() {
    left.getAndIncrement();
  }

  void countRejected() {
    rejected.getAndIncrement();
  }

  void countOpenStage() {
    openStages.getAndIncrement();
  }

  /** The clock of the times. */
  long nanoTime() {
    return queue.nanoTime();
  }

  /** Whether all tasks are to be timed from here on, however many they are. */
  void timeAll(boolean all) {
    queue.timeAll(all);
  }

  /** Books a timed task that has ended, for as many as it stands for. */
  void time(long waited, long ran, int tasks) {
    waits.count(waited, tasks);
    runs.count(ran, tasks);
  }

  long rejected() {
    return rejected.get();
  }

  long openStages() {
    return openStages.get();
  }

  /** How many there were to be run, so far: each beat of one that repeats anew. Only grows. */
  long entered() {
    return fallenDue.get() + unqueued.get() + queue.accepted();
  }

  /**
   * Reads the outcomes first and the acceptances last, so that a busy pool never shows too many.
   */
  Counts counts() {
    long nCompleted = completed.get();
    long nFailed = failed.get();
    for (Tally tally : tallies) {
      if (tally != null) {
        nCompleted += tally.completed();
        nFailed += tally.failed();
      }
    }
    long nCancelled = cancelled.get();
    long nAborted = aborted.get();
    long delayed = left.get() - fallenDue.get();
    long nScheduled = scheduled.get();
    long accepted = nScheduled + unqueued.get() + queue.accepted();
    return new Counts(accepted, nCompleted, nFailed, nCancelled, nAborted, nScheduled + delayed);
  }
}
