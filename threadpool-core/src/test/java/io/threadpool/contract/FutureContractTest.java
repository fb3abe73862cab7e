package io.threadpool.contract;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.threadpool.Task;
import io.threadpool.TaskAbortedException;
import io.threadpool.WorkerPool;
import java.lang.reflect.InvocationTargetException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.MethodSource;

/** {@code Future} as its javadoc states it: waiting, the results, and cancelling. */
@ParameterizedClass(name = "{0}")
@MethodSource("io.threadpool.contract.Configuration#all")
class FutureContractTest {

  @RegisterExtension final TestPools pools = new TestPools();

  private final Configuration configuration;

  FutureContractTest(Configuration configuration) {
    this.configuration = configuration;
  }

  private WorkerPool pool(int size) {
    return pools.build(configuration.builder(size));
  }

  // Waiting.

  @Test
  void aTaskIsNotDoneBeforeItsBodyHasEnded() throws Exception {
    WorkerPool pool = pool(1);
    Held held = pools.held();
    Task<String> running = pool.submit(held, "result");
    Task<String> queued = pool.submit(() -> "queued");
    held.awaitStarted();
    for (Task<String> task : List.of(running, queued)) {
      assertFalse(task.isDone());
      assertFalse(task.isCancelled());
      assertFalse(task.isCompletedExceptionally());
      assertEquals("absent", task.getNow("absent"));
      assertThrows(TimeoutException.class, () -> task.get(0, TimeUnit.SECONDS));
      assertThrows(TimeoutException.class, () -> task.get(-1, TimeUnit.SECONDS));
      assertThrows(TimeoutException.class, () -> task.get(Long.MIN_VALUE, TimeUnit.DAYS));
      assertThrows(TimeoutException.class, () -> task.get(1, TimeUnit.MILLISECONDS));
      assertFalse(task.isDone());
    }
    held.release();
    assertEquals("result", running.get());
    assertEquals("queued", queued.get());
  }

  /** From a body, which waits for the decision of what the pool is about to abort. */
  @Test
  void amidAnAbortToAskWithoutATimeDoesNotWait() throws Exception {
    WorkerPool pool = pools.build(configuration.builder(2).abortGrace(TestPools.LONG));
    Held running = pools.deaf();
    Task<?> task = pool.submit(running);
    running.awaitStarted();
    CompletableFuture<Throwable> seen = new CompletableFuture<>();
    Held asking = pools.held();
    pool.execute(
        () -> {
          asking.run(); // Until the abort interrupts it.
          try {
            task.get(Long.MIN_VALUE, TimeUnit.NANOSECONDS);
          } catch (Throwable thrown) {
            seen.complete(thrown);
          }
        });
    asking.awaitStarted();
    Caller<?> aborter = pools.call(pool::shutdownNow);
    Throwable thrown = seen.get(TestPools.LONG.toSeconds(), TimeUnit.SECONDS);
    assertInstanceOf(TimeoutException.class, thrown);
    running.release();
    aborter.get();
  }

  @Test
  void aCompletedTaskAnswersEveryQuestion() throws Exception {
    Task<String> task = pool(1).submit(() -> "result");
    assertEquals("result", task.get());
    assertEquals("result", task.get(0, TimeUnit.SECONDS));
    assertEquals("result", task.get(Long.MIN_VALUE, TimeUnit.SECONDS));
    assertEquals("result", task.join());
    assertEquals("result", task.getNow("absent"));
    assertTrue(task.isDone());
    assertFalse(task.isCancelled());
    assertFalse(task.isCompletedExceptionally());
    assertTrue(task.awaitStopped(TestPools.LONG));
    assertTrue(task.awaitStopped(Duration.ZERO));
  }

