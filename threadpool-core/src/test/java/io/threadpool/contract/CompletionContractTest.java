package io.threadpool.contract;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.threadpool.PoolStats;
import io.threadpool.RejectedTaskException;
import io.threadpool.Task;
import io.threadpool.TaskAbortedException;
import io.threadpool.WorkerPool;
import java.time.Duration;
import java.util.Arrays;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import java.util.function.Function;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * {@code CompletableFuture} as its javadoc states it: completing a task from outside, queued,
 * running and done, and the stages that depend on it.
 */
@ParameterizedClass(name = "{0}")
@MethodSource("io.threadpool.contract.Configuration#all")
class CompletionContractTest {

  @RegisterExtension final TestPools pools = new TestPools();

  private final Configuration configuration;

  CompletionContractTest(Configuration configuration) {
    this.configuration = configuration;
  }

  private WorkerPool pool(int size) {
    return pools.build(configuration.builder(size));
  }

  private static Throwable causeOfGet(CompletableFuture<?> future) {
    return assertThrows(ExecutionException.class, future::get).getCause();
  }

  private static Throwable causeOfJoin(CompletableFuture<?> future) {
    return assertThrows(CompletionException.class, future::join).getCause();
  }

  // Completing from outside.

  /** Settles a queued task, whose body then must not start. */
  private void settleQueued(
      Consumer<Task<String>> settle, Consumer<Task<String>> check, long completed, long failed)
      throws Exception {
    WorkerPool pool = pool(1);
    Held held = pools.occupy(pool);
    AtomicInteger runs = new AtomicInteger();
    Task<String> task = pool.submit(() -> "body " + runs.incrementAndGet());
    settle.accept(task);
    check.accept(task);
    assertTrue(task.awaitStopped(TestPools.LONG));
    PoolStats settled = pool.stats();
    assertEquals(0, settled.queued());
    assertEquals(completed, settled.completed());
    assertEquals(failed, settled.failed());
    held.release();
    assertTrue(pool.awaitIdle(TestPools.LONG));
    assertEquals(0, runs.get());
    assertEquals(completed + 1, pool.stats().completed());
    assertEquals(failed, pool.stats().failed());
    assertEquals(2, pool.stats().accepted());
    check.accept(task);
  }

  /** Settles a running task, whose own result then changes nothing. */
  private void settleRunning(
      Consumer<Task<String>> settle, Consumer<Task<String>> check, long completed, long failed)
      throws Exception {
    WorkerPool pool = pool(1);
    Held held = pools.held();
    Task<String> task = pool.submit(held, "body");
    held.awaitStarted();
    settle.accept(task);
    check.accept(task);
    assertFalse(held.wasInterrupted());
    assertFalse(task.awaitStopped(Duration.ZERO));
    held.release();
    assertTrue(pool.awaitIdle(TestPools.LONG));
    assertTrue(task.awaitStopped(Duration.ZERO));
    assertEquals(completed, pool.stats().completed());
    assertEquals(failed, pool.stats().failed());
    assertEquals(1, pool.stats().accepted());
    check.accept(task);
  }

  /** Tries to settle a task that has completed; only an obtrusion may change what it answers. */
  private void settleDone(Consumer<Task<String>> settle, Consumer<Task<String>> check)
      throws Exception {
    WorkerPool pool = pool(1);
    Task<String> task = pool.submit(() -> "body");
    task.get();
    settle.accept(task);
    check.accept(task);
    assertTrue(pool.awaitIdle(TestPools.LONG));
    assertEquals(1, pool.stats().accepted());
    assertEquals(1, pool.stats().completed());
    assertEquals(0, pool.stats().failed());
  }

  private static void has(Task<String> task, String result) {
    assertTrue(task.isDone());
    assertFalse(task.isCompletedExceptionally());
    assertEquals(result, task.join());
    assertEquals(result, task.getNow("absent"));
  }

