package io.threadpool.contract;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.threadpool.RejectedTaskException;
import io.threadpool.RejectedTaskException.Reason;
import io.threadpool.SaturationPolicy;
import io.threadpool.Task;
import io.threadpool.TaskAbortedException;
import io.threadpool.WorkerPool;
import io.threadpool.WorkerPoolBuilder;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/** Accepted or rejected, never half of each: what a full queue does under each policy. */
class SaturationTest {

  @RegisterExtension final TestPools pools = new TestPools();

  private WorkerPool pool(int size, int capacity, SaturationPolicy policy) {
    return pools.build(
        WorkerPool.builder().size(size).queueCapacity(capacity).saturationPolicy(policy));
  }

  private static RejectedTaskException assertRefused(Reason reason, Executable submission) {
    RejectedTaskException refused = assertThrows(RejectedTaskException.class, submission);
    assertEquals(reason, refused.reason());
    return refused;
  }

  private static RejectedTaskException refusal(Caller<?> caller) {
    Throwable cause = assertThrows(ExecutionException.class, caller::get).getCause();
    return (RejectedTaskException) cause;
  }

  // reject

  @ParameterizedTest
  @CsvSource({"1,1", "1,5", "3,2", "2,1500"})
  void withAllWorkersBusyTheCapacityIsExact(int size, int capacity) throws Exception {
    WorkerPool pool = pool(size, capacity, SaturationPolicy.reject());
    List<Held> busy = new ArrayList<>();
    for (int i = 0; i < size; i++) {
      busy.add(pools.occupy(pool));
    }
    AtomicInteger runs = new AtomicInteger();
    List<Task<Integer>> tasks = new ArrayList<>();
    for (int i = 0; i < capacity; i++) {
      tasks.add(pool.submit(runs::incrementAndGet));
    }
    for (int i = 0; i < 3; i++) {
      RejectedTaskException refused =
          assertRefused(Reason.SATURATED, () -> pool.submit(runs::incrementAndGet));
      assertEquals(capacity, refused.queued());
      assertEquals(size, refused.size());
      assertEquals(pool.name(), refused.pool());
    }
    assertEquals(capacity, pool.stats().queued());
    assertEquals(3, pool.stats().rejected());
    tasks.get(0).cancel(false);
    tasks.get(capacity - 1).complete(-1);
    int freed = capacity == 1 ? 1 : 2;
    for (int i = 0; i < freed; i++) {
      pool.execute(runs::incrementAndGet);
    }
    assertRefused(Reason.SATURATED, () -> pool.execute(runs::incrementAndGet));
    busy.forEach(Held::release);
    assertTrue(pool.awaitIdle(TestPools.LONG));
    assertEquals(capacity, runs.get());
  }

  @Test
  void aCancelledTaskGivesItsPlaceBackOnce() throws Exception {
    WorkerPool pool = pool(1, 2, SaturationPolicy.reject());
    Held held = pools.occupy(pool);
    assertTrue(pool.submit(() -> {}).cancel(false));
    Task<?> behind = pool.submit(() -> {});
    held.release();
    behind.get(); // So the worker has met the cancelled one.
    pools.occupy(pool);
    pool.execute(() -> {});
    pool.execute(() -> {});
    assertRefused(Reason.SATURATED, () -> pool.execute(() -> {}));
  }

  @Test
  void withoutACapacityThereIsASafetyLimit() throws Exception {
    WorkerPool pool = pools.fixed(1);
    Held held = pools.occupy(pool);
    Runnable nothing = () -> {};
    int accepted = 0;
    try {
      while (accepted < 1_200_000) {
        pool.execute(nothing);
        accepted++;
      }
    } catch (RejectedTaskException e) {
      assertEquals(Reason.SATURATED, e.reason());
    }
    assertTrue(accepted >= 1_000_000 && accepted < 1_100_000, "accepted " + accepted);
    held.release();
    assertTrue(pool.awaitIdle(TestPools.LONG));
    pool.execute(nothing);
  }

  @Test
  void anUnboundedQueueHasNoSafetyLimit() throws Exception {
    WorkerPool pool = pools.build(WorkerPool.builder().size(1).unboundedQueue());
    Held held = pools.occupy(pool);
    Runnable nothing = () -> {};
    for (int i = 0; i < 1_200_000; i++) {
      pool.execute(nothing);
    }
    assertEquals(1_200_000, pool.stats().queued());
    held.release();
  }

