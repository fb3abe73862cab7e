package io.threadpool;

import java.lang.invoke.VarHandle;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/**
 * A worker: takes a task, runs it, cleans up after it, and sleeps where there is none.
 *
 * <pre>
 *   looking --poll--> taken --runTask, runRaw--> looking          with work
 *   looking --search--> looking                                   found some while it spun
 *   looking --register, look again, await--> looking              none: asleep until woken
 *   looking --queue closed and drained--> left
 * </pre>
 *
 * <p>Implementation note. The entry that the worker has taken stands in its {@link Frame} until it
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
final class Worker implements Runnable {

  /** Where the last entry taken stands. */
  private enum Step {
    NONE,
    TAKEN,
    BEGUN
  }

  private static final int SHORT_SEARCH_NANOS = 500;
  private static final int LONG_SEARCH_NANOS = 28_000;

  /** Parked for less than this, a long search would have found the task. */
  private static final int PARKED_BRIEFLY_NANOS = 150_000;

  private static final int TASKS_A_STAMP = 16;
  private static final int LONG_TASK_NANOS = 1_000;

  final int id;
  private final PoolCore core;
  private final Parker parker;
  private final Ledger.Tally tally;

  /** Set before the thread is started; null until then, and where it could not be started. */
  private volatile @Nullable Frame frame;

  /**
   * Set, and counted out, by the worker that leaves or by who finds its thread ended without that.
   */
  private final AtomicBoolean gone = new AtomicBoolean();

  // The rest is the worker thread's own.

  private @Nullable String name;
  private @Nullable ClassLoader loader;
  private Thread.@Nullable UncaughtExceptionHandler makersHandler;
  private Step step = Step.NONE;
  private @Nullable Outcome lastRaw;
  private boolean searching;
  private boolean registered;
  private int searchNanos = SHORT_SEARCH_NANOS;
  private int tasksUntilStamp;
  private boolean debug;

  Worker(PoolCore core, int id, Parker parker, Ledger.Tally tally) {
    this.core = core;
    this.id = id;
    this.parker = parker;
    this.tally = tally;
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
    try {
      core.events.loopBroken(id, broken);
      Object entry = own.entry();
      if (entry == null) {
        return;
      }
      if (entry instanceof Task<?> task && step == Step.BEGUN) {
        task.finishBroken(broken, tally);
        own.set(null);
      } else if (step == Step.BEGUN) {
        tally.count(Outcome.FAILED);
        own.set(null);
      } else {
        runEntry(own, entry);
      }
      step = Step.NONE;
    } catch (Throwable again) {
      core.events.loopBroken(id, again);
      own.set(null);
    }
  }

  private void loop(Frame own) {
    if (registered) {
      sleep();
    }
    for (; ; ) {
      core.onLoop(id);
      Object entry = core.queue.poll();
      if (entry != null) {
        own.set(entry);
        step = Step.TAKEN;
        if (searching) {
          foundWork();
        }
        countLast();
        runEntry(own, entry);
      } else {
        VarHandle
            .fullFence(); // Between clearing the entry and looking whether the grace has ended.
        countLastRaw(own);
        core.onEmpty(id);
        if (core.queue.isDrained()) {
          giveUpSearch();
          core.idle.wakeAll(); // Should the closer have failed to.
          return;
        }
        idle();
      }
    }
  }

  /** Gives the searching flag up, then lets another worker search if there is more. */
  private void foundWork() {
    searching = false;
    core.idle.stopSearching();
    if (core.queue.hasWork()) {
      core.idle.wakeOne();
    }
  }

  private void giveUpSearch() {
    if (searching) {
      searching = false;
      core.idle.stopSearching();
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
    step = Step.NONE;
  }

  private void runTask(Frame own, Task<?> task) {
    beforeClaim();
    if (task.claim(true)) {
      step = Step.BEGUN;
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
    own.set(null);
    if (core.isIdleAwaited()) {
      core.maybeIdle();
    }
  }

  private void runRaw(Frame own, Object entry) {
    beforeClaim();
    step = Step.BEGUN;
    core.tookLive();
    deliverAbort(own);
    Outcome outcome = core.runRaw(entry, makersHandler);
    afterBody(own);
    own.set(null);
    lastRaw = outcome;
    if (core.isIdleAwaited()) {
      countLastRaw(own);
      core.maybeIdle();
    }
  }

  /** Counts the raw command before an entry that has just been taken. */
  private void countLast() {
    Outcome last = lastRaw;
    if (last != null) {
      lastRaw = null;
      tally.count(last);
    }
  }

  /** Counts the last raw command where nothing was taken after it. */
  private void countLastRaw(Frame own) {
    VarHandle.fullFence(); // Between clearing the entry and looking whether the grace has ended.
    if (lastRaw != null && core.lifecycle.hasGraceEnded() && !own.end()) {
      lastRaw = null; // Reported as stuck, and counted so.
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
   * Interrupts a body that begins amid an abort, which may have interrupted the thread too early.
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
    boolean longTasks = now - own.startedAt > TASKS_A_STAMP * LONG_TASK_NANOS;
    own.startedAt = now;
    tasksUntilStamp = longTasks ? 1 : TASKS_A_STAMP;
    debug = core.events.isDebug();
  }

  /** Searches a while, then sleeps; returns when there may be something to do. */
  private void idle() {
    core.idle.settleDoubt();
    searching = searching || (searchNanos > 0 && core.idle.trySearch());
    if (searching && search()) {
      return;
    }
    registered = true;
    boolean wasSearching = searching;
    searching = false;
    core.idle.register(parker, wasSearching);
    if (core.queue.isClosed()) {
      core.idle.wakeAll();
    } else if (core.queue.hasWork()) {
      core.idle.wakeOne();
    }
    core.maybeIdle();
    sleep();
  }

  /**
   * Spins until a slot is filled or the time for it is up; true for the former, or at the close.
   */
  private boolean search() {
    long start = System.nanoTime();
    do {
      if (core.queue.isFilled()) {
        return true;
      }
      Thread.onSpinWait();
    } while (System.nanoTime() - start < searchNanos && !core.isIdleAwaited());
    return core.queue.isClosed();
  }

  private void sleep() {
    long start = System.nanoTime();
    searching = parker.await(core);
    registered = false;
    tasksUntilStamp = 0;
    boolean briefly = System.nanoTime() - start < PARKED_BRIEFLY_NANOS;
    searchNanos = briefly ? LONG_SEARCH_NANOS : SHORT_SEARCH_NANOS;
  }
}
