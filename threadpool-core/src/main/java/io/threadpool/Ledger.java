package io.threadpool;

import io.threadpool.internal.Histogram;
import io.threadpool.internal.PaddedLong;
import io.threadpool.internal.TaskQueue;
import java.util.Arrays;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicLongArray;
import org.jspecify.annotations.Nullable;

/**
 * The counts behind {@code stats()} and the report: what has become of a pool's tasks, as each
 * worker counts it, and as others do; and for how long they waited and ran. What is queued the
 * {@link TaskQueue} and the permits know, what is active the frames or the {@link VirtualCrew}'s
 * word, what is delayed the {@link Delays}.
 *
 * <p>Every outcome is counted once, by whoever decides it: a task's state word admits one decision,
 * and a raw command is counted when it ends, or is aborted in the queue. What has not ended when
 * the abort grace has is counted as the rest ({@link Counts#closed}), in the report, which is what
 * is shown from then on.
 */
class Ledger {

  /** The counts of one worker: written by its thread with release stores, summed by readers. */
  static class Tally {
    private final PaddedLong completed = new PaddedLong(0);
    private final PaddedLong failed = new PaddedLong(0);

    void count(Outcome outcome) {
      word(outcome).incrementOwned();
    }

    final PaddedLong word(Outcome outcome) {
      return outcome == Outcome.COMPLETED ? completed : failed;
    }
  }

  /**
   * The counts of any number of workers, which share a few tallies; all of those are made before,
   * since to count, between a decision and what follows from it, may take no memory.
   */
  private static final class SharedTally extends Tally {
    private final Tally[] parts;

    SharedTally(Tally[] parts) {
      this.parts = parts;
    }

    @Override
    void count(Outcome outcome) {
      int part = (int) Thread.currentThread().getId() & (parts.length - 1);
      parts[part].word(outcome).getAndAdd(1);
    }
  }

  /** By the number of the worker. Written under the monitor. */
  private volatile @Nullable Tally[] tallies;

  final TaskQueue queue;

  /** What others have decided, by the code of the outcome. */
  private final AtomicLongArray others = new AtomicLongArray(Outcome.values().length + 1);

  /** How long those waited that have ended. */
  final Histogram waits = new Histogram();

  /** How long they ran. */
  final Histogram runs = new Histogram();

  /** Outlives the rest in the handle of a terminated pool. */
  final AtomicLong rejected = new AtomicLong();

  /** Tasks accepted without passing through the queue: run by their submitters. */
  final AtomicLong unqueued = new AtomicLong();

  /** Tasks accepted beside the queue, to be due later. Written by who schedules them. */
  private final AtomicLong scheduled = new AtomicLong();

  /** How often one of those ceased to be delayed. Written by who hands it over, or settles it. */
  final AtomicLong fallenDue = new AtomicLong();

  /**
   * How often one was delayed again after that. Written by who has run it, or hands over what
   * proves settled.
   */
  final AtomicLong left = new AtomicLong();

  /** Those of the aborted that nobody outside {@code CompletableFuture} could settle. */
  final AtomicLong openStages = new AtomicLong();

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
    int processors = Runtime.getRuntime().availableProcessors();
    Tally[] parts = new Tally[2 * Integer.highestOneBit(processors)];
    for (int i = 0; i < parts.length; i++) {
      parts[i] = new Tally();
    }
    tallies = parts;
    return new SharedTally(parts);
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
      others.getAndIncrement(outcome.code);
    }
  }

  void countScheduled() {
    scheduled.getAndIncrement();
  }

  /** The clock of the times. */
  long nanoTime() {
    return queue.nanoTime();
  }

  /** Books a timed task that has ended, for as many as it stands for. */
  void time(long waited, long ran, int tasks) {
    waits.count(waited, tasks);
    runs.count(ran, tasks);
  }

  /** How many there were to be run, so far: each beat of one that repeats anew. Only grows. */
  long entered() {
    return fallenDue.get() + unqueued.get() + queue.accepted();
  }

  /**
   * Reads the outcomes first and the acceptances last, so that a busy pool never shows too many.
   */
  Counts counts() {
    long completed = others.get(Outcome.COMPLETED.code);
    long failed = others.get(Outcome.FAILED.code);
    for (Tally tally : tallies) {
      if (tally != null) {
        completed += tally.completed.get();
        failed += tally.failed.get();
      }
    }
    long cancelled = others.get(Outcome.CANCELLED.code);
    long aborted = others.get(Outcome.ABORTED.code);
    long delayed = left.get() - fallenDue.get();
    long nScheduled = scheduled.get();
    long accepted = nScheduled + unqueued.get() + queue.accepted();
    return new Counts(accepted, completed, failed, cancelled, aborted, nScheduled + delayed);
  }
}