  @ParameterizedTest
  @MethodSource("io.threadpool.contract.Configuration#policies")
  void noPolicyAppliesToAClosedPool(SaturationPolicy policy) throws Exception {
    WorkerPool pool = pool(1, 1, policy);
    Held held = pools.occupy(pool);
    AtomicInteger runs = new AtomicInteger();
    Task<?> queued = pool.submit(() -> {});
    pool.shutdown();
    assertRefused(Reason.SHUTDOWN, () -> pool.execute(runs::incrementAndGet));
    assertRefused(Reason.SHUTDOWN, () -> pool.submit(runs::incrementAndGet));
    assertFalse(queued.isDone());
    held.release();
    assertTrue(pool.awaitTermination(TestPools.LONG));
    assertRefused(Reason.SHUTDOWN, () -> pool.execute(runs::incrementAndGet));
    assertEquals(0, runs.get());
    assertEquals(2, pool.stats().completed());
  }

  // block

  @Test
  void blockedSubmittersAreServedInTheOrderOfTheirArrival() throws Exception {
    WorkerPool pool = pool(1, 1, SaturationPolicy.block());
    Held held = pools.occupy(pool);
    List<Integer> order = Collections.synchronizedList(new ArrayList<>());
    pool.execute(() -> order.add(0));
    List<Caller<?>> submitters = new ArrayList<>();
    for (int i = 1; i <= 8; i++) {
      int number = i;
      submitters.add(pools.call(() -> pool.submit(() -> order.add(number))).awaitBlocked());
    }
    assertEquals(1, pool.stats().queued());
    assertEquals(2, pool.stats().accepted());
    held.release();
    for (Caller<?> submitter : submitters) {
      submitter.get();
    }
    assertTrue(pool.awaitIdle(TestPools.LONG));
    assertEquals(IntStream.rangeClosed(0, 8).boxed().toList(), order);
  }

  @Test
  void aCancelledTaskMakesRoomForWhoWaits() throws Exception {
    WorkerPool pool = pool(1, 1, SaturationPolicy.block());
    Held held = pools.occupy(pool);
    Task<?> queued = pool.submit(() -> {});
    Caller<Task<Integer>> submitter = pools.call(() -> pool.submit(() -> 1)).awaitBlocked();
    queued.cancel(false);
    Task<Integer> accepted = submitter.get();
    assertEquals(1, pool.stats().queued());
    held.release();
    assertEquals(1, accepted.get());
  }

  @Test
  void aShutdownWakesWhoWaitsForRoom() throws Exception {
    for (SaturationPolicy policy :
        List.of(SaturationPolicy.block(), SaturationPolicy.block(Duration.ofHours(1)))) {
      WorkerPool pool = pool(1, 1, policy);
      Held held = pools.occupy(pool);
      pool.execute(() -> {});
      AtomicInteger runs = new AtomicInteger();
      Caller<?> one = pools.call(() -> pool.submit(runs::incrementAndGet)).awaitBlocked();
      Caller<?> two = pools.call(() -> pool.submit(runs::incrementAndGet)).awaitBlocked();
      pool.shutdown();
      assertEquals(Reason.SHUTDOWN, refusal(one).reason());
      assertEquals(Reason.SHUTDOWN, refusal(two).reason());
      held.release();
      assertTrue(pool.awaitTermination(TestPools.LONG));
      assertEquals(0, runs.get());
      assertEquals(2, pool.stats().accepted());
      assertEquals(2, pool.stats().rejected());
    }
  }

  @Test
  void aSubmitterThatIsInterruptedIsRefusedAndKeepsItsFlag() throws Exception {
    WorkerPool pool = pool(1, 1, SaturationPolicy.block());
    Held held = pools.occupy(pool);
    AtomicInteger runs = new AtomicInteger();
    Task<?> queued = pool.submit(() -> {});
    AtomicReference<Boolean> flag = new AtomicReference<>();
    Callable<Object> submission =
        () -> {
          try {
            return pool.submit(runs::incrementAndGet);
          } finally {
            flag.set(Thread.currentThread().isInterrupted());
          }
        };
    Caller<?> waiting = pools.call(submission).awaitBlocked();
    Caller<?> behind = pools.call(() -> pool.submit(() -> 1)).awaitBlocked();
    waiting.interrupt();
    assertEquals(Reason.INTERRUPTED, refusal(waiting).reason());
    assertTrue(flag.get());
    Caller<?> interruptedBefore =
        pools.call(
            () -> {
              Thread.currentThread().interrupt();
              return submission.call();
            });
    assertEquals(Reason.INTERRUPTED, refusal(interruptedBefore).reason());
    assertTrue(flag.get());
    assertEquals(2, pool.stats().accepted());
    queued.cancel(false);
    behind.get();
    held.release();
    assertTrue(pool.awaitIdle(TestPools.LONG));
    assertEquals(0, runs.get());
  }

