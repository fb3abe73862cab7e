package io.threadpool.examples.page;

import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.TimeGauge;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.threadpool.Latencies;
import io.threadpool.PoolStats;
import io.threadpool.PoolView;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.function.ToDoubleFunction;

/**
 * The numbers of the pools that are alive as Prometheus reads them, by the names that Micrometer
 * gives to executors. Nothing is counted for it: it asks the pools when it is asked. Thread-safe.
 */
final class Metrics {
  static final String TYPE = "text/plain; version=0.0.4; charset=utf-8";

  /** What tells pools of one name apart. */
  private static final String ID = "id";

  private final PrometheusMeterRegistry registry =
      new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);

  /** The numbers of those that have meters; guarded by this. */
  private final Set<Long> known = new HashSet<>();

  /** What Prometheus gets of these pools, and of no others. */
  synchronized String scrape(List<PoolView> pools) {
    Set<Long> gone = new HashSet<>(known);
    for (PoolView pool : pools) {
      gone.remove(pool.id());
      if (known.add(pool.id())) {
        add(pool);
      }
    }
    known.removeAll(gone);
    registry.getMeters().stream()
        .filter(meter -> gone.contains(Long.valueOf(meter.getId().getTag(ID))))
        .forEach(registry::remove);
    return registry.scrape();
  }

  private void add(PoolView pool) {
    Tags tags = Tags.of("name", pool.name(), ID, Long.toString(pool.id()));
    gauge("executor.pool.size", pool, tags, PoolStats::workers);
    gauge("executor.pool.max", pool, tags, PoolStats::size);
    gauge("executor.active", pool, tags, PoolStats::active);
    gauge("executor.queued", pool, tags, PoolStats::queued);
    counter("executor.completed", pool, tags.and("outcome", "completed"), PoolStats::completed);
    counter("executor.completed", pool, tags.and("outcome", "failed"), PoolStats::failed);
    counter("executor.completed", pool, tags.and("outcome", "cancelled"), PoolStats::cancelled);
    counter("executor.completed", pool, tags.and("outcome", "aborted"), PoolStats::aborted);
    counter("executor.rejected", pool, tags, PoolStats::rejected);
    percentiles("executor.idle.percentile", pool, tags, PoolStats::queueWait);
    percentiles("executor.percentile", pool, tags, PoolStats::runTime);
    time("executor.queue.oldest", pool, tags, s -> s.oldestQueued().orElse(Duration.ZERO));
  }

  private void gauge(String name, PoolView pool, Tags tags, ToDoubleFunction<PoolStats> value) {
    Gauge.builder(name, pool, view -> value.applyAsDouble(view.stats()))
        .tags(tags)
        .register(registry);
  }

  private void counter(String name, PoolView pool, Tags tags, ToDoubleFunction<PoolStats> value) {
    FunctionCounter.builder(name, pool, view -> value.applyAsDouble(view.stats()))
        .tags(tags)
        .register(registry);
  }

  private void percentiles(
      String name, PoolView pool, Tags tags, Function<PoolStats, Latencies> times) {
    time(name, pool, tags.and("phi", "0.5"), times.andThen(Latencies::p50));
    time(name, pool, tags.and("phi", "0.9"), times.andThen(Latencies::p90));
    time(name, pool, tags.and("phi", "0.99"), times.andThen(Latencies::p99));
  }

  private void time(String name, PoolView pool, Tags tags, Function<PoolStats, Duration> value) {
    TimeGauge.builder(
            name, pool, TimeUnit.NANOSECONDS, view -> (double) value.apply(view.stats()).toNanos())
        .tags(tags)
        .register(registry);
  }
}
