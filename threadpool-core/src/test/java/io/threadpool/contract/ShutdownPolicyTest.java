package io.threadpool.contract;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ch.qos.logback.classic.Level;
import io.threadpool.SaturationPolicy;
import io.threadpool.ScheduledTask;
import io.threadpool.ShutdownPolicy;
import io.threadpool.StuckTask;
import io.threadpool.Task;
import io.threadpool.TaskAbortedException;
import io.threadpool.TerminationReport;
import io.threadpool.WorkerPool;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Nothing hangs at the end: drain, abort, deadlines, escalation, the report, and stuck tasks. */
class ShutdownPolicyTest {

  private static final Duration SOON = Duration.ofMillis(10);

  @RegisterExtension final TestPools pools = new TestPools();

  private WorkerPool pool(int size, ShutdownPolicy policy, Duration grace) {
    return pools.build(WorkerPool.builder().size(size).shutdownPolicy(policy).abortGrace(grace));
  }

  /** The thread that keeps a deadline is there only during such a shutdown. */
  @AfterEach
  void noKeeperIsLeft() {
    pools.releaseAll();
    TestPools.eventually()
        .until(
            () ->
                Thread.getAllStackTraces().keySet().stream()
                    .noneMatch(thread -> thread.getName().endsWith("-deadline")));
  }

  // Policies.

  @Test
  void anAbortPolicyMakesShutdownAbort() throws Exception {
    WorkerPool pool = pool(1, ShutdownPolicy.abort(), TestPools.LONG);
    Held held = pools.occupy(pool);
    Task<Integer> queued = pool.submit(() -> 1);
    pool.shutdown();
    assertTrue(queued.isCancelled());
    held.awaitInterrupted();
    assertTrue(pool.awaitTermination(TestPools.LONG));
  }

  @Test
  void aDeadlineThatIsKeptDrains() throws Exception {
    WorkerPool pool = pool(1, ShutdownPolicy.drainFor(Duration.ofHours(1)), TestPools.LONG);
    Held held = pools.occupy(pool);
    Task<Integer> queued = pool.submit(() -> 1);
    pool.shutdown();
    assertFalse(queued.isDone());
    assertTrue(timers().allMatch(Thread::isDaemon));
    TestPools.eventually().until(() -> timers().count() == 1); // The one before may be leaving.
    held.release();
    assertTrue(pool.awaitTermination(TestPools.LONG));
    assertEquals(1, queued.get());
    assertFalse(held.wasInterrupted());
  }

  private static Stream<Thread> timers() {
    return Thread.getAllStackTraces().keySet().stream()
        .filter(thread -> thread.getName().equals("threadpool-timer"));
  }

  @Test
  void aDeadlineThatPassesAbortsWhoeverWaits() throws Exception {
    WorkerPool pool = pool(1, ShutdownPolicy.drainFor(SOON), TestPools.LONG);
    Held held = pools.occupy(pool);
    Task<Integer> queued = pool.submit(() -> 1);
    pool.shutdown();
    held.awaitInterrupted();
    TestPools.eventually().until(queued::isCancelled);
    assertTrue(pool.awaitTermination(TestPools.LONG));
    TerminationReport report = pool.report().orElseThrow();
    assertEquals(1, report.aborted());
    assertEquals(1, report.completed());
    assertTrue(report.elapsed().compareTo(SOON) >= 0, report::toString);
    assertEquals(List.of(), report.stuck());
  }

  @Test
  void aDeadlineOfZeroAborts() throws Exception {
    WorkerPool pool = pool(1, ShutdownPolicy.drainFor(Duration.ZERO), TestPools.LONG);
    Held held = pools.occupy(pool);
    Task<Integer> queued = pool.submit(() -> 1);
    pool.shutdown();
    held.awaitInterrupted();
    TestPools.eventually().until(queued::isCancelled);
  }

  @Test
  void shutdownWithAPolicyOverridesThePoolsOwn() throws Exception {
    WorkerPool pool = pool(1, ShutdownPolicy.abort(), TestPools.LONG);
    Held held = pools.occupy(pool);
    Task<Integer> queued = pool.submit(() -> 1);
    pool.shutdown(ShutdownPolicy.drain());
    assertTrue(pool.isShutdown());
    held.release();
    assertEquals(1, queued.get());
    assertFalse(held.wasInterrupted());
  }

