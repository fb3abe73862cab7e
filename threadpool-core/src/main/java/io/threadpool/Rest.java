package io.threadpool;

/**
 * What a worker does between tasks when there is none for it: it searches a little, sleeps until it
 * is woken, or stands down in favour of others. Its thread's own, like the worker.
 *
 * <p>Implementation note. How long to search is decided by how long the last sleep was: after a
 * brief one, a longer search would have found the task; after a long one, it is wasted, and the
 * scheduler lets the thread wait about as long as it span at its next wake-up. A long search in
 * vain between brief sleeps may have kept the submitter from a processor that both share: so there
 * are the fewer of them, the more were in vain, until a search finds something; but not between
 * bursts, beside which they are short.
 *
 * <p>Tasks that take less time than a head contended by two workers can serve are run fastest by
 * one. So a worker that has shared a rapid stream of tasks stands down, and becomes the lookout if
 * there is none: it sleeps for a limited time, and goes on sleeping while tasks are taken about as
 * fast as they were before. Where it does not, the worker was needed, and does not try that again
 * soon. A task that makes the last worker awake stop, long or blocked, stops that too; so what is
 * queued behind it waits for two looks at the most, {@link #LOOK_MAX_NANOS} and the inaccuracy of
 * the timer each, until the lookout wakes somebody. While no stream is rapid, nobody stands down.
 * Whether one worker is faster than two depends on the tasks and on the machine, which may be three
 * times slower in one hour than in another: so a threshold only says where a trial is worthwhile,
 * and how fast tasks are taken with one worker less decides. Counted are tasks, not how far the
 * head has moved: over slots that were swept out one worker alone moves it fast.
 */
final class Rest {

  private static final int SHORT_SEARCH_NANOS = 500;
  static final int LONG_SEARCH_NANOS = 28_000;

  /** Parked for less than this, a long search would have found the task. */
  private static final int PARKED_BRIEFLY_NANOS = 150_000;

  /** After this many brief sleeps at the most, a search is long again. */
  private static final int MOST_SHORT_SEARCHES = 64;

  /** After more tasks than this, another long search in vain is short beside them. */
  private static final int BURST_TASKS = 500;

  /** How often a search looks before it reads the clock, which takes about as long as a look. */
  private static final int LOOKS_A_TIME = 4;

  /** Where a task is taken so often, one worker less may take as many. */
  private static final long CROWDED_NANOS = 130;

  private static final int LOOK_NANOS = 50_000;
  private static final int LOOK_MAX_NANOS = 200_000;

  private final PoolCore core;
  private final Parker parker;
  private boolean searching;
  private boolean registered;
  private boolean lookout;

  /** How fast tasks were taken when the worker stood down: so many in so many nanoseconds. */
  private long takenThen;

  private long nanosThen;

  /** Whether they were then taken more slowly. */
  private boolean missed;

  private boolean sleptBriefly;

  /** How long the next search lasts; tests read it. */
  int searchNanos = SHORT_SEARCH_NANOS;

  /** After how many more brief sleeps the next long search is due. */
  private int untilLongSearch = 1;

  /** That number where a search was last in vain; twice as high each time. */
  private int pause = 1;

  /** How many had been taken at that search. */
  private long takenAtSearch;

  Rest(PoolCore core, Parker parker) {
    this.core = core;
    this.parker = parker;
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

  boolean isSearching() {
    return searching;
  }

  /**
   * Finishes the sleep that a broken loop was in, if it was; looks first, since it may not have.
   */
  void resume() {
    if (registered) {
      lookout = false;
      endLookout();
      core.maybeIdle();
      sleep();
    }
  }

  /** Gives the searching flag up, then lets another worker search if there is more. */
  void foundWork() {
    core.idle.stopSearching();
    searching = false;
    if (core.queue.hasWork()) {
      var unused = core.idle.wakeOne();
    }
  }

  void giveUpSearch() {
    if (searching) {
      core.idle.stopSearching();
      searching = false;
    }
  }

  /**
   * Searches a while, then sleeps; returns when there may be something to do.
   *
   * @return whether it slept
   */
  boolean idle() {
    core.idle.settleDoubt();
    searching = searching || core.idle.trySearch();
    if (searching && search()) {
      return false;
    }
    registered = true;
    boolean wasSearching = searching;
    searching = false;
    core.idle.register(parker, wasSearching);
    if (core.queue.isClosed()) {
      core.idle.wakeAll();
    } else if (core.queue.hasWork()) {
      var unused = core.idle.wakeOne();
    }
    core.maybeIdle();
    sleep();
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
    takenThen = taken;
    nanosThen = nanos;
    missed = false;
    registered = true;
    lookout = core.idle.standDown(parker);
    if (core.queue.isDrained()) {
      core.idle.wakeAll(); // Who found it drained may have looked before this worker registered.
    }
    core.maybeIdle();
    sleep();
    return !missed;
  }

  /**
   * Searches, and decides how long the next search is; true where it found something, or at the
   * close.
   */
  private boolean search() {
    boolean found = spin();
    if (found) {
      pause = 1;
      untilLongSearch = 1;
      if (sleptBriefly) {
        searchNanos = LONG_SEARCH_NANOS;
      }
    } else if (searchNanos == LONG_SEARCH_NANOS) {
      long taken = core.queue.taken();
      pause = taken - takenAtSearch > BURST_TASKS ? 1 : Math.min(2 * pause, MOST_SHORT_SEARCHES);
      takenAtSearch = taken;
      untilLongSearch = pause;
    }
    return found || core.queue.isClosed();
  }

  /** Spins until a slot is filled or the time for it is up; true for the former. */
  private boolean spin() {
    long start = System.nanoTime();
    do {
      for (int i = 0; i < LOOKS_A_TIME; i++) {
        if (core.queue.isFilled()) {
          return true;
        }
        Thread.onSpinWait();
      }
    } while (System.nanoTime() - start < searchNanos && !core.isIdleAwaited());
    return false;
  }

  private void sleep() {
    if (lookout) {
      keepLookout();
    }
    long start = System.nanoTime();
    searching = parker.await(core);
    registered = false;
    sleptBriefly = System.nanoTime() - start < PARKED_BRIEFLY_NANOS;
    searchNanos = sleptBriefly && --untilLongSearch <= 0 ? LONG_SEARCH_NANOS : SHORT_SEARCH_NANOS;
  }

  /** Sleeps with one eye open, until woken, relieved, or somebody has to be woken. */
  private void keepLookout() {
    int nanos = LOOK_NANOS;
    long lastTime = System.nanoTime();
    long lastTaken = core.queue.taken();
    while (lookout) {
      boolean woken = parker.isWokenWithin(core, nanos);
      long time = System.nanoTime();
      long taken = core.queue.taken();
      boolean work = core.queue.hasWork();
      if (woken || !core.idle.hasLookout()) {
        lookout = false;
      } else {
        missed = work && !isKept(taken - lastTaken, time - lastTime, takenThen, nanosThen);
        if (missed || !(work || core.idle.hasSearcher())) {
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
    core.idle.endLookout();
    if (core.queue.isClosed()) {
      core.idle.wakeAll();
    } else if (core.queue.hasWork()) {
      var unused = core.idle.wakeOne();
    }
  }
}
