package io.threadpool;

import java.time.Duration;
import java.util.List;

/**
 * What became of a pool's tasks, from its building to its end.
 *
 * <p>It is made when nothing runs any more and nothing is to be told of an abort, or when the abort
 * grace has ended with tasks still running, and does not change afterwards: {@code accepted =
 * completed + failed + cancelled + aborted}, where the stuck tasks that had no outcome are among
 * the aborted. Immutable and thread-safe.
 *
 * <pre>{@code
 * pool.close();
 * TerminationReport report = pool.report().orElseThrow();
 * if (report.aborted() + report.rejected() > 0) {
 *   log.warn("Not all was done: {}", report);
 * }
 * }</pre>
 */
public final class TerminationReport {

  private final int size;
  private final Counts counts;
  private final long rejected;
  private final long openStages;
  private final Duration elapsed;
  private final List<StuckTask> stuck;

  TerminationReport(
      int size,
      Counts counts,
      long rejected,
      long openStages,
      Duration elapsed,
      List<StuckTask> stuck) {
    this.size = size;
    this.counts = counts;
    this.rejected = rejected;
    this.openStages = openStages;
    this.elapsed = elapsed;
    this.stuck = List.copyOf(stuck);
  }

  /**
   * Returns how many workers the pool had at a time, at the most.
   *
   * @return the largest number of workers
   */
  public int size() {
    return size;
  }

  /**
   * Returns how many tasks the pool accepted.
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
   * Returns how many submissions the pool had refused by then, for want of room or because it was
   * shut down: work that is in no other figure here, and is lost unless its submitter has seen to
   * it.
   *
   * @return the number of rejected submissions
   */
  public long rejected() {
    return rejected;
  }

  /** The counts, which do not change any more. */
  Counts counts() {
    return counts;
  }

  /**
   * Returns how many of the aborted were steps of a {@link java.util.concurrent.CompletableFuture}
   * that had been handed to the pool. Nobody but that future can settle them, so the stages that
   * they would have completed stay open. About: a step that was about to begin may be missing.
   *
   * @return the number of stages left open
   */
  public long openStages() {
    return openStages;
  }

  /**
   * Returns how long the shutdown took, from its first call to the making of this report.
   *
   * @return the time that the shutdown took
   */
  public Duration elapsed() {
    return elapsed;
  }

  /**
   * Returns the tasks that still ran when the abort grace had ended, or that a worker had taken and
   * not begun. One that had its outcome by then, cancelled, say, or completed with a dependent
   * stage that holds its worker, keeps that outcome and is listed all the same.
   *
   * @return the stuck tasks, unmodifiable; empty where no body held up the end
   */
  public List<StuckTask> stuck() {
    return stuck;
  }

  /** Returns all figures on one line. */
  @Override
  public String toString() {
    return "TerminationReport[size=%s, %s, rejected=%s, openStages=%s, elapsed=%s, stuck=%s]"
        .formatted(size, counts.text(), rejected, openStages, elapsed, stuck);
  }
}