  @Test
  void aLaterCallEscalates() throws Exception {
    WorkerPool pool = pool(2, ShutdownPolicy.drain(), TestPools.LONG);
    Held one = pools.occupy(pool);
    Held two = pools.occupy(pool);
    Task<Integer> queued = pool.submit(() -> 1);
    pool.shutdown();
    pool.shutdown(ShutdownPolicy.drainFor(Duration.ofHours(1)));
    assertFalse(queued.isDone());
    pool.shutdown(ShutdownPolicy.drainFor(SOON));
    one.awaitInterrupted();
    two.awaitInterrupted();
    TestPools.eventually().until(queued::isCancelled);
    assertTrue(pool.awaitTermination(TestPools.LONG));
  }

  @Test
  void aLaterCallDoesNotRelax() throws Exception {
    WorkerPool pool = pool(1, ShutdownPolicy.drain(), TestPools.LONG);
    Held held = pools.occupy(pool);
    Task<Integer> queued = pool.submit(() -> 1);
    pool.shutdown(ShutdownPolicy.drainFor(Duration.ofMillis(50)));
    pool.shutdown(ShutdownPolicy.drainFor(Duration.ofHours(1)));
    pool.shutdown(ShutdownPolicy.drain());
    pool.shutdown();
    held.awaitInterrupted();
    TestPools.eventually().until(queued::isCancelled);
    assertThrows(TaskAbortedException.class, queued::join);
  }

  @Test
  void afterAnAbortNothingRelaxesEither() throws Exception {
    WorkerPool pool = pool(1, ShutdownPolicy.drain(), TestPools.LONG);
    Held held = pools.deaf();
    pool.execute(held);
    held.awaitStarted();
    pool.shutdownNow();
    held.awaitInterrupted();
    pool.shutdown(ShutdownPolicy.drain());
    assertFalse(pool.awaitTermination(SOON));
    held.release();
    assertTrue(pool.awaitTermination(TestPools.LONG));
  }

  @Test
  void closeWithADeadlineAbortsWhenItHasPassed() throws Exception {
    WorkerPool pool = pool(1, ShutdownPolicy.drainFor(SOON), TestPools.LONG);
    Held held = pools.occupy(pool);
    pool.close();
    assertTrue(held.wasInterrupted());
    assertTrue(pool.isTerminated());
  }

  // The report.

  @Test
  void theReportSaysWhatBecameOfEachTask() throws Exception {
    WorkerPool pool = pool(1, ShutdownPolicy.drain(), TestPools.LONG);
    assertEquals(1, pool.submit(() -> 1).get());
    Task<?> failing =
        pool.submit(
            () -> {
              throw new Exception();
            });
    assertThrows(ExecutionException.class, failing::get);
    pool.execute(
        () -> {
          throw new IllegalStateException("raw");
        });
    Held held = pools.occupy(pool);
    pool.submit(() -> 1).cancel(true);
    pool.submit(() -> 1).complete(2);
    pool.submit(() -> 1).completeExceptionally(new Exception());
    pool.submit(() -> 1);
    pool.execute(() -> {});
    assertTrue(pool.report().isEmpty());
    assertEquals(2, pool.shutdownNow().size());
    assertTrue(pool.awaitTermination(TestPools.LONG));
    TerminationReport report = pool.report().orElseThrow();
    assertEquals(1, report.size());
    assertEquals(9, report.accepted());
    assertEquals(3, report.completed());
    assertEquals(3, report.failed());
    assertEquals(1, report.cancelled());
    assertEquals(2, report.aborted());
    assertEquals(0, report.openStages());
    assertEquals(List.of(), report.stuck());
    assertTrue(held.wasInterrupted());
    for (String word : List.of("accepted", "completed", "failed", "cancelled", "aborted")) {
      assertTrue(report.toString().contains(word), report::toString);
    }
  }

  @Test
  void theReportIsThereAndBalancesWhenCloseReturns() throws Exception {
    for (int round = 0; round < 50; round++) {
      WorkerPool pool = pools.fixed(2);
      for (int i = 0; i < 10; i++) {
        pool.execute(() -> {});
      }
      pool.close();
      assertTrue(pool.isTerminated());
      TerminationReport report = pool.report().orElseThrow();
      assertEquals(10, report.accepted());
      assertEquals(10, report.completed());
    }
  }

  // Stuck tasks.

