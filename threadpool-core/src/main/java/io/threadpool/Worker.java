package io.threadpool;

import java.lang.invoke.VarHandle;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/**
 * What a worker writes with every task, its thread's own; on cache lines of its own, too, since
 * what lies beside it may be read with every submission.
 */
abstract class WorkerState extends PaddingBefore {

  @Nullable String name;
  @Nullable ClassLoader loader;
  Thread.@Nullable UncaughtExceptionHandler makersHandler;

  /** Whether the entry in the frame is being run, and not only taken. */
  boolean begun;

  /**
   * The code of the outcome of the last raw command, which is counted later; 0 for none. A number,
   * for the reason that {@link HeldSlot} gives.
   */
  int lastRaw;

  boolean debug;

  /** For how many tasks the clock was, and is still, not to be read. */
  int window;

  int tasksUntilStamp;
  long headAtStamp;

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
 * <p>A raw command has no state word, so the end of the abort grace could find it still standing
 * while the worker counts it as ended. Two orders exclude that both count it. Where the worker's
 * next poll takes an entry, that poll moved the head before the aborter saw the queue drained, and
 * the frame's entry was cleared before that: so the aborter, who looks later, does not see the
 * command. Where the poll finds nothing, the worker clears the entry, fences, and reads whether the
 * grace has ended ({@link #countLastRaw}); the keeper writes that the grace has ended, and then
 * reads the entry ({@link Lifecycle}): one of them sees the other, and if both do, the frame's fate
 * decides.
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

  /**
   * Set, and counted out, by the worker that leaves or by who finds its thread ended without that.
   */
  private final AtomicBoolean gone = new AtomicBoolean();

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

  @Nullable Frame frame() {
    return frame;
  }

  boolean isGone() {
    return gone.get();
  }

  /** True where the thread has ended and has not left its loop, or not even entered it. */
  boolean isDead() {
    Frame own = frame;
    return own != null && !gone.get() && own.thread.getState() == Thread.State.TERMINATED;
  }

  /** Counts a dead worker out; false where that was done. */
  boolean bury() {
    return gone.compareAndSet(false, true);
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
    own.enterLoop();
    name = own.thread.getName();
    loader = own.thread.getContextClassLoader();
    makersHandler = Events.handlerOn(own.thread);
    for (boolean left = false; !left; ) {
      try {
        loop(own);
        left = true;
      } catch (Throwable broken) {
        repair(own, broken);
      }
    }
    core.workerLeft(id);
    own.leaveLoop();
    if (gone.compareAndSet(false, true)) {
      core.lifecycle.bodyLeft();
    }
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
      if (entry instanceof Task<?> task && begun) {
        task.finishBroken(broken, tally);
      } else if (entry != null && begun) {
        own.letGo();
        lastRaw = Outcome.FAILED.code;
        countLastRaw(own);
      } else if (entry != null) {
        runEntry(own, entry);
      } else if (!begun && own.letGoOfSwept()) {
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
        countLastRaw(own);
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
    begun = false;
    Object entry = core.queue.poll(own);
    if (entry == null) {
      return false;
    }
    if (rest.isSearching()) {
      rest.foundWork();
    }
    countLast();
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
      countLastRaw(own);
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
    beforeClaim();
    if (task.claim(true)) {
      begun = true;
      core.tookLive();
      deliverAbort(own);
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
    beforeClaim();
    begun = true;
    core.tookLive();
    deliverAbort(own);
    Outcome outcome = own.isStuck() ? Outcome.ABORTED : core.runRaw(entry, makersHandler);
    afterBody(own);
    own.letGo();
    lastRaw = outcome.code;
    if (core.isIdleAwaited()) {
      countLastRaw(own);
      core.maybeIdle();
    }
  }

  /** Counts the raw command before an entry that has just been taken. */
  private void countLast() {
    int last = lastRaw;
    if (last != 0) {
      lastRaw = 0;
      tally.count(Outcome.of(last));
    }
  }

  /** Counts the last raw command where nothing was taken after it. */
  private void countLastRaw(Frame own) {
    VarHandle.fullFence(); // Between clearing the entry and looking whether the grace has ended.
    if (lastRaw != 0 && core.lifecycle.hasGraceEnded() && own.isStuckAtEnd()) {
      lastRaw = 0; // Reported as stuck, and counted so.
    }
    countLast();
  }

  /**
   * Lets the body begin without an interrupt that is not meant for it. Before the claim, since from
   * there on an interrupt is.
   */
  private void beforeClaim() {
    if (debug) {
      core.events.gotJob(id);
    }
    Thread.interrupted();
  }

  /**
   * Interrupts a body whose entry was taken just before an abort, which may have interrupted the
   * thread too early.
   */
  private void deliverAbort(Frame own) {
    if (core.lifecycle.isAborting()) {
      own.thread.interrupt();
    }
  }

  /** Puts back what the body may have changed on the thread. */
  @SuppressWarnings("ReferenceEquality") // An equal name is put back as well.
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
  }

  /**
   * Reads the clock, before every task where they are long and once in a while where they are not.
   */
  private void stamp(Frame own) {
    long now = System.nanoTime();
    long elapsed = now - own.startedAt;
    trialsBefore = trialsAfter;
    trialsAfter = core.idle.trials(); // Before the head, which who stands down has moved before.
    long head = core.queue.head();
    crowded =
        window == TASKS_A_STAMP
            && Rest.isCrowded(head - headAtStamp, window, elapsed)
            && now - neededAt > TRIAL_AFTER_NANOS
            && core.othersMoveHead();
    takenByAll = head - headAtStamp;
    takenWithin = elapsed;
    own.startedAt = now;
    headAtStamp = head;
    window = elapsed > TASKS_A_STAMP * LONG_TASK_NANOS ? 1 : TASKS_A_STAMP;
    tasksUntilStamp = window;
    debug = core.events.isDebug();
  }

  /** After a sleep: the next task is stamped, and what was taken meanwhile tells nothing. */
  private void endWindow() {
    window = 0;
    tasksUntilStamp = 0;
  }
}
