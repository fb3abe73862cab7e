package io.threadpool.micrometer;

import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.FunctionTimer;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tag;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.TimeGauge;
import io.micrometer.core.instrument.binder.MeterBinder;
import io.threadpool.Latencies;
import io.threadpool.PoolStats;
import io.threadpool.PoolView;
import io.threadpool.WorkerPool;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.function.ToDoubleFunction;

/**
 * The numbers of a pool as meters, by the names that Micrometer's own {@code
 * ExecutorServiceMetrics} gives to executors, with the tag {@code name} for the pool.
 *
 * <ul>
 *   <li>{@code executor.pool.size}, the workers there are, and {@code executor.pool.max}, those
 *       there may be; {@code executor.active}; {@code executor.queued}; {@code executor.delayed};
 *   <li>{@code executor.completed}, the tasks that have ended, by {@code outcome}: completed,
 *       failed, cancelled, aborted; {@code executor.rejected}, the submissions that were refused;
 *   <li>{@code executor}, how long tasks run, and {@code executor.idle}, how long they wait in the
 *       queue: {@link PoolStats#runTime()} and {@link PoolStats#queueWait()} as timers, with their
 *       errors; their 50th, 90th, 99th and 99.9th percentiles since the pool was built as gauges
 *       {@code executor.percentile} and {@code executor.idle.percentile}, by {@code phi};
 *   <li>{@code executor.queue.oldest}, {@link PoolStats#oldestQueued()}, 0 where there is none.
 * </ul>
 *
 * <p>{@code new WorkerPoolMetrics(pool).bindTo(registry)} does it. The meters do not keep a pool
 * alive, nor a view, but this binder keeps what it was made for. Thread-safe.
 */
public final class WorkerPoolMetrics implements MeterBinder {

  /** A pool, or a view of one. */
  private final Object pool;

  private final Tags tags;

  /**
   * A binder for a pool.
   *
   * @param pool the pool
   * @throws NullPointerException if {@code pool} is null
   */
  public WorkerPoolMetrics(WorkerPool pool) {
    this(pool, Tags.empty());
  }

  /**
   * The same, with tags of the user's.
   *
   * @param pool the pool
   * @param tags what each meter is tagged with, besides the pool's name
   * @throws NullPointerException if {@code pool} or {@code tags} is null
   */
  public WorkerPoolMetrics(WorkerPool pool, Iterable<Tag> tags) {
    this(Objects.requireNonNull(pool, "pool must not be null"), pool.name(), tags);
  }

  /**
   * The same for a pool of which there is a view.
   *
   * @param pool the view
   * @param tags what each meter is tagged with, besides the pool's name: the view's number, say,
   *     where others may have that name
   * @throws NullPointerException if {@code pool} or {@code tags} is null
   */
  public WorkerPoolMetrics(PoolView pool, Iterable<Tag> tags) {
    this(Objects.requireNonNull(pool, "pool must not be null"), pool.name(), tags);
  }

  private WorkerPoolMetrics(Object pool, String name, Iterable<Tag> tags) {
    this.pool = pool;
    this.tags = Tags.of(Objects.requireNonNull(tags, "tags must not be null")).and("name", name);
  }

  private static PoolStats stats(Object pool) {
    return pool instanceof PoolView view ? view.stats() : ((WorkerPool) pool).stats();
  }

  @Override
  public void bindTo(MeterRegistry registry) {
    gauge(registry, "executor.pool.size", PoolStats::workers);
    gauge(registry, "executor.pool.max", PoolStats::size);
    gauge(registry, "executor.active", PoolStats::active);
    gauge(registry, "executor.queued", PoolStats::queued);
    gauge(registry, "executor.delayed", PoolStats::delayed);
    ended(registry, "completed", PoolStats::completed);
    ended(registry, "failed", PoolStats::failed);
    ended(registry, "cancelled", PoolStats::cancelled);
    ended(registry, "aborted", PoolStats::aborted);
    counter(registry, "executor.rejected", tags, PoolStats::rejected);
    timer(registry, "executor", PoolStats::runTime);
    timer(registry, "executor.idle", PoolStats::queueWait);
    time(registry, "executor.queue.oldest", tags, s -> s.oldestQueued().orElse(Duration.ZERO));
  }

  private void gauge(MeterRegistry registry, String name, ToDoubleFunction<PoolStats> value) {
    Gauge.builder(name, pool, p -> value.applyAsDouble(stats(p))).tags(tags).register(registry);
  }

  private void ended(MeterRegistry registry, String outcome, ToDoubleFunction<PoolStats> count) {
    counter(registry, "executor.completed", tags.and("outcome", outcome), count);
  }

  private void counter(
      MeterRegistry registry, String name, Tags tagged, ToDoubleFunction<PoolStats> count) {
    FunctionCounter.builder(name, pool, p -> count.applyAsDouble(stats(p)))
        .tags(tagged)
        .register(registry);
  }

  private void timer(MeterRegistry registry, String name, Function<PoolStats, Latencies> times) {
    FunctionTimer.builder(
            name,
            pool,
            p -> times.apply(stats(p)).count(),
            p -> times.apply(stats(p)).total().toNanos(),
            TimeUnit.NANOSECONDS)
        .tags(tags)
        .register(registry);
    percentile(registry, name, "0.5", times.andThen(Latencies::p50));
    percentile(registry, name, "0.9", times.andThen(Latencies::p90));
    percentile(registry, name, "0.99", times.andThen(Latencies::p99));
    percentile(registry, name, "0.999", times.andThen(Latencies::p999));
  }

  private void percentile(
      MeterRegistry registry, String name, String phi, Function<PoolStats, Duration> value) {
    time(registry, name + ".percentile", tags.and("phi", phi), value);
  }

  private void time(
      MeterRegistry registry, String name, Tags tagged, Function<PoolStats, Duration> value) {
    TimeGauge.builder(
            name, pool, TimeUnit.NANOSECONDS, p -> (double) value.apply(stats(p)).toNanos())
        .tags(tagged)
        .register(registry);
  }
}
