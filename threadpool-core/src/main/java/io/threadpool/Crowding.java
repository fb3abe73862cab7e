package io.threadpool;

import io.threadpool.internal.IdleWorkers;
import io.threadpool.internal.PaddingBefore;
import io.threadpool.internal.Parker;
import io.threadpool.internal.TaskQueue;

/**
 * Standing down: a worker that shares a rapid stream of tasks leaves it to the others, and sleeps
 * for a limited time. Only for speed: a pool where it makes no sense has none, and works as well.
 * Its worker's thread's own, and padded, since it is written with each window.
 *
 * <p>Implementation note. Tasks that take less time than a head contended by two workers can serve
 * are run fastest by one. So a worker that has shared a rapid stream of tasks stands down, and
 * becomes the lookout if there is none: it sleeps for a limited time, and goes on sleeping while
 * tasks are taken about as fast as they were before. Where it does not, the worker was needed, and
 * does not try that again soon. A task that makes the last worker awake stop, long or blocked,
 * stops that too; so what is queued behind it waits for two looks at the most, {@link
 * #LOOK_MAX_NANOS} and the inaccuracy of the timer each, until the lookout wakes somebody. While no
 * stream is rapid, nobody stands down. Whether one worker is faster than two depends on the tasks
 * and on the machine, which may be three times slower in one hour than in another: so a threshold
 * only says where a trial is worthwhile, and how fast tasks are taken with one worker less decides.
 * Counted are tasks, not how far the head has moved: over slots that were swept out one worker
 * alone moves it fast.
 */
final class Crowding extends PaddingBefore {

  /** Where a task is taken so often, one worker less may take as many. */
  private static final long CROWDED_NANOS = 180;

  private static final int LOOK_NANOS = 50_000;
  private static final int LOOK_MAX_NANOS = 200_000;

  /** For how long a worker does not stand down again that was needed after all. */
  private static final long TRIAL_AFTER_NANOS = 5_000_000;

  private final IdleWorkers idle;
  private final Backlog backlog;
  private final TaskQueue queue;
  private final Parker parker;
  private final Rest rest;

  private boolean lookout;

  /** Whether others have taken tasks more slowly than with this worker. */
  private boolean missed;

  /** How many tasks were taken when the last window began. */
  private long takenAtStamp;

  /** How many were taken in it, by all workers, and in how many nanoseconds. */
  private long takenByAll;

  private long takenWithin;

  /** How often a worker had stood down when that window began, and when it ended. */
  private long trialsBefore;

  private long trialsAfter;

  /** When standing down last proved wrong; nanoTime. */
  private long neededAt = System.nanoTime() - TRIAL_AFTER_NANOS;

  Crowding(IdleWorkers idle, Backlog backlog, Parker parker, Rest rest) {
    this.idle = idle;
    this.backlog = backlog;
    queue = backlog.queue;
    this.parker = parker;
    this.rest = rest;
  }

  /**
   * Whether about as many tasks are taken as before, up to a fifth less.
   *
   * @param taken how many are taken now
   * @param nanos in how many nanoseconds
   * @param takenThen how many were taken before
   * @param nanosThen in how many nanoseconds
   */
  static boolean isKept(long taken, long nanos, long takenThen, long nanosThen) {
    return 4 * nanos * takenThen < 5 * nanosThen * taken;
  }

  /**
   * Whether a worker that took so many of them could have left them to those that took the rest.
   */
  static boolean isCrowded(long taken, int own, long nanos) {
    return taken > own + own / 2 && nanos < taken * CROWDED_NANOS;
  }

  /**
   * Ends a window of the worker's, and begins the next.
   *
   * @param own how many tasks it has taken in it, or 0 where that tells nothing
   * @return whether it may leave the tasks to others
   */
  boolean stamp(int own, long now, long elapsed) {
    trialsBefore = trialsAfter;
    trialsAfter = idle.trials(); // Before what was taken, by who stands down before that.
    long taken = queue.taken();
    takenByAll = taken - takenAtStamp;
    takenWithin = elapsed;
    takenAtStamp = taken;
    return own > 0 && isCrowded(takenByAll, own, elapsed) && now - neededAt > TRIAL_AFTER_NANOS;
  }

  /**
   * Stands down, unless somebody else has since the window began, whose tasks would pass for those
   * of workers that are awake; a trial, which is not made again soon where it fails.
   *
   * @return whether it has slept
   */
  boolean standDown() {
    if (!idle.tryTrial(trialsBefore)) {
      return false;
    }
    if (!standDown(takenByAll, takenWithin)) {
      neededAt = System.nanoTime();
    }
    return true;
  }

  /**
   * Leaves the tasks to the other workers, and sleeps until it is needed.
   *
   * @param taken how many tasks all workers took before that
   * @param nanos in how many nanoseconds
   * @return false where it was the lookout and fewer were taken without it
   */
  boolean standDown(long taken, long nanos) {
    missed = false;
    rest.registers();
    lookout = idle.standDown(parker);
    if (backlog.isOver()) {
      idle.wakeAll(); // Who found it drained may have looked before this worker registered.
    }
    rest.checkIdleness();
    if (lookout) {
      keepLookout(taken, nanos);
    }
    rest.sleep();
    return !missed;
  }

  /** After a loop that broke: ends the lookout that it may have kept; {@link Rest#resume} looks. */
  void resume() {
    if (rest.isRegistered()) {
      lookout = false;
      idle.endLookout();
    }
  }

  /** Sleeps with one eye open, until woken, relieved, or somebody has to be woken. */
  private void keepLookout(long takenThen, long nanosThen) {
    int nanos = LOOK_NANOS;
    long lastTime = System.nanoTime();
    long lastTaken = queue.taken();
    while (lookout) {
      boolean woken = parker.isWokenWithin(rest, nanos);
      long time = System.nanoTime();
      long taken = queue.taken();
      boolean work = backlog.hasWork();
      if (woken || !idle.hasLookout()) {
        lookout = false;
      } else {
        missed = work && !isKept(taken - lastTaken, time - lastTime, takenThen, nanosThen);
        if (missed || !(work || idle.hasSearcher())) {
          endLookout();
          lookout = false;
        }
      }
      lastTime = time;
      lastTaken = taken;
      nanos = Math.min(2 * nanos, LOOK_MAX_NANOS);
    }
  }

  private void endLookout() {
    idle.endLookout();
    rest.lookAgain();
  }
}
