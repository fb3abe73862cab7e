package io.threadpool.contract;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.threadpool.Task;
import io.threadpool.TaskAbortedException;
import io.threadpool.TerminationReport;
import io.threadpool.WorkerPool;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.FutureTask;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * The end of an {@code ExecutorService} as its javadoc states it, that of 19 and later included:
 * {@code shutdown}, {@code shutdownNow}, {@code awaitTermination} and {@code close}.
 */
@ParameterizedClass(name = "{0}")
@MethodSource("io.threadpool.contract.Configuration#all")
class LifecycleContractTest {

  @RegisterExtension final TestPools pools = new TestPools();

  private final Configuration configuration;

  LifecycleContractTest(Configuration configuration) {
    this.configuration = configuration;
  }

  private WorkerPool pool(int size) {
    return pools.build(configuration.builder(size));
  }

  private static Throwable causeOf(Caller<?> caller) {
    return assertThrows(ExecutionException.class, caller::get).getCause();
  }

  @Test
  void aNewPoolIsNeitherShutDownNorTerminated() throws Exception {
    WorkerPool pool = pool(1);
    assertFalse(pool.isShutdown());
    assertFalse(pool.isTerminated());
    assertTrue(pool.report().isEmpty());
    assertFalse(pool.awaitTermination(0, TimeUnit.SECONDS));
    assertFalse(pool.awaitTermination(Duration.ofMillis(1)));
  }

  // shutdown

  @Test
  void shutdownRunsWhatWasAcceptedInOrderAndRefusesTheRest() throws Exception {
    WorkerPool pool = pool(1);
    Held held = pools.occupy(pool);
    List<Integer> order = Collections.synchronizedList(new ArrayList<>());
    for (int i = 0; i < 20; i++) {
      int number = i;
      pool.execute(() -> order.add(number));
    }
    pool.shutdown();
    assertTrue(pool.isShutdown());
    assertFalse(pool.isTerminated());
    assertThrows(RejectedExecutionException.class, () -> pool.execute(() -> order.add(-1)));
    assertFalse(pool.awaitTermination(Duration.ZERO));
    assertFalse(held.wasInterrupted());
    held.release();
    assertTrue(pool.awaitTermination(TestPools.LONG));
    assertTrue(pool.isTerminated());
    assertEquals(IntStream.range(0, 20).boxed().toList(), order);
    assertFalse(held.wasInterrupted());
    assertEquals(21, pool.report().orElseThrow().completed());
  }

  @Test
  void shutdownMayBeCalledAgainAndAgain() throws Exception {
    WorkerPool pool = pool(1);
    Held held = pools.occupy(pool);
    pool.shutdown();
    pool.shutdown();
    assertFalse(held.wasInterrupted());
    held.release();
    assertTrue(pool.awaitTermination(TestPools.LONG));
    TerminationReport report = pool.report().orElseThrow();
    pool.shutdown();
    assertEquals(List.of(), pool.shutdownNow());
    pool.close();
    assertTrue(pool.isShutdown());
    assertTrue(pool.isTerminated());
    assertSame(report, pool.report().orElseThrow());
  }

  @Test
  void shutdownLetsIdleWorkersGo() throws Exception {
    WorkerPool pool = pool(4);
    pool.submit(() -> 1).get();
    pool.shutdown();
    assertTrue(pool.awaitTermination(TestPools.LONG));
  }

  @Test
  void shutdownFromABodyLetsItEnd() throws Exception {
    WorkerPool pool = pool(1);
    Held before = pools.occupy(pool);
    Task<Boolean> task =
        pool.submit(
            () -> {
              pool.shutdown();
              assertThrows(RejectedExecutionException.class, () -> pool.execute(() -> {}));
              return Thread.currentThread().isInterrupted();
            });
    Task<Integer> queued = pool.submit(() -> 1);
    before.release();
    assertFalse(task.get());
    assertEquals(1, queued.get());
    assertTrue(pool.awaitTermination(TestPools.LONG));
  }

