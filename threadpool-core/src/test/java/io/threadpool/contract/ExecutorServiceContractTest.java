package io.threadpool.contract;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.threadpool.Task;
import io.threadpool.WorkerPool;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.MethodSource;

/** {@code ExecutorService} as its javadoc states it: submitting, and the bulk calls. */
@ParameterizedClass(name = "{0}")
@MethodSource("io.threadpool.contract.Configuration#all")
class ExecutorServiceContractTest {

  @RegisterExtension final TestPools pools = new TestPools();

  private final Configuration configuration;

  ExecutorServiceContractTest(Configuration configuration) {
    this.configuration = configuration;
  }

  private WorkerPool pool(int size) {
    return pools.build(configuration.builder(size));
  }

  private static Callable<Integer> returning(int value) {
    return () -> value;
  }

  private static <T> Callable<T> throwing(Exception thrown) {
    return () -> {
      throw thrown;
    };
  }

  private Callable<Integer> holding(Held held, int value) {
    return () -> {
      held.run();
      return value;
    };
  }

  // Submitting.

  @Test
  void executeRunsTheCommandOnceAtSomeTime() throws Exception {
    WorkerPool pool = pool(2);
    AtomicInteger runs = new AtomicInteger();
    pool.execute(runs::incrementAndGet);
    assertTrue(pool.awaitIdle(TestPools.LONG));
    assertEquals(1, runs.get());
  }

  @Test
  void whatPrecedesExecuteIsVisibleToTheCommand() throws Exception {
    WorkerPool pool = pool(2);
    for (int round = 0; round < 200; round++) {
      int[] plain = new int[1];
      plain[0] = round + 1;
      CompletableFuture<Integer> seen = new CompletableFuture<>();
      pool.execute(() -> seen.complete(plain[0]));
      assertEquals(round + 1, seen.get());
    }
  }

  @Test
  void whatPrecedesSubmitIsVisibleToTheBodyAndThatToWhoGets() throws Exception {
    WorkerPool pool = pool(2);
    for (int round = 0; round < 200; round++) {
      int[] plain = {round, 0};
      Future<?> task = pool.submit(() -> plain[1] = plain[0] + 1);
      task.get();
      assertEquals(round + 1, plain[1]);
    }
  }

  @Test
  void theBodiesAreVisibleToWhoAwaitsTermination() throws Exception {
    WorkerPool pool = pool(4);
    int[] plain = new int[50];
    for (int i = 0; i < plain.length; i++) {
      int at = i;
      pool.execute(() -> plain[at] = at + 1);
    }
    pool.shutdown();
    assertTrue(pool.awaitTermination(TestPools.LONG.toSeconds(), TimeUnit.SECONDS));
    assertEquals(50 * 51 / 2, Arrays.stream(plain).sum());
  }

  @Test
  void theThreeFormsOfSubmitHaveTheirResults() throws Exception {
    ExecutorService pool = pool(1);
    assertEquals("called", pool.submit(() -> "called").get());
    AtomicBoolean ran = new AtomicBoolean();
    assertEquals("given", pool.submit(() -> ran.set(true), "given").get());
    assertTrue(ran.getAndSet(false));
    assertNull(pool.submit(() -> ran.set(true)).get());
    assertTrue(ran.get());
    assertNull(pool.submit(() -> {}, null).get());
    assertNull(pool.submit((Callable<Object>) () -> null).get());
  }

  @Test
  void aFailureOfEachFormOfSubmitIsItsCause() {
    ExecutorService pool = pool(1);
    IllegalStateException unchecked = new IllegalStateException("unchecked");
    Exception checked = new Exception("checked");
    Error error = new AssertionError("error");
    Runnable fails =
        () -> {
          throw unchecked;
        };
    Runnable dies =
        () -> {
          throw error;
        };
    assertSame(unchecked, causeOf(pool.submit(fails)));
    assertSame(unchecked, causeOf(pool.submit(fails, "given")));
    assertSame(checked, causeOf(pool.submit(throwing(checked))));
    assertSame(error, causeOf(pool.submit(dies)));
  }

