package io.threadpool;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** Threads that cannot be made or started, and worker loops that break. */
class StartFaultTest {

  private static final Duration LONG = Duration.ofSeconds(20);
  private static final OutOfMemoryError NO_THREAD = new OutOfMemoryError("no native thread");

  /** How a factory fails. */
  enum Failure {
    START_FAILS,
    RETURNS_NULL,
    RETURNS_STARTED,
    THROWS;

    Thread thread(Runnable worker) {
      return switch (this) {
        case START_FAILS ->
            new Thread(worker) {
              @Override
              public synchronized void start() {
                throw NO_THREAD;
              }
            };
        case RETURNS_NULL -> null;
        case RETURNS_STARTED -> {
          Thread thread = new Thread(worker);
          thread.start();
          yield thread;
        }
        case THROWS -> throw new IllegalArgumentException("from the factory");
      };
    }
  }

  /** Makes good threads, the first {@code from} and those from {@code to} on, and keeps them. */
  private static final class Factory implements ThreadFactory {
    final Queue<Thread> made = new ConcurrentLinkedQueue<>();
    private final Failure failure;
    private final int from;
    private final int to;
    private int calls;

    Factory(Failure failure, int from, int to) {
      this.failure = failure;
      this.from = from;
      this.to = to;
    }

    @Override
    public Thread newThread(Runnable worker) {
      int call = calls++;
      if (call >= from && call < to) {
        return failure.thread(worker);
      }
      Thread thread = new Thread(worker);
      made.add(thread);
      return thread;
    }
  }

  @ParameterizedTest
  @CsvSource({
    "START_FAILS, 1, 4", "START_FAILS, 0, 3", "START_FAILS, 1, 3",
    "RETURNS_NULL, 2, 4", "RETURNS_NULL, 0, 1", "RETURNS_STARTED, 1, 4",
    "RETURNS_STARTED, 0, 2", "THROWS, 3, 4", "THROWS, 0, 3"
  })
  void goesOnWithTheWorkersThereAre(Failure failure, int from, int to, Pools pools)
      throws Exception {
    Factory factory = new Factory(failure, from, to);
    WorkerPool pool =
        pools.build(WorkerPool.builder().size(4).threadFactory(factory).queueCapacity(64));
    int alive = 4 - (to - from);
    assertEquals(alive, pool.stats().size());
    AtomicInteger ran = new AtomicInteger();
    for (int round = 0; round < 50; round++) {
      for (int i = 0; i < 64; i++) {
        pool.execute(ran::incrementAndGet); // Refused where the room were less than it is.
      }
      assertTrue(pool.awaitIdle(LONG));
    }
    assertEquals(50 * 64, ran.get());
    pool.close();
    assertEquals(alive, pool.report().orElseThrow().size());
    for (Thread thread : factory.made) {
      thread.join(20_000);
      assertEquals(Thread.State.TERMINATED, thread.getState());
    }
  }

  @ParameterizedTest
  @EnumSource
  void withoutAnyWorkerBuildFails(Failure failure) {
    Factory factory = new Factory(failure, 0, 4);
    WorkerPoolBuilder builder = WorkerPool.builder().size(4).threadFactory(factory);
    IllegalStateException refused = assertThrows(IllegalStateException.class, builder::build);
    switch (failure) {
      case START_FAILS -> assertSame(NO_THREAD, refused.getCause());
      case THROWS -> assertEquals("from the factory", refused.getCause().getMessage());
      default -> assertTrue(refused.getCause().getMessage().contains("factory returned"));
    }
  }

  /** The loop is entered again on the same thread, whatever broke it, and nothing is stranded. */
  @ParameterizedTest
  @EnumSource
  void brokenLoop(FaultKinds kind, Pools pools) throws Exception {
    Factory exhausted = new Factory(Failure.START_FAILS, 2, Integer.MAX_VALUE);
    AtomicInteger faults = new AtomicInteger();
    Set<Thread> threads = ConcurrentHashMap.newKeySet();
    PoolCore core =
        new PoolCore(WorkerPool.builder().size(2).threadFactory(exhausted).config()) {
          @Override
          void onLoop(int worker) {
            if (ThreadLocalRandom.current().nextInt(3) == 0) {
              faults.incrementAndGet();
              throw FaultKinds.raise(kind.make());
            }
          }
        };
    core.start();
    WorkerPool pool = pools.add(WorkerPoolBuilder.open(core));
    AtomicInteger ran = new AtomicInteger();
    for (int round = 0; round < 20; round++) {
      for (int i = 0; i < 50; i++) {
        pool.execute(
            () -> {
              threads.add(Thread.currentThread());
              ran.incrementAndGet();
            });
      }
      assertEquals(round, pool.submit(answer(round)).get(20, TimeUnit.SECONDS));
      assertTrue(pool.awaitIdle(LONG), "never idle");
    }
    assertEquals(1_000, ran.get(), "stranded or run twice");
    assertTrue(faults.get() > 0);
    assertTrue(exhausted.made.containsAll(threads));
    pool.close();
    assertTrue(pool.isTerminated());
    assertEquals(1_020, pool.stats().completed());
  }

  /** What a worker has claimed when its loop breaks has failed, and the pool goes on. */
  @ParameterizedTest
  @EnumSource
  void brokenAfterTheClaim(FaultKinds kind, Pools pools) throws Exception {
    AtomicInteger taken = new AtomicInteger();
    PoolCore core =
        new PoolCore(WorkerPool.builder().size(1).config()) {
          @Override
          void tookLive() {
            super.tookLive();
            if (taken.incrementAndGet() % 3 == 0) {
              throw FaultKinds.raise(kind.make());
            }
          }
        };
    core.start();
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
          void tookDead(Task<?> task) {
            if (faults.incrementAndGet() == 1) {
              throw FaultKinds.raise(kind.make());
            }
            super.tookDead(task);
          }
        };
    core.start();
    WorkerPool pool = pools.add(WorkerPoolBuilder.open(core));
    CountDownLatch gate = new CountDownLatch(1);
    pool.execute(() -> CancelRaceTest.uninterruptibly(gate));
    assertTrue(pool.submit(() -> {}).cancel(false));
    Task<Long> queued =
        pool.submit(
            () -> {
              pool.execute(() -> {});
              return pool.stats().queued();
            });
    gate.countDown();
    assertEquals(1, queued.get(20, TimeUnit.SECONDS), "a dead entry is counted still");
    assertEquals(2, faults.get());
  }

  private static Callable<Integer> answer(int n) {
    return () -> n;
  }
}