  private static void failedWith(Task<String> task, Throwable failure) {
    assertTrue(task.isDone());
    assertTrue(task.isCompletedExceptionally());
    assertFalse(task.isCancelled());
    assertSame(failure, causeOfGet(task));
    assertSame(failure, causeOfJoin(task));
  }

  @Test
  void complete() throws Exception {
    settleQueued(task -> assertTrue(task.complete("user")), task -> has(task, "user"), 1, 0);
    settleRunning(task -> assertTrue(task.complete("user")), task -> has(task, "user"), 1, 0);
    settleQueued(task -> assertTrue(task.complete(null)), task -> has(task, null), 1, 0);
    settleDone(task -> assertFalse(task.complete("user")), task -> has(task, "body"));
  }

  @Test
  void completeExceptionally() throws Exception {
    Exception failure = new Exception("user");
    settleQueued(
        task -> assertTrue(task.completeExceptionally(failure)),
        task -> failedWith(task, failure),
        0,
        1);
    settleRunning(
        task -> assertTrue(task.completeExceptionally(failure)),
        task -> failedWith(task, failure),
        0,
        1);
    settleDone(task -> assertFalse(task.completeExceptionally(failure)), task -> has(task, "body"));
  }

  @Test
  void obtrudeValue() throws Exception {
    settleQueued(task -> task.obtrudeValue("user"), task -> has(task, "user"), 1, 0);
    settleRunning(task -> task.obtrudeValue("user"), task -> has(task, "user"), 1, 0);
    settleDone(task -> task.obtrudeValue("user"), task -> has(task, "user"));
  }

  @Test
  void obtrudeException() throws Exception {
    Exception failure = new Exception("user");
    settleQueued(task -> task.obtrudeException(failure), task -> failedWith(task, failure), 0, 1);
    settleRunning(task -> task.obtrudeException(failure), task -> failedWith(task, failure), 0, 1);
    settleDone(task -> task.obtrudeException(failure), task -> failedWith(task, failure));
  }

  @Test
  void orTimeout() throws Exception {
    Consumer<Task<String>> timedOut =
        task -> assertTrue(causeOfGet(task) instanceof TimeoutException);
    Consumer<Task<String>> settle =
        task -> assertSame(task, task.orTimeout(1, TimeUnit.MILLISECONDS));
    settleQueued(settle, timedOut, 0, 1);
    settleRunning(settle, timedOut, 0, 1);
    settleDone(settle, task -> has(task, "body"));
  }

  @Test
  void anOrTimeoutThatIsNotReachedChangesNothing() throws Exception {
    WorkerPool pool = pool(1);
    Held held = pools.held();
    Task<String> task = pool.submit(held, "body");
    task.orTimeout(1, TimeUnit.HOURS).completeOnTimeout("late", 1, TimeUnit.HOURS);
    held.release();
    has(task, task.get());
    assertEquals("body", task.get());
  }

  @Test
  void completeOnTimeout() throws Exception {
    Consumer<Task<String>> late =
        task -> {
          assertSame(task, task.completeOnTimeout("late", 1, TimeUnit.MILLISECONDS));
          TestPools.eventually().until(task::isDone);
        };
    settleQueued(late, task -> has(task, "late"), 1, 0);
    settleRunning(late, task -> has(task, "late"), 1, 0);
    settleDone(late, task -> has(task, "body"));
  }

  @Test
  void completeAsyncRunsTheSupplierOnAnExecutor() throws Exception {
    Consumer<Task<String>> settle =
        task -> assertSame(task, task.completeAsync(() -> "user", Runnable::run));
    settleQueued(settle, task -> has(task, "user"), 1, 0);
    settleRunning(settle, task -> has(task, "user"), 1, 0);
    settleDone(settle, task -> has(task, "body"));
    IllegalStateException failure = new IllegalStateException("supplier");
    Consumer<Task<String>> fail =
        task ->
            task.completeAsync(
                () -> {
                  throw failure;
                },
                Runnable::run);
    settleQueued(fail, task -> failedWith(task, failure), 0, 1);
    settleRunning(fail, task -> failedWith(task, failure), 0, 1);
    settleDone(fail, task -> has(task, "body"));
  }

