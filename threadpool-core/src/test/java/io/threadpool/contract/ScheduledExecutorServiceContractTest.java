package io.threadpool.contract;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.threadpool.RejectedTaskException;
import io.threadpool.ScheduledTask;
import io.threadpool.ShutdownPolicy;
import io.threadpool.TaskAbortedException;
import io.threadpool.TaskOptions;
import io.threadpool.WorkerPool;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.MethodSource;

/** {@code ScheduledExecutorService} as its javadoc states it, and what ours adds. */
@ParameterizedClass(name = "{0}")
@MethodSource("io.threadpool.contract.Configuration#all")
class ScheduledExecutorServiceContractTest {

  private static final long SOON = 5;

  @RegisterExtension final TestPools pools = new TestPools();

  private final Configuration configuration;

  ScheduledExecutorServiceContractTest(Configuration configuration) {
    this.configuration = configuration;
  }

  private WorkerPool pool(int size) {
    return pools.build(configuration.builder(size));
  }

  private static ScheduledTask<?> tomorrow(WorkerPool pool) {
    return pool.schedule(() -> {}, 1, TimeUnit.DAYS);
  }

  // Once.

  @Test
  void aCallableRunsNotBeforeItsDelay() throws Exception {
    ScheduledExecutorService pool = pool(2);
    long start = System.nanoTime();
    ScheduledFuture<Long> task = pool.schedule(System::nanoTime, 20, TimeUnit.MILLISECONDS);
    long ran = task.get() - start;
    assertTrue(ran >= 20_000_000, () -> "after " + ran);
    assertTrue(task.isDone());
    assertFalse(task.isCancelled());
  }

  @Test
  void aRunnableHasNullAsItsResult() throws Exception {
    WorkerPool pool = pool(1);
    AtomicInteger runs = new AtomicInteger();
    Runnable counts = runs::incrementAndGet;
    ScheduledFuture<?> task = pool.schedule(counts, Duration.ofMillis(SOON));
    assertNull(task.get());
    assertEquals(1, runs.get());
  }

  @Test
  void delaysOfZeroOrLessAreForNow() throws Exception {
    WorkerPool pool = pool(1);
    assertEquals(1, pool.schedule(() -> 1, 0, TimeUnit.SECONDS).get());
    assertEquals(2, pool.schedule(() -> 2, -5, TimeUnit.DAYS).get());
    assertEquals(3, pool.schedule(() -> 3, Long.MIN_VALUE, TimeUnit.NANOSECONDS).get());
    assertEquals(4, pool.schedule(() -> 4, Duration.ofSeconds(Long.MIN_VALUE)).get());
  }

  @Test
  void theLongestDelayIsForNeverAndHoldsUpNobody() throws Exception {
    WorkerPool pool = pool(1);
    ScheduledTask<?> never = pool.schedule(() -> {}, Long.MAX_VALUE, TimeUnit.DAYS);
    ScheduledTask<?> neither = pool.schedule(() -> {}, Duration.ofSeconds(Long.MAX_VALUE));
    assertEquals(1, pool.schedule(() -> 1, SOON, TimeUnit.MILLISECONDS).get());
    assertTrue(never.getDelay(TimeUnit.DAYS) > 365 * 70);
    assertTrue(never.compareTo(neither) <= 0);
    assertFalse(never.isDone());
    assertEquals(2, pool.stats().delayed());
  }

  @Test
  void thoseDueAtOnceRunInTheOrderOfSubmission() throws Exception {
    WorkerPool pool = pool(1);
    List<Integer> order = Collections.synchronizedList(new ArrayList<>());
    List<ScheduledTask<?>> tasks = new ArrayList<>();
    for (int i = 0; i < 50; i++) {
      int number = i;
      tasks.add(pool.schedule(() -> order.add(number), 0, TimeUnit.SECONDS));
    }
    for (ScheduledTask<?> task : tasks) {
      task.toCompletableFuture().join();
    }
    if (configuration.keepsThread()) {
      assertEquals(tasks.size(), order.size());
      assertEquals(order.stream().sorted().toList(), order);
    }
  }