  @Test
  void aTimedBlockGivesUpAndLeavesNoTrace() throws Exception {
    WorkerPool pool = pool(1, 2, SaturationPolicy.block(Duration.ofMillis(5)));
    Held held = pools.occupy(pool);
    AtomicInteger runs = new AtomicInteger();
    for (int i = 0; i < 2; i++) {
      pool.execute(() -> {});
    }
    for (int i = 0; i < 5; i++) {
      assertRefused(Reason.TIMEOUT, () -> pool.execute(runs::incrementAndGet));
    }
    assertEquals(5, pool.stats().rejected());
    held.release();
    assertTrue(pool.awaitIdle(TestPools.LONG));
    assertEquals(0, runs.get());
    Held again = pools.occupy(pool);
    pool.execute(() -> {});
    pool.execute(() -> {});
    assertRefused(Reason.TIMEOUT, () -> pool.execute(runs::incrementAndGet));
    again.release();
  }

  @Test
  void aBlockOfNoTimeDoesNotWait() throws Exception {
    WorkerPool pool = pool(1, 1, SaturationPolicy.block(Duration.ZERO));
    pools.occupy(pool);
    pool.execute(() -> {});
    assertRefused(Reason.TIMEOUT, () -> pool.execute(() -> {}));
  }

  @Test
  void aBodyDoesNotBlockOnItsOwnFullQueue() throws Exception {
    for (SaturationPolicy policy :
        List.of(SaturationPolicy.block(), SaturationPolicy.block(Duration.ofHours(1)))) {
      WorkerPool pool = pool(1, 1, policy);
      Task<Reason> task =
          pool.submit(
              () -> {
                pool.execute(() -> {});
                return assertThrows(RejectedTaskException.class, () -> pool.execute(() -> {}))
                    .reason();
              });
      assertEquals(Reason.SATURATED, task.get(TestPools.LONG.toSeconds(), TimeUnit.SECONDS));
    }
  }

  // callerRuns

  @Test
  void callerRunsRunsOnTheSubmitterBeforeTheSubmissionReturns() throws Exception {
    WorkerPool pool = pool(1, 1, SaturationPolicy.callerRuns());
    Held held = pools.occupy(pool);
    AtomicReference<Thread> raw = new AtomicReference<>();
    Task<Integer> queued = pool.submit(() -> 1);
    pool.execute(() -> raw.set(Thread.currentThread()));
    assertSame(Thread.currentThread(), raw.get());
    Task<Thread> task = pool.submit(Thread::currentThread);
    assertTrue(task.isDone());
    assertSame(Thread.currentThread(), task.get());
    assertFalse(queued.isDone());
    assertEquals(4, pool.stats().accepted());
    assertEquals(2, pool.stats().completed());
    assertEquals(0, pool.stats().rejected());
    held.release();
  }

  @Test
  void aFailureUnderCallerRunsGoesWhereItAlwaysGoes() throws Exception {
    AtomicReference<Throwable> handled = new AtomicReference<>();
    WorkerPool pool =
        pools.build(
            WorkerPool.builder()
                .size(1)
                .queueCapacity(1)
                .saturationPolicy(SaturationPolicy.callerRuns())
                .uncaughtHandler((thread, thrown) -> handled.set(thrown)));
    pools.occupy(pool);
    pool.execute(() -> {});
    IllegalStateException thrown = new IllegalStateException();
    Runnable fails =
        () -> {
          throw thrown;
        };
    pool.execute(fails);
    assertSame(thrown, handled.get());
    Task<?> task = pool.submit(fails);
    assertSame(thrown, assertThrows(ExecutionException.class, task::get).getCause());
    assertEquals(2, pool.stats().failed());
  }

  @Test
  void callerRunsNestsToItsDepthThenRefuses() throws Exception {
    WorkerPool pool = pool(1, 1, SaturationPolicy.callerRuns());
    pools.occupy(pool);
    pool.execute(() -> {});
    AtomicInteger depth = new AtomicInteger();
    AtomicReference<RejectedTaskException> refused = new AtomicReference<>();
    pool.execute(nest(pool, depth, refused));
    assertEquals(Reason.SATURATED, refused.get().reason());
    assertEquals(32, depth.get());
    depth.set(0);
    pool.execute(nest(pool, depth, refused));
    assertEquals(32, depth.get());
  }