  @Test
  void aDeafTaskIsReportedAndItsHandleSettled() throws Exception {
    try (LogCapture log = LogCapture.at(Level.WARN)) {
      WorkerPool pool = pools.build(WorkerPool.builder().size(2).name("deaf").abortGrace(SOON));
      Held held = pools.deaf();
      Task<String> task = pool.submit(held, "late");
      held.awaitStarted();
      assertEquals(List.of(), pool.shutdownNow());
      TestPools.eventually().until(() -> pool.report().isPresent());
      TestPools.eventually().until(task::isDone);
      TaskAbortedException aborted = assertThrows(TaskAbortedException.class, task::join);
      assertEquals(TaskAbortedException.Reason.STUCK, aborted.reason());
      assertTrue(task.isCancelled());
      assertFalse(task.awaitStopped(Duration.ofMillis(1)));
      assertFalse(pool.isTerminated());
      assertFalse(pool.awaitTermination(Duration.ofMillis(1)));
      TerminationReport report = pool.report().orElseThrow();
      assertEquals(1, report.accepted());
      assertEquals(1, report.aborted());
      StuckTask stuck = report.stuck().get(0);
      assertEquals(1, report.stuck().size());
      assertEquals(held.thread().getName(), stuck.worker());
      assertTrue(stuck.worker().startsWith("deaf-"));
      assertTrue(stuck.age().compareTo(SOON) >= 0, stuck::toString);
      assertTrue(
          stuck.stack().stream()
              .anyMatch(line -> line.getClassName().equals(Held.class.getName())));
      assertTrue(stuck.toString().contains(stuck.worker()));
      TestPools.eventually().until(() -> !log.messages("deaf").isEmpty());
      List<String> ofPool = log.messages("deaf"); // Another test's may be late.
      assertEquals(1, ofPool.size(), () -> log.messages().toString());
      assertTrue(ofPool.get(0).contains(stuck.worker()));
      assertTrue(ofPool.get(0).contains(Held.class.getName()));

      held.release();
      assertTrue(pool.awaitTermination(TestPools.LONG));
      assertTrue(task.awaitStopped(TestPools.LONG));
      assertSame(report, pool.report().orElseThrow());
      assertEquals(1, pool.stats().aborted());
      assertEquals(0, pool.stats().completed());
      assertThrows(TaskAbortedException.class, task::join);
    }
  }

  @Test
  void aDeafRawCommandIsCountedOnceAsAborted() throws Exception {
    WorkerPool pool = pool(1, ShutdownPolicy.drain(), SOON);
    Held held = pools.deaf();
    pool.execute(held);
    held.awaitStarted();
    pool.shutdownNow();
    TestPools.eventually().until(() -> pool.report().isPresent());
    assertEquals(1, pool.report().orElseThrow().stuck().size());
    assertEquals(1, pool.stats().aborted());
    held.release();
    assertTrue(pool.awaitTermination(TestPools.LONG));
    assertEquals(1, pool.stats().aborted());
    assertEquals(0, pool.stats().completed());
  }

  @Test
  void aCancelledTaskThatGoesOnIsStuckToo() throws Exception {
    WorkerPool pool = pool(1, ShutdownPolicy.drain(), SOON);
    Held held = pools.deaf();
    Task<?> task = pool.submit(held);
    held.awaitStarted();
    task.cancel(true);
    pool.shutdownNow();
    TestPools.eventually().until(() -> pool.report().isPresent());
    TerminationReport report = pool.report().orElseThrow();
    assertEquals(1, report.stuck().size());
    assertEquals(1, report.cancelled());
    assertEquals(0, report.aborted());
    held.release();
  }

  @Test
  void closeReturnsAfterTheGraceThoughABodyIsStuck() throws Exception {
    WorkerPool pool = pool(1, ShutdownPolicy.drainFor(SOON), SOON);
    Held held = pools.deaf();
    Task<?> task = pool.submit(held);
    held.awaitStarted();
    pool.close();
    assertFalse(pool.isTerminated());
    assertEquals(1, pool.report().orElseThrow().stuck().size());
    assertTrue(task.isCancelled());
    held.release();
  }

  @Test
  void closeInterruptedReturnsAfterTheGraceWithTheFlag() throws Exception {
    WorkerPool pool = pool(1, ShutdownPolicy.drain(), SOON);
    Held held = pools.deaf();
    pool.execute(held);
    held.awaitStarted();
    Caller<Boolean> closer =
        pools
            .call(
                () -> {
                  pool.close();
                  return Thread.currentThread().isInterrupted();
                })
            .awaitBlocked();
    closer.interrupt();
    assertTrue(closer.get());
    assertFalse(pool.isTerminated());
    assertEquals(1, pool.report().orElseThrow().stuck().size());
    held.release();
  }

