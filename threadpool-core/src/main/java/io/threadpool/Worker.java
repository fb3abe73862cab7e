package io.threadpool;

import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * What a worker writes with every task, its thread's own; on cache lines of its own, too, since
 * what lies beside it may be read with every submission.
 */
abstract class WorkerState extends PaddingBefore {

  @Nullable String name;
  @Nullable ClassLoader loader;
  Thread.@Nullable UncaughtExceptionHandler makersHandler;

  int priority;

  /** How far the entry in the frame has come, if there is one: one of the next three. */
  int progress;

  static final int TAKEN = 0;
  static final int BEGUN = 1;

  /** A raw command that has ended and was counted. */
  static final int COUNTED = 2;

  boolean traced;

  /** For how many tasks the clock was, and is still, not to be read. */
  int window;

  int tasksUntilStamp;
  long takenAtStamp;

  /** Whether the last window shows that the worker may leave the tasks to others. */
  boolean crowded;

  /** How many tasks were taken in the last window, by all workers, and in how many nanoseconds. */
  long takenByAll;

  long takenWithin;

  /** How often a worker had stood down when that window began, and when it ended. */
  long trialsBefore;

  long trialsAfter;

  /** When standing down last proved wrong; nanoTime. */
  long neededAt = System.nanoTime() - Worker.TRIAL_AFTER_NANOS;
}

/**
 * A worker: takes a task, runs it, cleans up after it, and sleeps where there is none.
 *
 * <pre>
 *   looking --poll--> taken --runTask, runRaw--> looking          with work
 *   looking --search--> looking                                   found some while it spun
 *   looking --register, look again, await--> looking              none: asleep until woken
 *   looking --queue closed and drained, or the pool aborts--> left
 * </pre>
 *
 * <p>Implementation note. The entry that the worker has taken is held by its {@link Frame} until it
 * is settled, so that {@link #run}, whose frame is shallow, finishes what a loop that broke left
 * undone, and enters the loop again.
 *
 * <p>What a worker takes when an abort, or the end of its grace, is decided: the worker names the
 * slot, moves the head (a CAS, so a full fence), and then reads the phase of the {@link Lifecycle};
 * who aborts writes the phase and then reads the frames. One of them sees the other: so either the
 * frame is seen, and its thread interrupted, or its entry settled; or the worker sees the abort,
 * and interrupts itself, or the end of the grace, and does not begin.
 */
final class Worker extends WorkerState implements Runnable {

  long a1, a2, a3, a4, a5, a6, a7, a8, a9, a10, a11, a12, a13, a14, a15;

  private static final int TASKS_A_STAMP = 16;
  private static final int LONG_TASK_NANOS = 1_000;

  /** For how long a worker does not stand down again that was needed after all. */
  static final long TRIAL_AFTER_NANOS = 5_000_000;

  /** Each gets a step further with the entry, so a few do; a bound, lest it be for ever. */
  private static final int MOST_REPAIRS = 10;

  final int id;
  private final PoolCore core;
  private final Parker parker;
  final Rest rest;
  private final Ledger.Tally tally;

  /** Set before the thread is started; null until then, and where it could not be started. */
  private volatile @Nullable Frame frame;

  /** Whether its thread has come to it, or it was counted out; one of the next three. */
  private final AtomicInteger presence = new AtomicInteger(AWAITED);

  private static final int AWAITED = 0;
  private static final int PRESENT = 1;

  /** Counted out, by the worker that leaves or by who finds its thread ended without that. */
  private static final int GONE = 2;

  /** Set when the thread was started, which means nothing where its class overrides that. */
  private volatile boolean started;

  /** Set by the worker's thread, when it runs what it was given. */
  private volatile boolean entered;

  Worker(PoolCore core, int id, Parker parker, Ledger.Tally tally) {
    this.core = core;
    this.id = id;
    this.parker = parker;
    this.tally = tally;
    rest = new Rest(core, parker);
  }

  /** Names the thread that is to run this worker; no other may. */
  void assign(Thread thread) {
    parker.thread = thread;
    frame = new Frame(core, thread, tally);
  }

  void unassign() {
    frame = null;
  }