  @Test
  void aWorkersOwnSubmissionsNestToo() throws Exception {
    WorkerPool pool = pool(1, 1, SaturationPolicy.callerRuns());
    AtomicInteger depth = new AtomicInteger();
    AtomicReference<RejectedTaskException> refused = new AtomicReference<>();
    pool.submit(
            () -> {
              pool.execute(() -> {});
              pool.execute(nest(pool, depth, refused));
            })
        .get();
    assertEquals(Reason.SATURATED, refused.get().reason());
    assertEquals(32, depth.get());
  }

  private static Runnable nest(
      WorkerPool pool, AtomicInteger depth, AtomicReference<RejectedTaskException> refused) {
    return () -> {
      depth.incrementAndGet();
      try {
        pool.execute(nest(pool, depth, refused));
      } catch (RejectedTaskException e) {
        refused.set(e);
      }
    };
  }

  @Test
  void aBodyUnderCallerRunsIsABodyOfThePool() throws Exception {
    WorkerPool pool = pool(1, 1, SaturationPolicy.callerRuns());
    Held held = pools.occupy(pool);
    pool.execute(() -> {});
    AtomicInteger refusals = new AtomicInteger();
    pool.execute(
        () -> {
          for (Executable wait :
              List.<Executable>of(
                  () -> pool.awaitIdle(TestPools.LONG),
                  () -> pool.awaitTermination(TestPools.LONG),
                  pool::close)) {
            assertThrows(IllegalStateException.class, wait);
            refusals.incrementAndGet();
          }
        });
    assertEquals(3, refusals.get());
    assertTrue(pool.isShutdown());
    held.release();
    assertTrue(pool.awaitTermination(TestPools.LONG));
  }

  @Test
  void noTerminationAndNoIdlenessWhileACallerRuns() throws Exception {
    WorkerPool pool = pool(1, 1, SaturationPolicy.callerRuns());
    Held held = pools.occupy(pool);
    Task<?> queued = pool.submit(() -> {});
    Held guest = pools.held();
    Caller<?> caller =
        pools.call(
            () -> {
              pool.execute(guest);
              return null;
            });
    guest.awaitStarted();
    held.release();
    queued.get();
    assertFalse(pool.awaitIdle(Duration.ofMillis(20)));
    TestPools.eventually().until(() -> pool.stats().active() == 1);
    pool.shutdown();
    assertFalse(pool.awaitTermination(Duration.ofMillis(20)));
    assertTrue(pool.report().isEmpty());
    guest.release();
    assertTrue(pool.awaitTermination(TestPools.LONG));
    caller.get();
    assertEquals(3, pool.report().orElseThrow().completed());
  }

  @Test
  void aCallerIsABodyUntilItEndsThoughItsTaskIsSettled() throws Exception {
    WorkerPool pool = pools.fixed(1);
    Held held = pools.occupy(pool);
    Held guest = pools.held();
    Task<?> task = pool.submit(guest);
    Caller<Object> caller =
        pools.call(
            () -> {
              task.run();
              return null;
            });
    guest.awaitStarted();
    assertTrue(task.cancel(false));
    held.release();
    assertFalse(pool.awaitIdle(Duration.ofMillis(20)));
    TestPools.eventually().until(() -> pool.stats().active() == 1);
    pool.shutdown();
    held.thread().join();
    assertFalse(pool.isTerminated());
    assertTrue(pool.report().isEmpty());
    guest.release();
    caller.get();
    assertTrue(pool.awaitTermination(TestPools.LONG));
  }

  @Test
  void anAbortInterruptsACallerWhileItRunsATaskAndNoLonger() throws Exception {
    WorkerPool pool = pool(1, 1, SaturationPolicy.callerRuns());
    pools.occupy(pool);
    pool.execute(() -> {});
    Held guest = pools.held();
    Caller<Boolean> caller =
        pools.call(
            () -> {
              pool.execute(guest);
              return Thread.currentThread().isInterrupted();
            });
    guest.awaitStarted();
    pool.shutdownNow();
    guest.awaitInterrupted();
    assertFalse(caller.get());
  }

