package io.threadpool.examples.page;

import io.threadpool.Latencies;
import io.threadpool.PoolStats;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What one look at a pool has found.
 *
 * @param time when, in milliseconds since 1970
 * @param queued tasks that wait
 * @param busy threads that run one
 * @param workers those that there are
 * @param perSecond tasks that ended, and
 * @param refusedPerSecond submissions that were refused, each second since the look before
 * @param half what the waits of half of the last seconds' tasks do not exceed, in milliseconds
 * @param most what those of 99 % do not exceed; each null where none was measured
 * @param oldest how long the oldest that is known to wait has waited; null where none is
 */
record Sample(
    long time,
    long queued,
    int busy,
    int workers,
    double perSecond,
    double refusedPerSecond,
    @Nullable Double half,
    @Nullable Double most,
    @Nullable Double oldest) {

  /**
   * A look.
   *
   * @param now when, by the clock on the wall, which may be set back meanwhile
   * @param stats what was found
   * @param nanos how long after the look before
   * @param last what that has found; of the first look itself
   * @param recently what was found some seconds ago
   */
  static Sample of(long now, PoolStats stats, long nanos, PoolStats last, PoolStats recently) {
    PoolStats since = stats.minus(last);
    double seconds = Math.max(1, nanos) / 1e9;
    long ended = since.completed() + since.failed() + since.cancelled() + since.aborted();
    Latencies waits = stats.minus(recently).queueWait();
    boolean measured = waits.count() > 0;
    return new Sample(
        now,
        stats.queued(),
        stats.active(),
        stats.workers(),
        round(ended / seconds, 1),
        round(since.rejected() / seconds, 1),
        measured ? millis(waits.p50()) : null,
        measured ? millis(waits.p99()) : null,
        stats.oldestQueued().map(Sample::millis).orElse(null));
  }

  static double millis(Duration time) {
    return round(time.toNanos() / 1e6, 4);
  }

  private static double round(double value, int digits) {
    double unit = Math.pow(10, digits);
    return Math.round(value * unit) / unit;
  }

  /** As the page takes it, in the order of its {@code COLUMNS}. */
  List<@Nullable Number> row() {
    return Arrays.asList(
        time, queued, busy, workers, perSecond, refusedPerSecond, half, most, oldest);
  }
}