  @Test
  void theEarlierOneRunsFirst() throws Exception {
    WorkerPool pool = pool(1);
    Held held = pools.occupy(pool);
    List<String> order = Collections.synchronizedList(new ArrayList<>());
    ScheduledTask<?> later;
    ScheduledTask<?> sooner;
    for (long gap = 6; ; gap *= 2) {
      long start = System.nanoTime();
      later = pool.schedule(() -> order.add("later"), gap + 3, TimeUnit.MILLISECONDS);
      sooner = pool.schedule(() -> order.add("sooner"), 3, TimeUnit.MILLISECONDS);
      if (System.nanoTime() - start < gap * 1_000_000) {
        break;
      }
      later.cancel(false); // This thread stood still in between; the worker is held.
      sooner.cancel(false);
    }
    assertTrue(sooner.compareTo(later) < 0);
    assertTrue(later.compareTo(sooner) > 0);
    TestPools.eventually().until(() -> pool.stats().delayed() == 0);
    held.release();
    later.get();
    sooner.get();
    assertEquals(List.of("sooner", "later"), order);
  }

  @Test
  void getDelayTellsWhatIsLeft() {
    WorkerPool pool = pool(1);
    ScheduledTask<?> task = pool.schedule(() -> {}, 2, TimeUnit.HOURS);
    assertEquals(1, task.getDelay(TimeUnit.HOURS));
    assertTrue(task.getDelay(TimeUnit.MINUTES) >= 118);
    assertThrows(NullPointerException.class, () -> task.getDelay(null));
  }

  @Test
  void whatThrowsFailsAndReachesNoHandler() throws Exception {
    List<Throwable> handled = Collections.synchronizedList(new ArrayList<>());
    WorkerPool pool =
        pools.build(
            configuration.builder(1).uncaughtHandler((thread, thrown) -> handled.add(thrown)));
    IllegalStateException thrown = new IllegalStateException("for the test");
    Callable<Integer> failing =
        () -> {
          throw thrown;
        };
    ScheduledTask<Integer> task = pool.schedule(failing, SOON, TimeUnit.MILLISECONDS);
    ExecutionException failure = assertThrows(ExecutionException.class, task::get);
    assertSame(thrown, failure.getCause());
    assertTrue(pool.awaitIdle(TestPools.LONG));
    assertEquals(List.of(), handled);
    assertEquals(1, pool.stats().failed());
  }

  @Test
  void whatPrecedesScheduleIsVisibleToTheBodyAndThatToWhoGets() throws Exception {
    WorkerPool pool = pool(2);
    for (int round = 0; round < 50; round++) {
      int[] plain = {round, 0};
      pool.schedule(() -> plain[1] = plain[0] + 1, 10, TimeUnit.MICROSECONDS).get();
      assertEquals(round + 1, plain[1]);
    }
  }

  @Test
  void getWithATimeLimitGivesUp() {
    WorkerPool pool = pool(1);
    ScheduledTask<?> task = tomorrow(pool);
    assertThrows(TimeoutException.class, () -> task.get(SOON, TimeUnit.MILLISECONDS));
    assertThrows(TimeoutException.class, () -> task.get(0, TimeUnit.MILLISECONDS));
    assertFalse(task.isDone());
  }

  @Test
  void stagesFollow() {
    WorkerPool pool = pool(1);
    ScheduledTask<Integer> task = pool.schedule(() -> 6, SOON, TimeUnit.MILLISECONDS);
    assertEquals(42, task.toCompletableFuture().thenApplyAsync(n -> n * 7).join());
  }

