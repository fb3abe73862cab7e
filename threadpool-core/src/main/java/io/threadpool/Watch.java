package io.threadpool;

import io.threadpool.internal.Errands;
import io.threadpool.internal.TaskQueue;
import io.threadpool.internal.Timers;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * Notices workers whose thread never runs them, or has ended before it did: a factory's threads may
 * do that. It does not watch tasks.
 *
 * <p>A worker says that it runs. Until all do, a submission that finds nobody to wake asks the
 * timer to look once a second; and whoever waits for the end of the pool looks, too. Where others
 * are alive they have the tasks; where none is, what is queued is aborted.
 */
final class Watch extends Timers.Entry {

  private static final long LOOK_NANOS = 1_000_000_000L;

  private final Crew crew;
  private final TaskQueue queue;
  private final BodyCount count;
  private final Events events;
  private final Timers timers;
  private final Errands errands;
  private final Observer observer;

  /** Whether the timer looks. */
  private final AtomicBoolean looking = new AtomicBoolean();

  private final Errands.Errand looker =
      new Errands.Errand() {
        @Override
        public boolean next() {
          looking.set(false);
          look();
          if (!count.isZero()) {
            lookLater();
          }
          return false;
        }
      };

  Watch(
      Crew crew,
      TaskQueue queue,
      BodyCount count,
      Events events,
      Timers timers,
      Errands errands,
      Observer observer) {
    this.crew = crew;
    this.queue = queue;
    this.count = count;
    this.events = events;
    this.timers = timers;
    this.errands = errands;
    this.observer = observer;
  }

  /**
   * Has the timer look. A submission has found nobody to wake, nor anybody who searches; that is so
   * in each burst, but where threads have not run their workers yet it may be that they never will.
   */
  void lookLater() {
    if (crew.missing.get() > 0 && looking.compareAndSet(false, true)) {
      looking.set(timers.schedule(this, LOOK_NANOS));
    }
  }

  /** On the timer's thread. */
  @Override
  public void run() {
    errands.postFirst(looker);
  }

  /**
   * Counts out workers whose threads ended without leaving their loop. Where no other is left, what
   * is queued is aborted first. Runs no user code.
   */
  void look() {
    if (crew.missing.get() == 0 && !queue.isClosed()) {
      return;
    }
    List<Worker> dead = new ArrayList<>();
    int others = 0;
    for (Worker worker : crew.workers) {
      if (worker.isDead()) {
        dead.add(worker);
      } else if (worker.frame() != null && !worker.isGone()) {
        others++;
      }
    }
    if (!dead.isEmpty() && others == 0 && !queue.isDrained()) {
      observer.onNobodyLeft();
    } else {
      dead.forEach(this::bury); // And no other, which might be the last.
    }
  }

  private void bury(Worker worker) {
    if (worker.bury()) {
      if (!worker.hasEntered()) {
        crew.missing.getAndDecrement();
      }
      count.leave();
      errands.post(() -> events.workerDied(worker.id));
    }
  }
}