  @Test
  void completeAsyncRunsTheSupplierOnThePool() throws Exception {
    WorkerPool pool = pool(2);
    Held held = pools.held();
    Task<String> task = pool.submit(held, "body");
    held.awaitStarted();
    AtomicReference<Thread> supplier = new AtomicReference<>();
    task.completeAsync(
        () -> {
          supplier.set(Thread.currentThread());
          return "supplied";
        });
    assertEquals("supplied", task.get(TestPools.LONG.toSeconds(), TimeUnit.SECONDS));
    assertTrue(isOfPool(pool, supplier.get()));
    held.release();
  }

  @Test
  void whoIsFirstOfManyCompletesAndIsCountedOnce() throws Exception {
    WorkerPool pool = pool(1);
    for (int round = 0; round < 20; round++) {
      Task<String> task = pool.submit(() -> "body");
      Caller<Boolean> completer = pools.call(() -> task.complete("user"));
      Caller<Boolean> failer = pools.call(() -> task.completeExceptionally(new Exception()));
      Caller<Boolean> canceller = pools.call(() -> task.cancel(true));
      int winners = (completer.get() ? 1 : 0) + (failer.get() ? 1 : 0) + (canceller.get() ? 1 : 0);
      assertTrue(winners <= 1);
      TestPools.eventually().until(task::isDone);
    }
    assertTrue(pool.awaitIdle(TestPools.LONG));
    PoolStats s = pool.stats();
    assertEquals(20, s.accepted());
    assertEquals(20, s.completed() + s.failed() + s.cancelled());
  }

  @Test
  void nullsAreRefusedAndChangeNothing() throws Exception {
    WorkerPool pool = pool(1);
    Held held = pools.held();
    Task<String> task = pool.submit(held, "body");
    Function<String, String> none = null;
    assertThrows(NullPointerException.class, () -> task.completeExceptionally(null));
    assertThrows(NullPointerException.class, () -> task.obtrudeException(null));
    assertThrows(NullPointerException.class, () -> task.completeAsync(null));
    assertThrows(NullPointerException.class, () -> task.completeAsync(() -> "user", null));
    assertThrows(NullPointerException.class, () -> task.orTimeout(1, null));
    assertThrows(NullPointerException.class, () -> task.completeOnTimeout("user", 1, null));
    assertThrows(NullPointerException.class, () -> task.get(1, null));
    assertThrows(NullPointerException.class, () -> task.awaitStopped(null));
    assertThrows(NullPointerException.class, () -> task.thenApply(none));
    assertThrows(NullPointerException.class, () -> task.thenApplyAsync(none));
    assertThrows(NullPointerException.class, () -> task.thenApplyAsync(x -> x, null));
    assertFalse(task.isDone());
    held.release();
    assertEquals("body", task.get());
    assertTrue(pool.awaitIdle(TestPools.LONG));
    assertEquals(1, pool.stats().accepted());
    assertEquals(1, pool.stats().completed());
  }

  // Stages.

  /** True where the thread is one that the pool runs bodies on. */
  private static boolean isOfPool(WorkerPool pool, Thread thread) throws Exception {
    Thread worker = pool.submit(Thread::currentThread).get();
    ThreadGroup group = thread.getThreadGroup();
    ThreadGroup workers = worker.getThreadGroup();
    boolean known = group != null && workers != null; // Not of threads that have ended.
    return (!known || group == workers)
        && thread
            .getName()
            .replaceAll("\\d+$", "")
            .equals(worker.getName().replaceAll("\\d+$", ""));
  }