  /** Notes that {@code start()} has returned. */
  void started() {
    started = true;
  }

  boolean hasEntered() {
    return entered;
  }

  @Nullable Frame frame() {
    return frame;
  }

  boolean isGone() {
    return presence.get() == GONE;
  }

  /** True where the thread has ended and has not left its loop, or not even entered it. */
  boolean isDead() {
    Frame own = frame;
    return own != null && started && !isGone() && !own.thread.isAlive();
  }

  /**
   * Counts a dead worker out; false where that was done, or its thread, of a class that starts it
   * late, has come meanwhile.
   */
  boolean bury() {
    int seen = presence.get(); // Before the thread is asked, which may come in between.
    return seen != GONE && isDead() && presence.compareAndSet(seen, GONE);
  }

  /** The life of the worker's thread. Does nothing on any other thread. */
  @Override
  public void run() {
    Frame own = frame;
    if (own == null) {
      return; // Its thread could not be started, or was started by somebody else.
    }
    if (own.thread != Thread.currentThread()) {
      core.events.foreignThread(id);
      return;
    }
    if (!presence.compareAndSet(AWAITED, PRESENT)) {
      return; // It was given up as dead before its thread came.
    }
    own.enterLoop();
    name = own.thread.getName();
    loader = own.thread.getContextClassLoader();
    priority = own.thread.getPriority();
    makersHandler = Events.handlerOn(own.thread);
    entered = true; // After what a thread's class may have made user code, which may end it.
    core.watch.entered();
    for (boolean left = false; !left; ) {
      try {
        loop(own);
        left = true;
      } catch (Throwable broken) {
        repair(own, broken);
      }
    }
    core.lifecycle.helpOut();
    own.leaveLoop();
    if (presence.getAndSet(GONE) != GONE) {
      core.lifecycle.bodyLeft();
    }
    core.workerLeft(id); // Last, since it logs.
  }

  /**
   * Finishes what the broken loop had begun. Its causes are reported, and do not leave this method.
   */
  private void repair(Frame own, Throwable broken) {
    crowded = false;
    tasksUntilStamp = TASKS_A_STAMP; // What broke may have been the stamp.
    Throwable cause = broken;
    for (int i = 0; cause != null && i < MOST_REPAIRS; i++) {
      core.events.loopBroken(id, cause);
      cause = settleTaken(own, cause);
    }
    if (own.entry() != null) { // Else the break may have come amid the taking.
      own.letGo();
    }
  }

  /** Settles the entry that the loop had taken; returns what breaks that in its turn, or null. */
  private @Nullable Throwable settleTaken(Frame own, Throwable broken) {
    try {
      Object entry = own.entry();
      if (entry instanceof Task<?> task && progress == BEGUN) {
        task.finishBroken(broken, tally);
      } else if (entry != null && progress == BEGUN) {
        countRaw(Outcome.FAILED);
      } else if (entry != null && progress == TAKEN) {
        runEntry(own, entry);
      } else if (progress == TAKEN && own.letGoOfSwept()) {
        core.queue.tookSwept();
      }
      return null;
    } catch (Throwable again) {
      return again;
    }
  }

  private void loop(Frame own) {
    rest.resume();
    for (; ; ) {
      core.onLoop(id);
      if (runNext(own)) {
        if (crowded) {
          leaveToOthers(own);
        }
      } else {
        core.onEmpty(id);
        if (core.queue.isDrained() || core.lifecycle.isAborting()) {
          rest.giveUpSearch();
          core.idle.wakeAll(); // Should the closer have failed to.
          return;
        }
        if (rest.idle()) {
          endWindow();
        }
      }
    }
  }

  /**
   * Takes an entry and runs it; false where there is none, or where the aborter takes them all. In
   * a method of its own, since a variable of the loop would keep the entry, and so the pool,
   * reachable while the worker sleeps.
   */
  private boolean runNext(Frame own) {
    if (core.lifecycle.isAborting()) {
      return false;
    }
    progress = TAKEN;
    Object entry = core.queue.poll(own);
    if (entry == null) {
      return false;
    }
    if (rest.isSearching()) {
      rest.foundWork();
    }
    runEntry(own, entry);
    return true;
  }