  @Test
  void shutdownNowReturnsWhatNeverStartedAsItWasGivenAndInterruptsTheRest() throws Exception {
    WorkerPool pool = pool(1);
    Held held = pools.occupy(pool);
    AtomicInteger runs = new AtomicInteger();
    Runnable raw = runs::incrementAndGet;
    Task<Integer> task = pool.submit(runs::incrementAndGet);
    Task<Integer> cancelled = pool.submit(runs::incrementAndGet);
    pool.execute(raw);
    FutureTask<Integer> future = new FutureTask<>(runs::incrementAndGet);
    pool.execute(future);
    pool.execute(raw);
    cancelled.cancel(false);
    List<Runnable> unstarted = pool.shutdownNow();
    assertEquals(4, unstarted.size());
    assertSame(task, unstarted.get(0));
    assertSame(raw, unstarted.get(1));
    assertSame(future, unstarted.get(2));
    assertSame(raw, unstarted.get(3));
    assertTrue(task.isDone());
    TestPools.eventually().until(future::isCancelled);
    assertEquals(
        TaskAbortedException.Reason.SHUTDOWN,
        assertThrows(TaskAbortedException.class, task::join).reason());
    held.awaitInterrupted();
    assertTrue(pool.isShutdown());
    assertEquals(List.of(), pool.shutdownNow());
    assertTrue(pool.awaitTermination(TestPools.LONG));
    assertEquals(0, runs.get());
    TerminationReport report = pool.report().orElseThrow();
    assertEquals(6, report.accepted());
    assertEquals(4, report.aborted());
    assertEquals(1, report.cancelled());
    assertEquals(1, report.completed());
    assertEquals(0, report.openStages());
    assertEquals(List.of(), report.stuck());
    task.run();
    assertEquals(0, runs.get());
  }

  @Test
  void whatShutdownNowReturnedMayBeRunByTheCaller() throws Exception {
    WorkerPool pool = pool(1);
    pools.occupy(pool);
    AtomicInteger runs = new AtomicInteger();
    pool.execute(runs::incrementAndGet);
    pool.shutdownNow().forEach(Runnable::run);
    assertEquals(1, runs.get());
  }

  @Test
  void anInterruptedBodyKeepsTheOutcomeItReaches() throws Exception {
    WorkerPool pool = pool(2);
    Held calm = pools.held();
    Held tense = pools.held();
    Exception thrown = new Exception("interrupted");
    Task<String> completes = pool.submit(calm, "completed");
    Task<String> fails =
        pool.submit(
            () -> {
              tense.run();
              throw thrown;
            });
    calm.awaitStarted();
    tense.awaitStarted();
    pool.shutdownNow();
    assertEquals("completed", completes.get());
    assertSame(thrown, assertThrows(ExecutionException.class, fails::get).getCause());
    assertTrue(pool.awaitTermination(TestPools.LONG));
    TerminationReport report = pool.report().orElseThrow();
    assertEquals(1, report.completed());
    assertEquals(1, report.failed());
    assertEquals(0, report.aborted());
  }

  @Test
  void shutdownNowFromABodyDoesNotInterruptIt() throws Exception {
    WorkerPool pool = pool(1);
    Held held = pools.occupy(pool);
    AtomicInteger runs = new AtomicInteger();
    List<Runnable> unstarted = new ArrayList<>();
    Task<Boolean> task =
        pool.submit(
            () -> {
              unstarted.addAll(pool.shutdownNow());
              return Thread.currentThread().isInterrupted();
            });
    Runnable raw = runs::incrementAndGet;
    pool.execute(raw);
    held.release();
    assertFalse(task.get());
    assertTrue(pool.awaitTermination(TestPools.LONG));
    assertEquals(List.of(raw), unstarted);
    assertEquals(0, runs.get());
  }

  @Test
  void aBodyThatShutThePoolDownIsInterruptedByALaterAbortOfSomebodyElse() throws Exception {
    WorkerPool pool = pool(1);
    Held held = pools.held();
    Task<?> task =
        pool.submit(
            () -> {
              pool.shutdown();
              held.run();
            });
    held.awaitStarted();
    pool.shutdownNow();
    held.awaitInterrupted();
    task.get();
  }

  @Test
  void aTaskAfterOneThatShutThePoolDownIsInterruptedByAnAbort() throws Exception {
    WorkerPool pool = pool(1);
    Held first = pools.occupy(pool);
    pool.execute(pool::shutdown);
    Held held = pools.held();
    Task<?> task = pool.submit(held);
    first.release();
    held.awaitStarted();
    pool.shutdownNow();
    held.awaitInterrupted();
    task.get();
  }