  private static Throwable causeOf(Future<?> task) {
    return assertThrows(ExecutionException.class, task::get).getCause();
  }

  @Test
  void theSameBodySubmittedTwiceIsTwoTasks() throws Exception {
    WorkerPool pool = pool(2);
    AtomicInteger runs = new AtomicInteger();
    Callable<Integer> body = runs::incrementAndGet;
    Task<Integer> one = pool.submit(body);
    Task<Integer> two = pool.submit(body);
    assertNotSame(one, two);
    assertEquals(3, one.get() + two.get());
    assertEquals(2, runs.get());
  }

  @Test
  void nullsAreRefusedAndNothingIsAccepted() {
    WorkerPool pool = pool(1);
    AtomicInteger runs = new AtomicInteger();
    Callable<Integer> counts = runs::incrementAndGet;
    List<Callable<Integer>> holed = Arrays.asList(counts, null, counts);
    List<Callable<Integer>> whole = List.of(counts);
    assertThrows(NullPointerException.class, () -> pool.execute(null));
    assertThrows(NullPointerException.class, () -> pool.submit((Callable<Object>) null));
    assertThrows(NullPointerException.class, () -> pool.submit((Runnable) null));
    assertThrows(NullPointerException.class, () -> pool.submit(null, "result"));
    assertThrows(NullPointerException.class, () -> pool.invokeAll(null));
    assertThrows(NullPointerException.class, () -> pool.invokeAll(holed));
    assertThrows(NullPointerException.class, () -> pool.invokeAll(null, 1, TimeUnit.SECONDS));
    assertThrows(NullPointerException.class, () -> pool.invokeAll(holed, 1, TimeUnit.SECONDS));
    assertThrows(NullPointerException.class, () -> pool.invokeAll(whole, 1, null));
    assertThrows(NullPointerException.class, () -> pool.invokeAny(null));
    assertThrows(NullPointerException.class, () -> pool.invokeAny(holed));
    assertThrows(NullPointerException.class, () -> pool.invokeAny(null, 1, TimeUnit.SECONDS));
    assertThrows(NullPointerException.class, () -> pool.invokeAny(holed, 1, TimeUnit.SECONDS));
    assertThrows(NullPointerException.class, () -> pool.invokeAny(whole, 1, null));
    assertThrows(NullPointerException.class, () -> pool.awaitTermination(1, null));
    assertEquals(0, runs.get());
    assertEquals(0, pool.stats().accepted());
    assertEquals(0, pool.stats().rejected());
  }

  @Test
  void everySubmissionAfterShutdownIsRefused() throws Exception {
    WorkerPool pool = pool(1);
    AtomicInteger runs = new AtomicInteger();
    Callable<Integer> body = runs::incrementAndGet;
    pool.shutdown();
    assertThrows(RejectedExecutionException.class, () -> pool.execute(runs::incrementAndGet));
    assertThrows(RejectedExecutionException.class, () -> pool.submit(body));
    assertThrows(RejectedExecutionException.class, () -> pool.submit(() -> {}));
    assertThrows(RejectedExecutionException.class, () -> pool.submit(() -> {}, "result"));
    assertThrows(RejectedExecutionException.class, () -> pool.invokeAll(List.of(body)));
    assertThrows(
        RejectedExecutionException.class, () -> pool.invokeAll(List.of(body), 1, TimeUnit.SECONDS));
    assertThrows(RejectedExecutionException.class, () -> pool.invokeAny(List.of(body)));
    assertThrows(
        RejectedExecutionException.class, () -> pool.invokeAny(List.of(body), 1, TimeUnit.SECONDS));
    assertTrue(pool.awaitTermination(TestPools.LONG));
    assertThrows(RejectedExecutionException.class, () -> pool.execute(runs::incrementAndGet));
    assertEquals(0, runs.get());
    assertEquals(9, pool.stats().rejected());
    assertEquals(0, pool.stats().accepted());
  }

