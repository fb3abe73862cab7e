package io.threadpool;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.threadpool.FaultThreads.Failure;
import io.threadpool.internal.Latches;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** Threads that cannot be made or started, and worker loops that break: see {@link StartRows}. */
class StartFaultTest {

  private static final Duration LONG = Duration.ofSeconds(20);

  private final FaultFigures figures = new FaultFigures();

  @ParameterizedTest
  @CsvSource({
    "START_FAILS, 1, 4", "START_FAILS, 0, 3", "START_FAILS, 1, 3",
    "RETURNS_NULL, 2, 4", "RETURNS_NULL, 0, 1", "RETURNS_STARTED, 1, 4",
    "RETURNS_STARTED, 0, 2", "THROWS, 3, 4", "THROWS, 0, 3"
  })
  void goesOnWithTheWorkersThereAre(Failure failure, int from, int to) throws Exception {
    StartRows.goesOn(FaultContender.WORKER_POOL, figures, failure, from, to, 50);
    assertEquals("", figures.broken());
    assertEquals(50 * 64, figures.count(FaultTask.Fate.COMPLETED));
  }

  @ParameterizedTest
  @EnumSource(names = "IMPOSSIBLE_STACK", mode = EnumSource.Mode.EXCLUDE)
  void withoutAnyWorkerBuildFails(Failure failure) throws Exception {
    StartRows.refusesToBuild(FaultContender.WORKER_POOL, figures, failure);
    assertEquals("", figures.broken());
  }

  /** The loop is entered again on the same thread, whatever broke it, and nothing is stranded. */
  @ParameterizedTest
  @EnumSource
  void brokenLoop(FaultKinds kind) throws Exception {
    StartRows.brokenLoop(FaultContender.WORKER_POOL, figures, kind, 20);
    assertEquals("", figures.broken());
    assertEquals(2 + 21 * 50, figures.count(FaultTask.Fate.COMPLETED));
  }

  /** What a worker has claimed when its loop breaks has failed, and the pool goes on. */
  @ParameterizedTest
  @EnumSource
  void brokenAfterTheClaim(FaultKinds kind, Pools pools) throws Exception {
    AtomicInteger taken = new AtomicInteger();
    PoolCore core =
        new PoolCore(WorkerPool.builder().size(1).config()) {
          @Override
          Backlog newBacklog() {
            return new Backlog(queue, config().capacity(), idle, ledger, events) {
              @Override
              void tookLive() {
                super.tookLive();
                if (taken.incrementAndGet() % 3 == 0) {
                  throw FaultKinds.raise(kind.make());
                }
              }
            };
          }
        };
    core.start(null);
    WorkerPool pool = pools.add(WorkerPoolBuilder.open(core));
    AtomicInteger ran = new AtomicInteger();
    for (int i = 1; i <= 60; i++) {
      if (i % 2 == 0) {
        pool.execute(ran::incrementAndGet);
      } else {
        Task<Integer> task = pool.submit(ran::incrementAndGet);
        if (i % 3 == 0) {
          assertThrows(ExecutionException.class, () -> task.get(20, TimeUnit.SECONDS));
        } else {
          int result = task.get(20, TimeUnit.SECONDS);
          assertEquals(ran.get(), result);
        }
      }
    }
    assertTrue(pool.awaitIdle(LONG), "never idle");
    assertEquals(40, ran.get());
    assertEquals(40, pool.stats().completed());
    assertEquals(20, pool.stats().failed());
  }

  /** What it has taken and not claimed is looked at again, here a dead entry that has to count. */
  @ParameterizedTest
  @EnumSource
  void brokenBeforeTheClaim(FaultKinds kind, Pools pools) throws Exception {
    AtomicInteger faults = new AtomicInteger();
    PoolCore core =
        new PoolCore(WorkerPool.builder().size(1).config()) {
          @Override
          Backlog newBacklog() {
            return new Backlog(queue, config().capacity(), idle, ledger, events) {
              @Override
              void tookDead(Task<?> task) {
                if (faults.incrementAndGet() == 1) {
                  throw FaultKinds.raise(kind.make());
                }
                super.tookDead(task);
              }
            };
          }
        };
    core.start(null);
    WorkerPool pool = pools.add(WorkerPoolBuilder.open(core));
    CountDownLatch gate = new CountDownLatch(1);
    pool.execute(() -> Latches.uninterruptibly(gate));
    assertTrue(pool.submit(() -> {}).cancel(false));
    Task<Long> queued = submitWhatCounts(pool);
    gate.countDown();
    assertEquals(1, queued.get(20, TimeUnit.SECONDS), "a dead entry is counted still");
    assertEquals(2, faults.get());
  }

  /** As above, and the entry is swept out while its worker stands before it. */
  @Test
  void brokenBeforeADeadEntryThatIsSwept(Pools pools) throws Exception {
    AtomicInteger faults = new AtomicInteger();
    PoolCore core =
        new PoolCore(WorkerPool.builder().size(1).config()) {
          @Override
          Backlog newBacklog() {
            return new Backlog(queue, config().capacity(), idle, ledger, events) {
              @Override
              void tookDead(Task<?> task) {
                if (faults.incrementAndGet() == 1) {
                  sweepIfWorthwhile();
                  throw new IllegalStateException("planted");
                }
                super.tookDead(task);
              }
            };
          }
        };
    core.start(null);
    WorkerPool pool = pools.add(WorkerPoolBuilder.open(core));
    CountDownLatch gate = new CountDownLatch(1);
    pool.execute(() -> Latches.uninterruptibly(gate));
    for (int i = 0; i < 1_030; i++) { // A few more than it takes to be swept.
      assertTrue(pool.submit(() -> {}).cancel(false));
    }
    Task<Long> queued = submitWhatCounts(pool);
    gate.countDown();
    assertEquals(1, queued.get(20, TimeUnit.SECONDS), "what was swept is counted still");
    assertEquals(1, faults.get());
  }

  /**
   * A task that queues another, and tells how many are queued then: one, if the books are right.
   */
  private static Task<Long> submitWhatCounts(WorkerPool pool) {
    return pool.submit(
        () -> {
          pool.execute(() -> {});
          return pool.stats().queued();
        });
  }
}