  @Test
  void aTaskMaySubmitTheNextAndEndsWithThePool() throws Exception {
    WorkerPool pool = pool(1);
    CountDownLatch often = new CountDownLatch(5);
    Runnable again =
        new Runnable() {
          @Override
          public void run() {
            often.countDown();
            pool.schedule(this, 1, TimeUnit.MILLISECONDS);
          }
        };
    pool.schedule(again, 1, TimeUnit.MILLISECONDS);
    assertTrue(often.await(20, TimeUnit.SECONDS));
    pool.close();
    assertEquals(0, pool.stats().delayed());
  }

  // Cancelling.

  @Test
  void aCancelledOneIsForgottenAtOnce() {
    WorkerPool pool = pool(1);
    AtomicInteger runs = new AtomicInteger();
    ScheduledTask<?> task = pool.schedule(runs::incrementAndGet, 1, TimeUnit.HOURS);
    assertEquals(1, pool.stats().delayed());
    assertTrue(task.cancel(true));
    assertEquals(0, pool.stats().delayed());
    assertTrue(task.isCancelled());
    assertTrue(task.isDone());
    assertThrows(CancellationException.class, task::get);
    assertTrue(task.cancel(false));
    assertEquals(1, pool.stats().cancelled());
    pool.close();
    assertEquals(0, runs.get());
  }

  @Test
  void whatSettlesTheFutureSettlesTheTask() throws Exception {
    WorkerPool pool = pool(1);
    ScheduledTask<String> task = pool.schedule(() -> "late", 1, TimeUnit.HOURS);
    assertTrue(task.toCompletableFuture().complete("early"));
    assertEquals("early", task.get());
    assertEquals(0, pool.stats().delayed());
    assertEquals(1, pool.stats().completed());
    pool.close();
  }

  @Test
  void aRunningOneIsInterrupted() throws Exception {
    WorkerPool pool = pool(1);
    Held held = pools.held();
    ScheduledTask<?> task = pool.schedule(held, SOON, TimeUnit.MILLISECONDS);
    held.awaitStarted();
    assertTrue(task.cancel(true));
    assertTrue(task.toCompletableFuture().awaitStopped(TestPools.LONG));
    assertTrue(task.isCancelled());
    assertEquals(7, pool.submit(() -> Thread.currentThread().isInterrupted() ? 0 : 7).get());
  }

  @Test
  void oneThatIsDueAndWaitsForAWorkerIsCancelled() throws Exception {
    WorkerPool pool = pool(1);
    Held held = pools.occupy(pool);
    AtomicInteger runs = new AtomicInteger();
    ScheduledTask<?> task = pool.schedule(runs::incrementAndGet, 0, TimeUnit.SECONDS);
    assertEquals(0, pool.stats().delayed());
    assertEquals(1, pool.stats().queued());
    assertTrue(task.cancel(true));
    assertEquals(0, pool.stats().queued());
    held.release();
    assertTrue(pool.awaitIdle(TestPools.LONG));
    assertEquals(0, runs.get());
  }

  // The pool.

  @Test
  void idlenessIgnoresWhatIsDelayed() throws Exception {
    WorkerPool pool = pool(2);
    ScheduledTask<?> task = tomorrow(pool);
    assertTrue(pool.awaitIdle(TestPools.LONG));
    pool.submit(() -> 1).get();
    assertTrue(pool.awaitIdle(TestPools.LONG));
    assertFalse(task.isDone());
    assertEquals(2, pool.stats().accepted());
    assertEquals(1, pool.stats().delayed());
  }

  @Test
  void aClosedPoolRefuses() {
    WorkerPool pool = pool(1);
    pool.shutdown();
    assertThrows(RejectedTaskException.class, () -> tomorrow(pool));
    assertThrows(
        RejectedTaskException.class,
        () -> pool.scheduleAtFixedRate(() -> {}, 0, 1, TimeUnit.SECONDS));
    pool.close();
    RejectedTaskException refused =
        assertThrows(RejectedTaskException.class, () -> pool.schedule(() -> 1, Duration.ZERO));
    assertEquals(RejectedTaskException.Reason.SHUTDOWN, refused.reason());
    assertEquals(3, pool.stats().rejected());
  }