  // invokeAll.

  @Test
  void invokeAllReturnsDoneFuturesInTheOrderOfTheTasks() throws Exception {
    WorkerPool pool = pool(3);
    List<Callable<Integer>> tasks =
        IntStream.range(0, 30).mapToObj(ExecutorServiceContractTest::returning).toList();
    List<Future<Integer>> futures = pool.invokeAll(tasks);
    assertEquals(30, futures.size());
    for (int i = 0; i < 30; i++) {
      assertTrue(futures.get(i).isDone());
      assertEquals(i, futures.get(i).get());
    }
  }

  @Test
  void invokeAllOfNothingReturnsNothing() throws Exception {
    WorkerPool pool = pool(1);
    List<Callable<String>> none = List.of();
    assertEquals(List.of(), pool.invokeAll(none));
    assertEquals(List.of(), pool.invokeAll(none, 1, TimeUnit.SECONDS));
    assertEquals(List.of(), pool.invokeAll(none, -1, TimeUnit.SECONDS));
  }

  @Test
  void invokeAllKeepsGoingPastFailures() throws Exception {
    WorkerPool pool = pool(2);
    Exception thrown = new Exception("checked");
    CancellationException cancellation = new CancellationException("thrown by the body");
    List<Future<Integer>> futures =
        pool.invokeAll(
            List.of(returning(1), throwing(thrown), throwing(cancellation), returning(4)));
    assertEquals(1, futures.get(0).get());
    assertSame(thrown, causeOf(futures.get(1)));
    assertSame(cancellation, causeOf(futures.get(2)));
    assertEquals(4, futures.get(3).get());
    assertTrue(futures.stream().allMatch(Future::isDone));
    assertTrue(futures.stream().noneMatch(Future::isCancelled));
  }

  @Test
  void invokeAllInterruptedCancelsWhatHasNotEnded() throws Exception {
    WorkerPool pool = pool(1);
    Held held = pools.deaf();
    AtomicInteger runs = new AtomicInteger();
    Caller<?> caller =
        pools.call(() -> pool.invokeAll(List.of(holding(held, 1), runs::incrementAndGet)));
    held.awaitStarted();
    caller.awaitBlocked().interrupt();
    assertTrue(causeOf(caller) instanceof InterruptedException);
    held.awaitInterrupted();
    held.release();
    assertTrue(pool.awaitIdle(TestPools.LONG));
    assertEquals(0, runs.get());
    assertEquals(2, pool.stats().cancelled());
  }

  private static Throwable causeOf(Caller<?> caller) {
    return assertThrows(ExecutionException.class, caller::get).getCause();
  }

  @Test
  void timedInvokeAllReturnsAsSoonAsAllHaveEnded() throws Exception {
    WorkerPool pool = pool(2);
    List<Future<Integer>> futures =
        pool.invokeAll(List.of(returning(1), returning(2)), Long.MAX_VALUE, TimeUnit.DAYS);
    assertEquals(3, futures.get(0).get() + futures.get(1).get());
    futures = pool.invokeAll(List.of(returning(3)), 1, TimeUnit.HOURS);
    assertEquals(3, futures.get(0).get());
  }

  @Test
  void timedInvokeAllCancelsWhatHasNotEndedInTime() throws Exception {
    WorkerPool pool = pool(2);
    Held held = pools.held();
    CountDownLatch first = new CountDownLatch(1);
    Callable<Integer> quick =
        () -> {
          first.countDown();
          return 1;
        };
    Callable<Integer> slow =
        () -> {
          first.await();
          held.run();
          return 2;
        };
    List<Future<Integer>> futures =
        pool.invokeAll(List.of(quick, slow, slow, slow), 50, TimeUnit.MILLISECONDS);
    assertEquals(4, futures.size());
    assertTrue(futures.stream().allMatch(Future::isDone));
    assertTrue(futures.subList(1, 4).stream().allMatch(Future::isCancelled));
    for (Future<Integer> future : futures.subList(1, 4)) {
      assertThrows(CancellationException.class, future::get);
    }
  }