  @Test
  void aFailedTaskAnswersEveryQuestion() throws Exception {
    Exception thrown = new Exception("checked");
    Task<String> task =
        pool(1)
            .submit(
                () -> {
                  throw thrown;
                });
    assertSame(thrown, assertThrows(ExecutionException.class, task::get).getCause());
    assertSame(
        thrown,
        assertThrows(ExecutionException.class, () -> task.get(0, TimeUnit.SECONDS)).getCause());
    assertSame(thrown, assertThrows(CompletionException.class, task::join).getCause());
    assertSame(
        thrown, assertThrows(CompletionException.class, () -> task.getNow("absent")).getCause());
    assertTrue(task.isDone());
    assertFalse(task.isCancelled());
    assertTrue(task.isCompletedExceptionally());
  }

  @Test
  void aCancelledTaskAnswersEveryQuestion() throws Exception {
    WorkerPool pool = pool(1);
    Held held = pools.occupy(pool);
    Task<String> task = pool.submit(() -> "result");
    assertTrue(task.cancel(false));
    assertThrows(CancellationException.class, task::get);
    assertThrows(CancellationException.class, () -> task.get(0, TimeUnit.SECONDS));
    assertThrows(CancellationException.class, task::join);
    assertThrows(CancellationException.class, () -> task.getNow("absent"));
    assertTrue(task.isDone());
    assertTrue(task.isCancelled());
    assertTrue(task.isCompletedExceptionally());
    assertTrue(task.awaitStopped(Duration.ZERO));
    held.release();
  }

  @Test
  void anAbortedTaskAnswersAsACancelledOneAndSaysWhy() throws Exception {
    WorkerPool pool = pool(1);
    pools.occupy(pool);
    Task<String> task = pool.submit(() -> "result");
    pool.shutdownNow();
    assertSaysShutdown(assertThrows(TaskAbortedException.class, task::get));
    assertSaysShutdown(
        assertThrows(TaskAbortedException.class, () -> task.get(0, TimeUnit.SECONDS)));
    assertSaysShutdown(assertThrows(TaskAbortedException.class, task::join));
    assertSaysShutdown(assertThrows(TaskAbortedException.class, () -> task.getNow("absent")));
    assertTrue(task.isDone());
    assertTrue(task.isCancelled());
    assertTrue(task.isCompletedExceptionally());
    assertTrue(task.cancel(true));
    assertTrue(task.awaitStopped(Duration.ZERO));
  }

  private static void assertSaysShutdown(TaskAbortedException e) {
    assertEquals(TaskAbortedException.Reason.SHUTDOWN, e.reason());
  }

  @Test
  void getIsInterruptibleAndJoinIsNot() throws Exception {
    WorkerPool pool = pool(1);
    Held held = pools.held();
    Task<String> task = pool.submit(held, "result");
    held.awaitStarted();
    Caller<String> getter = pools.call(task::get).awaitBlocked();
    Caller<String> timed = pools.call(() -> task.get(1, TimeUnit.HOURS)).awaitBlocked();
    Caller<String> joiner =
        pools
            .call(() -> task.join() + (Thread.currentThread().isInterrupted() ? " flag" : ""))
            .awaitBlocked();
    getter.interrupt();
    timed.interrupt();
    joiner.interrupt();
    assertTrue(causeOf(getter) instanceof InterruptedException);
    assertTrue(causeOf(timed) instanceof InterruptedException);
    assertFalse(joiner.isDone());
    assertFalse(held.wasInterrupted());
    held.release();
    assertEquals("result flag", joiner.get());
  }

  private static Throwable causeOf(Caller<?> caller) {
    return assertThrows(ExecutionException.class, caller::get).getCause();
  }

  @Test
  void manyThreadsMayWaitForOneTask() throws Exception {
    WorkerPool pool = pool(1);
    Held held = pools.held();
    Task<String> task = pool.submit(held, "result");
    Caller<String> one = pools.call(task::get).awaitBlocked();
    Caller<String> two = pools.call(task::join).awaitBlocked();
    Caller<Boolean> three = pools.call(() -> task.awaitStopped(TestPools.LONG)).awaitBlocked();
    held.release();
    assertEquals("result", one.get());
    assertEquals("result", two.get());
    assertTrue(three.get());
  }

