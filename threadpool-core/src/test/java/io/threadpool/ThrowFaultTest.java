package io.threadpool;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.threadpool.internal.Latches;
import io.threadpool.internal.RaceTeam;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Whatever tasks, handlers, decorators and dependent stages throw: no worker is lost, each
 * throwable is told once, and nothing else is harmed. The number of throws is {@code
 * -Drace.rounds}; see {@link RaceTeam}.
 */
class ThrowFaultTest {

  private static final Duration LONG = Duration.ofSeconds(20);

  private final Set<Thread> workers = ConcurrentHashMap.newKeySet();

  private void assertNoWorkerLost(WorkerPool pool, int size) throws Exception {
    CountDownLatch all = new CountDownLatch(size);
    List<Task<Thread>> tasks = new ArrayList<>();
    for (int i = 0; i < size; i++) {
      tasks.add(
          pool.submit(
              () -> {
                all.countDown();
                assertTrue(all.await(20, TimeUnit.SECONDS));
                return Thread.currentThread();
              }));
    }
    Set<Thread> now = new HashSet<>();
    for (Task<Thread> task : tasks) {
      now.add(task.get());
    }
    assertEquals(size, now.size());
    assertTrue(now.containsAll(workers), "a worker's thread was replaced");
  }

  @ParameterizedTest
  @EnumSource
  void commandsThatThrow(FaultKinds kind) throws Exception {
    int throwsEach = Math.max(1, RaceTeam.rounds(26_000) / FaultKinds.values().length);
    FaultFigures figures = new FaultFigures();
    ThrowRows.tasks(FaultContender.WORKER_POOL, figures, kind, throwsEach);
    assertEquals("", figures.broken());
    assertEquals(throwsEach, figures.count(FaultTask.Fate.FAILED));
  }

  @ParameterizedTest
  @EnumSource
  void tasksThatThrow(FaultKinds kind, Pools pools) throws Exception {
    Throwable thrown = kind.make();
    AtomicInteger told = new AtomicInteger();
    WorkerPool pool =
        pools.build(
            WorkerPool.builder().size(2).uncaughtHandler((thread, what) -> told.incrementAndGet()));
    CountDownLatch gate = new CountDownLatch(1);
    Task<Integer> task =
        pool.submit(
            () -> {
              Latches.uninterruptibly(gate);
              workers.add(Thread.currentThread());
              throw FaultKinds.raise(thrown);
            });
    AtomicReference<Throwable> seen = new AtomicReference<>();
    List<CompletableFuture<?>> stages =
        List.of(
            task.thenApply(x -> x),
            task.handle((x, e) -> e),
            task.exceptionally(e -> 1),
            task.thenCompose(x -> CompletableFuture.completedFuture(x)),
            task.whenComplete((x, e) -> seen.set(e)),
            task.thenApplyAsync(x -> x),
            task.handleAsync((x, e) -> e),
            task.thenCombine(CompletableFuture.completedFuture(1), (x, y) -> x),
            CompletableFuture.allOf(task),
            CompletableFuture.anyOf(task),
            task.copy(),
            task.thenApply(x -> x).thenApply(x -> x).handle((x, e) -> e));
    gate.countDown();
    ExecutionException failed =
        assertThrows(ExecutionException.class, () -> task.get(20, TimeUnit.SECONDS));
    assertCause(thrown, failed);
    assertThrows(CompletionException.class, task::join);
    assertFalse(task.isCancelled());
    for (CompletableFuture<?> stage : stages) {
      stage.handle((x, e) -> e).get(20, TimeUnit.SECONDS);
    }
    assertTrue(pool.awaitIdle(LONG));
    assertEquals(0, told.get(), "in the handle, so not for the handler");
    assertEquals(1, pool.stats().failed());
    assertNoWorkerLost(pool, 2);
  }

  /** What was thrown is the cause, or its; a CompletionException stands for its own cause. */
  private static void assertCause(Throwable thrown, ExecutionException failed) {
    Throwable wanted = thrown instanceof CompletionException ? thrown.getCause() : thrown;
    Throwable found = failed.getCause();
    while (found != null && found != wanted) {
      found = found.getCause();
    }
    assertSame(wanted, found, "the cause is what was thrown");
  }

  @ParameterizedTest
  @EnumSource
  void handlersThatThrow(FaultKinds kind, Pools pools) throws Exception {
    AtomicInteger told = new AtomicInteger();
    WorkerPool pool =
        pools.build(
            WorkerPool.builder()
                .size(2)
                .uncaughtHandler(
                    (thread, what) -> {
                      workers.add(thread);
                      told.incrementAndGet();
                      throw FaultKinds.raise(kind.make());
                    }));
    for (int i = 0; i < 200; i++) {
      pool.execute(
          () -> {
            throw FaultKinds.raise(kind.make());
          });
    }
    assertTrue(pool.awaitIdle(LONG));
    assertEquals(200, told.get());
    assertEquals(200, pool.stats().failed());
    assertNoWorkerLost(pool, 2);
  }

