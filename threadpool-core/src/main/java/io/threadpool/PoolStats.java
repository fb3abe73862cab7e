package io.threadpool;

import java.time.Duration;
import java.util.Locale;
import java.util.Optional;

/**
 * What a pool has done and is doing, read at about one moment.
 *
 * <p>The counts are read one after the other while the pool works, without stopping it. When it is
 * quiescent, nothing queued and nothing running, they are exact and {@code accepted = completed +
 * failed + cancelled + aborted + delayed}. Immutable and thread-safe.
 *
 * <p>How long tasks wait and run is measured always, of those that workers run: of all, as long as
 * they come some 16 microseconds apart or more, on average, or were scheduled; in a rush of one in
 * 256, at places that are drawn by lot for each 1,024, so that it hardly matters how many come at a
 * time ({@link Latencies}). One that was measured counts for as many as it stands for, and each run
 * of one that repeats for itself.
 *
 * <pre>{@code
 * PoolStats stats = pool.stats();
 * gauge("queued", stats.queued());
 * gauge("active", stats.active());
 * gauge("waited", stats.queueWait().p99().toMillis());
 * gauge("completed in the last minute", stats.minus(aMinuteAgo).completed());
 * }</pre>
 */
public final class PoolStats {

  /** What is of the moment; {@code oldestQueued} in nanoseconds, -1 where it is not known. */
  record Moment(
      int size,
      int workers,
      int largest,
      int active,
      long queued,
      int delayed,
      long oldestQueued) {}

  private final Moment now;
  private final Counts counts;
  private final long rejected;
  private final Latencies queueWait;
  private final Latencies runTime;

  PoolStats(Moment now, Counts counts, long rejected, Latencies queueWait, Latencies runTime) {
    this.now = now;
    this.counts = counts;
    this.rejected = rejected;
    this.queueWait = queueWait;
    this.runTime = runTime;
  }

  /**
   * Returns how many workers the pool may have: what was asked for, by the builder or by the last
   * {@link WorkerPool#resize(int) resize}. Threads that could not be started are counted here, and
   * not in {@link #workers}.
   *
   * @return the number of workers asked for
   */
  public int size() {
    return now.size;
  }

  /**
   * Returns how many workers there are: whose thread was started and is still theirs; 0 once the
   * pool has terminated.
   *
   * @return the number of workers alive
   */
  public int workers() {
    return now.workers;
  }

  /**
   * Returns how many workers there were at a time, at the most.
   *
   * @return the largest number of workers alive
   */
  public int largest() {
    return now.largest;
  }

  /**
   * Returns how many threads run a task of the pool: workers, and callers that run one themselves;
   * on virtual threads those, too, that wait until what they have joined was run in their place. So
   * there may be more of them than {@link #workers}.
   *
   * @return the number of threads with a running task
   */
  public int active() {
    return now.active;
  }

  /**
   * Returns how many accepted tasks have neither started nor been settled. Read while others submit
   * and take, it may exceed the capacity by some.
   *
   * @return the number of queued tasks
   */
  public long queued() {
    return now.queued;
  }

  /**
   * Returns how many accepted tasks are not due yet: scheduled for later, or between two runs.
   *
   * @return the number of delayed tasks
   */
  public int delayed() {
    return now.delayed;
  }

  /**
   * Returns how many tasks were accepted since the pool was built. A submission under way may count
   * from a moment before it is accepted; where it has to try again, or is refused because the pool
   * closes, the number then falls by that one.
   *
   * @return the number of accepted tasks
   */
  public long accepted() {
    return counts.accepted();
  }

  /**
   * Returns how many tasks ended normally.
   *
   * @return the number of completed tasks
   */
  public long completed() {
    return counts.completed();
  }

  /**
   * Returns how many tasks ended with an exception.
   *
   * @return the number of failed tasks
   */
  public long failed() {
    return counts.failed();
  }

  /**
   * Returns how many tasks were cancelled: through their handle, or, of what is delayed, by a
   * close.
   *
   * @return the number of cancelled tasks
   */
  public long cancelled() {
    return counts.cancelled();
  }

  /**
   * Returns how many tasks the pool aborted, for any of the {@link TaskAbortedException.Reason}s.
   *
   * @return the number of aborted tasks
   */
  public long aborted() {
    return counts.aborted();
  }

  /**
   * Returns how many submissions the pool refused with a {@link RejectedTaskException}.
   *
   * @return the number of rejected submissions
   */
  public long rejected() {
    return rejected;
  }

  /**
   * Returns how long tasks waited in the queue: from just before a task was put into it until its
   * body began on a worker; of a scheduled one, from when it was due. Told when the body has ended.
   * It tells nothing of tasks that never began, that a joiner ran, or that their submitter ran, nor
   * of how long submitters waited for room.
   *
   * @return the waits since the pool was built
   */
  public Latencies queueWait() {
    return queueWait;
  }

  /**
   * Returns how long tasks ran, of the same ones as {@link #queueWait()} and whatever their
   * outcome: from the beginning of the body until the worker was done with it, the stages that ran
   * with its completion included. A body that still runs is not among them: see {@link
   * WorkerPool#runningTasks()}.
   *
   * @return the run times since the pool was built
   */
  public Latencies runTime() {
    return runTime;
  }

  /**
   * Returns how long the oldest queued task has waited whose time is known. In a rush, of which one
   * task in 256 is timed, up to some hundreds before it have waited longer. A wait that grows while
   * nothing starts shows here, and in {@link #queueWait()} only afterwards.
   *
   * @return the time since just before it was put into the queue, of a scheduled task since it was
   *     due; empty where none that is queued was timed
   */
  public Optional<Duration> oldestQueued() {
    return now.oldestQueued < 0
        ? Optional.empty()
        : Optional.of(Duration.ofNanos(now.oldestQueued));
  }

  /**
   * Returns which part of the pool was at work: {@link #active()} of {@link #size()}, at this
   * moment; 1 also where callers run tasks beside the workers.
   *
   * @return the part, from 0 to 1
   */
  public double utilisation() {
    return Math.min(1, (double) now.active / now.size);
  }

  /**
   * Returns what has happened since an earlier look at the same pool. What was counted is the
   * difference, 0 where that is negative; what is of a moment ({@link #size()}, {@link #workers()},
   * {@link #largest()}, {@link #active()}, {@link #queued()}, {@link #delayed()}, {@link
   * #oldestQueued()}, {@link #utilisation()}) is that of these stats. The tasks that ended in
   * between need not be those that were accepted.
   *
   * @param earlier what was seen then; of another pool, or later, the result tells nothing
   * @return the counts, waits and run times in between
   * @throws NullPointerException if {@code earlier} is null
   */
  public PoolStats minus(PoolStats earlier) {
    Checks.nonNull(earlier, "earlier");
    return new PoolStats(
        now,
        counts.minus(earlier.counts),
        Math.max(0, rejected - earlier.rejected),
        queueWait.minus(earlier.queueWait),
        runTime.minus(earlier.runTime));
  }

  /** Returns all counts on one line. */
  @Override
  public String toString() {
    return String.format(
        Locale.ROOT,
        "PoolStats[size=%d, workers=%d, largest=%d, active=%d, queued=%d, delayed=%d, %s,"
            + " rejected=%d]",
        now.size,
        now.workers,
        now.largest,
        now.active,
        now.queued,
        now.delayed,
        counts.text(),
        rejected);
  }
}
