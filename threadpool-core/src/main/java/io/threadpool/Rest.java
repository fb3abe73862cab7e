package io.threadpool;

import io.threadpool.internal.Headcount;
import io.threadpool.internal.IdleWorkers;
import io.threadpool.internal.PaddedLong;
import io.threadpool.internal.Parker;
import io.threadpool.internal.StackProbe;
import io.threadpool.internal.Timers;
import io.threadpool.internal.Yielder;

/**
 * How a worker finds nothing to do and goes to sleep: it searches a little, registers with the
 * {@link IdleWorkers}, looks again, and sleeps until it is woken. The looks that their proof asks
 * for are here, called by {@link Crowding} after a lookout; that of one who leaves is in {@link
 * Worker}, by {@link Floor#isLeftAlone}. Where the timer has no thread, one that sleeps does what
 * is due. Its thread's own, like the worker.
 *
 * <p>Implementation note. How long to search is decided by how long the last sleep was: after a
 * brief one, a longer search would have found the task; after a long one, it is wasted, and the
 * scheduler lets the thread wait about as long as it span at its next wake-up. A long search in
 * vain between brief sleeps may have kept the submitter from a processor that both share: so there
 * are the fewer of them, the more were in vain, until a search finds something; but not between
 * bursts, beside which they are short.
 *
 * <p>A search keeps its processor from those that would submit, and where each finds something, for
 * whole time slices. So it {@linkplain Yielder yields}: before it looks, where the last ones have
 * all found something and none has yielded for a while, and once amid a long one; but not while
 * somebody waits for idleness. And one worker fewer than there are processors searches at a time,
 * but one at least, of all pools that share these classes: who would be one too many looks a few
 * times, and no longer.
 */
final class Rest {

  /** How long who could not leave sleeps before it tries again. */
  private static final long LEAVE_AGAIN_NANOS = 1_000_000;

  private static final int SHORT_SEARCH_NANOS = 500;
  static final int LONG_SEARCH_NANOS = 28_000;

  /** Parked for less than this, a long search would have found the task. */
  private static final int PARKED_BRIEFLY_NANOS = 150_000;

  /** After this many brief sleeps at the most, a search is long again. */
  private static final int MOST_SHORT_SEARCHES = 64;

  /** After more tasks than this, another long search in vain is short beside them. */
  private static final int BURST_TASKS = 500;

  /** How often a search looks before it reads the clock, which takes about as long as a look. */
  static final int LOOKS_A_TIME = 4;

  /** After so many searches in a row that have found something, others may wait to run. */
  static final int FOUND_IN_A_ROW = 4;

  /** For how long others may have waited before one that has been searching lets them run. */
  private static final int YIELD_AGAIN_NANOS = 10_000;

  /** After this, a search lets others run, who may be those that would submit. */
  private static final int YIELD_NANOS = 1_000;

  /** How many may search for longer than a few looks at a time, of all pools. */
  private static final int MOST_SEARCHERS =
      Math.max(1, Runtime.getRuntime().availableProcessors() - 1);

  /** About how many do; those that ask at the same time may be more than they should. */
  private static final PaddedLong SEARCHERS = new PaddedLong(0);

  private final IdleWorkers idle;
  private final Parker parker;
  private final Backlog backlog;
  private final Quiescence quiescence;
  private final Headcount headcount;
  private final Timers timers;
  private final Observer observer;

  /** That count; tests put one of theirs here. Written by those that search. */
  PaddedLong searchers = SEARCHERS;

  /** Lets others run; tests put one of theirs here. */
  Yielder yielder;

  boolean searching;

  /** Written by the worker; read by the watch, too, which must not cease beside one awake. */
  private volatile boolean registered;

  /**
   * Whether the run was started since others were needed, and has not found anything yet: then it
   * looks whether it is to be followed by another. Set by who starts it.
   */
  boolean fresh;

  /** Whether the run is over, since the worker is not needed. */
  private boolean left;

  /** How many there were to be when the worker was registered. */
  private long boundsSeen;