  @Test
  void aDrainRunsWhatIsDelayed() {
    WorkerPool pool = pool(1);
    ScheduledTask<Integer> task = pool.schedule(() -> 1, 30, TimeUnit.MILLISECONDS);
    ScheduledTask<Integer> other = pool.schedule(() -> 2, 20, TimeUnit.MILLISECONDS);
    pool.close();
    assertTrue(pool.isTerminated());
    assertEquals(1, task.toCompletableFuture().join());
    assertEquals(2, other.toCompletableFuture().join());
    assertEquals(2, pool.report().orElseThrow().completed());
  }

  @Test
  void aDrainWithoutDelayedCancelsIt() throws Exception {
    WorkerPool pool = pool(1);
    ScheduledTask<?> task = tomorrow(pool);
    CompletableFuture<Throwable> told = new CompletableFuture<>();
    task.toCompletableFuture().whenComplete((result, failure) -> told.complete(failure));
    pool.shutdown(ShutdownPolicy.drain().withoutDelayed());
    assertTrue(task.isCancelled());
    assertInstanceOf(CancellationException.class, told.get(20, TimeUnit.SECONDS));
    assertTrue(pool.awaitTermination(TestPools.LONG));
    assertEquals(1, pool.report().orElseThrow().cancelled());
  }

  @Test
  void aDeadlineAbortsWhatIsDelayed() throws Exception {
    WorkerPool pool = pool(1);
    ScheduledTask<?> task = tomorrow(pool);
    ScheduledTask<Integer> soon = pool.schedule(() -> 1, 1, TimeUnit.MILLISECONDS);
    soon.get();
    pool.shutdown(ShutdownPolicy.drainFor(Duration.ofMillis(10)));
    assertTrue(pool.awaitTermination(TestPools.LONG));
    assertInstanceOf(
        TaskAbortedException.class, assertThrows(CancellationException.class, task::get));
  }

  @Test
  void shutdownNowAbortsAndReturnsWhatIsDelayed() throws Exception {
    WorkerPool pool = pool(1);
    Held held = pools.occupy(pool);
    ScheduledTask<?> due = pool.schedule(() -> {}, 0, TimeUnit.SECONDS);
    ScheduledTask<?> later = tomorrow(pool);
    ScheduledTask<?> repeated = pool.scheduleAtFixedRate(() -> {}, 2, 2, TimeUnit.DAYS);
    List<Runnable> unstarted = pool.shutdownNow();
    assertEquals(
        List.of(
            due.toCompletableFuture(), later.toCompletableFuture(), repeated.toCompletableFuture()),
        unstarted);
    for (ScheduledTask<?> task : List.of(due, later, repeated)) {
      assertTrue(task.isDone());
      assertThrows(TaskAbortedException.class, task::get);
    }
    held.release();
    assertTrue(pool.awaitTermination(TestPools.LONG));
    assertEquals(3, pool.report().orElseThrow().aborted());
  }

  @Test
  void whatIsDueIsNeitherRefusedNorDiscarded() throws Exception {
    WorkerPool pool = pool(1);
    Held held = pools.occupy(pool);
    List<ScheduledTask<Integer>> tasks = new ArrayList<>();
    for (int i = 0; i < 200; i++) {
      int number = i;
      tasks.add(pool.schedule(() -> number, 0, TimeUnit.SECONDS));
    }
    assertEquals(200, pool.stats().queued());
    pool.execute(() -> {});
    held.release();
    for (int i = 0; i < tasks.size(); i++) {
      assertEquals(i, tasks.get(i).get());
    }
  }

  // Again and again.