  @Test
  void asyncStagesRunOnThePoolAndSoDoTheirStages() throws Exception {
    WorkerPool pool = pool(1);
    Thread worker = pool.submit(Thread::currentThread).get();
    Task<Integer> task = pool.submit(() -> 1);
    AtomicReference<Thread> first = new AtomicReference<>();
    AtomicReference<Thread> second = new AtomicReference<>();
    AtomicReference<Thread> third = new AtomicReference<>();
    int sum =
        task.thenApplyAsync(
                x -> {
                  first.set(Thread.currentThread());
                  return x + 1;
                })
            .thenApply(x -> x + 1)
            .thenComposeAsync(
                x -> {
                  second.set(Thread.currentThread());
                  return CompletableFuture.completedFuture(x + 1);
                })
            .whenCompleteAsync((x, e) -> third.set(Thread.currentThread()))
            .get(TestPools.LONG.toSeconds(), TimeUnit.SECONDS);
    assertEquals(4, sum);
    assertOnWorker(worker, first.get());
    assertOnWorker(worker, second.get());
    assertOnWorker(worker, third.get());
  }

  @Test
  void theDefaultExecutorIsThePool() throws Exception {
    WorkerPool pool = pool(1);
    Task<Integer> task = pool.submit(() -> 1);
    assertSame(pool, task.defaultExecutor());
    assertSame(pool, task.thenApply(x -> x).thenApply(x -> x).defaultExecutor());
    assertSame(pool, task.copy().defaultExecutor());
    assertSame(pool, task.newIncompleteFuture().defaultExecutor());
  }

  @Test
  void asyncStagesWithAnExecutorRunThere() throws Exception {
    Task<Integer> task = pool(1).submit(() -> 1);
    task.get();
    assertSame(
        Thread.currentThread(),
        task.thenApplyAsync(x -> Thread.currentThread(), Runnable::run).get());
  }

  @Test
  void stagesThatWaitRunOnTheWorkerThatSettles() throws Exception {
    WorkerPool pool = pool(1);
    Thread worker = pool.submit(Thread::currentThread).get();
    Held held = pools.held();
    CompletableFuture<Thread> stage =
        pool.submit(held, "body").thenApply(x -> Thread.currentThread());
    held.release();
    assertOnWorker(worker, stage.get());
  }

  /** Of a crew that comes and goes, any worker will do. */
  private void assertOnWorker(Thread worker, Thread actual) {
    if (configuration.keepsThread()) {
      assertSame(worker, actual);
    } else {
      assertNotSame(Thread.currentThread(), actual);
    }
  }

  @Test
  void everyKindOfStageGetsTheResult() throws Exception {
    WorkerPool pool = pool(2);
    Held held = pools.held();
    Task<Integer> task = pool.submit(held, 1);
    Task<Integer> other = pool.submit(() -> 10);
    AtomicInteger accepted = new AtomicInteger();
    AtomicInteger ran = new AtomicInteger();
    CompletableFuture<Integer> applied = task.thenApply(x -> x + 1);
    CompletableFuture<Void> taken = task.thenAccept(accepted::set);
    CompletableFuture<Void> then = task.thenRun(ran::incrementAndGet);
    CompletableFuture<Integer> composed = task.thenCompose(x -> pool.submit(() -> x + 2));
    CompletableFuture<Integer> handled = task.handle((x, e) -> e == null ? x + 3 : -1);
    CompletableFuture<Integer> spared = task.exceptionally(e -> -1);
    CompletableFuture<Integer> combined = task.thenCombine(other, Integer::sum);
    CompletableFuture<Void> both = CompletableFuture.allOf(task, other);
    CompletableFuture<Integer> copy = task.copy();
    CompletableFuture<Integer> either = task.applyToEither(new CompletableFuture<>(), x -> x + 4);
    assertFalse(applied.isDone());
    held.release();
    assertEquals(2, applied.get());
    assertNull(taken.get());
    assertEquals(1, accepted.get());
    then.get();
    assertEquals(1, ran.get());
    assertEquals(3, composed.get());
    assertEquals(4, handled.get());
    assertEquals(1, spared.get());
    assertEquals(11, combined.get());
    both.get();
    assertEquals(1, copy.get());
    assertEquals(5, either.get());
    assertEquals(1, task.minimalCompletionStage().toCompletableFuture().get());
  }

