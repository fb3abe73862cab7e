package io.threadpool;

/**
 * What a pool has done and is doing, read at about one moment.
 *
 * <p>The counts are read one after the other while the pool works, without stopping it. When it is
 * quiescent, nothing queued and nothing running, they are exact and {@code accepted = completed +
 * failed + cancelled + aborted + delayed}. Immutable and thread-safe.
 *
 * <pre>{@code
 * PoolStats stats = pool.stats();
 * gauge("queued", stats.queued());
 * gauge("active", stats.active());
 * }</pre>
 */
public final class PoolStats {

  private final int size;
  private final int workers;
  private final int largest;
  private final int active;
  private final long queued;
  private final int delayed;
  private final Counts counts;
  private final long rejected;

  PoolStats(
      int size,
      int workers,
      int largest,
      int active,
      long queued,
      int delayed,
      Counts counts,
      long rejected) {
    this.size = size;
    this.workers = workers;
    this.largest = largest;
    this.active = active;
    this.queued = queued;
    this.delayed = delayed;
    this.counts = counts;
    this.rejected = rejected;
  }

  /**
   * Returns how many workers the pool may have: what was asked for, by the builder or by the last
   * {@link WorkerPool#resize(int) resize}. Threads that could not be started are counted here, and
   * not in {@link #workers}.
   *
   * @return the number of workers asked for
   */
  public int size() {
    return size;
  }

  /**
   * Returns how many workers there are: whose thread runs, or is about to be started; 0 once the
   * pool has terminated.
   *
   * @return the number of workers alive
   */
  public int workers() {
    return workers;
  }

  /**
   * Returns how many workers there were at a time, at the most.
   *
   * @return the largest number of workers alive
   */
  public int largest() {
    return largest;
  }

  /**
   * Returns how many threads run a task of the pool: workers, and callers that run one themselves.
   *
   * @return the number of threads with a running task
   */
  public int active() {
    return active;
  }

  /**
   * Returns how many accepted tasks have neither started nor been settled. Read while others submit
   * and take, it may exceed the capacity by some.
   *
   * @return the number of queued tasks
   */
  public long queued() {
    return queued;
  }

  /**
   * Returns how many accepted tasks are not due yet: scheduled for later, or between two runs.
   *
   * @return the number of delayed tasks
   */
  public int delayed() {
    return delayed;
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
   * Returns how many tasks were cancelled through their handle.
   *
   * @return the number of cancelled tasks
   */
  public long cancelled() {
    return counts.cancelled();
  }

  /**
   * Returns how many tasks the pool aborted: at shutdown, discarded, or stuck.
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

  /** Returns all counts on one line. */
  @Override
  public String toString() {
    return "PoolStats[size="
        + size
        + ", workers="
        + workers
        + ", largest="
        + largest
        + ", active="
        + active
        + ", queued="
        + queued
        + ", delayed="
        + delayed
        + ", "
        + counts.text()
        + ", rejected="
        + rejected
        + "]";
  }
}