  @Test
  void aRateRunsAgainAndAgainNeverTwoAtOnce() throws Exception {
    WorkerPool pool = pool(3);
    CountDownLatch often = new CountDownLatch(10);
    AtomicInteger inside = new AtomicInteger();
    AtomicInteger most = new AtomicInteger();
    ScheduledFuture<?> task =
        pool.scheduleAtFixedRate(
            () -> {
              most.accumulateAndGet(inside.incrementAndGet(), Math::max);
              often.countDown();
              inside.decrementAndGet();
            },
            0,
            100,
            TimeUnit.MICROSECONDS);
    assertTrue(often.await(20, TimeUnit.SECONDS));
    assertFalse(task.isDone());
    assertTrue(task.cancel(false));
    assertTrue(pool.awaitIdle(TestPools.LONG));
    assertEquals(1, most.get());
    assertThrows(CancellationException.class, task::get);
    assertEquals(1, pool.stats().accepted());
    assertEquals(1, pool.stats().cancelled());
  }

  @Test
  void aFixedDelayLiesBetweenTheRuns() throws Exception {
    WorkerPool pool = pool(2);
    List<Long> times = Collections.synchronizedList(new ArrayList<>());
    CountDownLatch often = new CountDownLatch(4);
    ScheduledTask<?> task =
        pool.scheduleWithFixedDelay(
            () -> {
              times.add(System.nanoTime());
              often.countDown();
              times.add(System.nanoTime());
            },
            Duration.ZERO,
            Duration.ofMillis(3));
    assertTrue(often.await(20, TimeUnit.SECONDS));
    task.cancel(true);
    assertTrue(task.toCompletableFuture().awaitStopped(TestPools.LONG));
    for (int i = 2; i < times.size(); i += 2) {
      long between = times.get(i) - times.get(i - 1);
      assertTrue(between >= 3_000_000, () -> "only " + between);
    }
  }

  @Test
  void aRunThatThrowsEndsThePeriodAndReachesHandlerAndHandle() throws Exception {
    CompletableFuture<Throwable> handled = new CompletableFuture<>();
    WorkerPool pool =
        pools.build(
            configuration.builder(1).uncaughtHandler((thread, thrown) -> handled.complete(thrown)));
    AtomicInteger runs = new AtomicInteger();
    IllegalStateException thrown = new IllegalStateException("for the test");
    ScheduledTask<?> task =
        pool.scheduleAtFixedRate(
            () -> {
              if (runs.incrementAndGet() == 3) {
                throw thrown;
              }
            },
            0,
            1,
            TimeUnit.MILLISECONDS);
    ExecutionException failure = assertThrows(ExecutionException.class, task::get);
    assertSame(thrown, failure.getCause());
    assertSame(thrown, handled.get(20, TimeUnit.SECONDS));
    assertTrue(pool.awaitIdle(TestPools.LONG));
    assertEquals(0, pool.stats().delayed());
    assertEquals(3, runs.get());
    assertEquals(1, pool.stats().failed());
  }

  /** It has ended by then: however long the handler takes, that is no part of it. */
  @Test
  void theHandlerIsNoPartOfTheBeat() throws Exception {
    List<Throwable> told = Collections.synchronizedList(new ArrayList<>());
    Held handler = pools.held();
    WorkerPool pool =
        pools.build(
            configuration
                .builder(1)
                .taskOptions(TaskOptions.runningWithin(Duration.ofMillis(20)))
                .uncaughtHandler(
                    (thread, failure) -> {
                      told.add(failure);
                      handler.run();
                    }));
    IllegalStateException thrown = new IllegalStateException("for the test");
    ScheduledTask<?> task =
        pool.scheduleAtFixedRate(
            () -> {
              throw thrown;
            },
            0,
            1,
            TimeUnit.MILLISECONDS);
    handler.awaitStarted();
    ExecutionException failure = assertThrows(ExecutionException.class, task::get);
    assertSame(thrown, failure.getCause());
    handler.release();
    assertTrue(pool.awaitIdle(TestPools.LONG));
    assertFalse(handler.wasInterrupted());
    assertEquals(List.of(thrown), told);
  }

