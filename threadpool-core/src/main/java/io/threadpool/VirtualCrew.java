package io.threadpool;

import io.threadpool.internal.Registry;
import io.threadpool.internal.StackProbe;
import io.threadpool.internal.TaskQueue;
import io.threadpool.internal.Threads;
import io.threadpool.internal.Timers;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Workers that are virtual threads: each run takes one task and ends, so that what the task leaves
 * on its thread ends with it. There are no places, and nobody sleeps; so the proof that no wake-up
 * is lost is the one below. A run that does not start is counted out, and tried again by the timer.
 * Where that has no thread, one run that has found nothing waits to do what is due.
 *
 * <pre>
 *   (none) --startOne--> starting --hasPolled--> running --countOut--> over      alive until then
 * </pre>
 *
 * <p>Implementation note. One word holds how many runs are alive, and how many of those are
 * starting: have not polled the queue yet. No task waits while there is room for a run: a submitter
 * fills its slot (F), then reads the word (R). If there is room it starts a run. Else the first run
 * that is counted out after R (D, in the word's order) sees that there was none, and then looks at
 * the queue (L): F before R before D before L, so L sees the fill, or that it was taken. (Where the
 * bound is raised between R and D, who raises it looks.) It starts another run unless as many are
 * starting, read after L, as it has seen queued. Some of those may have polled before F; but who
 * says that he has polled, and is the last that was starting, looks as well, after all of that.
 * (Who keeps the time counts as starting until he leaves that: he polls again, and then says so.) A
 * run is in the registry that an abort looks at before it polls.
 *
 * <p>A body that joins a task that is queued has it run by a run that does not count against the
 * maximum, in the place of its own (or, where none can start, runs it itself), and waits until that
 * is over: whatever the task leaves on its thread is not the joiner's, and one of the two runs at a
 * time.
 */
final class VirtualCrew extends Crew {

  private static final long ONE_STARTING = 1L << 32;
  private static final long NOWHERE = -1;
  private static final long FIRST_PAUSE_NANOS = 5_000_000;

  /** How long a joiner waits before it looks whether what it waits for is gone; then longer. */
  private static final long FIRST_LOOK_NANOS = 1_000_000;

  private static final long LONGEST_PAUSE_NANOS = 1_000_000_000;

  private final Backlog backlog;
  private final Delays delays;
  private final Bodies bodies;
  private final Quiescence quiescence;
  private final Timers timers;
  private final AbortSignal signal;
  private final TaskQueue queue;
  private final Ledger.Tally tally;
  private final Observer observer;
  private final Guests guests;
  private final @Nullable ClassLoader loader = Thread.currentThread().getContextClassLoader();

  /** How many runs are alive, in the lower half, and how many of those are starting. */
  private final AtomicLong word = new AtomicLong();

  /** How many run for a joiner. Written by those who start them, and by them. */
  private final AtomicInteger lent = new AtomicInteger();

  private final AtomicInteger largest = new AtomicInteger();

  /** Those that have begun and are not over. */
  private final Registry<Frame> runs = new Registry<>();

  /** How many runs there may be; none before the start. Written by who changes that. */
  private volatile int max;

  /** How many were last asked for. */
  private volatile int size;

  private final ThreadFactory factory;

  private final Again again = new Again();
  private final AtomicBoolean trying = new AtomicBoolean();

  /** Whether a run does what is due, as the timer has no thread. Written by that run. */
  private final AtomicBoolean timekeeper = new AtomicBoolean();

  /** How long to wait after a failure; 0 where there was none since a success. */
  private volatile long pause;

  VirtualCrew(Floor floor, ThreadFactory factory, int max, Guests guests) {
    this.factory = factory;
    this.guests = guests;
    backlog = floor.backlog();
    delays = floor.delays();
    bodies = floor.bodies();
    quiescence = floor.quiescence();
    timers = floor.timers();
    size = max;
    observer = floor.observer();
    signal = floor.signal();
    queue = backlog.queue;
    tally = floor.ledger().sharedTally();
  }

  @Override
  @Nullable Throwable start(@Nullable ThreadFactory none) {
    max = size;
    return null; // Each begins with its task.
  }

  @Override
  void runHere() {
    word.getAndAdd(ONE_STARTING + 1);
    new Run(null, null).run();
  }

  // When runs begin.

  @Override
  boolean mayGrow() {
    return alive() < max;
  }

  @Override
  void nobodyAwake() {
    try {
      var unused = startOne();
    } catch (Throwable lacking) {
      tryAgain();
    }
  }

  /** Starts a run, if there is room; false where there is none, or it failed. */
  private boolean startOne() {
    if (alive() >= max) {
      return false;
    }
    Run run = new Run(null, null); // Nothing may fail between the counting in and the start.
    for (long w = word.get(); (int) w < max; w = word.get()) {
      if (word.compareAndSet(w, w + ONE_STARTING + 1)) {
        noteLargest((int) w + 1);
        return start(run);
      }
    }
    return false;
  }

  private void noteLargest(int alive) {
    for (int most = largest.get(); most < alive; most = largest.get()) {
      largest.compareAndSet(most, alive);
    }
  }

  /** After somebody was counted out, or may have failed: starts those that are needed. */
  @Override
  void look() {
    StackProbe.ensure();
    startNeeded();
  }

  /** Looks for what nobody else does. */
  private void lookOnce() {
    try {
      startNeeded();
    } catch (Throwable lacking) {
      tryAgain();
    }
  }

  /** With some stack left, lest a start breaks off half way. */
  private void startNeeded() {
    while (lacksRuns() && startOne()) {
      // Each turn starts one.
    }
  }

  /** Whether more is queued than runs are starting. What is claimed and not filled is one. */
  private boolean lacksRuns() {
    if (signal.isAborting() || !(backlog.hasWork() || lacksTimekeeper())) {
      return false;
    }
    long queued = Math.max(1, queue.length() + backlog.beside.due()); // Before the word.
    return word.get() >>> 32 < queued;
  }

  /** Whether the timer has no thread, and no run does what is due in its stead. */
  private boolean lacksTimekeeper() {
    return timers.isStranded() && !timekeeper.get() && !backlog.isOver();
  }

  private boolean start(Run run) {
    try {
      factory.newThread(run).start();
      pause = 0;
      return true;
    } catch (Throwable lacking) {
      run.undo();
      return false;
    }
  }

  private void tryAgain() {
    if (!trying.get()) {
      pause = Math.min(LONGEST_PAUSE_NANOS, Math.max(FIRST_PAUSE_NANOS, 2 * pause));
      timers.scheduleOnce(trying, again, pause);
    }
  }

  /** Looks again after a failure, on the timer's thread. */
  private final class Again extends Timers.Entry {
    @Override
    public void run() {
      trying.set(false);
      look();
    }
  }

  @Override
  void ended() {
    timers.cancel(again);
  }

  @Override
  void resize(int least, int most) {
    changeSize(most);
    lookOnce();
  }

  /** Of two at once, one is the last in both. */
  private synchronized void changeSize(int most) {
    size = most;
    max = most;
  }

  @Override
  void help(Task<?> task) {
    Run run = new Run(task, Frame.of(signal));
    StackProbe.ensure();
    lent.getAndIncrement();
    if (start(run)) {
      run.awaitOver(task);
    }
    if (task.isQueued() && !signal.isAborting()) {
      guests.run(task); // It could not begin: better on the joiner's thread than never.
    }
  }

  // The runs.

  /** One thread's time, for one task: a given one, for its joiner, or the first in the queue. */
  private final class Run implements Runnable, Bodies.Taker {
    private final @Nullable Task<?> given;
    private final @Nullable Frame joiner;

    /** The thread of the joiner, which waits for the end; null for none. */
    private final @Nullable Thread waiter;

    /** Whether what it was given has left its thread, or will not come there. */
    private volatile boolean over;

    /** Whether it is about to claim that, or has. Written by its thread, before the claim. */
    private volatile boolean claiming;

    /** Whether it counts among those that are starting. Written by who starts it, and by it. */
    private boolean starting;

    /** Whether it is the {@link #timekeeper}. */
    private boolean keepsTime;

    Run(@Nullable Task<?> given, @Nullable Frame joiner) {
      starting = given == null;
      this.given = given;
      this.joiner = joiner;
      waiter = given == null ? null : Thread.currentThread();
    }

    /**
     * Waits until it is over, as who runs a body inline has it on his stack until then: else the
     * two would run at once, should the handle be decided before. An interrupt waits, too. Where
     * the run has not come to its task, and that is queued no more, there is nothing to wait for.
     */
    void awaitOver(Task<?> task) {
      boolean interrupted = false;
      long nanos = FIRST_LOOK_NANOS;
      while (!over && (claiming || task.isQueued() || claiming)) { // Before the claim, and after.
        LockSupport.parkNanos(this, nanos);
        nanos = Math.min(LONGEST_PAUSE_NANOS, 2 * nanos);
        interrupted |= Thread.interrupted();
      }
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }

    @Override
    public void run() {
      long place = NOWHERE;
      try {
        Thread thread = Thread.currentThread();
        thread.setContextClassLoader(loader);
        Frame own = new Frame(signal, bodies.events, thread, tally, joiner);
        own.enterLoop();
        place = runs.add(own, (int) thread.getId());
        try { // Few calls deep: what is on the stack of a body that waits is kept for each.
          if (given != null) {
            runGiven(given, own);
          }
          for (Object entry = await(own); entry != null; entry = await(own)) {
            runTaken(own, entry);
          }
        } catch (Throwable broken) {
          if (hasPolled()) {
            lookOnce();
          }
          bodies.repair(this, own, broken);
          delays.giveBack(own); // Should it not even have claimed what is due.
          own.set(null);
          own.letGo();
        }
        own.disown();
      } finally {
        if (place == NOWHERE) {
          undo();
        } else {
          runs.remove(place);
          over();
        }
      }
    }

    /** Counts as starting no more; true where it was the last. */
    private boolean hasPolled() {
      boolean counted = starting;
      starting = false;
      return counted && word.getAndAdd(-ONE_STARTING) >>> 32 == 1;
    }

    /** It has not begun, and will not; others are to be tried. */
    void undo() {
      var unused = countOut();
      tryAgain();
      quiescence.check();
      observer.onNotBegun();
    }

    /**
     * Takes the first entry, or waits for one where somebody has to keep the time: as one that is
     * starting, since it has no body, and polls in a moment.
     */
    private @Nullable Object await(Frame own) {
      Object entry = take(own);
      while (entry == null && mayTake(own) && keepsTime()) {
        if (!starting) { // It has taken one that was dead.
          starting = true;
          word.getAndAdd(ONE_STARTING);
          quiescence.check();
        }
        LockSupport.parkNanos(this, FIRST_PAUSE_NANOS);
        timers.help();
        entry = alive() > max ? null : take(own);
      }
      boolean last = hasPolled();
      if ((entry != null && leavesTime()) || last) {
        lookOnce();
      }
      if (entry != null) {
        bodies.watch();
      }
      return entry;
    }

    private boolean keepsTime() {
      keepsTime = keepsTime || (lacksTimekeeper() && timekeeper.compareAndSet(false, true));
      return keepsTime && timers.isStranded() && !backlog.isOver() && alive() <= max;
    }

    /** Keeps it no more; false where it did not. */
    private boolean leavesTime() {
      boolean kept = keepsTime;
      keepsTime = false;
      if (kept) {
        timekeeper.set(false);
      }
      return kept;
    }

    private boolean mayTake(Frame own) {
      return own.progress == Frame.TAKEN && given == null && !signal.isAborting();
    }

    /**
     * Takes the first entry; null where the run has had its task, none is there, or at an abort.
     */
    private @Nullable Object take(Frame own) {
      if (!mayTake(own)) {
        return null;
      }
      boolean dueFirst = backlog.beside.due() > 0 && (System.nanoTime() & 64) != 0; // In turns.
      Object entry = dueFirst ? delays.take(own) : null;
      entry = entry == null ? queue.poll(own) : entry;
      return entry == null && backlog.beside.due() > 0 ? delays.take(own) : entry;
    }

    /** Runs an entry, unless it proves dead; a given one that has not begun is left to others. */
    @Override
    public void runTaken(Frame own, Object entry) {
      if (given != null) {
        return;
      }
      own.startedAt = System.nanoTime();
      if (signal.isAborting()) {
        own.interruptOwn(); // It may have come too early for this body: see Worker.
      }
      if (backlog.claim(own, entry)) {
        bodies.run(entry, own);
        own.progress = Frame.COUNTED;
      }
      own.drop();
    }

    private void runGiven(Task<?> task, Frame own) {
      bodies.watch();
      own.set(task);
      own.startedAt = System.nanoTime();
      own.deliverAbort();
      claiming = true;
      if (!signal.isAborting() && task.claimInQueue()) {
        own.progress = Frame.BEGUN;
        own.begun = true;
        bodies.run(task, own);
        own.progress = Frame.COUNTED;
      }
      own.set(null);
    }

    @Override
    public void tellBroken(Throwable cause) {
      bodies.events.runBroken(cause);
    }

    /** Counts it out; true where somebody may have found no room for a run on its account. */
    private boolean countOut() {
      if (given == null) {
        long one = starting ? ONE_STARTING + 1 : 1;
        starting = false;
        return (int) word.getAndAdd(-one) >= max;
      }
      lent.getAndDecrement();
      over = true;
      Threads.unpark(Checks.nonNull(waiter, "waiter"));
      return false;
    }

    private void over() {
      var unused = leavesTime();
      if (countOut() || timers.isStranded()) {
        lookOnce();
      }
      quiescence.check(); // This may have been the last one that somebody waits for.
      if (signal.isGiven()) {
        Frame.restore(null); // What logs or is told by that is no body.
        observer.onLeaving();
      }
    }
  }

  // What is asked.

  @Override
  boolean any(Predicate<? super Frame> test) {
    return runs.any(test);
  }

  @Override
  int active() {
    long w = word.get();
    return (int) w - (int) (w >>> 32) + lent.get();
  }

  @Override
  boolean isOut() {
    return alive() == 0 && lent.get() == 0;
  }

  @Override
  int size() {
    return size;
  }

  @Override
  int alive() {
    return (int) word.get();
  }

  @Override
  int largest() {
    return largest.get();
  }
}
