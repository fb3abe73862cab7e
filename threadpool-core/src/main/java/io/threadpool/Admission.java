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
  private final int capacity;

  /** The room in the queue; null where it has no exact capacity. */
  private final @Nullable Permits permits;

  /** One discards at a time, so that no more is discarded than was overdrawn. */
  private final Object discarding = new Object();

  Admission(PoolCore core, int capacity, SaturationPolicy policy) {
    this.core = core;
    this.policy = policy;
    this.capacity = capacity;
    permits = capacity == 0 ? null : new Permits(capacity);
  }

  /**
   * Accepts an entry, which may have run when this returns.
   *
   * @throws RejectedTaskException if it was not accepted
   */
  void accept(Object entry) {
    Reason refused = tryAccept(entry, Long.MAX_VALUE);
    if (refused != null) {
      throw rejection(refused);
    }
  }

  /**
   * As {@link #accept}, where a wait for room ends after a time whatever the policy says.
   *
   * @return why it was not accepted, or null
   */
  @Nullable Reason tryAccept(Object entry, long nanos) {
    if (permits == null) {
      return offer(entry) ? null : core.queue.isClosed() ? Reason.SHUTDOWN : Reason.SATURATED;
    }
    StackProbe.ensureLittle(); // A permit once taken must be given back.
    if (policy.discardsOldest()) {
      permits.overdraw();
    } else if (!permits.tryAcquire()) {
      if (policy.letsCallerRun() && runByCaller(entry)) {
        return null;
      }
      Reason refused =
          policy.waits() ? acquire(permits, Math.min(nanos, policy.waitNanos())) : Reason.SATURATED;
      if (refused != null) {
        return refused;
      }
    }
    return offerWithPermit(entry) ? null : Reason.SHUTDOWN;
  }

  private @Nullable Reason acquire(Permits room, long nanos) {
    if (core.isOnThisStack()) {
      // The task that waits holds what it waits for.
      return room.tryAcquire() ? null : Reason.SATURATED;
    }
    return switch (room.acquire(nanos)) {
      case Permits.GRANTED -> null;
      case Permits.TIMED_OUT -> Reason.TIMEOUT;
      case Permits.CLOSED -> Reason.SHUTDOWN;
      default -> Reason.INTERRUPTED;
    };
  }

  /** Whether a submission that finds no room waits for it. */
  boolean waits() {
    return policy.waits();
  }

  private boolean runByCaller(Object entry) {
    Frame frame = Frame.of(core);
    boolean tooDeep = frame != null && frame.callerDepth >= Guests.MAX_DEPTH;
    return !tooDeep && core.guests.runUnqueued(entry);
  }

  private boolean offerWithPermit(Object entry) {
    boolean accepted = false;
    try {
      accepted = offer(entry);
      return accepted;
    } finally {
      if (!accepted) {
        releasePermit();
      }
    }
  }

  /** Offers the entry and does what follows from its being there; false where it was refused. */
  private boolean offer(Object entry) {
    long index;
    try {
      index = core.queue.offer(entry);
    } catch (Throwable noStackOrMemory) {
      var unused = core.idle.wakeOne(); // A worker gives up the slot that may have been claimed.
      throw noStackOrMemory;
    }
    if (index < 0) {
      return false;
    }
    try {
      if (!core.idle.wakeOne()) {
        core.watch.lookLater();
      }
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
    core.sweeping.sweepIfWorthwhile();
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
    core.tellHere(victim);
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

  /**
   * How many are queued, or on their way into the queue or out of it: what takes the room. Negative
   * where the queue has no exact capacity.
   */
  long queued() {
    return permits == null ? -1 : Math.max(0, capacity - permits.free());
  }

  /** The exception for a refusal, which it counts. A closed pool refuses because it is closed. */
  RejectedTaskException rejection(Reason reason) {
    core.ledger.countRejected();
    Reason told = core.queue.isClosed() ? Reason.SHUTDOWN : reason;
    boolean full = permits != null && (told == Reason.SATURATED || told == Reason.TIMEOUT);
    // Meanwhile there may be room; there was none when it was refused.
    long queued = full ? capacity : core.queued();
    return new RejectedTaskException(told, core.name(), core.size(), queued);
  }
}
