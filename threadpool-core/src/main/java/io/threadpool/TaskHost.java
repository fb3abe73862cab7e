package io.threadpool;

import io.threadpool.internal.Errands;
import io.threadpool.internal.Gate;
import org.jspecify.annotations.Nullable;

/**
 * What a task asks of its pool: to count it, to make room for another, to run it inline, to tell
 * its handle. A new question goes here, with an answer of the pool that runs and of one that has
 * ended.
 */
abstract class TaskHost {

  abstract String name();

  abstract Events events();

  abstract Errands errands();

  /** For those that wait for a body to have left its thread. */
  abstract Gate stopped();

  /** Submits a command, for a stage. */
  abstract void execute(Runnable command);

  /**
   * A claimed task was decided, by its body or by another.
   *
   * @param tally the counts of the worker whose body it was, if it was one's
   */
  abstract void decided(Outcome outcome, Ledger.@Nullable Tally tally);

  /** A task was decided that nobody had claimed, so that it is queued no more. */
  abstract void decidedUnclaimed(Outcome outcome, boolean removed);

  /** A task was claimed by one who has not taken it out of the queue. */
  abstract void claimedInQueue();

  /** Before a wait: makes up for a wake-up that has failed. */
  abstract void beforeWaiting();

  /** Whether the calling thread runs a body of the pool, or tells the handles of an abort. */
  abstract boolean isOnThisStack();

  abstract boolean isAborting();

  /**
   * Runs a queued task on the calling thread, unless somebody else does, or the pool aborts.
   *
   * @param task the caller, a {@code Task}, which this class does not know
   */
  abstract void runHere(Object task);

  /** The exception that aborted handles share. */
  abstract TaskAbortedException aborted(TaskAbortedException.Reason reason);
}