  @Test
  void aCancellationExceptionOfTheBodyIsAFailure() throws Exception {
    WorkerPool pool = pool(1);
    CancellationException thrown = new CancellationException("thrown by the body");
    Task<String> task =
        pool.submit(
            () -> {
              throw thrown;
            });
    assertSame(thrown, assertThrows(ExecutionException.class, task::get).getCause());
    assertSame(thrown, assertThrows(CompletionException.class, task::join).getCause());
    assertFalse(task.isCancelled());
    assertFalse(task.cancel(true));
    assertTrue(task.isCompletedExceptionally());
    assertEquals(1, pool.stats().failed());
    assertEquals(0, pool.stats().cancelled());
  }

  @Test
  void anInterruptedExceptionOfTheBodyIsAFailure() throws Exception {
    WorkerPool pool = pool(1);
    InterruptedException thrown = new InterruptedException();
    Task<String> task =
        pool.submit(
            () -> {
              throw thrown;
            });
    assertSame(thrown, assertThrows(ExecutionException.class, task::get).getCause());
    assertEquals(1, pool.submit(() -> 1).get());
  }

  // Cancelling.

  @Test
  void aQueuedTaskThatIsCancelledNeverRuns() throws Exception {
    for (boolean interrupt : new boolean[] {true, false}) {
      WorkerPool pool = pool(1);
      Held held = pools.occupy(pool);
      AtomicInteger runs = new AtomicInteger();
      Task<Integer> task = pool.submit(runs::incrementAndGet);
      assertTrue(task.cancel(interrupt));
      assertTrue(task.isDone());
      assertEquals(0, pool.stats().queued());
      assertEquals(1, pool.stats().cancelled());
      assertFalse(held.wasInterrupted());
      held.release();
      assertTrue(pool.awaitIdle(TestPools.LONG));
      assertEquals(0, runs.get());
      assertEquals(1, pool.stats().completed());
    }
  }

  @Test
  void aRunningTaskIsInterruptedByCancelTrueAlone() throws Exception {
    WorkerPool pool = pool(1);
    Held spared = pools.held();
    Task<?> task = pool.submit(spared);
    spared.awaitStarted();
    assertTrue(task.cancel(false));
    assertTrue(task.isDone());
    assertFalse(task.awaitStopped(Duration.ofMillis(5)));
    assertFalse(spared.wasInterrupted());
    spared.release();
    assertTrue(task.awaitStopped(TestPools.LONG));
    assertFalse(spared.wasInterrupted());

    Held interrupted = pools.held();
    task = pool.submit(interrupted);
    interrupted.awaitStarted();
    assertTrue(task.cancel(true));
    assertTrue(task.isCancelled());
    interrupted.awaitInterrupted();
    assertTrue(task.awaitStopped(TestPools.LONG));
    assertEquals(2, pool.stats().cancelled());
    assertEquals(0, pool.stats().completed());
  }

  @Test
  void cancellingAgainSaysTrueAndCountsOnce() throws Exception {
    WorkerPool pool = pool(1);
    Held held = pools.deaf();
    Task<?> task = pool.submit(held);
    held.awaitStarted();
    assertTrue(task.cancel(false));
    assertTrue(task.cancel(true));
    assertTrue(task.cancel(false));
    assertTrue(task.isCancelled());
    held.release();
    assertTrue(pool.awaitIdle(TestPools.LONG));
    assertEquals(1, pool.stats().cancelled());
    assertEquals(1, pool.stats().accepted());
  }

  @Test
  void aTaskThatHasEndedCannotBeCancelled() throws Exception {
    WorkerPool pool = pool(1);
    Task<Integer> completed = pool.submit(() -> 1);
    completed.get();
    assertFalse(completed.cancel(true));
    assertFalse(completed.isCancelled());
    assertEquals(1, completed.get());
    Task<Integer> failed =
        pool.submit(
            () -> {
              throw new Exception();
            });
    assertThrows(ExecutionException.class, failed::get);
    assertFalse(failed.cancel(true));
    assertFalse(failed.isCancelled());
    assertEquals(0, pool.stats().cancelled());
  }

