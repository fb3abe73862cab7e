package io.threadpool;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * How a pool ends.
 *
 * <pre>
 *   running --begin--> draining --tick, begin(abort)--> aborting --tick--> grace ended
 *                         |                                |                   |
 *                         +------------ bodyLeft, the last one out ------------+--> terminated
 * </pre>
 *
 * <p>Implementation note. The close of the queue is where submissions and shutdown are ordered
 * ({@link TaskQueue#close}); this class only ever moves to the right. The monitor guards the
 * deadlines and which step was begun; no user code runs under it. {@link #bodies} counts the
 * workers and the guests: whoever takes it to zero is the last body out, and completes the
 * termination.
 */
final class Lifecycle {

  private static final long NEVER = Long.MAX_VALUE;
  private static final long NOT_YET = -1;

  /** How long a wait lasts at the most before it looks again at what is due. */
  private static final long LOOK_AGAIN_NANOS = 1_000_000_000L;

  /** After how long the keeper tries again what it had no memory for. */
  private static final long RETRY_NANOS = 1_000_000;

  /** The length of the list that an abort makes beforehand, at the most. */
  private static final int MOST_LISTED = 1 << 30;

  private final PoolCore core;
  private final long graceNanos;

  /** Workers that have not left, and guests. Written by CAS, by those and by {@link #enterBody}. */
  private final AtomicInteger bodies;

  private final Object monitor = new Object();
  final Gate ended = new Gate();

  /** Guarded by the monitor; {@link #begun} also read without, as a hint. */
  private volatile boolean begun;

  /** When the first policy was started; nanoTime. Guarded by the monitor, as are the next two. */
  private long begunAt;

  /** When to abort, as nanoseconds after {@link #begunAt}; {@link #NEVER} to drain without end. */
  private long abortAfter = NEVER;

  /** When the abort was carried out, from where the grace counts; {@link #NOT_YET} until then. */
  private long graceFrom = NOT_YET;

  /**
   * Whether the handles of what was aborted are being told; the grace does not end before, within
   * reason. Written under the monitor, and by who has told them.
   */
  private volatile boolean telling;

  /**
   * Written under the monitor, before the workers are interrupted; read by them before each body.
   */
  private volatile boolean aborting;

  /** Written by who ends the grace, before it looks at the bodies; read by them after they end. */
  private volatile boolean graceEnded;

  private volatile boolean terminated;
  private volatile @Nullable TerminationReport report;
  private volatile @Nullable Thread keeper;

  /** Set where the keeper could not be started; then who waits for the end does its work. */
  private volatile boolean waitersKeepDeadline;

  Lifecycle(PoolCore core, int workers, Duration abortGrace) {
    this.core = core;
    graceNanos = Checks.saturatedNanos(abortGrace);
    bodies = new AtomicInteger(workers);
  }

  boolean isAborting() {
    return aborting;
  }

  boolean hasGraceEnded() {
    return graceEnded;
  }

  boolean isTerminated() {
    return terminated;
  }

  Optional<TerminationReport> report() {
    return Optional.ofNullable(report);
  }

  /** True once {@link #report} is there and final: nothing runs any more, or what does is stuck. */
  private boolean isReported() {
    return terminated || (graceEnded && report != null);
  }

  /**
   * Starts a policy, or escalates to it.
   *
   * @param caller the innermost frame of the pool on the calling thread, which its own call does
   *     not interrupt
   * @return what this call aborted before it had started
   */
  List<Runnable> begin(ShutdownPolicy policy, @Nullable Frame caller) {
    boolean first;
    boolean now = policy.drainNanos() == 0;
    boolean quiet = core.isDropped();
    synchronized (monitor) {
      long time = System.nanoTime();
      first = !begun;
      if (first) {
        begunAt = time;
        begun = true;
      }
      if (policy.hasDeadline() && !now) {
        abortAfter = Math.min(abortAfter, saturatedAdd(time - begunAt, policy.drainNanos()));
      }
    }
    core.closeQueue();
    if (first && !quiet) {
      core.logShuttingDown(); // Before an abort: a logger is user code, and may wait for the pool.
    }
    List<Runnable> unstarted = now ? abortIfDue(caller, true) : new ArrayList<>();
    if (policy.hasDeadline()) {
      startKeeper();
    }
    return unstarted;
  }

  private static long saturatedAdd(long a, long b) {
    long sum = a + b;
    return sum < 0 ? NEVER : sum;
  }

  /** Under the monitor. */
  private boolean isAbortDue() {
    return !aborting && abortAfter != NEVER && System.nanoTime() - begunAt >= abortAfter;
  }

  /**
   * Aborts if that is due and was not done. From when the pool says that it aborts, nobody but this
   * call settles what is queued; so the list is made before, and nothing that is thrown for want of
   * memory keeps it from going on.
   *
   * @param now whether it is due now, so that this call, and no other, does it and returns the list
   * @return what this call aborted
   */
  private List<Runnable> abortIfDue(@Nullable Frame caller, boolean now) {
    synchronized (monitor) {
      if (now ? aborting : !isAbortDue()) {
        return new ArrayList<>();
      }
    }
    List<Object> claimed = new ArrayList<>((int) Math.min(core.queue.length(), MOST_LISTED));
    boolean counted;
    synchronized (monitor) {
      if (now) {
        abortAfter = Math.min(abortAfter, System.nanoTime() - begunAt);
      }
      if (!isAbortDue()) {
        return new ArrayList<>();
      }
      counted = enterBody(); // Before workers leave on account of the abort.
      aborting = true;
    }
    return abort(caller, claimed, counted);
  }

  /**
   * Carries the abort out: decides, interrupts, lets the grace begin, and only then tells the
   * handles, which runs the user's dependent stages. It counts as a body meanwhile, so that the
   * pool does not terminate while what was taken from the queue is not settled: the workers take
   * nothing more.
   */
  private List<Runnable> abort(@Nullable Frame caller, List<Object> claimed, boolean counted) {
    core.claimUnstarted(claimed);
    core.idle.wakeAll();
    core.interruptBodies(caller);
    synchronized (monitor) {
      telling = true;
      graceFrom = System.nanoTime() - begunAt;
    }
    startKeeper();
    if (Thread.currentThread() == keeper && !claimed.isEmpty()) {
      try {
        if (core.runElsewhere(() -> publishAborts(claimed, counted))) {
          return List.of();
        }
      } catch (OutOfMemoryError full) {
        // So on this thread.
      }
    }
    return publishAborts(claimed, counted);
  }

  @SuppressWarnings("unchecked") // Each entry is replaced by what was given.
  private List<Runnable> publishAborts(List<Object> claimed, boolean counted) {
    Frame before = Frame.current();
    try {
      Frame.restore(new Frame(core, false)); // Stages that run here may not wait for the pool.
    } catch (OutOfMemoryError full) {
      // Then they are not kept from it.
    }
    try {
      for (int i = 0; i < claimed.size(); i++) {
        claimed.set(i, core.publishAbort(claimed.get(i)));
      }
      return (List<Runnable>) (List<?>) claimed;
    } finally {
      Frame.restore(before);
      telling = false;
      LockSupport.unpark(keeper);
      if (counted) {
        bodyLeft();
      }
    }
  }

  /** Does what is due, and returns how long until there is more. */
  private long tick() {
    abortIfDue(null, false);
    boolean endGrace = false;
    long next;
    synchronized (monitor) {
      long now = System.nanoTime();
      if (aborting && graceFrom == NOT_YET) {
        next = NEVER;
      } else if (aborting) {
        long grace = telling ? Math.max(graceNanos, LOOK_AGAIN_NANOS) : graceNanos;
        next = grace - (now - begunAt - graceFrom);
        endGrace = next <= 0 && !graceEnded && !terminated;
        graceEnded = graceEnded || endGrace;
      } else {
        next = abortAfter == NEVER ? NEVER : abortAfter - (now - begunAt);
      }
    }
    if (endGrace) {
      endGrace();
    }
    return next;
  }

  /** Settles what is stuck, and reports it; counts as a body meanwhile, as an abort does. */
  private void endGrace() {
    boolean counted = enterBody();
    List<StuckTask> stuck = new ArrayList<>();
    try {
      core.settleStuck(stuck);
    } finally {
      makeReport(stuck);
      if (counted) {
        bodyLeft();
      }
    }
  }

  /** Starts the thread that keeps the deadline; where it cannot be started, waiters keep it. */
  private void startKeeper() {
    synchronized (monitor) {
      if (keeper != null || terminated || graceEnded) {
        LockSupport.unpark(keeper);
        return;
      }
    }
    Throwable noThread = newKeeper();
    if (noThread != null) {
      waitersKeepDeadline = true;
      core.events.noKeeper(noThread);
    }
  }

  /** Starts a keeper, unless another has come first; returns what kept it from that, or null. */
  private @Nullable Throwable newKeeper() {
    Thread thread;
    try {
      thread = new Thread(null, this::keepDeadline, core.name() + "-deadline", 0, false);
      thread.setDaemon(true);
    } catch (Throwable noMemory) {
      return noMemory;
    }
    synchronized (monitor) {
      if (keeper != null) {
        return null;
      }
      keeper = thread; // Before the start, so that who terminates the pool can wake it.
      try {
        thread.start();
        return null;
      } catch (OutOfMemoryError noThread) {
        keeper = null;
        return noThread;
      }
    }
  }

  private void keepDeadline() {
    while (!terminated && !graceEnded) {
      long nanos = RETRY_NANOS;
      try {
        nanos = tick();
      } catch (OutOfMemoryError full) {
        // Again, then.
      }
      if (nanos > 0 && !terminated) {
        LockSupport.parkNanos(this, nanos);
      }
    }
  }

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
        makeReport(List.of());
      } finally {
        terminated = true;
        LockSupport.unpark(keeper);
        ended.signalAll();
        core.terminated();
      }
    }
  }

  /** Counts a worker out whose thread could not be started; true where others are left. */
  boolean workerLost() {
    return bodies.decrementAndGet() > 0;
  }

  private void makeReport(List<StuckTask> stuck) {
    Counts counts = balancedCounts();
    synchronized (monitor) {
      if (report == null) {
        Duration elapsed = Duration.ofNanos(System.nanoTime() - begunAt);
        report = new TerminationReport(core.size(), counts, core.openStages(), elapsed, stuck);
      }
    }
    ended.signalAll();
  }

  /**
   * The counts when every task's outcome is decided. Who decides counts a few instructions later, a
   * canceller, say, on a thread of its own; so this waits until the books balance, within reason.
   */
  private Counts balancedCounts() {
    long start = System.nanoTime();
    Counts counts = core.counts();
    while (!counts.isBalanced() && System.nanoTime() - start < LOOK_AGAIN_NANOS) {
      Gate.pause();
      counts = core.counts();
    }
    return counts;
  }

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
      core.idle.settleDoubt();
      if (begun) {
        core.buryDeadWorkers();
      }
      if (terminated || (reportIsEnough && isReported())) {
        return true;
      }
      long left = nanos == NEVER ? NEVER : nanos - (System.nanoTime() - start);
      if (left <= 0) {
        return false;
      }
      long next = waitersKeepDeadline && !graceEnded ? tick() : NEVER;
      if (next > 0) {
        ended.await(
            () -> terminated || (reportIsEnough && isReported()),
            Math.min(
                left, Math.min(next, telling && next != NEVER ? RETRY_NANOS : LOOK_AGAIN_NANOS)));
      }
    }
  }
}
