package io.threadpool;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture.AsynchronousCompletionTask;
import java.util.concurrent.Future;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;

/**
 * The engine of a pool: what its parts are, and how a task moves between them.
 *
 * <p>Implementation note. Workers, hooks and the cleaner hold this object and never the {@link
 * PoolHandle}, which only the user, tasks and stages hold; so a pool that nobody can submit to any
 * more is noticed.
 *
 * <p>Queued is a state that a task leaves once: by the worker that takes and claims it, a joiner or
 * caller that claims it ({@link #leftQueue}), or whoever settles it unclaimed. Each gives the
 * permit back.
 */
class PoolCore {

  private static final Worker[] NOBODY = {};

  /** How long who has aborted waits for user code that is late. */
  private static final long LATE_NANOS = 100_000_000L;

  final TaskQueue queue;
  final IdleWorkers idle;
  final Ledger ledger;
  final Lifecycle lifecycle;
  final Abort abort;
  final Timers timers;
  final Errands errands;
  final Events events;
  final Joins joins;

  /** For those that wait for a body to have left its thread. */
  final Gate stopped;

  final Guests guests;
  private final PoolConfig config;
  final Worker[] workers;
  private final Quiescence quiescence;
  private final Admission admission;

  /** How many workers could be started. Written while the pool is built. */
  private volatile int size;

  final Watch watch;
  final Sweeping sweeping;

  /** Set where the pool was found unreachable and this has not been told yet. */
  private final AtomicBoolean dropped;

  /** What handles share that were aborted and have no stages, by reason. */
  private final @Nullable TaskAbortedException[] aborted;

  /** What is to be undone when the pool has terminated; set while the pool is built. */
  private volatile Runnable onTerminated = () -> {};

  PoolCore(PoolConfig config) {
    this(config, Events.LOG);
  }

  PoolCore(PoolConfig config, Logger log) {
    this.config = config;
    size = config.size;
    queue = newQueue(config.roughLimit);
    ledger = new Ledger(size);
    Parker[] parkers = new Parker[size];
    workers = new Worker[size];
    for (int i = 0; i < size; i++) {
      parkers[i] = new Parker(i);
      workers[i] = new Worker(this, i, parkers[i], ledger.tally(i));
    }
    idle = new IdleWorkers(parkers);
    events = new Events(log, config.name, config.uncaughtHandler);
    timers = newTimers();
    errands = newErrands();
    lifecycle = new Lifecycle(this, size, config.abortGrace);
    abort = new Abort(this);
    joins = new Joins(this, Checks.saturatedNanos(config.joinWarning));
    guests = new Guests(this);
    quiescence = new Quiescence(this);
    admission = new Admission(this, config.capacity, config.saturationPolicy);
    watch = new Watch(this);
    sweeping = new Sweeping(queue);
    stopped = new Gate();
    dropped = new AtomicBoolean();
    aborted = new TaskAbortedException[TaskAbortedException.Reason.values().length];
  }

  /**
   * What remains of a terminated one: what it has still to answer with, and none of its workers,
   * handlers or queue. Parts that have nothing to do any more are shared.
   *
   * @param parts where those are from
   */
  private PoolCore(PoolCore ended, PoolCore parts) {
    config = parts.config;
    size = ended.size;
    ledger = new Ledger(ended.ledger, parts.ledger);
    events = new Events(ended.events);
    lifecycle = new Lifecycle(this, parts.lifecycle, ended.lifecycle.report().orElse(null));
    admission = new Admission(this, 0, config.saturationPolicy);
    aborted = ended.aborted;
    queue = TaskQueue.ENDED;
    workers = NOBODY;
    idle = IdleWorkers.NONE;
    timers = parts.timers;
    errands = parts.errands;
    abort = parts.abort;
    joins = parts.joins;
    guests = parts.guests;
    quiescence = parts.quiescence;
    watch = parts.watch;
    sweeping = parts.sweeping;
    stopped = parts.stopped;
    dropped = parts.dropped;
  }

