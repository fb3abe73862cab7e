package io.threadpool;

import io.threadpool.internal.TaskQueue;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;

/**
 * The dead entries of the queue: tasks that were claimed or settled by somebody who did not take
 * them from it. A worker passes over one; where there are more of them than of the others, they are
 * swept out.
 */
final class Sweeping {

  /** More dead entries than live ones by this many are swept out. */
  private static final int SWEEP_AT = 1_024;

  /** Who makes entries dead looks once in so many whether it is worthwhile. */
  private static final long CHECK_MASK = 1_023;

  private final TaskQueue queue;

  /** How many there are. Written by who makes or removes them. */
  private final AtomicLong dead = new AtomicLong();

  private final AtomicBoolean sweeping = new AtomicBoolean();

  Sweeping(TaskQueue queue) {
    this.queue = queue;
  }

  /** An entry that stands in the queue is dead now. */
  void died() {
    if ((dead.incrementAndGet() & CHECK_MASK) == 0) {
      try {
        sweepIfWorthwhile();
      } catch (Throwable noStackOrMemory) {
        // The next one will.
      }
    }
  }

  /** An entry that was taken from the queue proved dead. */
  void took(Task<?> task) {
    if (task.markRemoved()) {
      dead.getAndDecrement();
    } else {
      queue.tookSwept();
    }
  }

  /** Sweeps the dead entries out where they outnumber the live ones. */
  void sweepIfWorthwhile() {
    long nDead = dead.get();
    if (nDead > SWEEP_AT + (queue.length() - nDead) && sweeping.compareAndSet(false, true)) {
      try {
        queue.sweep(Sweeping::isDead, this::onSwept);
      } finally {
        sweeping.set(false);
      }
    }
  }

  static boolean isDead(Object entry) {
    return entry instanceof Task<?> task && task.isDeadEntry();
  }

  private boolean onSwept(Object entry) {
    boolean ours = ((Task<?>) entry).markRemoved();
    if (ours) {
      dead.getAndDecrement();
    }
    return ours;
  }

  /** How many entries are alive. Dead ones that come or go meanwhile must not pass for tasks. */
  long alive() {
    long before = dead.get();
    long length = queue.length();
    return Math.max(0, length - Math.max(0, Math.max(before, dead.get())));
  }
}
