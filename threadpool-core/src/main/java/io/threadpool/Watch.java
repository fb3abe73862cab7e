package io.threadpool;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Looks after threads that do not run what they were given: a factory's that forget it, or end
 * before.
 *
 * <p>A worker says that it runs. Until all do, a submission that finds nobody to wake asks the
 * timer to look once a second; and whoever waits for the end of the pool looks, too. Where others
 * are alive they have the tasks; where none is, what is queued is aborted.
 */
final class Watch extends Timers.Entry {

  private static final long LOOK_NANOS = 1_000_000_000L;

  private final PoolCore core;

  /** How many workers were started and do not run yet. */
  private final AtomicInteger missing = new AtomicInteger();

  /** Whether the timer looks. */
  private final AtomicBoolean looking = new AtomicBoolean();

  private final Errands.Errand looker =
      new Errands.Errand() {
        @Override
        boolean next() {
          looking.set(false);
          look();
          if (!core.lifecycle.isTerminated()) {
            lookLater();
          }
          return false;
        }
      };

  Watch(PoolCore core) {
    this.core = core;
  }

  /** So many workers are about to be started, or one was not after all. */
  void expect(int workers) {
    missing.getAndAdd(workers);
  }

  /** A worker runs on its thread. */
  void entered() {
    missing.getAndDecrement();
  }

  /**
   * Has the timer look. A submission has found nobody to wake, nor anybody who searches; that is so
   * in each burst, but where threads have not run their workers yet it may be that they never will.
   */
  void lookLater() {
    if (missing.get() > 0 && looking.compareAndSet(false, true)) {
      looking.set(core.timers.schedule(this, LOOK_NANOS));
    }
  }

  /** On the timer's thread. */
  @Override
  void run() {
    core.errands.postFirst(looker);
  }

  /**
   * Counts out workers whose threads ended without leaving their loop. Where no other is left, what
   * is queued is aborted first. Runs no user code.
   */
  void look() {
    if (missing.get() == 0 && !core.queue.isClosed()) {
      return;
    }
    List<Worker> dead = new ArrayList<>();
    int others = 0;
    for (Worker worker : core.workers) {
      if (worker.isDead()) {
        dead.add(worker);
      } else if (worker.frame() != null && !worker.isGone()) {
        others++;
      }
    }
    if (!dead.isEmpty() && others == 0 && !core.queue.isDrained()) {
      abort();
    } else {
      dead.forEach(this::bury); // And no other, which might be the last.
    }
  }

  private void abort() {
    if (!core.lifecycle.isAborting()) {
      if (!core.queue.isClosed()) {
        core.abort.because(TaskAbortedException.Reason.NO_WORKER);
      }
      core.errands.post(core.events::noWorkerLeft);
      core.lifecycle.begin(ShutdownPolicy.drainFor(Duration.ofNanos(1)), null);
    }
  }

  private void bury(Worker worker) {
    if (worker.bury()) {
      if (!worker.hasEntered()) {
        missing.getAndDecrement();
      }
      core.lifecycle.bodyLeft();
      core.errands.post(() -> core.events.workerDied(worker.id));
    }
  }
}
