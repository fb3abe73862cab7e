package io.threadpool;

import io.threadpool.internal.Timers;
import org.jspecify.annotations.Nullable;

/**
 * What one task was submitted with beside its body. A task that has some has them in the place of
 * the pool's handle, so that others are no larger for it. Its limit is there where the submission
 * has one of its own; a pool's start limit for all tasks stands in its options.
 */
final class Terms extends PoolHandle {

  /** The one in the user's hands. */
  final PoolHandle pool;

  private final TaskOptions options;

  /** Given to {@code execute}, so that nobody has the handle; null for what was submitted. */
  final @Nullable Runnable command;

  /** By when the task has to have started, if it has to; nanoTime. */
  private final long startBy;

  /**
   * What keeps the limits of this task alone; null where it has none, or the pool's watch does. Set
   * before the task is submitted; cleared by who decides it unstarted, and when its body has ended,
   * as it keeps the body.
   */
  volatile Timers.@Nullable Entry limit;

  /** Whether it ever had that. Set before the task is submitted. */
  boolean hasLimit;

  Terms(PoolHandle pool, TaskOptions options, @Nullable Runnable command) {
    this.pool = pool;
    this.options = options;
    this.command = command;
    startBy = options.startNanos == 0 ? 0 : pool.host().nanoTime() + options.startNanos;
  }

  @Override
  TaskHost host() {
    return pool.host();
  }

  @Override
  TaskOptions options() {
    return options;
  }

  /** How many nanoseconds are left for the start, of a task that has to have started in time. */
  long untilLate() {
    return startBy - host().nanoTime();
  }

  /** The task will not run, or has: no limit is kept any more. */
  void decided() {
    Timers.Entry kept = limit;
    if (kept != null) {
      limit = null;
      host().timers().cancel(kept);
    }
  }
}