  @Test
  void aCallersOwnInterruptIsKeptFromTheTaskAndPutBack() throws Exception {
    WorkerPool pool = pool(1, 1, SaturationPolicy.callerRuns());
    pools.occupy(pool);
    pool.execute(() -> {});
    AtomicReference<Boolean> inside = new AtomicReference<>();
    Thread.currentThread().interrupt();
    pool.execute(() -> inside.set(Thread.currentThread().isInterrupted()));
    assertTrue(Thread.interrupted());
    assertFalse(inside.get());
  }

  @Test
  void joinsInlineDoNotUseUpTheDepthOfCallerRuns() throws Exception {
    WorkerPool pool = pool(1, 1, SaturationPolicy.callerRuns());
    AtomicInteger runs = new AtomicInteger();
    assertEquals(40, pool.submit(() -> chain(pool, 40, runs)).get());
    assertEquals(1, runs.get());
  }

  private static int chain(WorkerPool pool, int left, AtomicInteger runs) {
    if (left > 0) {
      return 1 + pool.submit(() -> chain(pool, left - 1, runs)).join();
    }
    pool.execute(() -> {});
    pool.execute(runs::incrementAndGet);
    return 0;
  }

  // discardOldest

  @Test
  void discardOldestSettlesTheOldestBeforeItReturns() throws Exception {
    WorkerPool pool = pool(1, 2, SaturationPolicy.discardOldest());
    Held held = pools.occupy(pool);
    Task<Integer> one = pool.submit(() -> 1);
    Task<Integer> two = pool.submit(() -> 2);
    Task<Integer> three = pool.submit(() -> 3);
    assertTrue(one.isDone());
    assertTrue(one.isCancelled());
    TaskAbortedException discarded = assertThrows(TaskAbortedException.class, one::join);
    assertEquals(TaskAbortedException.Reason.DISCARDED, discarded.reason());
    assertFalse(two.isDone());
    Task<Integer> four = pool.submit(() -> 4);
    assertTrue(two.isCancelled());
    assertEquals(2, pool.stats().queued());
    assertEquals(2, pool.stats().aborted());
    assertEquals(5, pool.stats().accepted());
    assertEquals(0, pool.stats().rejected());
    held.release();
    assertEquals(7, three.get() + four.get());
  }

  @Test
  void discardOldestPassesOverTheCancelledAndCancelsRawFutures() throws Exception {
    WorkerPool pool = pool(1, 2, SaturationPolicy.discardOldest());
    Held held = pools.occupy(pool);
    Task<Integer> one = pool.submit(() -> 1);
    one.cancel(false);
    FutureTask<Integer> raw = new FutureTask<>(() -> 2);
    pool.execute(raw);
    Task<Integer> three = pool.submit(() -> 3);
    assertFalse(raw.isDone());
    Task<Integer> four = pool.submit(() -> 4);
    assertTrue(raw.isCancelled());
    assertFalse(three.isDone());
    held.release();
    assertEquals(7, three.get() + four.get());
    assertTrue(pool.awaitIdle(TestPools.LONG));
    assertEquals(1, pool.stats().cancelled());
    assertEquals(1, pool.stats().aborted());
  }

  @Test
  void aStageOfADiscardedTaskMaySubmit() throws Exception {
    WorkerPool pool = pool(1, 1, SaturationPolicy.discardOldest());
    Held held = pools.occupy(pool);
    Task<Integer> one = pool.submit(() -> 1);
    AtomicReference<Task<Integer>> retried = new AtomicReference<>();
    Future<?> stage = one.whenComplete((x, e) -> retried.set(pool.submit(() -> 3)));
    Task<Integer> two = pool.submit(() -> 2);
    assertTrue(stage.isDone());
    assertTrue(two.isCancelled());
    held.release();
    assertEquals(3, retried.get().get());
  }

  // The bulk calls and a full queue.

  @Test
  void invokeAllWaitsForRoom() throws Exception {
    WorkerPool pool = pool(1, 1, SaturationPolicy.block());
    Held held = pools.occupy(pool);
    AtomicReference<Thread> ranOn = new AtomicReference<>();
    pool.execute(() -> ranOn.set(Thread.currentThread()));
    Caller<List<Future<Integer>>> caller =
        pools.call(() -> pool.invokeAll(returning(1, 2, 3, 4))).awaitBlocked();
    held.release();
    int sum = 0;
    for (Future<Integer> future : caller.get()) {
      sum += future.get();
    }
    assertEquals(10, sum);
    assertTrue(ranOn.get() != null, "what was queued before was not discarded");
  }