  @Test
  void stepsOfACompletableFutureAreReturnedAndCountedAsOpen() throws Exception {
    WorkerPool pool = pool(1);
    pools.occupy(pool);
    CompletableFuture<Integer> supplied = CompletableFuture.supplyAsync(() -> 1, pool);
    assertEquals(1, pool.shutdownNow().size());
    assertTrue(pool.awaitTermination(TestPools.LONG));
    assertFalse(supplied.isDone());
    assertEquals(1, pool.report().orElseThrow().openStages());
    assertEquals(1, pool.report().orElseThrow().aborted());
  }

  // awaitTermination

  @Test
  void awaitTerminationIsInterruptible() throws Exception {
    WorkerPool pool = pool(1);
    Held held = pools.occupy(pool);
    pool.shutdown();
    Caller<Boolean> one = pools.call(() -> pool.awaitTermination(TestPools.LONG)).awaitBlocked();
    Caller<Boolean> two =
        pools.call(() -> pool.awaitTermination(Long.MAX_VALUE, TimeUnit.DAYS)).awaitBlocked();
    Caller<Boolean> three =
        pools.call(() -> pool.awaitTermination(Duration.ofSeconds(Long.MAX_VALUE))).awaitBlocked();
    one.interrupt();
    assertTrue(causeOf(one) instanceof InterruptedException);
    assertFalse(held.wasInterrupted());
    held.release();
    assertTrue(two.get());
    assertTrue(three.get());
  }

  @Test
  void awaitTerminationWithoutTimeOnlyLooks() throws Exception {
    WorkerPool pool = pool(1);
    Held held = pools.occupy(pool);
    for (Duration none :
        List.of(
            Duration.ZERO,
            Duration.ofNanos(-1),
            Duration.ofNanos(Long.MIN_VALUE),
            Duration.ofSeconds(Long.MIN_VALUE))) {
      assertFalse(pools.call(() -> pool.awaitTermination(none)).get());
      assertFalse(pools.call(() -> pool.awaitIdle(none)).get());
    }
    assertFalse(pools.call(() -> pool.awaitTermination(Long.MIN_VALUE, TimeUnit.DAYS)).get());
    pool.shutdown();
    assertFalse(pools.call(() -> pool.awaitTermination(-1, TimeUnit.DAYS)).get());
    assertFalse(pool.awaitTermination(1, TimeUnit.MILLISECONDS));
    held.release();
    assertTrue(pool.awaitTermination(TestPools.LONG));
    assertTrue(pool.awaitTermination(Duration.ZERO));
    assertTrue(pool.awaitTermination(-1, TimeUnit.DAYS));
  }

  @Test
  void noTerminationBeforeTheLastBodyIsOutThoughItsTaskIsSettled() throws Exception {
    WorkerPool pool = pool(2);
    Held first = pools.occupy(pool);
    Held last = pools.held();
    Task<?> task = pool.submit(last);
    last.awaitStarted();
    assertTrue(task.cancel(false));
    pool.shutdown();
    first.release();
    first.thread().join();
    assertFalse(pool.isTerminated());
    assertTrue(pool.report().isEmpty());
    last.release();
    assertTrue(pool.awaitTermination(TestPools.LONG));
    assertTrue(pool.report().isPresent());
  }

  @Test
  void awaitTerminationWaitsForAShutdownToCome() throws Exception {
    WorkerPool pool = pool(2);
    Caller<Boolean> waiter = pools.call(() -> pool.awaitTermination(TestPools.LONG)).awaitBlocked();
    pool.shutdown();
    assertTrue(waiter.get());
  }

  @Test
  void aBodyMayNotWaitForItsPoolWhateverTheTimeout() throws Exception {
    WorkerPool pool = pool(1);
    Callable<Integer> body =
        () -> {
          Class<IllegalStateException> refused = IllegalStateException.class;
          assertThrows(refused, () -> pool.awaitTermination(TestPools.LONG));
          assertThrows(refused, () -> pool.awaitTermination(1, TimeUnit.DAYS));
          assertThrows(refused, () -> pool.awaitTermination(Duration.ZERO));
          assertThrows(refused, () -> pool.awaitIdle(TestPools.LONG));
          assertThrows(refused, () -> pool.awaitIdle(Duration.ZERO));
          assertFalse(pool.isShutdown());
          assertThrows(refused, pool::close);
          assertTrue(pool.isShutdown());
          assertFalse(Thread.currentThread().isInterrupted());
          return 1;
        };
    assertEquals(1, pool.submit(body).get());
    assertTrue(pool.awaitTermination(TestPools.LONG));
  }

