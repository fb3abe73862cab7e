package io.threadpool;

import io.threadpool.RejectedTaskException.Reason;
import io.threadpool.internal.Errands;
import io.threadpool.internal.Gate;
import io.threadpool.internal.IdleWorkers;
import io.threadpool.internal.Parker;
import io.threadpool.internal.StackProbe;
import io.threadpool.internal.TaskQueue;
import io.threadpool.internal.Threads;
import io.threadpool.internal.Timers;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;

/**
 * A pool that runs: builds the parts, and passes on to them what the user asks for.
 *
 * <p>Implementation note. Workers, hooks and the cleaner hold this object and never the {@link
 * PoolHandle}, which only the user, tasks and stages hold; so a pool that nobody can submit to any
 * more is noticed.
 */
class PoolCore extends PoolEngine implements Observer {

  /** How long who has aborted, or closed, waits for user code that is late. */
  private static final long LATE_NANOS = 100_000_000L;

  /** How long the threads of workers that have left may take to end. */
  private static final long JOIN_NANOS = 1_000_000_000L;

  final TaskQueue queue;
  final IdleWorkers idle;
  final Ledger ledger;
  final Backlog backlog;
  final Admission admission;
  final Bodies bodies;
  final Guests guests;
  final Crew crew;
  final Watch watch;
  final Abort abort;
  final Lifecycle lifecycle;
  final Quiescence quiescence;
  final Timers timers;
  final Errands errands;
  final AbortSignal signal = new AbortSignal();
  final BodyCount count;
  private final PoolConfig config;

  /** Set where the pool was found unreachable and this has not been told yet. */
  private final AtomicBoolean dropped = new AtomicBoolean();

  /** What is to be undone when the pool has terminated; set while the pool is built. */
  private volatile @Nullable Runnable whenTerminated;

  PoolCore(PoolConfig config) {
    this(config, Events.LOG);
  }

  PoolCore(PoolConfig config, Logger log) {
    super(
        new Events(log, config.name(), config.uncaughtHandler()),
        new TaskAbortedException[TaskAbortedException.Reason.values().length],
        new Gate());
    this.config = config;
    int size = config.size();
    timers = newTimers();
    errands = newErrands();
    queue = newQueue(config.roughLimit());
    ledger = newLedger();
    count = new BodyCount(size, this);
    Parker[] places = Crew.places(size);
    idle = new IdleWorkers(places);
    quiescence = new Quiescence(ledger, queue, idle, this);
    backlog = newBacklog();
    bodies = new Bodies(ledger, events, signal);
    guests = new Guests(count, queue, quiescence, bodies);
    Worker.Floor floor =
        new Worker.Floor(
            signal,
            count,
            backlog,
            idle,
            bodies,
            ledger,
            quiescence,
            events,
            new AtomicInteger(),
            newSeam(),
            this);
    crew = new Crew(places, floor, standsDown());
    watch = new Watch(crew, queue, count, events, timers, errands, this);
    admission = new Admission(backlog, config.saturationPolicy(), idle, guests, crew.missing, this);
    abort = newAbort();
    Lifecycle.Parts parts =
        new Lifecycle.Parts(
            signal, count, ledger, backlog, idle, crew, watch, abort, timers, errands);
    lifecycle = new Lifecycle(parts, config.abortGrace(), this);
  }

  // Seams.

  /** For models, in which no time passes. */
  Timers newTimers() {
    return Timers.SHARED;
  }

  /** For tests that run errands on the thread that posts them. */
  Errands newErrands() {
    return new Errands(timers, new ErrandThreads());
  }

  /** Makes daemons with the builder's class loader, which run user code as a body would. */
  private final class ErrandThreads implements ThreadFactory {
    private final ClassLoader loader = Thread.currentThread().getContextClassLoader();

    @Override
    public Thread newThread(Runnable errand) {
      return Threads.daemon(name() + "-errand", () -> guests.asBody(errand), loader);
    }
  }

  /** For tests that stop a producer amid an offer. */
  TaskQueue newQueue(long roughLimit) {
    return new TaskQueue(TaskQueue.DEFAULT_SEGMENT_SIZE, roughLimit);
  }

  /** For tests in which a step fails, as are the next two. */
  Ledger newLedger() {
    return new Ledger(config.size(), queue);
  }

