package io.threadpool.contract;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.threadpool.PoolStats;
import io.threadpool.PoolView;
import io.threadpool.RejectedTaskException;
import io.threadpool.ScheduledTask;
import io.threadpool.WorkerPool;
import io.threadpool.WorkerPools;
import io.threadpool.micrometer.WorkerPoolMetrics;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** The meters of a pool, and what the stats have of a few tasks. */
class MetricsTest {

  @RegisterExtension final TestPools pools = new TestPools();

  private final MeterRegistry registry = new SimpleMeterRegistry();

  private double value(String meter, String... tags) {
    return registry.get(meter).tags(tags).tag("name", "metered").gauge().value();
  }

  private double count(String meter, String... tags) {
    return registry.get(meter).tags(tags).tag("name", "metered").functionCounter().count();
  }

  @Test
  void theMetersShowWhatTheStatsDo() throws Exception {
    WorkerPool pool = pools.build(WorkerPool.builder().size(2).name("metered").queueCapacity(1));
    new WorkerPoolMetrics(pool, Tags.of("app", "shop")).bindTo(registry);
    Held first = pools.occupy(pool);
    Held second = pools.occupy(pool);
    pool.execute(() -> {});
    assertThrows(RejectedTaskException.class, () -> pool.execute(() -> {}));
    assertEquals(2, value("executor.pool.size"));
    assertEquals(2, value("executor.pool.max"));
    assertEquals(2, value("executor.active", "app", "shop"));
    assertEquals(1, value("executor.queued"));
    ScheduledTask<?> later = pool.schedule(() -> {}, Duration.ofDays(1));
    assertEquals(1, value("executor.delayed"));
    assertTrue(later.cancel(false));
    assertEquals(1, count("executor.rejected"));
    assertTrue(value("executor.queue.oldest") > 0);

    first.release();
    second.release();
    assertTrue(pool.awaitIdle(TestPools.LONG));
    assertEquals(3, count("executor.completed", "outcome", "completed"));
    assertEquals(0, count("executor.completed", "outcome", "failed"));
    assertEquals(0, value("executor.queue.oldest"));
    assertEquals(3, registry.get("executor").functionTimer().count());
    assertEquals(3, registry.get("executor.idle").functionTimer().count());
    double longest = value("executor.idle.percentile", "phi", "0.99");
    double told =
        pool.stats().queueWait().p99().toNanos()
            / (double) registry.get("executor").functionTimer().baseTimeUnit().toNanos(1);
    assertEquals(told, longest, 1e-9);
    assertTrue(registry.get("executor.idle").functionTimer().totalTime(TimeUnit.NANOSECONDS) > 0);
  }

  /** Of a few tasks each is timed; what its joiner ran never waited for a worker. */
  @Test
  void ofAFewTasksEachIsTimed() throws Exception {
    WorkerPool pool = pools.build(WorkerPool.builder().size(1).name("few"));
    PoolStats before = pool.stats();
    pool.submit(() -> pool.submit(() -> 1).join()).get();
    pool.submit(() -> null).get();
    assertTrue(pool.awaitIdle(TestPools.LONG));
    PoolStats after = pool.stats();
    assertEquals(2, after.queueWait().count());
    assertEquals(2, after.runTime().count());
    assertEquals(3, after.minus(before).completed());
    assertEquals(0, after.minus(after).completed());
    assertEquals(0, after.minus(after).runTime().count());
    assertEquals(0.0, after.utilisation());
    pool.close();
    assertEquals(2, pool.stats().runTime().count());
  }

  /** From when it was due, each run for itself. */
  @Test
  void whatIsScheduledIsTimed() throws Exception {
    WorkerPool pool = pools.build(WorkerPool.builder().size(1).name("scheduled"));
    pool.schedule(() -> null, Duration.ofMillis(20)).get();
    assertTrue(pool.awaitIdle(TestPools.LONG));
    PoolStats once = pool.stats();
    assertEquals(1, once.queueWait().count());
    assertEquals(1, once.runTime().count());

    Held held = pools.occupy(pool);
    var late = pool.schedule(() -> null, Duration.ZERO);
    long due = System.nanoTime(); // Or a little before.
    while (System.nanoTime() - due < 50_000_000) {
      Thread.onSpinWait(); // Time passes.
    }
    held.release();
    late.get();
    assertTrue(pool.awaitIdle(TestPools.LONG));
    Duration waited = pool.stats().minus(once).queueWait().max();
    assertTrue(waited.toMillis() >= 48, waited::toString);

    PoolStats before = pool.stats();
    CountDownLatch runs = new CountDownLatch(3);
    var beats = pool.scheduleAtFixedRate(runs::countDown, Duration.ZERO, Duration.ofMillis(1));
    runs.await();
    beats.cancel(false); // The last run may be delayed again by now, and yet to be booked.
    TestPools.eventually().until(() -> pool.stats().minus(before).runTime().count() >= 3);
  }

  /** As of a pool itself; with what tells it from others of its name. */
  @Test
  void aViewHasMeters() throws Exception {
    WorkerPool pool = pools.build(WorkerPool.builder().size(1).name("metered"));
    PoolView view =
        WorkerPools.all().stream().filter(v -> v.name().equals("metered")).findFirst().get();
    new WorkerPoolMetrics(view, Tags.of("id", "7")).bindTo(registry);
    pool.submit(() -> null).get();
    assertTrue(pool.awaitIdle(TestPools.LONG));
    assertEquals(1, count("executor.completed", "outcome", "completed", "id", "7"));
    assertEquals(1, value("executor.pool.max", "id", "7"));
  }

  @Test
  void theOldestThatIsQueuedIsKnownUntilItIsTakenOrCancelled() throws Exception {
    WorkerPool pool = pools.build(WorkerPool.builder().size(1).name("old"));
    Held held = pools.occupy(pool);
    assertTrue(pool.stats().oldestQueued().isEmpty());
    assertEquals(1.0, pool.stats().utilisation());
    var task = pool.submit(() -> null);
    long age = pool.stats().oldestQueued().orElseThrow().toNanos();
    assertTrue(pool.stats().oldestQueued().orElseThrow().toNanos() >= age);
    assertTrue(task.cancel(false));
    assertTrue(pool.stats().oldestQueued().isEmpty());
    held.release();
  }

  /** It stands in a line of its own, and waits from then on. */
  @Test
  void whatHasFallenDueIsTheOldestToo() throws Exception {
    WorkerPool pool = pools.build(WorkerPool.builder().size(1).name("due"));
    Held held = pools.occupy(pool);
    var task = pool.schedule(() -> null, Duration.ofMillis(1));
    TestPools.eventually().until(() -> pool.stats().queued() == 1);
    long age = pool.stats().oldestQueued().orElseThrow().toNanos();
    assertTrue(pool.stats().oldestQueued().orElseThrow().toNanos() >= age);
    var queued = pool.submit(() -> null);
    assertTrue(pool.stats().oldestQueued().orElseThrow().toNanos() >= age);
    task.cancel(false);
    assertTrue(pool.stats().oldestQueued().isPresent());
    queued.cancel(false);
    assertTrue(pool.stats().oldestQueued().isEmpty());
    held.release();
  }
}
