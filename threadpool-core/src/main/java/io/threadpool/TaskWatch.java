package io.threadpool;

import io.threadpool.internal.Errands;
import io.threadpool.internal.Timers;
import java.util.List;
import java.util.function.Predicate;

/**
 * Keeps the limits for all tasks of a pool: looks each second, or ten times within the shortest
 * limit, at the frames and at the head of the queue, ends what is late to start or runs for too
 * long, and tells of what is slow, and of a standstill: something is queued, each run has a body,
 * and no task has been taken or decided for as long as the builder said. Costs a task nothing. The
 * limits of a task that has one of its own are a {@link Limit}'s.
 *
 * <p>For how long a body runs is counted from the first look that finds it, since a worker does not
 * read the clock for each. So a limit ends it late by two looks at the most, and never early.
 *
 * <p>Implementation note. It looks while something runs or waits. Whoever runs a body after it may
 * have ceased asks for it ({@link Bodies#watch}): a worker before the first task after a sleep and
 * now and then afterwards, a virtual run, a guest; and where tasks have to start in time, whoever
 * submits one. It says that it ceases ({@code watched}), then looks whether anybody is awake or
 * something queued, and if so goes on. A worker says that it is awake before it reads {@code
 * watched}, a guest and a run are counted, and a submitter has filled its slot: all volatile, so
 * one of the two sees the other.
 *
 * <p>A look runs on the timer's thread where it is short, else on an errand's. It decides; what it
 * decides is told by errands, made before, and so are the stacks; where it lacks memory, the next
 * look goes on.
 */
final class TaskWatch extends Timers.Entry {

  private static final long LONGEST_NANOS = 1_000_000_000;
  private static final long SHORTEST_NANOS = 1_000_000;

  /** How often within the shortest limit. */
  private static final int LOOKS = 10;

  /** At more workers than this the timer does not look itself. */
  private static final int MOST_HERE = 256;

  /** Of so many bodies the stacks are told where a pool stands still. */
  private static final int MOST_STACKS = 100;

  private final Patience patience;
  private final Floor floor;
  private final Bodies bodies;
  private final Crew crew;
  private final Guests guests;
  private final Backlog backlog;
  private final long period;

  /** What had happened at the last look. Guarded by the monitor, as are the next two. */
  private long progressSeen;

  /** Since when the pool stands still, if it does; nanoTime. */
  private long stillSince = System.nanoTime();

  private boolean stillTold;

  /** Set at the end of the pool; read by who asks for another look, after that. */
  private volatile boolean over;

  private final Errands.Errand looker =
      new Errands.Errand() {
        @Override
        public boolean next() {
          look();
          return false;
        }
      };

  private final Latecomers latecomers = new Latecomers();

  /** Ends what is queued and late, the oldest first. */
  private final class Latecomers extends Errands.Errand implements Predicate<Object> {
    @Override
    public boolean next() {
      backlog.queue.peek(this);
      return false;
    }

    /** Returns whether the next one may be late, too. */
    @Override
    public boolean test(Object entry) {
      return !(entry instanceof Task<?> task)
          || !task.isQueued()
          || !task.hasStartLimit()
          || task.hasOwnLimit()
          || task.endIfLate();
    }
  }

  TaskWatch(Patience patience, Floor floor, Crew crew, Guests guests) {
    this.patience = patience;
    this.floor = floor;
    this.crew = crew;
    this.guests = guests;
    bodies = floor.bodies();
    backlog = floor.backlog();
    TaskOptions limits = patience.options();
    long shortest = shorter(patience.slowNanos(), patience.stillNanos());
    shortest = shorter(shortest, shorter(limits.startNanos, limits.runNanos));
    period = Math.max(SHORTEST_NANOS, Math.min(LONGEST_NANOS, shortest / LOOKS));
    bodies.watched.set(shortest == 0); // Then there is nothing to look for.
  }

  private static long shorter(long one, long other) {
    return one == 0 ? other : other == 0 ? one : Math.min(one, other);
  }

  /** Looks from now on, if it does not. */
  void begin() {
    floor.timers().scheduleOnce(bodies.watched, this, period);
    if (over) {
      floor.timers().cancel(this); // It would be kept for ever.
    }
  }

  /** Nothing is looked at any more. */
  void end() {
    over = true;
    floor.timers().cancel(this);
  }

  @Override
  public void run() {
    if (crew.alive() > MOST_HERE) {
      floor.errands().postFirst(looker);
    } else {
      look();
    }
  }

  private synchronized void look() {
    if (over || bodies.signal.isAborting()) {
      return;
    }
    long now = System.nanoTime();
    if (patience.options().runNanos != 0 || patience.slowNanos() != 0) {
      for (Frame root : crew.roots(guests)) {
        for (Frame frame = root.innermost; frame != null; frame = frame.below) {
          lookAt(frame, now);
        }
      }
    }
    if (patience.options().startNanos != 0 && backlog.queue.hasWork()) {
      floor.errands().postFirst(latecomers);
    }
    if (patience.stillNanos() != 0) {
      lookAtHead(now);
    }
    bodies.watched.set(false); // Before the look whether to cease.
    if (backlog.queue.hasWork() || guests.active() > 0 || !crew.isAsleep()) {
      begin();
    }
  }

  private void lookAt(Frame frame, long now) {
    long age = frame.seenFor(now);
    if (age < 0) {
      return;
    }
    long limit = patience.options().runNanos;
    Object entry = frame.entry();
    if (limit != 0
        && age >= limit
        && entry instanceof Task<?> task
        && !task.hasOwnLimit()
        && frame.seenFor(now) == age) { // Else it may be the next one's.
      Errands.Errand told = task.endRun(frame);
      if (told != null) {
        floor.errands().post(told);
      }
    }
    if (patience.slowNanos() != 0 && age >= patience.slowNanos() && !frame.slowTold) {
      List<RunningTask> running = RunningTask.onOne(frame);
      floor.errands().post(() -> running.forEach(task -> bodies.events.slow(text(task))));
      frame.slowTold = true; // Only now: the next look does what this one lacks memory for.
    }
  }

  private void lookAtHead(long now) {
    Counts counts = bodies.ledger.counts();
    long progress =
        backlog.queue.taken() + floor.delays().taken + counts.accepted() - counts.open();
    boolean still = progress == progressSeen && crew.isBusy() && backlog.queued() > 0;
    progressSeen = progress;
    if (!still) {
      stillSince = now;
      stillTold = false;
    } else if (!stillTold && now - stillSince >= patience.stillNanos()) {
      floor.errands().post(this::tellStill);
      stillTold = true;
    }
  }

  private void tellStill() {
    StringBuilder running = new StringBuilder();
    RunningTask.on(crew.roots(guests)).stream()
        .limit(MOST_STACKS)
        .forEach(task -> running.append('\n').append(text(task)));
    bodies.events.standstill(backlog.queued(), patience.stillNanos(), running.toString());
  }

  private static String text(RunningTask task) {
    return task + Events.text(task.stack());
  }
}
