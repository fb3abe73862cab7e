package io.threadpool;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.function.Consumer;

/**
 * The pools of one test, which ends them and checks their books afterwards. A test method takes it
 * as a parameter; {@link PoolsExtension} does the rest.
 */
final class Pools {

  private final Queue<WorkerPool> pools = new ConcurrentLinkedQueue<>();

  /** Builds a pool that is ended after the test. */
  WorkerPool build(WorkerPoolBuilder builder) {
    return add(builder.build());
  }

  /** A pool with the defaults that is ended after the test. */
  WorkerPool fixed(int size) {
    return add(WorkerPool.fixed(size));
  }

  /** For a pool that gives no body up, however late its thread is. */
  static WorkerPoolBuilder patient(int size) {
    return WorkerPool.builder().size(size).abortGrace(Duration.ofDays(1));
  }

  /** Has a pool ended and checked after the test. */
  WorkerPool add(WorkerPool pool) {
    pools.add(pool);
    return pool;
  }

  /** Ends the pools, by an abort where the test has not, and checks what became of their tasks. */
  void endAll() throws InterruptedException {
    for (WorkerPool pool : pools) {
      if (!pool.isShutdown()) {
        pool.shutdownNow();
      }
    }
    for (WorkerPool pool : pools) {
      if (!pool.awaitTermination(Duration.ofSeconds(20))) {
        pool.shutdownNow();
        assertTrue(pool.awaitTermination(Duration.ofSeconds(20)), () -> "not terminated: " + pool);
      }
      assertLaw(pool);
    }
  }

  void forEach(Consumer<WorkerPool> action) {
    pools.forEach(action);
  }

  /** Asserts the conservation law of a pool that is quiescent. */
  static void assertLaw(WorkerPool pool) {
    PoolStats s = pool.stats();
    assertEquals(
        s.accepted(), s.completed() + s.failed() + s.cancelled() + s.aborted(), s::toString);
    assertEquals(0, s.queued(), s::toString);
    assertEquals(0, s.delayed(), s::toString);
    assertEquals(0, s.active(), s::toString);
    pool.report()
        .ifPresent(
            r ->
                assertEquals(
                    r.accepted(),
                    r.completed() + r.failed() + r.cancelled() + r.aborted(),
                    r::toString));
  }
}
