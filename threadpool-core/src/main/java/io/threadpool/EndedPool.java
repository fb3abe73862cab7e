package io.threadpool;

import io.threadpool.RejectedTaskException.Reason;
import io.threadpool.internal.Errands;
import io.threadpool.internal.Gate;
import io.threadpool.internal.Histogram;
import io.threadpool.internal.Threads;
import io.threadpool.internal.Timers;
import java.util.Optional;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.atomic.AtomicLong;

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

  private final TerminationReport report;

  private final int size;
  private final int largest;
  private final int mostWorkers;

  /** The pool's own, since what it refuses meanwhile counts, too. */
  private final AtomicLong rejected;

  private final Latencies queueWait;
  private final Latencies runTime;

  EndedPool(PoolEngine ended, TerminationReport report, Crew crew, Ledger ledger) {
    super(new Events(ended.events), ended.shared, STOPPED);
    size = crew.size();
    largest = crew.largest();
    mostWorkers = ended.largestSize();
    this.report = report;
    rejected = ledger.rejected;
    queueWait = seen(ledger.waits);
    runTime = seen(ledger.runs);
  }

  /** None where there is no memory for it: the end does not wait for that. */
  private static Latencies seen(Histogram histogram) {
    try {
      return Latencies.of(histogram);
    } catch (OutOfMemoryError | InternalError full) {
      return Latencies.NONE;
    }
  }

  @Override
  int largestSize() {
    return mostWorkers;
  }

  @Override
  Errands errands() {
    return ERRANDS;
  }

  @Override
  void execute(Runnable command) {
    accept(command);
  }

  @Override
  RejectedTaskException rejection(Reason reason) {
    rejected.getAndIncrement();
    return events.sight.rejected(new RejectedTaskException(reason, name(), size, 0));
  }

  @Override
  Optional<TerminationReport> report() {
    return Optional.of(report);
  }

  @Override
  PoolStats stats() {
    PoolStats.Moment now = new PoolStats.Moment(size, 0, largest, 0, 0, 0, -1);
    return new PoolStats(now, report.counts(), rejected.get(), queueWait, runTime);
  }
}
