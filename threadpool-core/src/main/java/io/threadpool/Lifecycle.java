package io.threadpool;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * How a pool ends.
 *
 * <pre>
 *   RUNNING --begin--> DRAINING --advance, abortHere--> ABORTING --startGrace--> GRACE --endGrace--> ENDED
 *                         |                                 |                      |                  |
 *                         +--------- bodyLeft, the last one out: complete ---------+--> terminated <--+
 * </pre>
 *
 * <p>Implementation note. The close of the queue is where submissions and shutdown are ordered
 * ({@link TaskQueue#close}); the phase only ever moves to the right, under the monitor, which also
 * guards when the next step is due; no user code runs under it. {@link #bodies} counts the workers,
 * the guests and the abort: whoever takes it to zero is the last body out, and completes the
 * termination.
 *
 * <p>{@link #advance} does what is due. It runs no user code, each step can be done again, and what
 * has failed half way is: by the errand thread that the timer asks, which repeats what it lacked
 * memory for; and by whoever waits for the end, a little after the step was due.
 */
final class Lifecycle {

  private static final long NEVER = Long.MAX_VALUE;

  /** How long a wait lasts at the most before it looks again at what is due. */
  private static final long LOOK_AGAIN_NANOS = 1_000_000_000L;

  /** How long after a step was due those that wait do it, should nobody else have. */
  private static final long OVERDUE_NANOS = 10_000_000;

  /** After how long what is overdue is tried again. */
  private static final long AGAIN_NANOS = 1_000_000;

  private static final int RUNNING = 0;
  private static final int DRAINING = 1;
  private static final int ABORTING = 2;
  private static final int GRACE = 3;
  private static final int ENDED = 4;

  private final PoolCore core;
  private final long graceNanos;

  /**
   * Workers that have not left, guests, and the abort. Written by CAS, by {@link #enterBody} too.
   */
  private final AtomicInteger bodies;

  private final Object monitor;
  final Gate ended;

  /**
   * Written under the monitor. ABORTING before the workers are interrupted, read by them before
   * each body; ENDED before who ends the grace looks at the bodies, read by workers that have taken
   * one.
   */
  private volatile int phase = RUNNING;

  /** When the first policy was started; nanoTime. Guarded by the monitor, as is the next. */
  private long begunAt;

  /** When the next step is due, as nanoseconds after {@link #begunAt}. */
  private long due = NEVER;

  /** Whether a caller that gets the list is at the first step of the abort. */
  private volatile boolean abortsHere;

  /** Whether the abort was counted as a body, and not counted out again. */
  private final AtomicBoolean abortCounts;

  private volatile boolean terminated;
  private volatile @Nullable TerminationReport report;

  private final Errands.Errand advancing;
  private final Timers.Entry timer;

  /** Does what is due, on an errand thread. */
  private final class Advancing extends Errands.Errand {
    @Override
    boolean next() {
      advance();
      return false;
    }
  }

  /** Asks for that when the time has come. */
  private final class Due extends Timers.Entry {
    @Override
    void run() {
      core.errands.postFirst(advancing);
    }
  }

  Lifecycle(PoolCore core, int workers, Duration abortGrace) {
    this.core = core;
    graceNanos = Checks.saturatedNanos(abortGrace);
    bodies = new AtomicInteger(workers);
    monitor = new Object();
    ended = new Gate();
    abortCounts = new AtomicBoolean();
    advancing = new Advancing();
    timer = new Due();
  }

  /** That of a pool that has terminated; what has nothing to do any more is another's. */
  Lifecycle(PoolCore core, Lifecycle parts, @Nullable TerminationReport report) {
    this.core = core;
    graceNanos = 0;
    bodies = parts.bodies;
    monitor = parts.monitor;
    ended = parts.ended;
    abortCounts = parts.abortCounts;
    advancing = parts.advancing;
    timer = parts.timer;
    phase = ENDED;
    this.report = report;
    terminated = true;
  }

  boolean isAborting() {
    return phase >= ABORTING;
  }

  boolean hasGraceEnded() {
    return phase == ENDED;
  }

  boolean isTerminated() {
    return terminated;
  }

  Optional<TerminationReport> report() {
    return Optional.ofNullable(report);
  }

  /** True once {@link #report} is there and final: nothing runs any more, or what does is stuck. */
  private boolean isReported() {
    return terminated || (phase == ENDED && report != null);
  }

  // The steps.

  /**
   * Starts a policy, or escalates to it.
   *
   * @param caller the innermost frame of the pool on the calling thread, which its own call does
   *     not interrupt
   * @return what this call aborted before it had started
   */
  List<Runnable> begin(ShutdownPolicy policy, @Nullable Frame caller) {
    boolean first = startDraining(policy);
    core.closeQueue();
    core.watch.lookLater(); // Dead threads would not tell that they do not drain it.
    if (first && !core.isDropped()) {
      core.logShuttingDown();
    }
    try {
      List<Runnable> unstarted = policy.drainNanos() == 0 ? abortHere(caller) : new ArrayList<>();
      core.errands.helpIfStranded(); // Better here than not at all.
      return unstarted;
    } finally {
      if (policy.hasDeadline()) {
        schedule();
      }
    }
  }

  private boolean startDraining(ShutdownPolicy policy) {
    synchronized (monitor) {
      boolean first = phase == RUNNING;
      if (first) {
        begunAt = System.nanoTime();
        phase = DRAINING;
      }
      if (policy.hasDeadline() && phase == DRAINING) {
        due = Math.min(due, saturatedAdd(System.nanoTime() - begunAt, policy.drainNanos()));
      }
      return first;
    }
  }

  private static long saturatedAdd(long a, long b) {
    long sum = a + b;
    return sum < 0 ? NEVER : sum;
  }

  /**
   * Aborts, unless that was begun; who begins it gets the list, so it takes what is queued itself.
   */
  private List<Runnable> abortHere(@Nullable Frame caller) {
    if (!startAborting(true)) {
      return new ArrayList<>();
    }
    try {
      core.claimUnstarted();
      List<Runnable> claimed = core.abort.claimed();
      core.idle.wakeAll();
      core.abort.interruptBodies(caller);
      startGrace();
      return claimed;
    } finally {
      abortsHere = false; // What was not done for want of memory is by others.
    }
  }

  /**
   * From here on nothing begins. The abort counts as a body from before that, so that the pool does
   * not terminate while what workers no longer take is not settled.
   */
  private boolean startAborting(boolean here) {
    synchronized (monitor) {
      if (phase != DRAINING || !(here || isDue())) {
        return false;
      }
      abortsHere = here;
      abortCounts.set(enterBody());
      due = System.nanoTime() - begunAt; // Whatever comes of the first try, there will be others.
      phase = ABORTING;
      return true;
    }
  }

  private void startGrace() {
    synchronized (monitor) {
      if (phase == ABORTING) {
        due = saturatedAdd(System.nanoTime() - begunAt, graceNanos);
        phase = GRACE;
      }
    }
    errandOver(); // There may be none.
  }

  private boolean endGrace() {
    synchronized (monitor) {
      if (phase == GRACE && isDue()) {
        phase = ENDED; // Due until it is reported.
      }
      return phase == ENDED;
    }
  }

  private boolean isDue() {
    return due != NEVER && System.nanoTime() - begunAt >= due;
  }

  /** Does what is due. Where it throws, for want of memory, it is to be called again. */
  void advance() {
    if (terminated) {
      if (takeUndone()) {
        finish();
      }
      return;
    }
    startAborting(false);
    if (phase == ABORTING && !abortsHere && core.claimUnstarted()) {
      core.idle.wakeAll();
      core.abort.interruptBodies(null);
      startGrace();
    }
    if (phase >= GRACE) {
      core.abort.follow();
      if (endGrace()) {
        settleStuck();
      }
    }
    core.watch.look();
    if (bodies.get() == 0) {
      complete();
    }
    schedule();
  }

  /** Settles what is stuck, and reports it. */
  private void settleStuck() {
    if (report == null) {
      List<StuckTask> stuck = core.abort.settleStuck();
      makeReport(stuck);
    }
    core.abort.follow();
    core.abort.tellStuck();
    synchronized (monitor) {
      due = NEVER;
    }
    countAbortOut(); // Whatever is not told by now.
  }

  /** An errand of the abort's is over: if all are, it is no longer a body. */
  void errandOver() {
    if (phase >= GRACE && core.abort.isOver()) {
      countAbortOut();
    }
  }

  private void countAbortOut() {
    if (abortCounts.compareAndSet(true, false)) {
      bodyLeft();
    }
  }

  /** Has the next step done when it is due. */
  private void schedule() {
    long left = left();
    if (left != NEVER) {
      core.timers.schedule(timer, Math.max(left, AGAIN_NANOS));
      if (left() == NEVER) {
        core.timers.cancel(timer); // Who terminated the pool may have come to that before.
      }
    }
  }

  /** How long until the next step is due; negative where it is overdue. */
  private long left() {
    synchronized (monitor) {
      return due == NEVER ? NEVER : due - (System.nanoTime() - begunAt);
    }
  }

  // The bodies.

  /** Counts a guest in, unless the pool has terminated. */
  boolean enterBody() {
    for (int n = bodies.get(); n > 0; n = bodies.get()) {
      if (bodies.compareAndSet(n, n + 1)) {
        return true;
      }
    }
    return false;
  }

  /** Counts a body out; the last one completes the termination. */
  void bodyLeft() {
    if (bodies.decrementAndGet() == 0) {
      try {
        complete();
      } catch (Throwable lacking) {
        dueNow(); // Then somebody else does.
        schedule();
      }
    }
  }

  /** Counts a worker out whose thread could not be started; true where others are left. */
  boolean workerLost() {
    return bodies.decrementAndGet() > 0;
  }

  private void complete() {
    if (report == null) {
      makeReport(List.of());
    }
    synchronized (monitor) {
      if (terminated) {
        return;
      }
      due = NEVER;
      terminated = true;
    }
    core.timers.cancel(timer);
    core.timers.cancel(core.watch);
    ended.signalAll();
    finish();
  }

  /** What follows the termination; where it fails, it is due again. */
  private void finish() {
    try {
      core.terminated();
    } catch (OutOfMemoryError full) {
      dueNow();
      schedule();
      throw full;
    }
  }

  private boolean takeUndone() {
    synchronized (monitor) {
      boolean undone = isDue();
      due = NEVER;
      return undone;
    }
  }

  private void dueNow() {
    synchronized (monitor) {
      due = System.nanoTime() - begunAt;
    }
  }

  private void makeReport(List<StuckTask> stuck) {
    Counts counts = closedCounts(core.abort.openCommands());
    long rejected = core.ledger.rejected();
    synchronized (monitor) {
      if (report == null) {
        Duration elapsed = Duration.ofNanos(System.nanoTime() - begunAt);
        report =
            new TerminationReport(core.size(), counts, rejected, core.openStages(), elapsed, stuck);
      }
    }
    ended.signalAll();
  }

  /**
   * The counts when every task's outcome is decided, but for those of stuck commands, which are
   * what is left. Who decides counts a few instructions later, a canceller, say, on a thread of its
   * own; so this waits for those, within reason.
   */
  private Counts closedCounts(int openCommands) {
    long start = System.nanoTime();
    Counts counts = core.counts();
    while (counts.open() > openCommands && System.nanoTime() - start < LOOK_AGAIN_NANOS) {
      Gate.pause();
      counts = core.counts();
    }
    return counts.closed();
  }

  // The waits.

  /** Waits until no body runs. */
  boolean awaitTermination(long nanos) throws InterruptedException {
    return awaitEnd(nanos, false);
  }

  /** Waits until there is a report: no body runs, or what runs is stuck. */
  void awaitReport() throws InterruptedException {
    while (!awaitEnd(NEVER, true)) {
      // Without a time limit it is either there or interrupted.
    }
  }

  private boolean awaitEnd(long nanos, boolean reportIsEnough) throws InterruptedException {
    long start = System.nanoTime();
    for (; ; ) {
      look();
      if (terminated || (reportIsEnough && isReported())) {
        return true;
      }
      long left = nanos == NEVER ? NEVER : nanos - (System.nanoTime() - start);
      if (left <= 0) {
        return false;
      }
      long overdue = saturatedAdd(Math.max(0, left()), OVERDUE_NANOS);
      ended.await(
          () -> terminated || (reportIsEnough && isReported()),
          Math.min(left, Math.min(overdue, LOOK_AGAIN_NANOS)));
    }
  }

  /** A worker is about to leave: does what is overdue, should nobody else be able to. */
  void helpOut() {
    try {
      if (left() < -OVERDUE_NANOS) {
        advance();
      }
    } catch (Throwable lacking) {
      // Others will.
    }
  }

  /** Before and while one waits: does what nobody else has done in time. */
  private void look() {
    core.idle.settleDoubt();
    try {
      core.watch.look();
      if (left() < -OVERDUE_NANOS) {
        advance();
      }
      core.errands.help();
    } catch (OutOfMemoryError full) {
      // The next look does.
    }
  }
}
