package io.threadpool;

import io.threadpool.internal.Errands;
import io.threadpool.internal.TaskQueue;
import io.threadpool.internal.Timers;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * Finds workers whose thread never runs them, or has ended before it did: a factory's threads may
 * do that. What watches tasks is {@link TaskWatch}.
 *
 * <p>A worker says that it runs. Until all do, a submission that finds nobody to wake, and whoever
 * starts a run later, asks the timer to look once a second; and whoever waits for the end of the
 * pool looks, too. Where others are alive they have the tasks; where none is, and none can follow,
 * the pool is closed, and what is queued is aborted. Where others can, {@link Growth} counts it as
 * starts that failed.
 */
final class Watch extends Timers.Entry {

  private static final long LOOK_NANOS = 1_000_000_000L;

  private final Places places;
  private final Carrier carrier;
  private final Floor floor;
  private final TaskQueue queue;

  /** Whether the timer looks. */
  private final AtomicBoolean looking = new AtomicBoolean();

  private final Errands.Errand looker =
      new Errands.Errand() {
        @Override
        public boolean next() {
          looking.set(false);
          look();
          if (!floor.count().isZero()) {
            lookLater();
          }
          return false;
        }
      };

  Watch(Places places, Carrier carrier, Floor floor) {
    this.places = places;
    this.carrier = carrier;
    this.floor = floor;
    queue = floor.backlog().queue;
  }

  /**
   * Has the timer look. A submission has found nobody to wake, nor anybody who searches; that is so
   * in each burst, but where threads have not run their workers yet it may be that they never will.
   */
  void lookLater() {
    if (floor.headcount().awaited() > 0) {
      floor.timers().scheduleOnce(looking, this, LOOK_NANOS);
    }
  }

  /** On the timer's thread. */
  @Override
  public void run() {
    if (floor.headcount().awaited() == 0) {
      looking.set(false); // Before the second look, so that who comes after it asks for another.
      if (floor.headcount().awaited() == 0 || !looking.compareAndSet(false, true)) {
        return;
      }
    }
    floor.errands().postFirst(looker);
  }

  /**
   * Counts out workers whose threads ended without leaving their loop. Where no other is left, what
   * is queued is aborted first. Runs no user code.
   */
  void look() {
    if (floor.headcount().awaited() == 0 && !queue.isClosed()) {
      return;
    }
    List<Worker> dead = new ArrayList<>();
    int others = 0;
    for (Worker worker : places.workers) {
      if (worker == null) {
        break;
      }
      if (worker.isDead()) {
        dead.add(worker);
        giveBack(worker);
      } else if (worker.frame() != null && !worker.isGone()) {
        others++;
      }
    }
    if (!dead.isEmpty() && others == 0 && !grows() && !floor.backlog().isOver()) {
      floor.observer().onNobodyLeft();
    } else {
      List<Worker> buried = new ArrayList<>(dead.size()); // Nothing takes memory between.
      for (Worker worker : dead) { // And no other, which might be the last.
        if (worker.bury()) {
          carrier.bury(worker);
          buried.add(worker);
        }
      }
      if (!buried.isEmpty()) {
        floor.headcount().lostForGood(buried.size());
        floor.observer().onCountedOut();
        if (grows()) {
          floor.observer().onRoom();
        }
      }
      for (Worker worker : buried) {
        floor.errands().post(() -> floor.events().workerDied(worker.id));
      }
    }
  }

  /** Whether others can follow. */
  private boolean grows() {
    return floor.headcount().grows() && !floor.signal().isAborting();
  }

  /** What is due, and was taken by one whose thread has ended, is for others. */
  private void giveBack(Worker dead) {
    Frame frame = dead.frame();
    if (frame != null) {
      floor.delays().giveBack(frame);
    }
  }

  /** Nothing is looked at any more. */
  void end() {
    floor.timers().cancel(this);
  }
}
