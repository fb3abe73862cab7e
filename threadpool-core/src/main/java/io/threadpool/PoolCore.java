package io.threadpool;

import io.threadpool.RejectedTaskException.Reason;
import io.threadpool.internal.Errands;
import io.threadpool.internal.HeldSlot;
import io.threadpool.internal.StackProbe;
import io.threadpool.internal.Timers;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ThreadFactory;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;

/**
 * A pool that runs: passes on to its parts what the user, and what tasks, ask for; and is what the
 * cleaner runs when nobody holds its handle any more.
 */
class PoolCore extends PoolParts implements Runnable {

  /** How long who has aborted, or closed, waits for user code that is late. */
  private static final long LATE_NANOS = 100_000_000L;

  PoolCore(PoolConfig config) {
    this(config, Events.LOG);
  }

  PoolCore(PoolConfig config, Logger log) {
    this(config, log, Events.SIGHT);
  }

  PoolCore(PoolConfig config, Logger log, Sight sight) {
    super(config, log, sight);
  }

  // The front.

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
    ledger.rejected.getAndIncrement();
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
    PoolStats.Moment now =
        new PoolStats.Moment(
            crew.size(),
            isTerminated() ? 0 : workers, // Who has taken part in that to the last may yet count.
            Math.max(crew.largest(), workers),
            active,
            backlog.queued(),
            delays.size(),
            Math.max(backlog.oldest(), delays.oldest()));
    return new PoolStats(
        now, counts, ledger.rejected.get(), Latencies.of(ledger.waits), Latencies.of(ledger.runs));
  }

  @Override
  int largestSize() {
    return config.virtual() ? PoolConfig.MAX_VIRTUAL : PoolConfig.MAX_THREADS;
  }

  @Override
  void resize(int min, int max) {
    if (!isShutdown()) {
      StackProbe.ensureThrice(); // The look follows the change.
      try {
        crew.resize(min, max);
      } finally {
        admission.alert();
      }
    }
  }

  @Override
  List<RunningTask> runningTasks() {
    return RunningTask.on(crew.roots(guests));
  }

  @Override
  boolean awaitIdle(long nanos) throws InterruptedException {
    refuseSelfWait("awaitIdle");
    return quiescence.await(nanos, timers);
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
        over = lifecycle.awaitEnd(Long.MAX_VALUE, true);
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
  @Override
  public void run() {
    if (!isShutdown()) {
      dropped.set(true);
      lifecycle.begin(ShutdownPolicy.drain(), null);
    }
  }

  @Override
  boolean awaitTermination(long nanos) throws InterruptedException {
    refuseSelfWait("awaitTermination");
    return lifecycle.awaitEnd(nanos, false);
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
    return new EndedPool(this, report, crew, ledger);
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
    Frame.uncaught(events, thrown, (Frame) frame);
    if (frame == null) {
      backlog.cancel(command); // It has not started, and will not.
    }
  }

  @Override
  long nanoTime() {
    return ledger.nanoTime();
  }

  @Override
  void tell(Object task) {
    untold.add((Task<?>) task);
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
  boolean mayGrow() {
    return crew.mayGrow();
  }

  @Override
  void letRun(CompletableFuture<?> handle) {
    Waiter.letRun(handle, spinner, yielder);
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
}