  private boolean sleptBriefly;

  /** How long the next search lasts; tests read it. */
  int searchNanos = SHORT_SEARCH_NANOS;

  /** After how many more brief sleeps the next long search is due. */
  private int untilLongSearch = 1;

  /** That number where a search was last in vain; twice as high each time. */
  private int pause = 1;

  /** How many had been taken at that search. */
  private long takenAtSearch;

  /** How many searches in a row have found something, since that was last looked at. */
  private int foundInARow;

  /** When that was seen to call for a yield; nanoTime. */
  private long yieldedAt = System.nanoTime() - YIELD_AGAIN_NANOS;

  Rest(Parker parker, Floor floor) {
    this.parker = parker;
    idle = floor.idle();
    backlog = floor.backlog();
    quiescence = floor.quiescence();
    headcount = floor.headcount();
    timers = floor.timers();
    observer = floor.observer();
    yielder = new Yielder(backlog.queue);
  }

  /** For another run at this place. */
  void begin() {
    left = false;
    registered = false;
    searching = false;
    sleptBriefly = false;
  }

  /** Whether the next entry that is found has to be told, by {@link #foundWork}. */
  boolean isAlert() {
    return searching || fresh;
  }

  /** Whether the run is over, since the worker is not needed. */
  boolean hasLeft() {
    return left;
  }

  /** Ends the run of a worker that is awake, where there are too many; false where not. */
  boolean leave() {
    if (!left && headcount.tryLeave()) {
      left = true;
      giveUpSearch();
      idle.vacate(parker); // It is not on the stack.
    }
    return left;
  }

  /**
   * Finishes the sleep that a broken loop was in, if it was; looks first, since it may not have.
   *
   * @return whether it was
   */
  boolean resume() {
    if (!registered) {
      return false;
    }
    lookAgain();
    quiescence.check();
    sleep();
    return true;
  }

  /**
   * After the registration, or the end of a lookout: wakes who is needed for what came before it,
   * when nobody was there to be woken.
   */
  void lookAgain() {
    if (backlog.isEnding()) {
      idle.wakeAll();
    } else if (backlog.hasWork()) {
      var unused = idle.wakeOne();
    }
  }

  /** Whether the worker stands, or stood when its loop broke, among those that sleep. */
  boolean isRegistered() {
    return registered;
  }

  /** The worker is about to be registered among those that sleep; {@link #sleep} follows. */
  void registers() {
    StackProbe.ensureSome(); // Nothing may fail between this and the push, or it sleeps for ever.
    registered = true;
    boundsSeen = headcount.bounds();
    parker.mayLeave = headcount.isElastic(boundsSeen);
  }

  /** After the registration, since who waits for idleness may not have been told before. */
  void checkIdleness() {
    quiescence.check();
  }

  /**
   * Gives the searching flag up, then wakes another worker if there is more to search for, or the
   * time to be kept. Where only some have been popped that had left, with the flag, it looks once
   * more, as others may have left theirs to that.
   */
  void foundWork() {
    giveUpSearch();
    boolean alone = (backlog.hasWork() || timers.isStranded()) && !idle.wakeOne();
    if (alone && backlog.hasWork() && headcount.hasRoom()) {
      if (fresh) {
        observer.onMoreFound();
      } else {
        observer.onNobodyAwake();
      }
    }
    fresh = false; // Last, as it is done again where it breaks off.
  }

  void giveUpSearch() {
    if (searching) {
      idle.stopSearching();
      searching = false;
    }
  }

  /**
   * Searches a while, then sleeps; returns when there may be something to do.
   *
   * @return whether it slept
   */
  boolean idle() {
    idle.settleDoubt();
    fresh = false;
    searching = searching || idle.trySearch();
    if (searching && search()) {
      return false;
    }
    registers();
    boolean wasSearching = searching;
    searching = false;
    idle.register(parker, wasSearching);
    lookAgain();
    quiescence.check();
    sleep();
    return true;
  }