  @Test
  void byChoiceItGoesOn() throws Exception {
    AtomicInteger handled = new AtomicInteger();
    WorkerPool pool =
        pools.build(
            configuration
                .builder(1)
                .uncaughtHandler((thread, thrown) -> handled.incrementAndGet()));
    CountDownLatch often = new CountDownLatch(5);
    ScheduledTask<?> task =
        pool.scheduleWithFixedDelay(
            ScheduledTask.despiteFailures(
                () -> {
                  often.countDown();
                  throw new IllegalStateException("for the test");
                }),
            0,
            1,
            TimeUnit.MILLISECONDS);
    assertTrue(often.await(20, TimeUnit.SECONDS));
    assertFalse(task.isDone());
    task.cancel(false);
    assertTrue(pool.awaitIdle(TestPools.LONG));
    assertTrue(handled.get() >= 4, handled::toString);
  }

  @Test
  void aDrainEndsWhatRepeats() throws Exception {
    WorkerPool pool = pool(2);
    Held held = pools.held();
    ScheduledTask<?> waits = pool.scheduleAtFixedRate(() -> {}, 1, 1, TimeUnit.DAYS);
    ScheduledTask<?> runs = pool.scheduleWithFixedDelay(held, 0, 1, TimeUnit.MILLISECONDS);
    held.awaitStarted();
    pool.shutdown();
    assertTrue(waits.isCancelled());
    assertFalse(runs.isDone());
    held.release();
    assertTrue(pool.awaitTermination(TestPools.LONG));
    assertTrue(runs.isCancelled());
    assertThrows(CancellationException.class, runs::get);
    assertEquals(2, pool.report().orElseThrow().cancelled());
  }

  @Test
  void anAbortInterruptsTheRunAndEndsWhatRepeats() throws Exception {
    WorkerPool pool = pool(1);
    Held held = pools.held();
    ScheduledTask<?> task = pool.scheduleWithFixedDelay(held, 0, 1, TimeUnit.MILLISECONDS);
    held.awaitStarted();
    pool.shutdownNow();
    assertTrue(pool.awaitTermination(TestPools.LONG));
    assertThrows(TaskAbortedException.class, task::get);
  }

  // Bad input.

  @Test
  void badInputIsRefusedAndChangesNothing() {
    WorkerPool pool = pool(1);
    Runnable none = null;
    Callable<Object> nothing = null;
    assertThrows(NullPointerException.class, () -> pool.schedule(none, 1, TimeUnit.SECONDS));
    assertThrows(NullPointerException.class, () -> pool.schedule(nothing, 1, TimeUnit.SECONDS));
    assertThrows(NullPointerException.class, () -> pool.schedule(() -> {}, 1, null));
    assertThrows(NullPointerException.class, () -> pool.schedule(() -> {}, null));
    assertThrows(
        NullPointerException.class, () -> pool.scheduleAtFixedRate(null, 1, 1, TimeUnit.SECONDS));
    assertThrows(
        NullPointerException.class, () -> pool.scheduleWithFixedDelay(() -> {}, 1, 1, null));
    for (long period : new long[] {0, -1, Long.MIN_VALUE}) {
      IllegalArgumentException refused =
          assertThrows(
              IllegalArgumentException.class,
              () -> pool.scheduleAtFixedRate(() -> {}, 1, period, TimeUnit.SECONDS));
      assertEquals("period must be positive, but was " + period, refused.getMessage());
      assertThrows(
          IllegalArgumentException.class,
          () -> pool.scheduleWithFixedDelay(() -> {}, 1, period, TimeUnit.SECONDS));
    }
    assertThrows(
        IllegalArgumentException.class,
        () -> pool.scheduleAtFixedRate(() -> {}, Duration.ZERO, Duration.ZERO));
    assertEquals(0, pool.stats().accepted());
  }
}