  @Test
  void timedInvokeAllWithoutTimeWaitsForNothing() throws Exception {
    for (long timeout : new long[] {0, -1, Long.MIN_VALUE}) {
      WorkerPool pool = pool(1);
      Held held = pools.occupy(pool);
      List<Future<Integer>> futures =
          pools
              .call(
                  () -> pool.invokeAll(List.of(returning(1), returning(2)), timeout, TimeUnit.DAYS))
              .get();
      assertEquals(2, futures.size());
      assertTrue(futures.stream().allMatch(Future::isCancelled));
      assertFalse(held.wasInterrupted());
      held.release();
    }
  }

  @Test
  void invokeAllWorksFromTheOnlyWorker() throws Exception {
    WorkerPool pool = pool(1);
    Task<Integer> outer =
        pool.submit(
            () -> {
              int sum = 0;
              for (Future<Integer> inner : pool.invokeAll(List.of(returning(1), returning(2)))) {
                sum += inner.get();
              }
              for (Future<Integer> inner :
                  pool.invokeAll(List.of(returning(3), returning(4)), 1, TimeUnit.HOURS)) {
                sum += inner.get();
              }
              return sum;
            });
    assertEquals(10, outer.get(TestPools.LONG.toSeconds(), TimeUnit.SECONDS));
  }

  @Test
  void invokeAllLeavesTheCallersInterruptAlone() throws Exception {
    WorkerPool pool = pool(1);
    pool.invokeAll(
        List.of(
            () -> {
              Thread.currentThread().interrupt();
              return 1;
            }));
    assertFalse(Thread.interrupted());
  }

  @Test
  void invokeAllMayBeGivenAnyCollection() throws Exception {
    WorkerPool pool = pool(1);
    Callable<Integer> one = returning(1);
    assertEquals(3, pool.invokeAll(Collections.nCopies(3, one)).size());
    assertEquals(1, pool.invokeAll(Collections.singleton(one)).size());
  }

  // invokeAny.

  @Test
  void invokeAnyReturnsTheResultOfOneThatCompleted() throws Exception {
    WorkerPool pool = pool(2);
    assertTrue(List.of(1, 2).contains(pool.invokeAny(List.of(returning(1), returning(2)))));
    assertEquals(3, pool.invokeAny(List.of(throwing(new Exception()), returning(3))));
    assertEquals(
        4, pool.invokeAny(List.of(throwing(new Exception()), returning(4)), 1, TimeUnit.HOURS));
    assertNull(pool.invokeAny(List.of(() -> null)));
  }

  @Test
  void invokeAnyOfNothingIsRefused() {
    WorkerPool pool = pool(1);
    List<Callable<String>> none = List.of();
    assertThrows(IllegalArgumentException.class, () -> pool.invokeAny(none));
    assertThrows(IllegalArgumentException.class, () -> pool.invokeAny(none, 1, TimeUnit.SECONDS));
  }

  @Test
  void invokeAnyFailsWithACauseWhereAllFail() throws Exception {
    WorkerPool pool = pool(2);
    Exception one = new Exception("one");
    Exception two = new Exception("two");
    ExecutionException failure =
        assertThrows(
            ExecutionException.class, () -> pool.invokeAny(List.of(throwing(one), throwing(two))));
    assertTrue(List.of(one, two).contains(failure.getCause()));
    failure =
        assertThrows(
            ExecutionException.class,
            () -> pool.invokeAny(List.of(throwing(one)), 1, TimeUnit.HOURS));
    assertSame(one, failure.getCause());
    CancellationException cancellation = new CancellationException();
    failure =
        assertThrows(
            ExecutionException.class, () -> pool.invokeAny(List.of(throwing(cancellation))));
    assertSame(cancellation, failure.getCause());
  }

