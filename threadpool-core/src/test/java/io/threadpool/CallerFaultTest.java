package io.threadpool;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.threadpool.RejectedTaskException.Reason;
import io.threadpool.internal.Latches;
import io.threadpool.internal.RaceTeam;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Interrupts in storms, callers that are interrupted already, calls from bodies that could not end,
 * and durations without measure.
 */
@Timeout(60)
class CallerFaultTest {

  private static final Duration LONG = Duration.ofSeconds(20);
  private static final Duration EVER = Duration.ofSeconds(Long.MAX_VALUE, 999_999_999);
  private static final Duration NEVER = Duration.ofSeconds(Long.MIN_VALUE);

  @AfterEach
  void clearFlag() {
    Thread.interrupted();
  }

  private static CountDownLatch occupy(WorkerPool pool) throws InterruptedException {
    CountDownLatch gate = new CountDownLatch(1);
    CountDownLatch busy = new CountDownLatch(1);
    pool.execute(
        () -> {
          busy.countDown();
          Latches.uninterruptibly(gate);
        });
    busy.await();
    return gate;
  }

  // Storms.

  @Test
  void stormAtTheWorkers() throws Exception {
    FaultFigures figures = new FaultFigures();
    InterruptRow.atTheWorkers(FaultContender.WORKER_POOL, figures, RaceTeam.rounds(50_000));
    assertEquals("", figures.broken());
    assertEquals(figures.submitted(), figures.count(FaultTask.Fate.COMPLETED));
  }

  @Test
  void stormOfCancellations() throws Exception {
    int count = RaceTeam.rounds(40_000);
    FaultFigures figures = new FaultFigures();
    InterruptRow.ofCancellations(FaultContender.WORKER_POOL, figures, count);
    assertEquals("", figures.broken());
    long cancelled = figures.count(FaultTask.Fate.CANCELLED);
    assertEquals(2L * count, cancelled + figures.count(FaultTask.Fate.COMPLETED));
    RaceTeam.print("a storm of cancel(true) on every other task", count, cancelled + " cancelled");
  }

  // A caller that is interrupted already.

  private static void assertKeepsFlag(String what, RaceTeam.Action call) throws Exception {
    Thread.currentThread().interrupt();
    call.run();
    assertTrue(Thread.interrupted(), what + " lost the interrupt flag");
  }

  private static void assertInterruptible(String what, RaceTeam.Action call) {
    Thread.currentThread().interrupt();
    assertThrows(InterruptedException.class, call::run, what);
    assertFalse(Thread.interrupted(), what + " threw and kept the flag");
  }

  @Test
  void interruptedCallerOfWhatDoesNotBlock(Pools pools) throws Exception {
    for (RaceConfigs config : RaceConfigs.values()) {
      WorkerPool pool = pools.build(config.builder().size(1));
      AtomicInteger ran = new AtomicInteger();
      CountDownLatch gate = occupy(pool);
      assertKeepsFlag("execute", () -> pool.execute(ran::incrementAndGet));
      assertKeepsFlag("submit", () -> pool.submit(ran::incrementAndGet));
      Task<?> task = pool.submit(() -> {});
      assertKeepsFlag("stats", pool::stats);
      assertKeepsFlag("isShutdown", pool::isShutdown);
      assertKeepsFlag("awaitStopped, polling", () -> task.awaitStopped(Duration.ZERO));
      assertKeepsFlag("isDone", task::isDone);
      assertKeepsFlag("cancel", () -> assertTrue(task.cancel(true)));
      assertKeepsFlag("thenRun", () -> task.thenRun(() -> {}));
      assertKeepsFlag("complete", () -> pool.submit(() -> 1).complete(2));
      gate.countDown();
      assertTrue(pool.awaitIdle(LONG));
      assertEquals(2, ran.get());
      Task<Integer> done = pool.submit(() -> 5);
      assertKeepsFlag("join", () -> assertEquals(5, done.join()));
      assertKeepsFlag("shutdown", pool::shutdown);
      assertKeepsFlag("shutdownNow", pool::shutdownNow);
      assertKeepsFlag(
          "execute, refused",
          () -> assertThrows(RejectedTaskException.class, () -> pool.execute(() -> {})));
      assertKeepsFlag("report", pool::report);
      assertTrue(pool.awaitTermination(LONG));
    }
  }

