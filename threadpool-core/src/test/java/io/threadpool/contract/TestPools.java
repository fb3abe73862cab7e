package io.threadpool.contract;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.threadpool.PoolStats;
import io.threadpool.SaturationPolicy;
import io.threadpool.TerminationReport;
import io.threadpool.WorkerPool;
import io.threadpool.WorkerPoolBuilder;
import java.time.Duration;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.awaitility.Awaitility;
import org.awaitility.core.ConditionFactory;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/**
 * The pools of one test with what holds their workers: ends all of it afterwards and checks that
 * each accepted task has one outcome.
 */
final class TestPools implements AfterEachCallback {

  /** Longer than anything takes on a busy machine; nothing that passes waits for so long. */
  static final Duration LONG = Duration.ofSeconds(20);

  private final Queue<WorkerPool> pools = new ConcurrentLinkedQueue<>();
  private final Queue<Held> held = new ConcurrentLinkedQueue<>();
  private final Queue<Caller<?>> callers = new ConcurrentLinkedQueue<>();

  WorkerPool build(WorkerPoolBuilder builder) {
    return add(builder.build());
  }

  WorkerPool fixed(int size) {
    return add(WorkerPool.fixed(size));
  }

  WorkerPool add(WorkerPool pool) {
    pools.add(pool);
    return pool;
  }

  /** A body that holds its thread until it is released or interrupted. */
  Held held() {
    return add(new Held(false));
  }

  /** A body that holds its thread until it is released, whoever interrupts it. */
  Held deaf() {
    return add(new Held(true));
  }

  private Held add(Held body) {
    held.add(body);
    return body;
  }

  /** Has a worker of the pool run a body that holds it. */
  Held occupy(WorkerPool pool) throws InterruptedException {
    Held body = held();
    pool.execute(body);
    return body.awaitStarted();
  }

  /** A pool whose submitters run what they submit: its worker is held, and its queue full. */
  WorkerPool fullOfCallerRuns() throws InterruptedException {
    WorkerPool pool =
        build(
            WorkerPool.builder()
                .size(1)
                .queueCapacity(1)
                .saturationPolicy(SaturationPolicy.callerRuns()));
    occupy(pool);
    pool.execute(() -> {});
    return pool;
  }

  /** Calls something on a thread of its own. */
  <T> Caller<T> call(Callable<T> callable) {
    Caller<T> caller = new Caller<>(callable);
    callers.add(caller);
    return caller.start();
  }

  /** Releases every body that holds a thread. */
  void releaseAll() {
    held.forEach(Held::release);
  }

  /** Waits for what nothing signals; looks at once, then often. */
  static ConditionFactory eventually() {
    return Awaitility.await()
        .pollDelay(Duration.ZERO)
        .pollInterval(Duration.ofMillis(2))
        .atMost(LONG);
  }

  /** Calls something again for as long as it is interrupted; keeps the flag. */
  static <T> T uninterruptibly(Callable<T> call) {
    boolean interrupted = false;
    try {
      while (true) {
        try {
          return call.call();
        } catch (InterruptedException e) {
          interrupted = true;
        } catch (Exception e) {
          throw new AssertionError(e);
        }
      }
    } finally {
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }

  @Override
  public void afterEach(ExtensionContext context) throws Exception {
    releaseAll();
    for (WorkerPool pool : pools) {
      if (!pool.isShutdown()) {
        pool.shutdownNow();
      }
    }
    for (WorkerPool pool : pools) {
      assertTrue(pool.awaitTermination(LONG), () -> "not terminated: " + pool);
      assertLaw(pool);
    }
    for (Caller<?> caller : callers) {
      caller.joinThread();
    }
  }

  /** Asserts, of a pool where nothing is queued or runs, that each task has one outcome. */
  static void assertLaw(WorkerPool pool) {
    PoolStats s = pool.stats();
    assertEquals(
        s.accepted(), s.completed() + s.failed() + s.cancelled() + s.aborted(), s::toString);
    assertEquals(0, s.queued(), s::toString);
    assertEquals(0, s.delayed(), s::toString);
    assertEquals(0, s.active(), s::toString);
    TerminationReport r = pool.report().orElseThrow();
    assertEquals(
        r.accepted(), r.completed() + r.failed() + r.cancelled() + r.aborted(), r::toString);
    assertEquals(
        List.of(s.accepted(), s.completed(), s.failed(), s.cancelled(), s.aborted()),
        List.of(r.accepted(), r.completed(), r.failed(), r.cancelled(), r.aborted()));
  }
}
