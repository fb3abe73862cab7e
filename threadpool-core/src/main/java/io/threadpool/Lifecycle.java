package io.threadpool;

import io.threadpool.internal.Errands;
import io.threadpool.internal.Gate;
import io.threadpool.internal.StackProbe;
import io.threadpool.internal.Timers;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/**
 * How a pool ends.
 *
 * <pre>
 *   RUNNING --begin--> DRAINING --advance, abortHere--> ABORTING --startGrace--> GRACE --endGrace--> ENDED
 *                         |                                 |                      |                  |
 *                         +------------- lastOut: complete ------------------------+--> terminated <--+
 * </pre>
 *
 * <p>Implementation note. The close of the queue is where submissions and shutdown are ordered
 * ({@link io.threadpool.internal.TaskQueue#close}); the phase only ever moves to the right, under
 * the monitor, which also guards when the next step is due; no user code runs under it. The {@link
 * BodyCount} counts the pool, the workers, the guests and the abort: whoever takes it to zero is
 * the last body out, and completes the termination. The report is made then, or at the end of the
 * grace.
 *
 * <p>{@link #advance} does what is due. It runs no user code, each step can be done again, and what
 * has failed half way is: by the errand thread that the timer asks, which repeats what it lacked
 * memory for; and by whoever waits for the end, a little after the step was due.
 */
final class Lifecycle extends Timers.Entry {

  private static final long NEVER = Long.MAX_VALUE;

  /** How long a report waits at the most for those that have decided, and not counted. */
  private static final long COUNTED_NANOS = 1_000_000_000L;

  /** How long after a step was due those that wait do it, should nobody else have. */
  private static final long OVERDUE_NANOS = 10_000_000;

  /** After how long what is overdue is tried again. */
  private static final long AGAIN_NANOS = 1_000_000;

  private final Floor floor;
  private final AbortSignal signal;
  private final Crew crew;
  private final Abort abort;
  private final long graceNanos;
  final Gate ended = new Gate();

  /** When the first policy was started; nanoTime. Guarded by the monitor, as is the next. */
  private long begunAt;

  /** When the next step is due, as nanoseconds after {@link #begunAt}. */
  private long dueAt = NEVER;

  /** Whether a caller that gets the list is at the first step of the abort. */
  private volatile boolean abortsHere;

  /** Whether the abort was counted as a body, and not counted out again. */
  private final AtomicBoolean abortCounts = new AtomicBoolean();

  /** Whether the pool itself counts as a body. Written by CAS. */
  private final AtomicBoolean poolCounts = new AtomicBoolean(true);

  private volatile boolean terminated;
  private volatile @Nullable TerminationReport report;

  /** Does what is due, on an errand thread. */
  private final Errands.Errand advancing =
      new Errands.Errand() {
        @Override
        public boolean next() {
          advance();
          return false;
        }
      };

  Lifecycle(Floor floor, Crew crew, Abort abort, Duration abortGrace) {
    this.floor = floor;
    this.crew = crew;
    this.abort = abort;
    signal = floor.signal();
    graceNanos = Checks.saturatedNanos(abortGrace);
  }

  /** Asks for what is due when the time has come. */
  @Override
  public void run() {
    floor.errands().postFirst(advancing);
  }

  boolean isTerminated() {
    return terminated;
  }

  Optional<TerminationReport> report() {
    return Optional.ofNullable(report);
  }

  /** Whether nothing runs any more, or a report is there and is enough: what runs is stuck. */
  private boolean isOver(boolean reportIsEnough) {
    return terminated || (reportIsEnough && signal.hasGraceEnded() && report != null);
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
    floor.backlog().close();
    try {
      if (policy.drainNanos > 0) { // Else what is delayed is aborted.
        floor.delays().drop(policy.dropsDelayed);
      }
      closed();
      if (first) {
        floor.observer().onShutdown();
      }
      poolOut();
      List<Runnable> unstarted = policy.drainNanos == 0 ? abortHere(caller) : new ArrayList<>();
      floor.errands().helpIfStranded(); // Better here than not at all.
      return unstarted;
    } finally {
      if (policy.hasDeadline) {
        schedule();
      }
    }
  }

