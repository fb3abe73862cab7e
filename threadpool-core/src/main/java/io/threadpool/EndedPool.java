package io.threadpool;

import io.threadpool.RejectedTaskException.Reason;
import io.threadpool.internal.Errands;
import io.threadpool.internal.Gate;
import io.threadpool.internal.Threads;
import io.threadpool.internal.Timers;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * What remains of a terminated pool, so that handles that are kept keep nothing more: what it has
 * still to answer with, and none of its workers, handlers or queue.
 */
final class EndedPool extends PoolEngine {

  /** Nobody waits for what has ended. */
  private static final Gate STOPPED = new Gate();

  /**
   * For what an ended pool has still to tell, which is next to nothing. Made with the class, which
   * is rehearsed: in a full heap it could not be made, ever.
   */
  private static final Errands ERRANDS = new Errands(Timers.SHARED, new Daemons());

  /** Makes threads of nobody's. The JDK's factories are counted in the names of users' threads. */
  static final class Daemons implements ThreadFactory {
    @Override
    public Thread newThread(Runnable errand) {
      return Threads.daemon("threadpool-errand", errand, null);
    }
  }

  private final Events events;
  private final TerminationReport report;

  /** The pool's own, since what it refuses meanwhile counts, too. */
  private final AtomicLong rejected;

  private final SharedExceptions exceptions;

  EndedPool(
      Events events, TerminationReport report, AtomicLong rejected, SharedExceptions exceptions) {
    this.events = events;
    this.report = report;
    this.rejected = rejected;
    this.exceptions = exceptions;
  }

  @Override
  String name() {
    return events.pool;
  }

  @Override
  Events events() {
    return events;
  }

  @Override
  Errands errands() {
    return ERRANDS;
  }

  @Override
  Gate stopped() {
    return STOPPED;
  }

  @Override
  void execute(Runnable command) {
    accept(command);
  }

  @Override
  @Nullable Reason tryAccept(Object entry, long nanos) {
    return Reason.SHUTDOWN;
  }

  @Override
  RejectedTaskException rejection(Reason reason) {
    rejected.getAndIncrement();
    return new RejectedTaskException(reason, name(), report.size(), 0);
  }

  @Override
  boolean waitsForRoom() {
    return false;
  }

  @Override
  Object bodyFor(Object given, boolean callable) {
    return given;
  }

  @Override
  void decided(Outcome outcome, Ledger.@Nullable Tally tally) {
    // A task that was never accepted.
  }

  @Override
  void decidedUnclaimed(Outcome outcome, boolean removed) {
    // As above.
  }

  @Override
  void claimedInQueue() {
    // As above.
  }

  @Override
  void beforeWaiting() {
    // Nobody has to be woken.
  }

  @Override
  boolean isOnThisStack() {
    return false;
  }

  @Override
  boolean isAborting() {
    return true;
  }

  @Override
  void runHere(Object task) {
    // Nothing runs any more.
  }

  @Override
  TaskAbortedException aborted(TaskAbortedException.Reason reason) {
    return exceptions.of(reason);
  }

  @Override
  void shutdown() {
    // It was.
  }

  @Override
  List<Runnable> shutdown(ShutdownPolicy policy) {
    return new ArrayList<>();
  }

  @Override
  List<Runnable> shutdownNow() {
    return new ArrayList<>();
  }

  @Override
  void close() {
    // It is.
  }

  @Override
  boolean awaitTermination(long nanos) {
    return true;
  }

  @Override
  boolean awaitIdle(long nanos) {
    return true;
  }

  @Override
  boolean isShutdown() {
    return true;
  }

  @Override
  boolean isTerminated() {
    return true;
  }

  @Override
  Optional<TerminationReport> report() {
    return Optional.of(report);
  }

  @Override
  PoolStats stats() {
    return new PoolStats(report.size(), 0, 0, report.counts(), rejected.get());
  }
}