  Backlog newBacklog() {
    return new Backlog(queue, config.capacity(), idle, ledger, events);
  }

  Abort newAbort() {
    return new Abort(backlog, crew, guests, events, errands, this);
  }

  /**
   * Whether a worker that sees the head move may conclude that other workers move it, and stand
   * down: not where there is none, and not where submitters discard what is oldest.
   */
  boolean standsDown() {
    return config.size() > 1 && !config.saturationPolicy().discardsOldest();
  }

  /** For tests that break a worker's loop, or hold it up. */
  Worker.Seam newSeam() {
    return new Worker.Seam();
  }

  // The front.

  PoolConfig config() {
    return config;
  }

  /**
   * Starts the workers.
   *
   * @throws IllegalStateException if not one could be started
   */
  void start(ThreadFactory factory) {
    Throwable cause = crew.start(factory);
    if (cause != null) {
      queue.close();
      throw new IllegalStateException(
          "No worker of pool " + name() + " could be started: " + Failures.printable(cause), cause);
    }
  }

  @Override
  void execute(Runnable command) {
    UnaryOperator<Runnable> decorator = config.decorator();
    Runnable body = decorator == null ? command : DecoratedBody.decorate(decorator, command);
    boolean wrapped = body != command || command instanceof Task<?>;
    accept(wrapped ? new Wrapped(command, body) : command);
  }

  @Override
  Object bodyFor(Object given, boolean callable) {
    UnaryOperator<Runnable> decorator = config.decorator();
    return decorator == null ? given : DecoratedBody.of(decorator, given, callable);
  }

  @Override
  @Nullable Reason tryAccept(Object entry, long nanos) {
    return admission.tryAccept(entry, nanos);
  }

  @Override
  RejectedTaskException rejection(Reason reason) {
    ledger.countRejected();
    Reason told = isShutdown() ? Reason.SHUTDOWN : reason;
    boolean full = told == Reason.SATURATED || told == Reason.TIMEOUT;
    long queued = full ? backlog.queuedWhenFull() : backlog.queued();
    return new RejectedTaskException(told, name(), crew.size(), queued);
  }

  @Override
  boolean waitsForRoom() {
    return config.saturationPolicy().waits();
  }

  @Override
  PoolStats stats() {
    Optional<TerminationReport> report = report();
    Counts counts = report.isPresent() ? report.get().counts() : ledger.counts();
    int active = guests.active() + crew.active();
    return new PoolStats(crew.size(), active, backlog.queued(), counts, ledger.rejected());
  }

  @Override
  boolean awaitIdle(long nanos) throws InterruptedException {
    refuseSelfWait("awaitIdle");
    return quiescence.await(nanos);
  }

  // The end.

  @Override
  void shutdown() {
    shutdown(config.shutdownPolicy());
  }

  @Override
  List<Runnable> shutdown(ShutdownPolicy policy) {
    StackProbe.ensure();
    return lifecycle.begin(policy, callersFrame());
  }

  /** Null, too, where there is no memory to look: then the end must begin all the same. */
  private @Nullable Frame callersFrame() {
    try {
      return guests.innermost();
    } catch (OutOfMemoryError full) {
      return null;
    }
  }

  /**
   * Aborts; where the pool aborts already, interrupts again what runs, but for the caller. Waits
   * for the errands, no longer than the grace, and less where they are late.
   */
  @Override
  List<Runnable> shutdownNow() {
    boolean again = isAborting();
    List<Runnable> unstarted = shutdown(ShutdownPolicy.abort());
    if (again) {
      abort.interruptBodies(callersFrame()); // Who began the abort was not interrupted by it.
    } else {
      errands.awaitQuiet(Checks.saturatedNanos(config.abortGrace()), LATE_NANOS);
    }
    return unstarted;
  }