  @Test
  void invokeAnyCancelsTheOthers() throws Exception {
    WorkerPool pool = pool(2);
    Held held = pools.held();
    AtomicInteger runs = new AtomicInteger();
    Callable<Integer> quick =
        () -> {
          held.awaitStarted();
          return 7;
        };
    assertEquals(7, pool.invokeAny(List.of(holding(held, 1), quick)));
    held.awaitInterrupted();
    Held blocked = pools.occupy(pool);
    Callable<Integer> last =
        () -> {
          blocked.release();
          return runs.incrementAndGet();
        };
    assertEquals(
        1, pool.invokeAny(List.of(last, holding(pools.held(), 2), holding(pools.held(), 3))));
    assertTrue(pool.awaitIdle(TestPools.LONG));
  }

  @Test
  void invokeAnyInterruptedCancelsAll() throws Exception {
    WorkerPool pool = pool(1);
    Held held = pools.deaf();
    AtomicInteger runs = new AtomicInteger();
    Caller<?> caller =
        pools.call(() -> pool.invokeAny(List.of(holding(held, 1), runs::incrementAndGet)));
    held.awaitStarted();
    caller.awaitBlocked().interrupt();
    assertTrue(causeOf(caller) instanceof InterruptedException);
    held.awaitInterrupted();
    held.release();
    assertTrue(pool.awaitIdle(TestPools.LONG));
    assertEquals(0, runs.get());
    assertEquals(2, pool.stats().cancelled());
  }

  @Test
  void timedInvokeAnyThatTimesOutCancelsAll() throws Exception {
    WorkerPool pool = pool(1);
    Held held = pools.deaf();
    AtomicInteger runs = new AtomicInteger();
    Callable<Integer> holding = holding(held, 1);
    int calls = 0;
    int ran = 0;
    while (!held.hasStarted()) { // Where the time was up before it began, with more time.
      assertTrue(pool.awaitIdle(TestPools.LONG));
      ran += runs.getAndSet(0); // What stood behind the other may have run amid the cancelling.
      long millis = 50L << calls++;
      assertThrows(
          TimeoutException.class,
          () ->
              pool.invokeAny(
                  List.of(holding, runs::incrementAndGet), millis, TimeUnit.MILLISECONDS));
    }
    held.awaitInterrupted();
    held.release();
    assertTrue(pool.awaitIdle(TestPools.LONG));
    assertEquals(0, runs.get());
    assertEquals(2 * calls - ran, pool.stats().cancelled());
  }

  @Test
  void timedInvokeAnyWithoutTimeWaitsForNothing() throws Exception {
    for (long timeout : new long[] {0, -1, Long.MIN_VALUE}) {
      WorkerPool pool = pool(1);
      Held held = pools.occupy(pool);
      Caller<Integer> caller =
          pools.call(() -> pool.invokeAny(List.of(returning(1)), timeout, TimeUnit.DAYS));
      assertTrue(causeOf(caller) instanceof TimeoutException);
      held.release();
      assertTrue(pool.awaitIdle(TestPools.LONG));
      assertEquals(1, pool.stats().completed());
    }
  }

  @Test
  void invokeAnyWorksFromTheOnlyWorker() throws Exception {
    WorkerPool pool = pool(1);
    Task<Integer> outer =
        pool.submit(
            () ->
                pool.invokeAny(List.of(throwing(new Exception()), returning(1)))
                    + pool.invokeAny(List.of(returning(2)), 1, TimeUnit.HOURS));
    assertEquals(3, outer.get(TestPools.LONG.toSeconds(), TimeUnit.SECONDS));
  }
}