  @Test
  void aTaskMayCancelItself() throws Exception {
    WorkerPool pool = pool(1);
    Task<?>[] self = new Task<?>[1];
    Held before = pools.occupy(pool);
    boolean[] seen = new boolean[2];
    self[0] =
        pool.submit(
            () -> {
              seen[0] = self[0].cancel(true);
              seen[1] = Thread.currentThread().isInterrupted();
            });
    before.release();
    assertTrue(self[0].awaitStopped(TestPools.LONG));
    assertTrue(self[0].isCancelled());
    assertTrue(seen[0]);
    assertTrue(seen[1]);
    assertFalse(pool.submit(() -> Thread.currentThread().isInterrupted()).get());
  }

  @Test
  void whoWaitsIsWokenByACancel() throws Exception {
    WorkerPool pool = pool(1);
    Held held = pools.occupy(pool);
    Task<Integer> task = pool.submit(() -> 1);
    Caller<Integer> waiter = pools.call(task::get).awaitBlocked();
    task.cancel(false);
    assertTrue(causeOf(waiter) instanceof CancellationException);
    held.release();
  }

  @Test
  void runOnAHandleRunsTheBodyOnceOnTheCallersThread() throws Exception {
    WorkerPool pool = pool(1);
    Held held = pools.occupy(pool);
    AtomicInteger runs = new AtomicInteger();
    Task<Thread> task =
        pool.submit(
            () -> {
              runs.incrementAndGet();
              return Thread.currentThread();
            });
    task.run();
    task.run();
    assertSame(Thread.currentThread(), task.get());
    held.release();
    assertTrue(pool.awaitIdle(TestPools.LONG));
    assertEquals(1, runs.get());
    assertEquals(2, pool.stats().completed());
  }

  // What came with 19.

  private static Object call(Future<?> future, String method) throws Throwable {
    try {
      return Future.class.getMethod(method).invoke(future);
    } catch (InvocationTargetException e) {
      throw e.getCause();
    }
  }

  private static String state(Future<?> future) throws Throwable {
    return String.valueOf(call(future, "state"));
  }

  @Test
  void theStateAndResultOfLaterJdks() throws Throwable {
    Assumptions.assumeTrue(Runtime.version().feature() >= 19);
    WorkerPool pool = pool(1);
    Held held = pools.held();
    Task<String> running = pool.submit(held, "result");
    Task<String> queued = pool.submit(() -> "queued");
    held.awaitStarted();
    for (Task<String> open : List.of(running, queued)) {
      assertEquals("RUNNING", state(open));
      assertThrows(IllegalStateException.class, () -> call(open, "resultNow"));
      assertThrows(IllegalStateException.class, () -> call(open, "exceptionNow"));
    }
    held.release();
    assertEquals("result", running.get());
    assertEquals("SUCCESS", state(running));
    assertEquals("result", call(running, "resultNow"));
    assertThrows(IllegalStateException.class, () -> call(running, "exceptionNow"));

    for (Exception thrown : new Exception[] {new Exception(), new CancellationException()}) {
      Task<String> failed =
          pool.submit(
              () -> {
                throw thrown;
              });
      assertThrows(ExecutionException.class, failed::get);
      assertEquals("FAILED", state(failed));
      assertSame(thrown, call(failed, "exceptionNow"));
      assertThrows(IllegalStateException.class, () -> call(failed, "resultNow"));
    }

    Held again = pools.held();
    Task<?> cancelled = pool.submit(again);
    Task<?> aborted = pool.submit(() -> "aborted");
    again.awaitStarted();
    cancelled.cancel(false);
    pool.shutdownNow();
    aborted.handle((x, e) -> e).get(TestPools.LONG.toSeconds(), TimeUnit.SECONDS); // It is told.
    for (Task<?> gone : List.of(cancelled, aborted)) {
      assertEquals("CANCELLED", state(gone));
      assertThrows(IllegalStateException.class, () -> call(gone, "resultNow"));
      assertThrows(IllegalStateException.class, () -> call(gone, "exceptionNow"));
    }
  }
}