  @Test
  void timedBulkCallsGiveUpWaitingForRoom() throws Exception {
    WorkerPool pool = pool(1, 1, SaturationPolicy.block());
    Held held = pools.occupy(pool);
    Task<Integer> queued = pool.submit(() -> 7);
    AtomicInteger runs = new AtomicInteger();
    Callable<Integer> body = runs::incrementAndGet;
    List<Future<Integer>> futures =
        pool.invokeAll(List.of(body, body, body), 10, TimeUnit.MILLISECONDS);
    assertEquals(3, futures.size());
    assertTrue(futures.stream().allMatch(Future::isCancelled));
    assertThrows(
        TimeoutException.class,
        () -> pool.invokeAny(List.of(body, body), 10, TimeUnit.MILLISECONDS));
    held.release();
    assertEquals(7, queued.get());
    assertTrue(pool.awaitIdle(TestPools.LONG));
    assertEquals(0, runs.get());
  }

  @Test
  void aShutdownEndsABulkCallThatWaitsForRoom() throws Exception {
    WorkerPool pool = pool(1, 1, SaturationPolicy.block());
    Held held = pools.occupy(pool);
    pool.execute(() -> {});
    AtomicInteger runs = new AtomicInteger();
    Callable<Integer> body = runs::incrementAndGet;
    Caller<?> all = pools.call(() -> pool.invokeAll(List.of(body, body))).awaitBlocked();
    Caller<?> any = pools.call(() -> pool.invokeAny(List.of(body, body))).awaitBlocked();
    pool.shutdown();
    assertEquals(Reason.SHUTDOWN, refusal(all).reason());
    assertEquals(Reason.SHUTDOWN, refusal(any).reason());
    held.release();
    assertTrue(pool.awaitTermination(TestPools.LONG));
    assertEquals(0, runs.get());
    assertEquals(2, pool.stats().accepted());
  }

  @Test
  void bulkCallsFromTheOnlyWorkerMakeRoomForThemselves() throws Exception {
    WorkerPool pool = pool(1, 1, SaturationPolicy.block());
    Task<Integer> outer =
        pool.submit(
            () -> {
              int sum = 0;
              for (Future<Integer> f : pool.invokeAll(returning(1, 2, 3))) {
                sum += f.get();
              }
              for (Future<Integer> f : pool.invokeAll(returning(4, 5), 1, TimeUnit.HOURS)) {
                sum += f.get();
              }
              sum += pool.invokeAny(returning(6, 6));
              return sum + pool.invokeAny(returning(7, 7), 1, TimeUnit.HOURS);
            });
    assertEquals(28, outer.get(TestPools.LONG.toSeconds(), TimeUnit.SECONDS));
  }

  /** What fills the queue is not of the call, so running that is not its business. */
  @ParameterizedTest
  @MethodSource("io.threadpool.contract.Configuration#policies")
  void aBulkCallFromABodySubmitsAsThePolicySays(SaturationPolicy policy) throws Exception {
    WorkerPool pool = pool(1, 1, policy);
    Task<String> outer =
        pool.submit(
            () -> {
              Task<Integer> fill = pool.submit(() -> 100);
              try {
                return pool.invokeAll(returning(1)).get(0).get() + " " + fill.isCancelled();
              } catch (RejectedTaskException refused) {
                return refused.reason().name();
              }
            });
    String expected = "SATURATED";
    if (policy.equals(SaturationPolicy.callerRuns())) {
      expected = "1 false";
    } else if (policy.equals(SaturationPolicy.discardOldest())) {
      expected = "1 true";
    }
    assertEquals(expected, outer.get(TestPools.LONG.toSeconds(), TimeUnit.SECONDS));
  }

  private static List<Callable<Integer>> returning(Integer... values) {
    return Arrays.stream(values).<Callable<Integer>>map(value -> () -> value).toList();
  }

  @Test
  void aPoolThatWaitsHasAnExactSafetyLimit() throws Exception {
    WorkerPoolBuilder builder =
        WorkerPool.builder().size(1).saturationPolicy(SaturationPolicy.block(Duration.ZERO));
    WorkerPool pool = pools.build(builder);
    Held held = pools.occupy(pool);
    Runnable nothing = () -> {};
    for (int i = 0; i < 1_048_576; i++) {
      pool.execute(nothing);
    }
    assertRefused(Reason.TIMEOUT, () -> pool.execute(nothing));
    held.release();
  }
}
