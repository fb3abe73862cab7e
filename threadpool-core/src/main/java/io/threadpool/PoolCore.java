package io.threadpool;

import io.threadpool.RejectedTaskException.Reason;
import io.threadpool.internal.Errands;
import io.threadpool.internal.Gate;
import io.threadpool.internal.Headcount;
import io.threadpool.internal.HeldSlot;
import io.threadpool.internal.IdleWorkers;
import io.threadpool.internal.Parker;
import io.threadpool.internal.StackProbe;
import io.threadpool.internal.Starter;
import io.threadpool.internal.TaskQueue;
import io.threadpool.internal.Threads;
import io.threadpool.internal.Timers;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ThreadFactory;
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

  final TaskQueue queue;
  final IdleWorkers idle;
  final Ledger ledger;
  final Backlog backlog;
  final Delays delays;
  final Admission admission;
  final Bodies bodies;
  final Guests guests;
  final Crew crew;
  final TaskWatch watch;
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
    this(config, log, Events.SIGHT);
  }

  PoolCore(PoolConfig config, Logger log, Sight sight) {
    super(
        new Events(log, config.name(), config.uncaughtHandler(), sight),
        new TaskAbortedException[TaskAbortedException.Reason.values().length],
        new Gate());
    this.config = config;
    timers = newTimers();
    errands = newErrands();
    queue = newQueue(config.roughLimit());
    ledger = newLedger();
    count = new BodyCount(this);
    Parker[] parkers = Places.parkers(config.places());
    idle = new IdleWorkers(parkers);
    quiescence = new Quiescence(ledger, queue, idle, this);
    backlog = newBacklog();
    delays =
        new Delays(backlog.beside, ledger, quiescence, idle, signal, events, timers, errands, this);
    bodies = new Bodies(ledger, events, signal, this);
    guests = new Guests(count, queue, quiescence, bodies);
    crew = config.virtual() ? virtualCrew() : threadCrew(parkers);
    admission = new Admission(backlog, config.saturationPolicy(), idle, guests, this);
    abort = newAbort();
    watch = new TaskWatch(config.patience(), bodies, crew, guests, backlog, timers, errands);
    Lifecycle.Parts parts =
        new Lifecycle.Parts(
            signal, count, ledger, backlog, delays, idle, crew, abort, timers, errands);
    lifecycle = new Lifecycle(parts, config.abortGrace(), this);
  }

  private Crew threadCrew(Parker[] parkers) {
    Worker.Floor floor =
        new Worker.Floor(
            signal,
            count,
            backlog,
            delays,
            idle,
            bodies,
            ledger,
            quiescence,
            events,
            new Headcount(Checks.saturatedNanos(config.keepAlive()), signal),
            new AtomicInteger(),
            newSeam(),
            this);
    if (!config.daemon()) {
      floor.headcount().keepOneFor(backlog.beside);
    }
    Places places = new Places(parkers, floor, standsDown());
    Carrier carrier = new Carrier(places, floor, new WorkerThreads(name(), config.daemon()));
    Watch watch = new Watch(places, carrier, floor, timers, errands);
    Growth growth = new Growth(places, carrier, floor, watch, timers, errands);
    growth.use(newStarter(growth));
    return new ThreadCrew(floor, places, carrier, growth, watch, guests, config);
  }

  private Crew virtualCrew() {
    return new VirtualCrew(
        backlog, delays, bodies, quiescence, timers, newRunFactory(), config.max(), guests, this);
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
    return new Ledger(config.places(), queue);
  }

  Backlog newBacklog() {
    return new Backlog(queue, config.capacity(), idle, ledger, events);
  }

  Abort newAbort() {
    return new Abort(backlog, delays, crew, guests, events, errands, this);
  }

  /**
   * Whether a worker that sees the head move may conclude that other workers move it, and stand
   * down: not where there is none, and not where submitters discard what is oldest.
   */
  boolean standsDown() {
    return config.max() > 1 && !config.saturationPolicy().discardsOldest();
  }

  /** For models, in which the thread that decides starts the others. */
  Starter newStarter(Starter.Work work) {
    return new Starter(work, name() + "-starter", config.daemon());
  }

  /** For models, and for tests on a Java without virtual threads. */
  ThreadFactory newRunFactory() {
    return VirtualThreads.factory(name());
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
  void start(@Nullable ThreadFactory factory) {
    Throwable cause = crew.start(factory);
    if (cause != null) {
      backlog.close();
      throw new IllegalStateException(
          "No worker of pool " + name() + " could be started: " + Failures.printable(cause), cause);
    }
  }

  @Override
  void execute(Runnable command) {
    Runnable body = decorated(command);
    boolean wrapped = body != command || command instanceof Task<?>;
    accept(wrapped ? new Wrapped(command, body) : command);
  }

  @Override
  Runnable decorated(Runnable command) {
    UnaryOperator<Runnable> decorator = config.decorator();
    return decorator == null ? command : DecoratedBody.decorate(decorator, command);
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
  boolean tryDelay(Object delay, long nanos) {
    boolean accepted = delays.add((Delay<?>) delay, nanos);
    try {
      if (accepted && crew.mayGrow()) {
        crew.look(); // One run may be kept for it.
      }
    } catch (Throwable noStackOrMemory) {
      idle.doubtful = true; // Who waits looks again.
    }
    return accepted;
  }

  @Override
  RejectedTaskException rejection(Reason reason) {
    ledger.countRejected();
    Reason told = isShutdown() ? Reason.SHUTDOWN : reason;
    boolean full = told == Reason.SATURATED || told == Reason.TIMEOUT;
    long queued = full ? backlog.queuedWhenFull() : backlog.queued();
    return events.sight.rejected(new RejectedTaskException(told, name(), crew.size(), queued));
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
    int workers = crew.alive();
    return new PoolStats(
        crew.size(),
        isTerminated() ? 0 : workers, // Who has taken part in that to the last may yet count.
        crew.largest(),
        active,
        backlog.queued(),
        delays.size(),
        counts,
        ledger.rejected(),
        Latencies.of(ledger.waits),
        Latencies.of(ledger.runs),
        backlog.oldest());
  }

  @Override
  int largestSize() {
    return config.virtual() ? PoolConfig.MAX_VIRTUAL : PoolConfig.MAX_THREADS;
  }

  @Override
  void resize(int min, int max) {
    if (!isShutdown()) {
      crew.resize(min, max);
      admission.alert();
    }
  }

  @Override
  List<RunningTask> runningTasks() {
    return RunningTask.on(abort.roots());
  }

  @Override
  long startOf(Object task) {
    return RunningTask.startOf(task, abort.roots());
  }

  @Override
  boolean awaitIdle(long nanos) throws InterruptedException {
    refuseSelfWait("awaitIdle");
    long start = System.nanoTime();
    long left = nanos;
    while (!quiescence.await(Math.min(left, timers.helpNanos()))) {
      timers.help();
      left = nanos - (System.nanoTime() - start);
      if (left <= 0) {
        return false;
      }
    }
    return true;
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
      interrupted = crew.joinThreads();
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
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
    return new EndedPool(this, report, crew.size(), crew.largest(), ledger);
  }

  // What tasks ask.

  @Override
  Errands errands() {
    return errands;
  }

  @Override
  Timers timers() {
    return timers;
  }

  @Override
  void commandFailed(Runnable command, Throwable thrown, @Nullable HeldSlot frame) {
    events.uncaught(thrown, frame == null ? null : ((Frame) frame).makersHandler());
    if (frame == null) {
      backlog.cancel(command); // It has not started, and will not.
    }
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
  DelayHost delays() {
    return delays;
  }

  @Override
  void beforeWaiting() {
    idle.settleDoubt();
    timers.help();
    if (crew.mayGrow()) {
      crew.look();
    }
  }

  @Override
  boolean isOnThisStack() {
    return guests.innermost() != null;
  }

  @Override
  boolean isAwaitedOn(Thread thread) {
    return Frame.isAwaitedOn(thread);
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

  @Override
  void help(Object task) {
    if (!isAborting()) {
      crew.help((Task<?>) task);
    }
  }

  // What the parts tell.

  @Override
  public boolean nothingRuns() {
    return guests.active() == 0 && crew.nothingRuns();
  }

  @Override
  public void onLastOut() {
    lifecycle.lastOut();
  }

  @Override
  public boolean isComplete() {
    return crew.isComplete();
  }

  @Override
  public void onNobodyAwake() {
    crew.nobodyAwake();
  }

  @Override
  public void onMoreFound() {
    crew.moreFound();
  }

  @Override
  public void onUnwatched() {
    watch.begin();
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
  public void onNotStarted() {
    admission.alert();
  }

  @Override
  public void onNothingBeside() {
    if (isShutdown()) {
      idle.wakeAll();
      lifecycle.poolOut();
    } else {
      crew.nothingBeside();
    }
  }

  @Override
  public void onRoom() {
    crew.look();
  }

  @Override
  public void onLeaving() {
    lifecycle.helpOut();
  }

  @Override
  public void onNotBegun() {
    lifecycle.poolOut();
  }

  @Override
  public void onLeft(int worker, boolean ended) {
    tellDropped();
    events.workerLeft(worker, ended);
  }

  private void tellDropped() {
    if (dropped.compareAndSet(true, false)) {
      events.dropped(config.builtAt());
    }
  }

  @Override
  public void onShutdown() {
    try {
      events.sight.shutdown(name(), backlog.queued());
    } catch (Throwable noStackOrMemory) {
      // It shows nowhere.
    }
    if (events.isDebug() && !dropped.get()) {
      errands.post(() -> crew.numbers().forEach(events::shuttingDown));
    }
  }

  @Override
  public void onTerminated() {
    watch.end();
    quiescence.check();
    Runnable action = whenTerminated;
    if (action != null) {
      action.run();
    }
    if (dropped.get()) { // No worker was there to tell it.
      errands.post(this::tellDropped);
    }
    if (events.isDebug()) {
      errands.post(events::terminated);
    }
  }
}