  /** What remains of this terminated one. */
  PoolCore remains() {
    return new PoolCore(this, Ended.PARTS);
  }

  /** Made when the first pool has ended. */
  private static final class Ended {
    static final PoolCore PARTS = parts();

    private static PoolConfig config() {
      return new PoolConfig(
          "ended",
          1,
          ShutdownPolicy.drain(),
          Duration.ZERO,
          null,
          0,
          Long.MAX_VALUE,
          SaturationPolicy.reject(),
          null,
          null,
          Duration.ZERO,
          null);
    }

    /** Those of a pool of nobody, which has terminated. */
    private static PoolCore parts() {
      PoolCore core =
          new PoolCore(config()) {
            @Override
            Errands newErrands() {
              return new Errands(timers, Thread::new); // Without anybody's class loader.
            }
          };
      core.closeQueue();
      core.lifecycle.workerLost();
      return core;
    }
  }

  /** A seam for models, in which no time passes. */
  Timers newTimers() {
    return Timers.SHARED;
  }

  /** A seam for tests that run errands on the thread that posts them. */
  Errands newErrands() {
    ClassLoader loader = Thread.currentThread().getContextClassLoader();
    return new Errands(
        timers, errand -> Threads.daemon(name() + "-errand", () -> runErrand(errand), loader));
  }

  /** The user code in it may not wait for the pool. */
  private void runErrand(Runnable errand) {
    Frame.restore(new Frame(this, false));
    errand.run();
  }

  /** A seam for tests that stop a producer amid an offer. */
  TaskQueue newQueue(long roughLimit) {
    return new TaskQueue(TaskQueue.DEFAULT_SEGMENT_SIZE, roughLimit);
  }

  /** Called by each worker before it polls; a test overrides it to break the loop. */
  void onLoop(int worker) {}

  /**
   * Called by a worker between finding nothing and asking whether the queue is drained; for tests.
   */
  void onEmpty(int worker) {}

  /**
   * Starts the workers.
   *
   * @throws IllegalStateException if not one could be started
   */
  void start(ThreadFactory factory) {
    watch.expect(size);
    Throwable cause = null;
    int started = size;
    for (Worker worker : workers) {
      Throwable failed = WorkerStart.start(worker, factory);
      if (failed != null) {
        cause = failed;
        started--;
        size = started;
        watch.expect(-1);
        events.workerNotStarted(worker.id, failed);
        lifecycle.workerLost();
      }
    }
    if (started == 0) {
      queue.close();
      throw new IllegalStateException(
          "No worker of pool " + name() + " could be started: " + cause, cause);
    }
  }

  /** Runs the only worker on the calling thread, to the end of the closed queue. */
  void runWorkerHere() {
    watch.expect(1);
    workers[0].assign(Thread.currentThread());
    workers[0].run();
  }

  String name() {
    return events.pool;
  }

  int size() {
    return size;
  }

  ShutdownPolicy shutdownPolicy() {
    return config.shutdownPolicy;
  }

  PoolConfig config() {
    return config;
  }

  // Submitting.

  void execute(Runnable command) {
    admission.accept(entryFor(command));
  }

  void accept(Task<?> task) {
    admission.accept(task);
  }

  Admission admission() {
    return admission;
  }

  private Object entryFor(Runnable command) {
    UnaryOperator<Runnable> decorator = config.decorator;
    Runnable body = decorator == null ? command : DecoratedBody.decorate(decorator, command);
    return body != command || command instanceof Task<?> ? new Wrapped(command, body) : command;
  }

  /** The body of a task: what the user gave, or a call that runs it decorated. */
  Object bodyFor(Object given, boolean callable) {
    UnaryOperator<Runnable> decorator = config.decorator;
    return decorator == null ? given : DecoratedBody.of(decorator, given, callable);
  }

  // Running.

  /** Runs a raw command; what it throws goes to the handler. */
  Outcome runRaw(Object entry, Thread.@Nullable UncaughtExceptionHandler makers) {
    try {
      (entry instanceof Wrapped wrapped ? wrapped.body : (Runnable) entry).run();
      return Outcome.COMPLETED;
    } catch (Throwable thrown) {
      events.uncaught(thrown, makers);
      return Outcome.FAILED;
    }
  }

