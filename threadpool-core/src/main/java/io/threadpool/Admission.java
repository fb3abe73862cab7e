package io.threadpool;

import io.threadpool.RejectedTaskException.Reason;
import org.jspecify.annotations.Nullable;

/**
 * Where a submission is accepted or rejected, by the room in the queue and the saturation policy.
 *
 * <p>Accepted is what {@link TaskQueue#offer} filled, and what its submitter runs. After the fill
 * nothing is thrown: waking a worker, sweeping and discarding may fail for want of stack or memory,
 * and are made up for by whoever comes next.
 */
final class Admission {

  private static final long SWEEP_CHECK_MASK = TaskQueue.DEFAULT_SEGMENT_SIZE - 1;

  private final PoolCore core;
  private final SaturationPolicy policy;

  /** The room in the queue; null where it has no exact capacity. */
  private final @Nullable Permits permits;

  /** One discards at a time, so that no more is discarded than was overdrawn. */
  private final Object discarding = new Object();

  Admission(PoolCore core, int capacity, SaturationPolicy policy) {
    this.core = core;
    this.policy = policy;
    permits = capacity == 0 ? null : new Permits(capacity);
  }

  /**
   * Accepts an entry, which may have run when this returns.
   *
   * @throws RejectedTaskException if it was not accepted
   */
  void accept(Object entry) {
    if (permits == null) {
      if (!offer(entry)) {
        throw rejection(core.queue.isClosed() ? Reason.SHUTDOWN : Reason.SATURATED);
      }
      return;
    }
    StackProbe.ensureLittle(); // A permit once taken must be given back.
    if (policy.discardsOldest()) {
      permits.overdraw();
    } else if (!permits.tryAcquire()) {
      if (policy.letsCallerRun() && runByCaller(entry)) {
        return;
      }
      Reason refused = policy.waits() ? acquire(permits, policy.waitNanos()) : Reason.SATURATED;
      if (refused != null) {
        throw rejection(refused);
      }
    }
    offerWithPermit(entry);
  }

  /**
   * Accepts an entry if there is room, now or within a time, whatever the policy says about having
   * none.
   *
   * @return why it was refused, or null
   */
  @Nullable Reason tryAccept(Object entry, long nanos) {
    if (core.queue.isClosed()) {
      return Reason.SHUTDOWN;
    }
    if (permits == null) {
      return offer(entry) ? null : core.queue.isClosed() ? Reason.SHUTDOWN : Reason.SATURATED;
    }
    StackProbe.ensureLittle();
    Reason refused = acquire(permits, nanos);
    if (refused == null) {
      offerWithPermit(entry);
    }
    return refused;
  }

  private @Nullable Reason acquire(Permits room, long nanos) {
    if (room.tryAcquire()) {
      return null;
    }
    if (nanos > 0 && core.isOnThisStack()) {
      return Reason.SATURATED; // The task that waits holds what it waits for.
    }
    return switch (room.acquire(nanos)) {
      case Permits.GRANTED -> null;
      case Permits.TIMED_OUT -> Reason.TIMEOUT;
      case Permits.CLOSED -> Reason.SHUTDOWN;
      default -> Reason.INTERRUPTED;
    };
  }

  private boolean runByCaller(Object entry) {
    Frame frame = Frame.of(core);
    boolean tooDeep = frame != null && frame.callerDepth >= Guests.MAX_DEPTH;
    return !tooDeep && core.guests.runUnqueued(entry, () -> {});
  }

  private void offerWithPermit(Object entry) {
    boolean accepted = false;
    try {
      accepted = offer(entry);
    } finally {
      if (!accepted) {
        releasePermit();
      }
    }
    if (!accepted) {
      throw rejection(Reason.SHUTDOWN);
    }
  }

  /** Offers the entry and does what follows from its being there; false where it was refused. */
  private boolean offer(Object entry) {
    long index;
    try {
      index = core.queue.offer(entry);
    } catch (Throwable noStackOrMemory) {
      core.idle.wakeOne(); // A worker gives up the slot that may have been claimed.
      throw noStackOrMemory;
    }
    if (index < 0) {
      return false;
    }
    try {
      core.idle.wakeOne();
      if ((index & SWEEP_CHECK_MASK) == 0 || isOverdrawn()) {
        StackProbe.ensure();
        makeRoom(index);
      }
    } catch (Throwable noStackOrMemory) {
      core.idle.doubtful = true; // A store needs no stack; whoever comes next makes up for it.
    }
    return true;
  }

  private boolean isOverdrawn() {
    return permits != null && policy.discardsOldest() && permits.isOverdrawn();
  }

  private void makeRoom(long index) {
    while (isOverdrawn() && discardOldest(index)) {
      // Each pass discards one.
    }
    core.sweepIfWorthwhile();
  }

  /** Discards the oldest live entry before an index; false where there is none or no need. */
  private boolean discardOldest(long index) {
    Object victim = null;
    synchronized (discarding) {
      while (victim == null && isOverdrawn()) {
        Object entry = core.queue.pollBefore(index);
        if (entry == null) {
          return false;
        }
        if (core.claimForAbort(entry, TaskAbortedException.Reason.DISCARDED)) {
          victim = entry;
        }
      }
    }
    if (victim == null) {
      return false;
    }
    core.publishAbort(victim);
    return true;
  }

  /** Gives back the permit of an entry that is no longer queued. */
  void releasePermit() {
    if (permits != null) {
      permits.release();
    }
  }

  void close() {
    if (permits != null) {
      permits.close();
    }
  }

  /** The exception for a refusal, which it counts. A closed pool refuses because it is closed. */
  RejectedTaskException rejection(Reason reason) {
    core.ledger.countRejected();
    Reason told = core.queue.isClosed() ? Reason.SHUTDOWN : reason;
    return new RejectedTaskException(told, core.name(), core.size(), core.queued());
  }
}