  /** What a decorator throws reaches the submitter, and nothing was submitted. */
  @ParameterizedTest
  @EnumSource
  void decoratorsThatThrow(FaultKinds kind, Pools pools) throws Exception {
    Throwable thrown = kind.make();
    AtomicInteger ran = new AtomicInteger();
    AtomicReference<Boolean> broken = new AtomicReference<>(true);
    WorkerPool pool =
        pools.build(
            WorkerPool.builder()
                .size(1)
                .queueCapacity(2)
                .taskDecorator(
                    body -> {
                      if (broken.get()) {
                        throw FaultKinds.raise(thrown);
                      }
                      return body;
                    }));
    for (int i = 0; i < 5; i++) {
      assertSame(thrown, assertThrows(Throwable.class, () -> pool.execute(ran::incrementAndGet)));
      assertSame(thrown, assertThrows(Throwable.class, () -> pool.submit(ran::incrementAndGet)));
    }
    assertEquals(0, pool.stats().accepted());
    broken.set(false);
    CountDownLatch gate = new CountDownLatch(1);
    CountDownLatch busy = new CountDownLatch(1);
    pool.execute(
        () -> {
          busy.countDown();
          Latches.uninterruptibly(gate);
        });
    busy.await();
    pool.execute(ran::incrementAndGet);
    pool.execute(ran::incrementAndGet);
    assertThrows(RejectedTaskException.class, () -> pool.execute(() -> {}), "a permit too many");
    gate.countDown();
    assertTrue(pool.awaitIdle(LONG));
    assertEquals(2, ran.get());
  }

  @Test
  void decoratedBodiesThatThrow(Pools pools) throws Exception {
    for (FaultKinds kind : FaultKinds.values()) {
      Throwable thrown = kind.make();
      Queue<Throwable> told = new ConcurrentLinkedQueue<>();
      WorkerPool pool =
          pools.build(
              WorkerPool.builder()
                  .size(1)
                  .uncaughtHandler((thread, what) -> told.add(what))
                  .taskDecorator(
                      body ->
                          () -> {
                            body.run();
                            throw FaultKinds.raise(thrown); // After a body that returned.
                          }));
      pool.execute(() -> {});
      ExecutionException failed =
          assertThrows(
              ExecutionException.class, () -> pool.submit(() -> 1).get(20, TimeUnit.SECONDS));
      assertCause(thrown, failed);
      assertTrue(pool.awaitIdle(LONG));
      assertEquals(1, told.size());
      assertSame(thrown, told.peek());
      assertEquals(2, pool.stats().failed());
      pool.close();
    }
  }

  /** A stage that throws harms neither the worker, the other stages, nor the next task. */
  @ParameterizedTest
  @EnumSource
  void stagesThatThrow(FaultKinds kind, Pools pools) throws Exception {
    WorkerPool pool = pools.fixed(1);
    String name = pool.submit(() -> Thread.currentThread().getName()).get();
    for (int i = 0; i < 100; i++) {
      CountDownLatch gate = new CountDownLatch(1);
      Task<Integer> task =
          pool.submit(
              () -> {
                Latches.uninterruptibly(gate);
                Thread.currentThread().setName("renamed");
                Thread.currentThread().interrupt();
                return 7;
              });
      CountDownLatch others = new CountDownLatch(2);
      task.thenRun(others::countDown);
      task.thenRun(
          () -> {
            throw FaultKinds.raise(kind.make());
          });
      task.thenRun(others::countDown);
      gate.countDown();
      assertTrue(others.await(20, TimeUnit.SECONDS), "another stage of the task stays open");
      assertEquals(7, task.getNow(0));
      assertEquals(
          name, pool.submit(() -> Thread.currentThread().getName()).get(20, TimeUnit.SECONDS));
      assertFalse(
          pool.submit(() -> Thread.currentThread().isInterrupted()).get(20, TimeUnit.SECONDS));
    }
    assertTrue(pool.awaitIdle(LONG));
    assertEquals(0, pool.stats().failed());
    assertEquals(301, pool.stats().completed());
  }

  /** The same for stages that run on the thread that cancels, completes or aborts. */
  @ParameterizedTest
  @EnumSource(names = {"UNCHECKED", "ERROR", "STACK_OVERFLOW", "HOSTILE_TO_STRING"})
  void stagesThatThrowAtWhoSettles(FaultKinds kind, Pools pools) throws Exception {
    WorkerPool pool = pools.fixed(1);
    CountDownLatch gate = new CountDownLatch(1);
    CountDownLatch busy = new CountDownLatch(1);
    pool.execute(
        () -> {
          busy.countDown();
          Latches.uninterruptibly(gate);
        });
    busy.await();
    List<Task<?>> tasks = new ArrayList<>();
    AtomicInteger others = new AtomicInteger();
    for (int i = 0; i < 6; i++) {
      Task<?> task = pool.submit(() -> 1);
      task.whenComplete((x, e) -> others.incrementAndGet());
      task.whenComplete(
          (x, e) -> {
            throw FaultKinds.raise(kind.make());
          });
      task.whenComplete((x, e) -> others.incrementAndGet());
      tasks.add(task);
    }
    try {
      assertTrue(tasks.get(0).cancel(true));
      assertTrue(tasks.get(1).complete(null));
      assertTrue(tasks.get(2).completeExceptionally(kind.make()));
      assertEquals(3, pool.shutdownNow().size());
    } finally {
      gate.countDown();
    }
    assertTrue(pool.awaitTermination(LONG));
    assertEquals(12, others.get());
    assertNull(tasks.get(1).join());
    assertEquals(3, pool.report().orElseThrow().aborted());
  }
}