  @Test
  void aStuckStackOfInlineTasksIsSettledWhole() throws Exception {
    WorkerPool pool = pool(1, ShutdownPolicy.drain(), SOON);
    Held held = pools.deaf();
    List<Task<String>> inner = new ArrayList<>();
    CountDownLatch submitted = new CountDownLatch(1);
    Task<String> outer =
        pool.submit(
            () -> {
              inner.add(pool.submit(held, "inner"));
              submitted.countDown();
              return inner.get(0).join();
            });
    Held.await(submitted, "submitted");
    held.awaitStarted();
    pool.shutdownNow();
    TestPools.eventually().until(() -> pool.report().isPresent());
    TestPools.eventually().until(() -> outer.isDone() && inner.get(0).isDone());
    assertEquals(1, pool.report().orElseThrow().stuck().size());
    assertEquals(2, pool.report().orElseThrow().aborted());
    assertTrue(outer.isCancelled());
    assertTrue(inner.get(0).isCancelled());
    held.release();
  }

  @Test
  void aStuckCallerIsReportedByItsName() throws Exception {
    WorkerPool pool =
        pools.build(
            WorkerPool.builder()
                .size(1)
                .queueCapacity(1)
                .saturationPolicy(SaturationPolicy.callerRuns())
                .abortGrace(SOON));
    pools.occupy(pool);
    pool.execute(() -> {});
    Held held = pools.deaf();
    Caller<Object> caller =
        pools.call(
            () -> {
              pool.execute(held);
              return null;
            });
    held.awaitStarted();
    pool.shutdownNow();
    TestPools.eventually().until(() -> pool.report().isPresent());
    List<StuckTask> stuck = pool.report().orElseThrow().stuck();
    // On a busy machine the worker's body may not have heard its interrupt within the grace either.
    assertTrue(stuck.stream().anyMatch(task -> task.worker().equals(caller.thread().getName())));
    assertFalse(pool.isTerminated());
    held.release();
    assertTrue(pool.awaitTermination(TestPools.LONG));
  }

  @Test
  void theAgeIsThatOfTheBody() throws Exception {
    WorkerPool pool = pool(1, ShutdownPolicy.drain(), Duration.ZERO);
    Held before = pools.occupy(pool);
    TestPools.eventually().until(new Elapsed(Duration.ofMillis(60))::over);
    Held held = pools.deaf();
    pool.execute(held);
    long start = System.nanoTime();
    before.release();
    held.awaitStarted();
    pool.shutdownNow();
    TestPools.eventually().until(() -> pool.report().isPresent());
    Duration sinceRelease = Duration.ofNanos(System.nanoTime() - start);
    StuckTask stuck = pool.report().orElseThrow().stuck().get(0);
    assertTrue(stuck.age().compareTo(sinceRelease.plusMillis(1)) <= 0, stuck::toString);
    held.release();
  }

  /** Tells when some time has passed. */
  private record Elapsed(Duration time, long start) {
    Elapsed(Duration time) {
      this(time, System.nanoTime());
    }

    boolean over() {
      return System.nanoTime() - start > time.toNanos();
    }
  }

  @Test
  void stagesOfWhatIsAbortedRunBeforeShutdownNowReturns() throws Exception {
    WorkerPool pool = pool(1, ShutdownPolicy.drain(), TestPools.LONG);
    pools.occupy(pool);
    AtomicInteger told = new AtomicInteger();
    for (int i = 0; i < 5; i++) {
      pool.submit(() -> 1).whenComplete((x, e) -> told.incrementAndGet());
    }
    long start = System.nanoTime();
    pool.shutdownNow();
    boolean gaveUp = System.nanoTime() - start >= 100_000_000; // On stages that are late.
    assertTrue(gaveUp || told.get() == 5, told::toString);
    TestPools.eventually().until(() -> told.get() == 5);
    assertTrue(pool.awaitTermination(TestPools.LONG.toSeconds(), TimeUnit.SECONDS));
  }

  /**
   * By the clock, whether or not the timer has come to it; a beat that is over has the next one due
   * in an hour.
   */
  @Test
  void aRunThatIsDueWhenTheShutdownBeginsIsTheLast() throws Exception {
    WorkerPool pool = pools.fixed(1);
    AtomicInteger beats = new AtomicInteger();
    ScheduledTask<?> period =
        pool.scheduleAtFixedRate(beats::incrementAndGet, Duration.ofMillis(5), Duration.ofHours(1));
    while (beats.get() == 0 && period.getDelay(TimeUnit.NANOSECONDS) > 0) {
      Thread.onSpinWait();
    }
    pool.shutdown(ShutdownPolicy.drain());
    assertTrue(pool.awaitTermination(TestPools.LONG));
    assertEquals(1, beats.get());
    assertTrue(period.isCancelled());
  }
}