  /** Runs a queued task on the calling thread if that has a body of this pool on its stack. */
  void runIfJoiner(Task<?> task) {
    if (isOnThisStack()) {
      runHere(task);
    }
  }

  /** Whether the calling thread runs a body of this pool, or tells the handles of an abort. */
  boolean isOnThisStack() {
    return Frame.of(this) != null;
  }

  /**
   * Runs a queued task on the calling thread, unless somebody else claims it first, or is about to
   * abort it.
   */
  void runHere(Task<?> task) {
    if (!lifecycle.isAborting()) {
      guests.run(task);
    }
  }

  // Leaving the queue.

  /** A worker has claimed the entry that it took. */
  void tookLive() {
    admission.releasePermit();
  }

  /** An entry that was taken from the queue proved dead. */
  void tookDead(Task<?> task) {
    sweeping.took(task);
  }

  /**
   * A task was claimed or settled by somebody who did not take it from the queue, where its entry
   * is now dead, or who did.
   */
  void leftQueue(boolean removed) {
    admission.releasePermit();
    if (!removed) {
      sweeping.died();
    }
  }

  // Counting and looking.

  void count(Outcome outcome, Ledger.@Nullable Tally tally) {
    boolean byBody = outcome == Outcome.COMPLETED || outcome == Outcome.FAILED;
    if (tally != null && byBody) {
      tally.count(outcome);
    } else {
      ledger.count(outcome);
    }
  }

  Counts counts() {
    return ledger.counts(queue);
  }

  long openStages() {
    return ledger.openStages();
  }

  long queued() {
    if (queue.isDrained()) {
      return 0;
    }
    long exact = admission.queued();
    return exact >= 0 ? exact : sweeping.alive();
  }

  /** How many threads run a body of the pool. */
  int active() {
    int active = guests.active();
    for (Worker worker : workers) {
      Frame frame = worker.frame();
      if (frame != null && isActive(frame.entry())) {
        active++;
      }
    }
    return active;
  }

  /** Not one that a worker is about to pass over. */
  private static boolean isActive(@Nullable Object entry) {
    return entry instanceof Task<?> task ? task.hasStarted() || task.isQueued() : entry != null;
  }

  PoolStats stats() {
    Counts counts = lifecycle.report().map(TerminationReport::counts).orElseGet(this::counts);
    return new PoolStats(size, active(), queued(), counts, ledger.rejected());
  }

  List<Thread> workerThreads() {
    List<Thread> threads = new ArrayList<>();
    for (Worker worker : workers) {
      Frame frame = worker.frame();
      if (frame != null) {
        threads.add(frame.thread);
      }
    }
    return threads;
  }

  void logShuttingDown() {
    if (events.isDebug()) {
      errands.post(
          () -> {
            for (Worker worker : workers) {
              if (worker.frame() != null) {
                events.shuttingDown(worker.id);
              }
            }
          });
    }
  }

  Quiescence quiescence() {
    return quiescence;
  }

  /** A body has ended, or a queued task was settled: who waits for idleness may be told. */
  void maybeIdle() {
    quiescence.check();
  }

  /**
   * Whether a worker that sees the head move may conclude that other workers move it: not where
   * there is none, and not where submitters discard what is oldest.
   */
  boolean othersMoveHead() {
    return size > 1 && !config.saturationPolicy.discardsOldest();
  }

  boolean isIdleAwaited() {
    return quiescence.isAwaited();
  }

  // Ending.

  /** Refuses a wait for the pool that the calling thread, by running a body of it, prevents. */
  void refuseSelfWait(String what) {
    if (isOnThisStack()) {
      throw new IllegalStateException(
          what + " of pool " + name() + " may not be called by a task of that pool");
    }
  }

  /** Drains a pool that nobody holds any more. On the cleaner's thread: neither waits nor logs. */
  void drop() {
    if (!queue.isClosed()) {
      dropped.set(true);
      lifecycle.begin(ShutdownPolicy.drain(), null);
    }
  }

