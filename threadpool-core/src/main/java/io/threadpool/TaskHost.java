package io.threadpool;

import io.threadpool.internal.Errands;
import io.threadpool.internal.Gate;
import io.threadpool.internal.HeldSlot;
import io.threadpool.internal.Timers;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * What a task asks of its pool: to count it, to make room for another, to run it inline, to tell
 * its handle. A new question goes here, with the answer of a pool that has ended; one that runs has
 * its own.
 */
abstract class TaskHost {

  private static final DelayHost NOTHING_DELAYED = new DelayHost();

  final Events events;

  /**
   * What aborted handles without stages share, by reason, so that an abort takes no memory for each
   * task; guarded by its monitor.
   */
  final @Nullable TaskAbortedException[] shared;

  /** For those that wait for a body to have left its thread. */
  final Gate stopped;

  TaskHost(Events events, @Nullable TaskAbortedException[] shared, Gate stopped) {
    this.events = events;
    this.shared = shared;
    this.stopped = stopped;
  }

  final String name() {
    return events.pool;
  }

  abstract Errands errands();

  /** Where limits are due. */
  Timers timers() {
    return Timers.SHARED;
  }

  /** The clock that delays and limits go by. */
  long nanoTime() {
    return System.nanoTime();
  }

  /** Submits a command, for a stage. */
  abstract void execute(Runnable command);

  /**
   * A claimed task was decided, by its body or by another.
   *
   * @param tally the counts of the worker whose body it was, if it was one's
   */
  void decided(Outcome outcome, Ledger.@Nullable Tally tally) {}

  /** A task was decided that nobody had claimed, so that it is queued no more. */
  void decidedUnclaimed(Outcome outcome, boolean removed) {}

  /** A task was claimed by one who has not taken it out of the queue. */
  void claimedInQueue() {}

  /** The same for what was scheduled. */
  DelayHost delays() {
    return NOTHING_DELAYED;
  }

  /**
   * A command, given with options, threw, or was aborted for a limit: nobody has a handle that
   * would tell.
   *
   * @param frame that of the thread on which it threw, or runs; null where it has not started
   */
  void commandFailed(Runnable command, Throwable thrown, @Nullable HeldSlot frame) {}

  /**
   * Has a task told that was dropped before it began; needs no memory.
   *
   * @param task the caller, as for {@link #runHere}
   */
  void tell(Object task) {}

  /** Before a wait: makes up for a wake-up, or for the start of a thread, that has failed. */
  void beforeWaiting() {}

  /** Whether a run may yet have to be started, so that who waits is to ask for the above again. */
  boolean mayGrow() {
    return false;
  }

  /** Lets other threads run for a while, or until a task is done: the caller, as a handle. */
  void letRun(CompletableFuture<?> handle) {}

  /** Whether the calling thread runs a body of the pool, or tells the handles of an abort. */
  boolean isOnThisStack() {
    return false;
  }

  /** Whether a body on a thread waits for what runs on the calling one, which is another. */
  boolean isAwaitedOn(Thread thread) {
    return false;
  }

  boolean isAborting() {
    return true;
  }

  /**
   * Runs a queued task on the calling thread, unless somebody else does, or the pool aborts.
   *
   * @param task the caller, a {@code Task}, which this class does not know
   */
  void runHere(Object task) {}

  /**
   * Has a queued task run that the calling body is about to wait for, unless the pool aborts:
   * {@link #runHere}, or in the way of the pool's workers. Returns when the body has left the
   * thread where it ran, or somebody else has it.
   */
  void help(Object task) {}

  /** The exception that aborted handles share. */
  TaskAbortedException aborted(TaskAbortedException.Reason reason) {
    synchronized (shared) {
      TaskAbortedException exception = shared[reason.code];
      if (exception == null) {
        exception = TaskAbortedException.shared(reason, name());
        shared[reason.code] = exception;
      }
      return exception;
    }
  }
}
