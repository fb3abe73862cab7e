package io.threadpool;

import io.threadpool.internal.Errands;
import io.threadpool.internal.Gate;
import io.threadpool.internal.Headcount;
import io.threadpool.internal.IdleWorkers;
import io.threadpool.internal.Parker;
import io.threadpool.internal.Spinner;
import io.threadpool.internal.Starter;
import io.threadpool.internal.TaskQueue;
import io.threadpool.internal.Threads;
import io.threadpool.internal.Timers;
import io.threadpool.internal.Yielder;
import java.time.Duration;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;

/**
 * The parts of a pool that runs, built and put together, and what they tell each other by way of
 * the {@link Observer}.
 *
 * <p>Implementation note. Workers, hooks and the cleaner hold this object and never the {@link
 * PoolHandle}, which only the user, tasks and stages hold; so a pool that nobody can submit to any
 * more is noticed.
 */
abstract class PoolParts extends PoolEngine implements Observer {

  final TaskQueue queue;

  /** Of all that wait for a handle, as is the next. */
  final Spinner spinner = new Spinner();

  final Yielder yielder;

  final IdleWorkers idle;
  final Ledger ledger;
  final Backlog backlog;
  final Untold untold = new Untold(this);
  final Delays delays;
  final Admission admission;
  final Bodies bodies;
  final Guests guests;
  final Floor floor;
  final Crew crew;
  final TaskWatch watch;
  final Abort abort;
  final Lifecycle lifecycle;
  final Quiescence quiescence;
  final Timers timers;
  final Errands errands;
  final AbortSignal signal = new AbortSignal();
  final BodyCount count;
  final PoolConfig config;

  /** Set where the pool was found unreachable and this has not been told yet. */
  final AtomicBoolean dropped = new AtomicBoolean();

  /** What is to be undone when the pool has terminated; set while the pool is built. */
  volatile @Nullable Runnable whenTerminated;

  PoolParts(PoolConfig config, Logger log, Sight sight) {
    super(
        new Events(log, config.name(), config.uncaughtHandler(), sight),
        new TaskAbortedException[TaskAbortedException.Reason.values().length],
        new Gate());
    this.config = config;
    timers = newTimers();
    errands = newErrands();
    queue = newQueue(config.roughLimit());
    yielder = new Yielder(queue);
    ledger = newLedger();
    count = new BodyCount(this);
    idle = new IdleWorkers(new Parker[config.places()], queue);
    quiescence = new Quiescence(ledger, queue, idle, this);
    backlog = newBacklog();
    delays =
        new Delays(backlog.beside, ledger, quiescence, idle, signal, events, timers, untold, this);
    bodies = new Bodies(ledger, events, signal, this);
    guests = new Guests(count, queue, quiescence, bodies);
    Headcount headcount = new Headcount(Checks.saturatedNanos(config.keepAlive()), signal);
    floor =
        new Floor(
            signal,
            count,
            backlog,
            delays,
            idle,
            bodies,
            ledger,
            quiescence,
            events,
            headcount,
            timers,
            errands,
            newSeam(),
            this);
    crew = config.virtual() ? virtualCrew() : threadCrew();
    admission = new Admission(backlog, config.saturationPolicy(), idle, guests, this);
    abort = newAbort();
    watch = new TaskWatch(config.patience(), floor, crew, guests);
    lifecycle = new Lifecycle(floor, crew, abort, config.abortGrace());
  }

  private Crew threadCrew() {
    if (!config.daemon()) {
      floor.headcount().keepOneFor(backlog.beside);
    }
    Places places = new Places(config.places(), floor, standsDown());
    Carrier carrier = new Carrier(places, floor, config.daemon());
    Watch deaths = new Watch(places, carrier, floor);
    Growth growth = new Growth(places, carrier, floor, deaths);
    growth.starter = newStarter(growth);
    return new ThreadCrew(floor, places, carrier, growth, deaths, guests, config);
  }

  private Crew virtualCrew() {
    return new VirtualCrew(floor, newRunFactory(), config.max(), guests);
  }

  PoolConfig config() {
    return config;
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
    return new Abort(floor, crew, guests);
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
    return Threads.virtualFactory(name());
  }

  /** For tests that break a worker's loop, or hold it up. */
  Floor.Seam newSeam() {
    return new Floor.Seam();
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
      abort.reason = TaskAbortedException.Reason.NO_WORKER;
      errands.post(events::noWorkerLeft);
      lifecycle.begin(ShutdownPolicy.drainFor(Duration.ofNanos(1)), null);
    }
  }

  @Override
  public void onCountedOut() {
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
    crew.lost();
  }

  @Override
  public void onCome() {
    crew.came();
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
  public void onGivenUp(Object command) {
    errands.post(() -> backlog.cancelGiven(command));
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