  @Override
  void close() {
    shutdown();
    refuseSelfWait("close");
    boolean interrupted = false;
    for (boolean over = false; !over; ) {
      try {
        lifecycle.awaitReport();
        over = true;
      } catch (InterruptedException e) {
        interrupted = true;
        shutdown(ShutdownPolicy.abort());
      }
    }
    errands.awaitQuiet(LATE_NANOS, LATE_NANOS); // What they log is told by now, if the log lets.
    if (!interrupted && isTerminated()) {
      interrupted = joinThreads();
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  /** Waits for the threads, whose work is over; returns whether the caller was interrupted. */
  private boolean joinThreads() {
    long start = System.nanoTime();
    try {
      for (Thread thread : crew.threads()) {
        long left = JOIN_NANOS - (System.nanoTime() - start);
        if (left <= 0) {
          return false;
        }
        TimeUnit.NANOSECONDS.timedJoin(thread, left);
      }
      return false;
    } catch (InterruptedException e) {
      return true;
    }
  }

  /** Drains a pool that nobody holds any more. On the cleaner's thread: neither waits nor logs. */
  void drop() {
    if (!isShutdown()) {
      dropped.set(true);
      lifecycle.begin(ShutdownPolicy.drain(), null);
    }
  }

  @Override
  boolean awaitTermination(long nanos) throws InterruptedException {
    refuseSelfWait("awaitTermination");
    return lifecycle.awaitTermination(nanos);
  }

  /** Refuses a wait for the pool that the calling thread, by running a body of it, prevents. */
  private void refuseSelfWait(String what) {
    if (isOnThisStack()) {
      throw new IllegalStateException(
          what + " of pool " + name() + " may not be called by a task of that pool");
    }
  }

  @Override
  boolean isShutdown() {
    return queue.isClosed();
  }

  @Override
  public boolean isTerminated() {
    return lifecycle.isTerminated();
  }

  @Override
  Optional<TerminationReport> report() {
    return lifecycle.report();
  }

  /** Has something done when the pool has terminated. */
  void whenTerminated(Runnable action) {
    whenTerminated = action;
    if (isTerminated()) {
      action.run();
    }
  }

  /** What remains of it when it has terminated. */
  EndedPool remains() {
    TerminationReport report = report().orElseThrow();
    return new EndedPool(this, report, ledger.rejected);
  }

  // What tasks ask.

  @Override
  Errands errands() {
    return errands;
  }

  @Override
  void decided(Outcome outcome, Ledger.@Nullable Tally tally) {
    ledger.count(outcome, tally);
  }

  @Override
  void decidedUnclaimed(Outcome outcome, boolean removed) {
    backlog.left(removed);
    ledger.count(outcome, null);
    quiescence.check();
  }

  @Override
  void claimedInQueue() {
    backlog.left(false);
  }

  @Override
  void beforeWaiting() {
    idle.settleDoubt();
  }

  @Override
  boolean isOnThisStack() {
    return guests.innermost() != null;
  }

  @Override
  boolean isAborting() {
    return signal.isAborting();
  }

  @Override
  void runHere(Object task) {
    if (!isAborting()) {
      guests.run((Task<?>) task);
    }
  }

  // What the parts tell.

  @Override
  public boolean nothingRuns() {
    return guests.active() == 0 && crew.active() == 0;
  }

  @Override
  public void onLastOut() {
    lifecycle.lastOut();
  }

  @Override
  public void onNobodyAwake() {
    watch.lookLater();
  }

  @Override
  public void onErrandOver() {
    lifecycle.errandOver();
  }

  /** What is queued is aborted. */
  @Override
  public void onNobodyLeft() {
    if (!isAborting()) {
      if (!isShutdown()) {
        abort.because(TaskAbortedException.Reason.NO_WORKER);
      }
      errands.post(events::noWorkerLeft);
      lifecycle.begin(ShutdownPolicy.drainFor(Duration.ofNanos(1)), null);
    }
  }

  @Override
  public void onLeaving() {
    lifecycle.helpOut();
  }

  @Override
  public void onLeft(int worker) {
    if (dropped.compareAndSet(true, false)) {
      events.dropped(config.builtAt());
    }
    events.workerLeft(worker);
  }

  @Override
  public void onShutdown() {
    if (events.isDebug() && !dropped.get()) {
      errands.post(() -> crew.started().forEach(events::shuttingDown));
    }
  }

  @Override
  public void onTerminated() {
    quiescence.check();
    Runnable action = whenTerminated;
    if (action != null) {
      action.run();
    }
    if (events.isDebug()) {
      errands.post(events::terminated);
    }
  }
}