  /** Sees to it that the closed queue is drained, or notices that it is. */
  private void closed() {
    try {
      crew.closed();
    } catch (Throwable lacking) {
      floor.idle().doubtful = true; // Who waits looks again.
    }
  }

  /**
   * Counts the pool itself out once its closed queue is drained, nothing beside it is left, and
   * nobody who is not counted. Called by whoever may have made that so, after it.
   */
  void poolOut() {
    if (floor.backlog().isOver() && crew.isOut() && poolCounts.compareAndSet(true, false)) {
      floor.count().leave();
    }
  }

  private synchronized boolean startDraining(ShutdownPolicy policy) {
    boolean first = signal.phase() == AbortSignal.RUNNING;
    if (first) {
      begunAt = System.nanoTime();
      signal.advance(AbortSignal.DRAINING);
    }
    if (policy.hasDeadline && signal.phase() == AbortSignal.DRAINING && !terminated) {
      dueAt = Math.min(dueAt, saturatedAdd(System.nanoTime() - begunAt, policy.drainNanos));
    }
    return first;
  }

  private static long saturatedAdd(long a, long b) {
    long sum = a + b;
    return sum < 0 ? NEVER : sum;
  }

  /**
   * Aborts, unless that was begun; who begins it gets the list, so it takes what is queued itself.
   * Others wait until that is settled, or settle it where nobody is at it: no user code is waited
   * for.
   */
  private List<Runnable> abortHere(@Nullable Frame caller) {
    if (!startAborting(true)) {
      for (int turn = 0; signal.phase() == AbortSignal.ABORTING; turn++) {
        if (!abortsHere && abort.claim()) {
          break; // Who began it has failed, or is about to find that done.
        }
        Gate.pause(turn);
      }
      return new ArrayList<>();
    }
    try {
      abort.claim();
      poolOut();
      List<Runnable> claimed = abort.claimed();
      floor.idle().wakeAll();
      abort.interruptBodies(caller);
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
  private synchronized boolean startAborting(boolean here) {
    if (terminated || signal.phase() != AbortSignal.DRAINING || !(here || isDue())) {
      return false;
    }
    abortsHere = here;
    abortCounts.set(floor.count().enter());
    dueAt = System.nanoTime() - begunAt; // Whatever comes of the first try, there will be others.
    signal.advance(AbortSignal.ABORTING);
    return true;
  }

  private void startGrace() {
    synchronized (this) {
      if (signal.phase() == AbortSignal.ABORTING) {
        dueAt = terminated ? NEVER : saturatedAdd(System.nanoTime() - begunAt, graceNanos);
        signal.advance(AbortSignal.GRACE);
      }
    }
    errandOver(); // There may be none.
  }

  private synchronized boolean endGrace() {
    if (signal.phase() == AbortSignal.GRACE && isDue()) {
      signal.advance(AbortSignal.ENDED); // Due until it is reported.
    }
    return signal.hasGraceEnded();
  }

  private boolean isDue() {
    return dueAt != NEVER && System.nanoTime() - begunAt >= dueAt;
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
    if (signal.phase() == AbortSignal.ABORTING && !abortsHere && abort.claim()) {
      floor.idle().wakeAll();
      abort.interruptBodies(null);
      startGrace();
    }
    if (signal.phase() >= AbortSignal.GRACE) {
      abort.follow();
      if (endGrace()) {
        settleStuck();
      }
    }
    crew.look();
    poolOut();
    if (floor.count().isZero()) {
      complete();
    }
    schedule();
  }

  /** Settles what is stuck, and reports it. */
  private void settleStuck() {
    if (report == null) {
      List<StuckTask> stuck = abort.settleStuck();
      makeReport(stuck);
    }
    abort.follow();
    abort.tellStuck(report == null ? List.of() : report.stuck());
    synchronized (this) {
      if (!terminated) { // Else what is due is of the termination's.
        dueAt = NEVER;
      }
    }
    countAbortOut(); // Whatever is not told by now.
  }

  /** An errand of the abort's is over: if all are, it is no longer a body. */
  void errandOver() {
    if (signal.phase() >= AbortSignal.GRACE && abort.isOver()) {
      countAbortOut();
    }
  }

  private void countAbortOut() {
    if (abortCounts.compareAndSet(true, false)) {
      floor.count().leave();
    }
  }

  /**
   * Has the next step done when it is due. Who terminates the pool may have come to cancelling that
   * before; and a step that fails may make it due again amid the cancelling here.
   */
  private void schedule() {
    for (long left = left(); left != NEVER; left = left()) {
      floor.timers().schedule(this, Math.max(left, AGAIN_NANOS));
      if (left() != NEVER) {
        return;
      }
      floor.timers().cancel(this);
    }
  }

  /** How long until the next step is due; negative where it is overdue. */
  private synchronized long left() {
    return dueAt == NEVER ? NEVER : dueAt - (System.nanoTime() - begunAt);
  }

  /** The last body is out: completes the termination. */
  void lastOut() {
    try {
      complete();
    } catch (Throwable lacking) {
      dueNow(); // Then somebody else does.
      schedule();
    }
  }

  private void complete() {
    if (report == null) {
      makeReport(List.of());
    }
    synchronized (this) {
      if (terminated) {
        return;
      }
      dueAt = NEVER;
      terminated = true;
    }
    floor.timers().cancel(this);
    crew.ended();
    ended.signalAll();
    finish();
  }

  /**
   * What follows the termination; where it fails, it is due again. (A lambda that lacks memory when
   * it is linked throws an {@code InternalError}, here and elsewhere.)
   */
  private void finish() {
    try {
      floor.observer().onTerminated();
    } catch (OutOfMemoryError | InternalError full) {
      dueNow();
      schedule();
      throw full;
    }
  }

  private synchronized boolean takeUndone() {
    boolean undone = isDue();
    dueAt = NEVER;
    return undone;
  }

  private synchronized void dueNow() {
    dueAt = System.nanoTime() - begunAt;
  }

  private void makeReport(List<StuckTask> stuck) {
    Counts counts = closedCounts(abort.openCommands);
    long rejected = floor.ledger().rejected.get();
    long openStages = floor.ledger().openStages.get() + abort.openStages;
    synchronized (this) {
      if (report == null) {
        Duration elapsed = Duration.ofNanos(System.nanoTime() - begunAt);
        report =
            new TerminationReport(crew.largest(), counts, rejected, openStages, elapsed, stuck);
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
    Counts counts = floor.ledger().counts();
    while (counts.open() > openCommands && System.nanoTime() - start < COUNTED_NANOS) {
      Gate.pause();
      counts = floor.ledger().counts();
    }
    return counts.closed();
  }

  // The waits.

  /**
   * Waits until no body runs; false where the time ran out.
   *
   * @param nanos how long; {@code Long.MAX_VALUE}: without end
   * @param reportIsEnough whether a report is, too: what runs is stuck
   */
  boolean awaitEnd(long nanos, boolean reportIsEnough) throws InterruptedException {
    long start = System.nanoTime();
    for (; ; ) {
      look();
      if (isOver(reportIsEnough)) {
        return true;
      }
      long left = nanos == NEVER ? NEVER : nanos - (System.nanoTime() - start);
      if (left <= 0) {
        return false;
      }
      long next = Math.max(0, Math.min(left(), floor.delays().untilNext()));
      long overdue = saturatedAdd(next, OVERDUE_NANOS);
      ended.await(
          () -> isOver(reportIsEnough), Math.min(left, Math.min(overdue, Gate.lookAgainNanos())));
    }
  }

  /** A worker is about to leave: does what is overdue, should nobody else be able to. */
  void helpOut() {
    poolOut();
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
    floor.idle().settleDoubt();
    try {
      if (floor.delays().untilNext() <= 0) {
        StackProbe.ensure(); // What is half handed over would be lost.
        floor.delays().handOver();
      }
      crew.look();
      poolOut();
      if (left() < -OVERDUE_NANOS) {
        advance();
      }
      floor.timers().help();
      floor.errands().help();
    } catch (OutOfMemoryError | InternalError full) {
      // The next look does.
    }
  }
}
