package io.threadpool;

import java.lang.invoke.VarHandle;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture.AsynchronousCompletionTask;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
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

  /** More dead entries than live ones by this many are swept out. */
  private static final int SWEEP_AT = 1_024;

  /** Who makes entries dead looks once in so many whether it is worthwhile. */
  private static final long SWEEP_CHECK_MASK = 1_023;

  final TaskQueue queue;
  final IdleWorkers idle;
  final Ledger ledger;
  final Lifecycle lifecycle;
  final Events events;
  final Joins joins;

  /** For those that wait for a body to have left its thread. */
  final Gate stopped = new Gate();

  final Guests guests;
  private final PoolConfig config;
  final Worker[] workers;
  private final Quiescence quiescence;
  private final Admission admission;

  /** How many workers could be started. Written while the pool is built. */
  private volatile int size;

  /**
   * Entries in the queue that are claimed or settled already. Written by who makes or removes them.
   */
  private final AtomicLong dead = new AtomicLong();

  private final AtomicBoolean sweeping = new AtomicBoolean();

  /** Set where the pool was found unreachable and this has not been told yet. */
  private final AtomicBoolean dropped = new AtomicBoolean();

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
    lifecycle = new Lifecycle(this, size, config.abortGrace);
    joins = new Joins(this, Checks.saturatedNanos(config.joinWarning));
    guests = new Guests(this);
    quiescence = new Quiescence(this);
    admission = new Admission(this, config.capacity, config.saturationPolicy);
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
  void start() {
    Throwable cause = null;
    int started = size;
    for (Worker worker : workers) {
      Throwable failed = WorkerStart.start(worker, config.threadFactory);
      if (failed != null) {
        cause = failed;
        started--;
        size = started;
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
    workers[0].assign(Thread.currentThread());
    workers[0].run();
  }

  String name() {
    return config.name;
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
    if (task.markRemoved()) {
      dead.getAndDecrement();
    } else {
      queue.tookSwept();
    }
  }

  /**
   * A task was claimed or settled by somebody who did not take it from the queue, where its entry
   * is now dead, or who did.
   */
  void leftQueue(boolean removed) {
    admission.releasePermit();
    if (!removed && (dead.incrementAndGet() & SWEEP_CHECK_MASK) == 0) {
      try {
        sweepIfWorthwhile();
      } catch (Throwable noStackOrMemory) {
        // The next one will.
      }
    }
  }

  /** Sweeps the dead entries out where they outnumber the live ones. */
  void sweepIfWorthwhile() {
    long nDead = dead.get();
    if (nDead > SWEEP_AT + (queue.length() - nDead) && sweeping.compareAndSet(false, true)) {
      try {
        queue.sweep(PoolCore::isDead, this::onSwept);
      } finally {
        sweeping.set(false);
      }
    }
  }

  private static boolean isDead(Object entry) {
    return entry instanceof Task<?> task && task.isDeadEntry();
  }

  private boolean onSwept(Object entry) {
    boolean ours = ((Task<?>) entry).markRemoved();
    if (ours) {
      dead.getAndDecrement();
    }
    return ours;
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

  /** Dead entries that come or go between the reads must not pass for tasks. */
  long queued() {
    long before = dead.get();
    long length = queue.length();
    return Math.max(0, length - Math.max(0, Math.max(before, dead.get())));
  }

  /** How many threads run a body of the pool. */
  int active() {
    int active = guests.active();
    for (Worker worker : workers) {
      Frame frame = worker.frame();
      if (frame != null && frame.entry() != null) {
        active++;
      }
    }
    return active;
  }

  PoolStats stats() {
    return new PoolStats(size, active(), queued(), counts(), ledger.rejected());
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
      for (Worker worker : workers) {
        if (worker.frame() != null) {
          events.shuttingDown(worker.id);
        }
      }
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

  /** Aborts; where the pool aborts already, interrupts again what runs, but for the caller. */
  List<Runnable> shutdownNow() {
    boolean again = lifecycle.isAborting();
    List<Runnable> unstarted = shutdown(ShutdownPolicy.abort());
    if (again) {
      interruptBodies(Frame.of(this)); // The one that began the abort was not interrupted by it.
    }
    return unstarted;
  }

  void closeQueue() {
    queue.close();
    admission.close();
    idle.wakeAll();
  }

  /**
   * Takes all out of the closed queue and aborts what has not started; {@link #publishAbort} is
   * owed.
   *
   * @param claimed where to list it
   */
  void claimUnstarted(List<Object> claimed) {
    while (!queue.isDrained()) {
      Object entry = queue.poll();
      if (entry == null) {
        Gate.pause(); // The closer has not said yet where the queue ends.
      } else if (isClaimedForAbort(entry)) {
        claimed.add(entry);
      }
    }
  }

  /** As {@link #claimForAbort}; what follows the decision may lack memory, and is left then. */
  private boolean isClaimedForAbort(Object entry) {
    try {
      return claimForAbort(entry, TaskAbortedException.Reason.SHUTDOWN);
    } catch (Throwable noMemory) {
      return !(entry instanceof Task<?> task) || task.isAborted();
    }
  }

  /** Interrupts what runs, but for the body of the caller, if it is one. */
  void interruptBodies(@Nullable Frame caller) {
    if (caller != null) {
      caller.exempt(true);
    }
    Frame spared = caller == null ? null : caller.root;
    for (Worker worker : workers) {
      Frame frame = worker.frame();
      if (frame != null && frame != spared) {
        frame.interruptForAbort();
      }
    }
    try {
      guests.interruptForAbort(spared);
    } catch (OutOfMemoryError full) {
      // Those that were not reached have the grace.
    }
  }

  /**
   * Aborts an entry that the caller has taken out of the queue; false where it was dead already.
   * Runs no user code; {@link #publishAbort} follows.
   */
  boolean claimForAbort(Object entry, TaskAbortedException.Reason reason) {
    if (!(entry instanceof Task<?> task)) {
      ledger.count(Outcome.ABORTED);
      admission.releasePermit();
      return true;
    }
    if (task.abortUnstarted(reason)) {
      return true;
    }
    tookDead(task);
    return false;
  }

  /** Tells who waits for an aborted entry; returns it as it was given. Runs user code. */
  Runnable publishAbort(Object entry) {
    if (entry instanceof Task<?> task) {
      task.publishAbort();
      return task;
    }
    Runnable original = entry instanceof Wrapped wrapped ? wrapped.original : (Runnable) entry;
    if (original instanceof AsynchronousCompletionTask) {
      ledger.countOpenStage();
    } else if (original instanceof Future<?> future) {
      try {
        future.cancel(false);
      } catch (Throwable thrown) {
        events.cancelFailed(thrown);
      }
    }
    return original;
  }

  /** Settles the bodies that outlived the abort grace, and adds their descriptions to a list. */
  void settleStuck(List<StuckTask> stuck) {
    StuckBodies bodies = new StuckBodies(this, stuck);
    guests.awaitBegun();
    VarHandle.fullFence(); // Between the end of the grace and the look at the frames: see Worker.
    for (Worker worker : workers) {
      Frame frame = worker.frame();
      if (frame != null) {
        bodies.settle(frame, true);
      }
    }
    for (Frame frame : guests.roots()) {
      bodies.settle(frame, false);
    }
    bodies.publish();
    stuck.forEach(events::stuck);
  }

  /**
   * Counts out workers whose threads ended without leaving their loop: the factory's thread did not
   * run what it was given. Where no other is left, what is queued is aborted.
   */
  void buryDeadWorkers() {
    List<Worker> dead = new ArrayList<>();
    int others = 0;
    for (Worker worker : workers) {
      if (worker.isDead()) {
        dead.add(worker);
      } else if (worker.frame() != null && !worker.isGone()) {
        others++;
      }
    }
    if (!dead.isEmpty() && others == 0) {
      lifecycle.begin(ShutdownPolicy.abort(), null);
    }
    for (Worker worker : dead) {
      if (worker.bury()) {
        events.workerDied(worker.id);
        lifecycle.bodyLeft();
      }
    }
  }

  /**
   * Runs what may call user code that does not come back on a thread of its own, if it can be had.
   */
  boolean runElsewhere(Runnable action) {
    try {
      Thread thread = new Thread(null, action, name() + "-settle", 0, false);
      thread.setDaemon(true);
      thread.start();
      return true;
    } catch (OutOfMemoryError noThread) {
      return false;
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
    events.terminated();
    onTerminated.run();
  }
}