  @Test
  void aBodyMayWaitForAnotherPool() throws Exception {
    WorkerPool pool = pool(1);
    WorkerPool other = pool(1);
    other.execute(() -> {});
    assertTrue(
        pool.submit(
                () -> {
                  assertTrue(other.awaitIdle(TestPools.LONG));
                  other.close();
                  return other.awaitTermination(TestPools.LONG);
                })
            .get());
  }

  // close

  @Test
  void closeWaitsForEveryTask() throws Exception {
    AtomicInteger runs = new AtomicInteger();
    WorkerPool pool;
    try (WorkerPool open = pool(2)) {
      pool = open;
      for (int i = 0; i < 40; i++) {
        open.execute(runs::incrementAndGet);
      }
    }
    assertEquals(40, runs.get());
    assertTrue(pool.isTerminated());
    assertFalse(Thread.currentThread().isInterrupted());
  }

  @Test
  void closeDoesNotReturnWhileABodyRuns() throws Exception {
    WorkerPool pool = pool(1);
    Held held = pools.occupy(pool);
    Caller<Boolean> closer = pools.call(() -> closeAndLook(pool)).awaitBlocked();
    Caller<Boolean> second = pools.call(() -> closeAndLook(pool)).awaitBlocked();
    assertTrue(pool.isShutdown());
    assertFalse(closer.isDone());
    held.release();
    assertFalse(closer.get());
    assertFalse(second.get());
    assertFalse(held.wasInterrupted());
  }

  /** Closes the pool, asserts that it has ended, and returns the interrupt flag. */
  private static boolean closeAndLook(ExecutorService pool) throws Exception {
    ((AutoCloseable) pool).close();
    assertTrue(pool.isTerminated());
    return Thread.currentThread().isInterrupted();
  }

  @Test
  void closeInterruptedAbortsWaitsOnAndRestoresTheFlag() throws Exception {
    WorkerPool pool = pool(1);
    Held held = pools.deaf();
    pool.execute(held);
    held.awaitStarted();
    AtomicInteger runs = new AtomicInteger();
    Task<Integer> queued = pool.submit(runs::incrementAndGet);
    Caller<Boolean> closer = pools.call(() -> closeAndLook(pool)).awaitBlocked();
    assertFalse(queued.isDone());
    closer.interrupt();
    held.awaitInterrupted();
    TestPools.eventually().until(queued::isDone);
    assertThrows(CancellationException.class, queued::get);
    assertFalse(closer.isDone());
    held.release();
    assertTrue(closer.get());
    assertEquals(0, runs.get());
    assertEquals(1, pool.report().orElseThrow().aborted());
  }

  @Test
  void closeByAThreadThatIsInterruptedAlreadyAborts() throws Exception {
    WorkerPool pool = pool(1);
    Held held = pools.occupy(pool);
    Caller<Boolean> closer =
        pools.call(
            () -> {
              Thread.currentThread().interrupt();
              return closeAndLook(pool);
            });
    assertTrue(closer.get());
    held.awaitInterrupted();
  }

  @Test
  void closeOfATerminatedPoolHasNoEffect() throws Exception {
    WorkerPool pool = pool(1);
    pool.close();
    Caller<Boolean> interrupted =
        pools.call(
            () -> {
              Thread.currentThread().interrupt();
              return closeAndLook(pool);
            });
    assertTrue(interrupted.get());
    pool.close();
    assertFalse(Thread.currentThread().isInterrupted());
  }

  @Test
  void closeAfterShutdownNowWaitsForTheBodies() throws Exception {
    WorkerPool pool = pool(1);
    Held held = pools.deaf();
    pool.execute(held);
    held.awaitStarted();
    pool.shutdownNow();
    Caller<Boolean> closer = pools.call(() -> closeAndLook(pool)).awaitBlocked();
    held.release();
    assertFalse(closer.get());
  }

  @Test
  void manyThreadsMayEndThePoolAtOnce() throws Exception {
    WorkerPool pool = pool(2);
    List<Caller<?>> callers = new ArrayList<>();
    for (int i = 0; i < 3; i++) {
      callers.add(pools.call(() -> closeAndLook(pool)));
      callers.add(pools.call(pool::shutdownNow));
      callers.add(pools.call(() -> pool.awaitTermination(TestPools.LONG)));
    }
    for (Caller<?> caller : callers) {
      caller.get();
    }
    assertTrue(pool.isTerminated());
  }
}