  /**
   * Searches, and decides how long the next search is; true where it found something, or at the
   * close.
   */
  private boolean search() {
    if (foundInARow >= FOUND_IN_A_ROW) {
      foundInARow = 0;
      if (System.nanoTime() - yieldedAt >= YIELD_AGAIN_NANOS) {
        letOthersRun();
      }
    }
    boolean found = finds() || spin(Math.min(searchNanos, YIELD_NANOS));
    if (!found && searchNanos > YIELD_NANOS) {
      letOthersRun();
      found = spin(searchNanos - YIELD_NANOS);
    }
    foundInARow = found ? foundInARow + 1 : 0;
    if (found) {
      pause = 1;
      untilLongSearch = 1;
      if (sleptBriefly) {
        searchNanos = LONG_SEARCH_NANOS;
      }
    } else if (searchNanos == LONG_SEARCH_NANOS) {
      long taken = backlog.queue.taken();
      pause = taken - takenAtSearch > BURST_TASKS ? 1 : Math.min(2 * pause, MOST_SHORT_SEARCHES);
      takenAtSearch = taken;
      untilLongSearch = pause;
    }
    return found || backlog.isEnding();
  }

  private void letOthersRun() {
    if (!quiescence.isAwaited()) {
      yieldedAt = System.nanoTime();
      var unused = yielder.letRun();
    }
  }

  /** Looks a few times whether a slot is filled, which takes as long as to read the clock. */
  private boolean finds() {
    for (int i = 0; i < LOOKS_A_TIME; i++) {
      if (backlog.isFilled()) {
        return true;
      }
      Thread.onSpinWait();
    }
    return false;
  }

  /**
   * Spins until a slot is filled or the time for it is up, unless too many do; true for the first.
   */
  private boolean spin(int nanos) {
    if (searchers.get() >= MOST_SEARCHERS) {
      return false;
    }
    StackProbe.ensureLittle(); // What is counted in has to be counted out.
    searchers.getAndAdd(1);
    try {
      long start = System.nanoTime();
      boolean found = false;
      while (!found && System.nanoTime() - start < nanos && !quiescence.isAwaited()) {
        found = finds();
      }
      return found;
    } finally {
      searchers.getAndAdd(-1);
    }
  }

  /** Sleeps until woken, or until it is not needed any more and has {@link #hasLeft left}. */
  void sleep() {
    long start = System.nanoTime();
    if (headcount.bounds() != boundsSeen) {
      idle.wakeAll(); // Who changed them may have done so before this worker registered.
    }
    if ((parker.mayLeave && parker.signal == Parker.DORMANT) || leaves(start)) {
      left = true;
      registered = false;
      return;
    }
    searching = parker.await(this);
    registered = false;
    sleptBriefly = System.nanoTime() - start < PARKED_BRIEFLY_NANOS;
    searchNanos = sleptBriefly && --untilLongSearch <= 0 ? LONG_SEARCH_NANOS : SHORT_SEARCH_NANOS;
  }

  /**
   * Sleeps until there is no need for the worker, or until nothing is to be done meanwhile, or
   * woken; true for the first. Where the timer has no thread does what is due, and tries for one:
   * who was denied one says so, then looks whom to wake; and this is read after the registration.
   */
  private boolean leaves(long start) {
    boolean mayLeave = parker.mayLeave;
    boolean keepsTime = timers.isStranded();
    long nanos = mayLeave ? headcount.untilLeaving(start) : Long.MAX_VALUE;
    while (keepsTime || nanos != Long.MAX_VALUE) {
      if (parker.isWokenWithin(this, keepsTime ? Math.min(nanos, timers.helpNanos()) : nanos)) {
        return false;
      }
      timers.help();
      if (mayLeave && headcount.tryLeave(parker, start)) {
        return true;
      }
      keepsTime = timers.isStranded();
      nanos = mayLeave ? Math.max(LEAVE_AGAIN_NANOS, headcount.untilLeaving(start)) : nanos;
    }
    return false;
  }
}