  @Test
  void everyKindOfStageGetsTheFailure() throws Exception {
    WorkerPool pool = pool(2);
    Exception thrown = new Exception("checked");
    Held held = pools.held();
    Task<Integer> task =
        pool.submit(
            () -> {
              held.run();
              throw thrown;
            });
    AtomicReference<Throwable> direct = new AtomicReference<>();
    AtomicReference<Throwable> indirect = new AtomicReference<>();
    CompletableFuture<Integer> applied = task.thenApply(x -> x + 1);
    CompletableFuture<Integer> whenComplete = task.whenComplete((x, e) -> direct.set(e));
    CompletableFuture<Integer> later = applied.whenComplete((x, e) -> indirect.set(e));
    CompletableFuture<Integer> handled = task.handle((x, e) -> e == thrown ? 7 : -1);
    CompletableFuture<Integer> recovered = task.exceptionally(e -> e == thrown ? 8 : -1);
    CompletableFuture<Integer> copy = task.copy();
    held.release();
    assertSame(thrown, causeOfGet(applied));
    assertSame(thrown, causeOfGet(whenComplete));
    assertSame(thrown, causeOfJoin(later));
    assertSame(thrown, causeOfJoin(copy));
    assertSame(thrown, direct.get());
    assertTrue(indirect.get() instanceof CompletionException);
    assertSame(thrown, indirect.get().getCause());
    assertEquals(7, handled.get());
    assertEquals(8, recovered.get());
  }

  /** Until somebody asks, all of them share one. */
  @Test
  void whoAsksForACancelledTaskGetsAnExceptionOfItsOwn() throws Exception {
    WorkerPool pool = pools.fixed(1);
    pools.occupy(pool);
    Task<Integer> task = pool.submit(() -> 1);
    Task<Integer> other = pool.submit(() -> 1);
    assertTrue(task.cancel(true) && other.cancel(true));
    Set<Throwable> asked = Collections.newSetFromMap(new IdentityHashMap<>());
    for (Executable ask :
        List.<Executable>of(
            task::get, () -> task.get(1, TimeUnit.DAYS), task::join, () -> task.getNow(2))) {
      CancellationException thrown = assertThrows(CancellationException.class, ask);
      assertSame(CancellationException.class, thrown.getClass());
      assertTrue(
          Arrays.stream(thrown.getStackTrace())
              .anyMatch(line -> line.getClassName().equals(getClass().getName())));
      thrown.addSuppressed(new IllegalStateException("the asker's"));
      asked.add(thrown);
    }
    assertEquals(4, asked.size());
    CompletableFuture<Integer> breaks =
        task.whenComplete(
            (x, failure) -> {
              throw new IllegalStateException("the stage's");
            });
    assertThrows(CompletionException.class, breaks::join);
    Throwable ofTask = task.handle((x, failure) -> failure).join();
    Throwable ofOther = other.handle((x, failure) -> failure).join();
    assertInstanceOf(CancellationException.class, ofTask);
    assertInstanceOf(CancellationException.class, ofOther);
    assertEquals(CancellationException.class.getName(), ofTask.toString());
    assertEquals(1, ofTask.getSuppressed().length);
    assertEquals(0, ofOther.getSuppressed().length);
    for (CompletableFuture<Integer> stage :
        List.of(task.copy(), other.thenApply(x -> x), other.thenApplyAsync(x -> x))) {
      Throwable cause = assertThrows(CompletionException.class, stage::join).getCause();
      assertInstanceOf(CancellationException.class, cause);
    }
    assertTrue(CompletableFuture.allOf(task, other).isCompletedExceptionally());
    task.obtrudeException(new CancellationException("the user's"));
    assertEquals("the user's", assertThrows(CancellationException.class, task::join).getMessage());
  }