  boolean isDropped() {
    return dropped.get();
  }

  /** A worker has left its loop. */
  void workerLeft(int worker) {
    if (dropped.compareAndSet(true, false)) {
      events.dropped(config.builtAt);
    }
    events.workerLeft(worker);
  }

  /** Starts a policy, without interrupting the caller if it runs a body of this pool. */
  List<Runnable> shutdown(ShutdownPolicy policy) {
    StackProbe.ensure();
    return lifecycle.begin(policy, Frame.of(this));
  }

  /**
   * Aborts; where the pool aborts already, interrupts again what runs, but for the caller. Waits
   * for the errands, as long as they come back.
   */
  List<Runnable> shutdownNow() {
    boolean again = lifecycle.isAborting();
    List<Runnable> unstarted = shutdown(ShutdownPolicy.abort());
    if (again) {
      abort.interruptBodies(Frame.of(this)); // Who began the abort was not interrupted by it.
    } else {
      awaitErrands();
    }
    return unstarted;
  }

  /** Waits for what is to be told, no longer than the grace, and less where that is late. */
  private void awaitErrands() {
    errands.awaitQuiet(Checks.saturatedNanos(config.abortGrace), LATE_NANOS);
  }

  /** Waits a little for what the end has still to tell. */
  void awaitLastErrands() {
    errands.awaitQuiet(LATE_NANOS, LATE_NANOS);
  }

  boolean isAborting() {
    return lifecycle.isAborting();
  }

  void closeQueue() {
    queue.close();
    admission.close();
    idle.wakeAll();
  }

  /** As {@link Abort#claim}. */
  boolean claimUnstarted() {
    return abort.claim();
  }

  /**
   * Aborts an entry that the caller has taken out of the queue; false where it was dead already.
   * Runs no user code; it is to be told.
   */
  boolean claimForAbort(Object entry, TaskAbortedException.Reason reason) {
    if (!(entry instanceof Task<?> task)) {
      ledger.count(Outcome.ABORTED);
      if (given(entry) instanceof AsynchronousCompletionTask) {
        ledger.countOpenStage();
      }
      admission.releasePermit();
      return true;
    }
    if (task.abortUnstarted(reason)) {
      return true;
    }
    tookDead(task);
    return false;
  }

  /** What was given to {@code execute}, or the handle of what was submitted. */
  static Runnable given(Object entry) {
    return entry instanceof Wrapped wrapped ? wrapped.original : (Runnable) entry;
  }

  /** The exception that aborted handles share. */
  TaskAbortedException aborted(TaskAbortedException.Reason reason) {
    synchronized (aborted) {
      TaskAbortedException shared = aborted[reason.code];
      if (shared == null) {
        shared = TaskAbortedException.shared(reason, name());
        aborted[reason.code] = shared;
      }
      return shared;
    }
  }

  /** Cancels an aborted command that is itself a future; user code. */
  void cancelGiven(Object entry) {
    if (given(entry) instanceof Future<?> future
        && !(future instanceof AsynchronousCompletionTask)) {
      try {
        future.cancel(false);
      } catch (Throwable thrown) {
        events.cancelFailed(thrown);
      }
    }
  }

  /** Tells an aborted entry on the calling thread; where it is held up, an errand goes on. */
  void tellHere(Object entry) {
    if (!(entry instanceof Task<?> task)) {
      cancelGiven(entry);
    } else if (task.getNumberOfDependents() < 2) {
      task.publishAbort();
    } else {
      errands.here(
          new Errands.Errand() {
            @Override
            boolean next() {
              beginPiece();
              task.publishAbort();
              return false;
            }
          });
    }
  }

  void onTerminated(Runnable action) {
    onTerminated = action;
    if (lifecycle.isTerminated()) {
      action.run();
    }
  }

  /** The last body is out. */
  void terminated() {
    quiescence.check();
    onTerminated.run();
    if (events.isDebug()) {
      errands.post(events::terminated);
    }
  }
}
