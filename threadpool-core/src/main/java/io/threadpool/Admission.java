package io.threadpool;

import io.threadpool.RejectedTaskException.Reason;
import io.threadpool.internal.IdleWorkers;
import io.threadpool.internal.Pace;
import io.threadpool.internal.Permits;
import io.threadpool.internal.StackProbe;
import io.threadpool.internal.TaskQueue;
import org.jspecify.annotations.Nullable;

/**
 * Where a submission is accepted or rejected, by the room in the queue and the saturation policy.
 *
 * <p>Accepted is what {@link TaskQueue#offer} filled, and what its submitter runs; what is
 * scheduled {@link Delays} accepts. After the fill nothing is thrown: waking a worker, sweeping and
 * discarding may fail for want of stack or memory, and are made up for by whoever comes next. Where
 * nobody is there to be woken it tells the crew ({@link Observer#onNobodyAwake}), unless that is
 * known to be complete.
 */
final class Admission {

  private static final long SWEEP_CHECK_MASK = TaskQueue.DEFAULT_SEGMENT_SIZE - 1;
  private static final long PACE_MASK = Pace.EVERY - 1;

  private final Backlog backlog;
  private final TaskQueue queue;

  /** The room in the queue; null where it has no exact capacity. */
  private final @Nullable Permits permits;

  private final SaturationPolicy policy;
  private final IdleWorkers idle;
  private final Guests guests;
  private final Pace pace;

  private final Observer observer;

  /**
   * Whether who finds nobody to wake asks further. Written by submitters, by who resizes, and by
   * who has counted out a run.
   */
  private volatile boolean alert = true;

  Admission(
      Backlog backlog,
      SaturationPolicy policy,
      IdleWorkers idle,
      Guests guests,
      Observer observer) {
    this.backlog = backlog;
    queue = backlog.queue;
    permits = backlog.permits;
    this.policy = policy;
    this.idle = idle;
    this.guests = guests;
    pace = new Pace(queue);
    this.observer = observer;
  }

  /**
   * Accepts an entry, which may have run when this returns.
   *
   * @param nanos how long a wait for room may last, whatever the policy says
   * @return why it was not accepted, or null
   */
  @Nullable Reason tryAccept(Object entry, long nanos) {
    if (permits == null) {
      return offer(entry) ? null : queue.isClosed() ? Reason.SHUTDOWN : Reason.SATURATED;
    }
    StackProbe.ensureLittle(); // A permit once taken must be given back.
    if (policy.discardsOldest()) {
      permits.overdraw();
    } else if (!permits.tryAcquire()) {
      if (policy.letsCallerRun() && runByCaller(entry)) {
        return null;
      }
      Reason refused =
          policy.waits() ? acquire(permits, Math.min(nanos, policy.waitNanos)) : Reason.SATURATED;
      if (refused != null) {
        return refused;
      }
    }
    return offerWithPermit(entry) ? null : Reason.SHUTDOWN;
  }

  private @Nullable Reason acquire(Permits room, long nanos) {
    if (guests.innermost() != null) {
      return Reason.SATURATED; // The task that waits holds what it waits for.
    }
    return switch (room.acquire(nanos)) {
      case Permits.GRANTED -> null;
      case Permits.TIMED_OUT -> Reason.TIMEOUT;
      case Permits.CLOSED -> Reason.SHUTDOWN;
      default -> Reason.INTERRUPTED;
    };
  }

  /** There is room in the crew, which may have passed for complete. */
  void alert() {
    alert = true;
  }

  private boolean runByCaller(Object entry) {
    Frame frame = guests.innermost();
    return (frame == null || frame.callerDepth < Guests.MAX_DEPTH) && guests.runUnqueued(entry);
  }

  private boolean offerWithPermit(Object entry) {
    boolean accepted = false;
    try {
      accepted = offer(entry);
      return accepted;
    } finally {
      if (!accepted) {
        backlog.releasePermit();
      }
    }
  }

  /** Offers the entry and does what follows from its being there; false where it was refused. */
  private boolean offer(Object entry) {
    long index;
    try {
      index = queue.offer(entry);
    } catch (Throwable noStackOrMemory) {
      wakeOne(); // A worker gives up the slot that may have been claimed.
      throw noStackOrMemory;
    }
    if (index < 0) {
      return false;
    }
    wakeOne();
    try {
      if ((index & SWEEP_CHECK_MASK) == 0 || isOverdrawn()) {
        StackProbe.ensure();
        makeRoom(index);
      }
      if ((index & PACE_MASK) == 0 && guests.innermost() == null) {
        pace.appended(index); // A body would let run who waits for it.
      }
    } catch (Throwable noStackOrMemory) {
      idle.doubtful = true;
    }
    return true;
  }

  private void wakeOne() {
    try {
      if (!idle.wakeOne() && alert) {
        nobodyAwake();
      }
    } catch (Throwable noStackOrMemory) {
      idle.doubtful = true; // A store needs no stack; whoever comes next makes up for it.
    }
  }

  /** Unset before the look, as {@link #alert()} sets it after there was room. */
  private void nobodyAwake() {
    if (observer.isComplete()) {
      alert = false;
      if (observer.isComplete()) {
        return;
      }
      alert = true;
    }
    observer.onNobodyAwake();
  }

  private boolean isOverdrawn() {
    return permits != null && policy.discardsOldest() && permits.isOverdrawn();
  }

  private void makeRoom(long index) {
    for (Object victim = discardOldest(index); victim != null; victim = discardOldest(index)) {
      backlog.tellHere(victim);
    }
    backlog.sweepIfWorthwhile();
  }

  /**
   * Discards the oldest live entry before an index; null where there is none or no need. One at a
   * time, so that no more is discarded than was overdrawn.
   */
  private synchronized @Nullable Object discardOldest(long index) {
    while (isOverdrawn()) {
      Object entry = queue.pollBefore(index);
      if (entry == null || backlog.abort(entry, TaskAbortedException.Reason.DISCARDED)) {
        return entry;
      }
    }
    return null;
  }
}
