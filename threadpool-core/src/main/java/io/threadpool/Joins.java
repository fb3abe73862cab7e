package io.threadpool;

import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * How many workers are blocked in joins of their own pool's tasks, and the warning when all are for
 * long.
 *
 * <p>The worker that makes them all blocked watches for a while. Where the count falls and rises
 * again, another worker is that one.
 */
final class Joins {

  private final PoolCore core;
  private final long warnAfterNanos;
  private final AtomicInteger blocked = new AtomicInteger();
  private final AtomicBoolean warned = new AtomicBoolean();

  Joins(PoolCore core, long warnAfterNanos) {
    this.core = core;
    this.warnAfterNanos = warnAfterNanos;
  }

  /**
   * Notes that the calling thread will wait for a task, if it is a worker; {@link #leave} ends it.
   */
  boolean enter(Task<?> task) {
    Frame frame = Frame.of(core);
    if (frame == null || !frame.isWorker()) {
      return false;
    }
    StackProbe.ensure(); // Who is counted in must be counted out.
    if (blocked.incrementAndGet() >= core.size() && !warned.get()) {
      try {
        watch(task);
      } catch (Throwable lacking) {
        leave(); // The caller does not wait, and will not say so.
        throw lacking;
      }
    }
    return true;
  }

  private void watch(Task<?> task) {
    boolean done = task.isDoneWithin(warnAfterNanos);
    if (!done && blocked.get() >= core.size() && warned.compareAndSet(false, true)) {
      core.events.allWorkersBlocked(core.workerThreads());
    }
  }

  void leave() {
    blocked.decrementAndGet();
  }
}