  @Test
  void interruptedCallerOfWhatBlocks(Pools pools) throws Exception {
    WorkerPool pool = pools.fixed(1);
    CountDownLatch gate = occupy(pool);
    Task<Integer> task = pool.submit(() -> 1);
    assertInterruptible("awaitIdle", () -> pool.awaitIdle(LONG));
    assertInterruptible("awaitTermination", () -> pool.awaitTermination(LONG));
    assertInterruptible("get", task::get);
    assertInterruptible("timed get", () -> task.get(20, TimeUnit.SECONDS));
    assertInterruptible("awaitStopped", () -> task.awaitStopped(LONG));
    assertInterruptible("invokeAll", () -> pool.invokeAll(List.of(() -> 1)));
    assertInterruptible("invokeAny", () -> pool.invokeAny(List.of(() -> 1)));
    gate.countDown();
    assertEquals(1, task.get());
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void interruptedCallerOfAFullQueue(boolean timed, Pools pools) throws Exception {
    WorkerPool pool =
        pools.build(
            WorkerPool.builder()
                .size(1)
                .queueCapacity(1)
                .saturationPolicy(timed ? SaturationPolicy.block(EVER) : SaturationPolicy.block()));
    CountDownLatch gate = occupy(pool);
    assertKeepsFlag("execute with room", () -> pool.execute(() -> {}));
    assertKeepsFlag(
        "execute without room",
        () -> {
          RejectedTaskException refused =
              assertThrows(RejectedTaskException.class, () -> pool.execute(() -> {}));
          assertEquals(Reason.INTERRUPTED, refused.reason());
        });
    assertEquals(1, pool.stats().rejected());
    gate.countDown();
    assertTrue(pool.awaitIdle(LONG));
    assertEquals(2, pool.stats().accepted());
  }

  /** What a caller runs for the pool starts without the caller's interrupt, which is put back. */
  @Test
  void interruptedCallerThatRuns(Pools pools) throws Exception {
    WorkerPool pool =
        pools.build(
            WorkerPool.builder()
                .size(1)
                .queueCapacity(1)
                .saturationPolicy(SaturationPolicy.callerRuns()));
    CountDownLatch gate = occupy(pool);
    pool.execute(() -> {});
    AtomicInteger seen = new AtomicInteger();
    Runnable body = () -> seen.addAndGet(Thread.currentThread().isInterrupted() ? 1 : 0);
    assertKeepsFlag("callerRuns, raw", () -> pool.execute(body));
    assertKeepsFlag("callerRuns, task", () -> pool.submit(body));
    assertEquals(0, seen.get());
    gate.countDown();
  }

  @Test
  void interruptedClose(Pools pools) throws Exception {
    WorkerPool pool = pools.build(WorkerPool.builder().size(1).abortGrace(Duration.ofMillis(50)));
    CountDownLatch gate = occupy(pool); // Ignores its interrupt.
    Task<?> queued = pool.submit(() -> {});
    assertKeepsFlag("close", pool::close);
    assertTrue(queued.isCancelled());
    assertFalse(pool.isTerminated());
    TerminationReport report = pool.report().orElseThrow();
    assertEquals(2, report.aborted());
    assertEquals(1, report.stuck().size());
    gate.countDown();
    assertTrue(pool.awaitTermination(LONG));
    assertEquals(2, pool.stats().aborted());
  }

  // From a body.

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void waitsFromABodyAreRefused(boolean inline, Pools pools) throws Exception {
    WorkerPool pool = pools.fixed(1);
    AtomicInteger refused = new AtomicInteger();
    Runnable body =
        () -> {
          for (RaceTeam.Action wait :
              List.<RaceTeam.Action>of(
                  () -> pool.awaitIdle(Duration.ZERO),
                  () -> pool.awaitIdle(EVER),
                  () -> pool.awaitTermination(NEVER),
                  () -> pool.awaitTermination(EVER),
                  () -> pool.awaitTermination(0, TimeUnit.DAYS),
                  pool::close)) {
            assertThrows(IllegalStateException.class, wait::run);
            refused.incrementAndGet();
          }
        };
    Task<?> task = pool.submit(inline ? () -> pool.submit(body).join() : body);
    task.get(20, TimeUnit.SECONDS);
    assertEquals(6, refused.get());
    assertTrue(pool.isShutdown(), "close() had started the shutdown");
    assertTrue(pool.awaitTermination(LONG));
  }

  /** A task that shuts down or aborts its own pool is not interrupted by its own call. */
  @Test
  void abortFromABody(Pools pools) throws Exception {
    WorkerPool pool = pools.build(Pools.patient(2));
    CountDownLatch other = new CountDownLatch(1);
    Task<?> interrupted =
        pool.submit(
            () -> {
              other.countDown();
              new CountDownLatch(1).await();
              return 1;
            });
    other.await();
    Task<Boolean> own =
        pool.submit(
            () -> {
              pool.submit(() -> 1);
              assertEquals(1, pool.shutdownNow().size());
              return Thread.currentThread().isInterrupted();
            });
    assertFalse(own.get(20, TimeUnit.SECONDS));
    ExecutionException failed =
        assertThrows(ExecutionException.class, () -> interrupted.get(20, TimeUnit.SECONDS));
    assertTrue(failed.getCause() instanceof InterruptedException);
    assertTrue(pool.awaitTermination(LONG));
  }

  // Durations.

  @Test
  void durationsWithoutMeasure(Pools pools) throws Exception {
    WorkerPool pool =
        pools.build(
            WorkerPool.builder()
                .size(1)
                .queueCapacity(1)
                .abortGrace(EVER)
                .shutdownPolicy(ShutdownPolicy.drainFor(EVER))
                .saturationPolicy(SaturationPolicy.block(Duration.ofNanos(1))));
    assertTrue(pool.awaitIdle(EVER));
    CountDownLatch gate = occupy(pool);
    for (Duration none : List.of(Duration.ZERO, Duration.ofNanos(-1), NEVER, Duration.ofNanos(1))) {
      assertFalse(pool.awaitIdle(none));
      assertFalse(pool.awaitTermination(none));
    }
    assertFalse(pool.awaitTermination(Long.MIN_VALUE, TimeUnit.DAYS));
    Task<?> task = pool.submit(() -> {});
    assertFalse(task.awaitStopped(NEVER));
    assertFalse(task.awaitStopped(Duration.ofNanos(1)));
    RejectedTaskException late =
        assertThrows(RejectedTaskException.class, () -> pool.execute(() -> {}));
    assertEquals(Reason.TIMEOUT, late.reason());
    gate.countDown();
    assertTrue(task.awaitStopped(EVER));
    assertTrue(pool.awaitIdle(EVER));
    CountDownLatch last = occupy(pool);
    pool.shutdown();
    assertFalse(pool.awaitTermination(Duration.ofNanos(1)));
    assertFalse(pool.isTerminated());
    pool.shutdown(ShutdownPolicy.abort());
    assertTrue(pool.report().isEmpty(), "the grace has no end");
    last.countDown();
    assertTrue(pool.awaitTermination(Long.MAX_VALUE, TimeUnit.DAYS));
    assertEquals(0, pool.stats().aborted());
  }

  /** A deadline of no length at all is an abort; the longest is a drain. */
  @Test
  void deadlinesWithoutMeasure(Pools pools) throws Exception {
    for (Duration deadline : List.of(Duration.ZERO, Duration.ofNanos(1), EVER)) {
      WorkerPool pool = pools.build(WorkerPool.builder().size(1).abortGrace(Duration.ofNanos(1)));
      CountDownLatch gate = occupy(pool);
      Task<?> queued = pool.submit(() -> {});
      pool.shutdown(ShutdownPolicy.drainFor(deadline));
      if (deadline == EVER) {
        gate.countDown();
        pool.close();
        assertFalse(queued.isCancelled());
      } else {
        pool.close();
        Awaitility.await().until(queued::isCancelled); // Told on another thread, which may be late.
        assertEquals(1, pool.report().orElseThrow().stuck().size());
        gate.countDown();
      }
      assertTrue(pool.awaitTermination(LONG));
    }
  }
}
