package io.threadpool;

import io.threadpool.internal.Beside;
import io.threadpool.internal.IdleWorkers;
import io.threadpool.internal.Permits;
import io.threadpool.internal.TaskQueue;
import java.util.concurrent.CompletableFuture.AsynchronousCompletionTask;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * What waits: the queue, what is accepted beside it ({@link Beside}), the permits for the room, and
 * the dead entries to be swept. Who submits has a worker woken by {@link Admission}; the close here
 * wakes all. Queued is a state that a task leaves once, and one that repeats once a run: by the
 * worker that takes and claims it, a joiner that claims it, or whoever settles it unclaimed. Each
 * gives the permit back, but for what has fallen due, which has none.
 *
 * <p>An entry is dead if its task was claimed or settled by somebody who did not take it from the
 * queue. A worker passes over it; where there are more of them than of the others, they are swept
 * out.
 */
class Backlog implements Predicate<Object> {

  /** More dead entries than live ones by this many are swept out. */
  private static final int SWEEP_AT = 1_024;

  /** Who makes entries dead looks once in so many whether it is worthwhile. */
  private static final long CHECK_MASK = 1_023;

  final TaskQueue queue;

  /** How many entries are dead. Written by who makes or removes them. */
  private final AtomicLong dead = new AtomicLong();

  private final AtomicBoolean sweeping = new AtomicBoolean();

  /** What is accepted and does not stand in the queue. */
  final Beside beside = new Beside();

  /** The room in the queue; null where it has no exact capacity. */
  final @Nullable Permits permits;

  private final int capacity;
  private final IdleWorkers idle;
  private final Ledger ledger;
  private final Events events;

  Backlog(TaskQueue queue, int capacity, IdleWorkers idle, Ledger ledger, Events events) {
    this.queue = queue;
    this.capacity = capacity;
    this.idle = idle;
    this.ledger = ledger;
    this.events = events;
    permits = capacity == 0 ? null : new Permits(capacity);
  }

  /** From here on nothing is accepted; who waits for room, and who sleeps, is told. */
  void close() {
    beside.close(); // First, so that what looks closed is.
    queue.close();
    if (permits != null) {
      permits.close();
    }
    idle.wakeAll();
  }

  /** Whether something waits for a worker, or is about to: see {@link TaskQueue#hasWork}. */
  boolean hasWork() {
    return queue.hasWork() || beside.due() > 0;
  }

  /** The same, without reading what submitters write. */
  boolean isFilled() {
    return queue.isFilled() || beside.due() > 0;
  }

  /** Closed, with nothing beside the queue: what is still to be taken stands in the queue. */
  boolean isEnding() {
    return queue.isClosed() && beside.isOver();
  }

  /** Whether there will never be anything to take again: the workers may leave. */
  boolean isOver() {
    return queue.isDrained() && beside.isOver();
  }

  /**
   * Claims what a worker's frame holds, or names since it was due; false where it proved dead. From
   * here on it has begun.
   */
  boolean claim(Frame own, Object entry) {
    boolean due = own.isNamed();
    if (entry instanceof Task<?> task && !task.claim(true)) {
      if (!due) {
        tookDead(task);
      }
      return false;
    }
    own.progress = Frame.BEGUN;
    if (due) {
      own.beginNamed();
    } else {
      tookLive();
    }
    return true;
  }

  /** A worker has claimed the entry that it took. */
  void tookLive() {
    releasePermit();
  }

  /** An entry that was taken from the queue proved dead. */
  void tookDead(Task<?> task) {
    if (task.markRemoved()) {
      dead.getAndDecrement();
    } else {
      queue.tookSwept();
    }
  }

  /** Gives back the permit of an entry that is no longer queued. */
  void releasePermit() {
    if (permits != null) {
      permits.release();
    }
  }

  /**
   * A task was claimed or settled by somebody who did not take it from the queue, where its entry
   * is now dead, or who did.
   */
  void left(boolean removed) {
    releasePermit();
    if (!removed && (dead.incrementAndGet() & CHECK_MASK) == 0) {
      try {
        sweepIfWorthwhile();
      } catch (Throwable noStackOrMemory) {
        // The next one will.
      }
    }
  }

  /** Sweeps the dead entries out where they outnumber the live ones. */
  void sweepIfWorthwhile() {
    long nDead = dead.get();
    if (nDead > SWEEP_AT + (queue.length() - nDead) && sweeping.compareAndSet(false, true)) {
      try {
        queue.sweep(this, this::onSwept);
      } finally {
        sweeping.set(false);
      }
    }
  }

  /** Whether an entry is dead. No lambda: the first ones of a JVM take a millisecond each. */
  @Override
  public boolean test(Object entry) {
    return entry instanceof Task<?> task && task.isDeadEntry();
  }

  private boolean onSwept(Object entry) {
    boolean ours = ((Task<?>) entry).markRemoved();
    if (ours) {
      dead.getAndDecrement();
    }
    return ours;
  }

  /**
   * How many are queued. Where there is an exact capacity: what takes the room, those on their way
   * into the queue or out of it, too. And what has fallen due.
   */
  long queued() {
    int due = beside.due();
    if (queue.isDrained()) {
      return due;
    }
    return due + Math.max(0, permits == null ? alive() : capacity - permits.free());
  }

  /** How many entries are alive. Dead ones that come or go meanwhile must not pass for tasks. */
  private long alive() {
    long before = dead.get();
    long length = queue.length();
    return length - Math.max(0, Math.max(before, dead.get()));
  }

  /** For how long the oldest one that was timed has been queued; -1 where there is none. */
  long oldest() {
    return queue.oldest(this);
  }

  /** How many were queued when a submission was refused for that. */
  long queuedWhenFull() {
    return permits == null ? queued() : capacity; // Meanwhile there may be room.
  }

  // What is aborted.

  /**
   * Aborts an entry that the caller has taken out of the queue; false where it was dead already.
   * Runs no user code; it is to be told.
   */
  boolean abort(Object entry, TaskAbortedException.Reason reason) {
    if (entry instanceof Task<?> task) {
      if (!task.abortUnstarted(reason)) {
        if (!task.isBeside()) {
          tookDead(task);
        }
        return false;
      }
    } else {
      ledger.count(Outcome.ABORTED, null);
      releasePermit();
    }
    if (isStep(entry)) {
      ledger.openStages.getAndIncrement();
    }
    return true;
  }

  /** Whether an entry is a step of a future's, whose stage stays open where it does not run. */
  static boolean isStep(Object entry) {
    return Wrapped.given(entry) instanceof AsynchronousCompletionTask;
  }

  /** Cancels what was given to {@code execute}, was aborted, and is itself a future; user code. */
  void cancelGiven(Object entry) {
    Runnable given = Wrapped.given(entry);
    if (given != entry || !(entry instanceof Task<?>)) {
      cancel(given);
    }
  }

  /** Cancels a command that was aborted if it is a future; user code. */
  void cancel(Runnable given) {
    if (given instanceof Future<?> future && !(future instanceof AsynchronousCompletionTask)) {
      try {
        future.cancel(false);
      } catch (Throwable thrown) {
        events.cancelFailed(thrown);
      }
    }
  }

  /** Tells an aborted entry on the calling thread; where it is held up, an errand goes on. */
  void tellHere(Object entry) {
    if (entry instanceof Task<?> task) {
      task.tellDropped(false);
    }
    cancelGiven(entry);
  }
}