  /**
   * Stands down, if the body that has run since it was due was short, too, and nobody else has
   * since the window began, whose tasks would pass for those of workers that are awake; a trial,
   * which is not made again soon where it fails.
   */
  private void leaveToOthers(Frame own) {
    crowded = false;
    if (System.nanoTime() - own.startedAt < TASKS_A_STAMP * LONG_TASK_NANOS
        && core.idle.tryTrial(trialsBefore)) {
      if (!rest.standDown(takenByAll, takenWithin)) {
        neededAt = System.nanoTime();
      }
      endWindow();
    }
  }

  private void runEntry(Frame own, Object entry) {
    if (--tasksUntilStamp <= 0) {
      stamp(own);
    }
    if (entry instanceof Task<?> task) {
      runTask(own, task);
    } else {
      runRaw(own, entry);
    }
  }

  private void runTask(Frame own, Task<?> task) {
    beforeBody(own);
    if (task.claim(true)) {
      progress = BEGUN;
      core.tookLive();
      try {
        task.runClaimed(tally);
      } finally {
        afterBody(own);
      }
    } else {
      core.tookDead(task);
    }
    own.letGo();
    if (core.isIdleAwaited()) {
      core.maybeIdle();
    }
  }

  private void runRaw(Frame own, Object entry) {
    beforeBody(own);
    progress = BEGUN;
    core.tookLive();
    if (core.lifecycle.hasGraceEnded()) {
      core.count(Outcome.ABORTED, null); // It was given up, and does not begin.
      progress = COUNTED;
      own.letGo();
      return;
    }
    Outcome outcome = core.runRaw(entry, makersHandler);
    afterBody(own);
    countRaw(outcome);
    own.letGo();
    if (core.isIdleAwaited()) {
      core.maybeIdle();
    }
  }

  private void countRaw(Outcome outcome) {
    tally.count(outcome);
    progress = COUNTED; // A store, which cannot fail between.
  }

  /**
   * Lets the body begin without an interrupt that is not meant for it, but with that of an abort,
   * which may have come too early for it. Before the claim, since from there on an interrupt is the
   * body's, and since a thread's interrupt may be user code.
   */
  private void beforeBody(Frame own) {
    if (traced) {
      core.events.gotJob(id);
    }
    Thread.interrupted();
    if (core.lifecycle.isAborting()) {
      own.interruptOwn();
    }
  }

  /** Puts back what the body may have changed on the thread. */
  @SuppressWarnings({
    "ReferenceEquality",
    "ThreadPriorityCheck"
  }) // Any other name; its own priority.
  private void afterBody(Frame own) {
    own.exempt(false);
    Thread thread = own.thread;
    if (thread.isInterrupted()) {
      Thread.interrupted();
    }
    if (thread.getName() != name) {
      thread.setName(name);
    }
    if (thread.getContextClassLoader() != loader) {
      thread.setContextClassLoader(loader);
    }
    if (thread.getPriority() != priority) {
      thread.setPriority(priority);
    }
  }

  /**
   * Reads the clock, before every task where they are long and once in a while where they are not.
   */
  private void stamp(Frame own) {
    long now = System.nanoTime();
    long elapsed = now - own.startedAt;
    trialsBefore = trialsAfter;
    trialsAfter = core.idle.trials(); // Before what was taken, by who stands down before that.
    long taken = core.queue.taken();
    crowded =
        window == TASKS_A_STAMP
            && Rest.isCrowded(taken - takenAtStamp, window, elapsed)
            && now - neededAt > TRIAL_AFTER_NANOS
            && core.othersMoveHead();
    takenByAll = taken - takenAtStamp;
    takenWithin = elapsed;
    own.startedAt = now;
    takenAtStamp = taken;
    window = elapsed > TASKS_A_STAMP * LONG_TASK_NANOS ? 1 : TASKS_A_STAMP;
    tasksUntilStamp = window;
    traced = core.events.look();
  }

  /** After a sleep: the next task is stamped, and what was taken meanwhile tells nothing. */
  private void endWindow() {
    window = 0;
    tasksUntilStamp = 0;
  }
}