  @Test
  void stagesOfACancelledTaskFailWithTheCancellation() throws Exception {
    WorkerPool pool = pool(1);
    pools.occupy(pool);
    Task<Integer> cancelled = pool.submit(() -> 1);
    Task<Integer> aborted = pool.submit(() -> 1);
    CompletableFuture<Integer> ofCancelled = cancelled.thenApply(x -> x + 1);
    CompletableFuture<Integer> ofAborted = aborted.thenApply(x -> x + 1);
    cancelled.cancel(false);
    assertTrue(ofCancelled.isDone());
    assertTrue(causeOfGet(ofCancelled) instanceof CancellationException);
    pool.shutdownNow();
    TestPools.eventually().until(ofAborted::isDone);
    Throwable cause = causeOfGet(ofAborted);
    assertEquals(TaskAbortedException.Reason.SHUTDOWN, ((TaskAbortedException) cause).reason());
  }

  @Test
  void aStageThatIsCancelledLeavesTheTaskAlone() throws Exception {
    WorkerPool pool = pool(1);
    Held held = pools.held();
    Task<String> task = pool.submit(held, "body");
    CompletableFuture<String> stage = task.thenApply(x -> x);
    CompletableFuture<String> copy = task.copy();
    assertTrue(stage.cancel(true));
    assertTrue(copy.complete("copy"));
    assertFalse(task.isDone());
    held.release();
    assertEquals("body", task.get());
    assertFalse(held.wasInterrupted());
  }

  @Test
  void aStageThatThrowsFailsAlone() throws Exception {
    WorkerPool pool = pool(1);
    Held held = pools.held();
    Task<String> task = pool.submit(held, "body");
    Error thrown = new AssertionError("stage");
    CompletableFuture<String> broken =
        task.thenApply(
            x -> {
              throw thrown;
            });
    CompletableFuture<String> hooked =
        task.whenComplete(
            (x, e) -> {
              throw thrown;
            });
    CompletableFuture<String> fine = task.thenApply(x -> x + " fine");
    held.release();
    assertSame(thrown, causeOfGet(broken));
    assertSame(thrown, causeOfGet(hooked));
    assertEquals("body fine", fine.get());
    assertEquals("body", task.get());
    assertEquals("next", pool.submit(() -> "next").get());
    assertTrue(pool.awaitIdle(TestPools.LONG));
    assertEquals(0, pool.stats().failed());
  }

  @Test
  void anAsyncStageThatAClosedPoolRefusesFails() throws Exception {
    WorkerPool pool = pool(1);
    Held held = pools.held();
    Task<String> task = pool.submit(held, "body");
    held.awaitStarted();
    CompletableFuture<String> before = task.thenApplyAsync(x -> x);
    pool.shutdown();
    held.release();
    task.get();
    CompletableFuture<String> after = task.thenApplyAsync(x -> x);
    for (CompletableFuture<String> stage : List.of(before, after)) {
      Throwable cause = causeOfGet(stage);
      assertEquals(RejectedTaskException.Reason.SHUTDOWN, ((RejectedTaskException) cause).reason());
    }
    assertNotNull(task.get());
  }

  @Test
  void countsAreSettledBeforeTheStagesRun() throws Exception {
    WorkerPool pool = pool(1);
    Held held = pools.held();
    Task<String> task = pool.submit(held, "body");
    held.awaitStarted();
    CompletableFuture<PoolStats> seen = task.thenApply(x -> pool.stats());
    Task<String> queued = pool.submit(() -> "queued");
    CompletableFuture<PoolStats> seenOfCancel = queued.handle((x, e) -> pool.stats());
    queued.cancel(false);
    assertEquals(1, seenOfCancel.get().cancelled());
    assertEquals(0, seenOfCancel.get().queued());
    held.release();
    assertEquals(1, seen.get().completed());
  }
}
