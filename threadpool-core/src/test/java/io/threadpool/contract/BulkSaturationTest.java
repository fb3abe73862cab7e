package io.threadpool.contract;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.threadpool.RejectedTaskException;
import io.threadpool.RejectedTaskException.Reason;
import io.threadpool.SaturationPolicy;
import io.threadpool.Task;
import io.threadpool.TaskAbortedException;
import io.threadpool.WorkerPool;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * {@code invokeAll} and {@code invokeAny} submit under the pool's policy, as {@code submit} does.
 */
class BulkSaturationTest {

  @RegisterExtension final TestPools pools = new TestPools();

  /** Which thread ran which of the tasks, in order. */
  private final List<Thread> ranOn = Collections.synchronizedList(new ArrayList<>());

  private final List<Integer> ran = Collections.synchronizedList(new ArrayList<>());

  private WorkerPool pool(int size, int capacity, SaturationPolicy policy) {
    return pools.build(
        WorkerPool.builder().size(size).queueCapacity(capacity).saturationPolicy(policy));
  }

  /** Tasks numbered from 0 that return their numbers. */
  private List<Callable<Integer>> tasks(int count) {
    return IntStream.range(0, count)
        .<Callable<Integer>>mapToObj(
            number ->
                () -> {
                  ranOn.add(Thread.currentThread());
                  ran.add(number);
                  return number;
                })
        .toList();
  }

  /** The four calls. */
  enum Call {
    INVOKE_ALL {
      @Override
      Object on(WorkerPool pool, List<Callable<Integer>> tasks) throws Exception {
        return results(pool.invokeAll(tasks));
      }
    },
    TIMED_INVOKE_ALL {
      @Override
      Object on(WorkerPool pool, List<Callable<Integer>> tasks) throws Exception {
        return results(pool.invokeAll(tasks, 1, TimeUnit.HOURS));
      }
    },
    INVOKE_ANY {
      @Override
      Object on(WorkerPool pool, List<Callable<Integer>> tasks) throws Exception {
        return pool.invokeAny(tasks);
      }
    },
    TIMED_INVOKE_ANY {
      @Override
      Object on(WorkerPool pool, List<Callable<Integer>> tasks) throws Exception {
        return pool.invokeAny(tasks, 1, TimeUnit.HOURS);
      }
    };

    /** Makes the call; what it returned: a result, or the list of all. */
    abstract Object on(WorkerPool pool, List<Callable<Integer>> tasks) throws Exception;

    private static List<Integer> results(List<Future<Integer>> futures) throws Exception {
      List<Integer> results = new ArrayList<>();
      for (Future<Integer> future : futures) {
        results.add(future.get());
      }
      return results;
    }

    boolean isAll() {
      return this == INVOKE_ALL || this == TIMED_INVOKE_ALL;
    }
  }

  private static void assertRefused(Reason reason, Caller<?> caller) {
    Throwable thrown = assertThrows(ExecutionException.class, caller::get).getCause();
    assertEquals(reason, assertInstanceOf(RejectedTaskException.class, thrown).reason());
  }

  // Interrupts

  /** The first task cancels the one that has called, and that runs it. */
  @ParameterizedTest
  @EnumSource
  void anInterruptOfABodyEndsItsCallBeforeTheNextTask(Call call) throws Exception {
    WorkerPool pool = pools.fixed(1);
    CompletableFuture<Task<?>> caller = new CompletableFuture<>();
    CompletableFuture<Throwable> seen = new CompletableFuture<>();
    Callable<Integer> cancels =
        () -> {
          caller.join().cancel(true);
          throw new IllegalStateException("for the test");
        };
    List<Callable<Integer>> all = new ArrayList<>(tasks(3));
    all.set(0, cancels);
    caller.complete(
        pool.submit(
            () -> {
              try {
                call.on(pool, all);
                seen.complete(null);
              } catch (Throwable thrown) {
                seen.complete(thrown);
              }
            }));
    Throwable thrown = seen.get(TestPools.LONG.toSeconds(), TimeUnit.SECONDS);
    assertInstanceOf(InterruptedException.class, thrown);
    assertTrue(pool.awaitIdle(TestPools.LONG));
    assertEquals(List.of(), ran);
  }

  // reject

  @ParameterizedTest
  @EnumSource
  void underRejectAFullQueueRefusesTheCall(Call call) throws Exception {
    WorkerPool pool = pool(1, 1, SaturationPolicy.reject());
    Held held = pools.occupy(pool);
    Task<Integer> before = pool.submit(() -> 7);
    assertRefused(Reason.SATURATED, pools.call(() -> call.on(pool, tasks(2))));
    assertEquals(2, pool.stats().accepted());
    assertEquals(1, pool.stats().rejected());
    held.release();
    assertEquals(7, before.get());
    assertTrue(pool.awaitIdle(TestPools.LONG));
    assertEquals(List.of(), ran);
  }

  @ParameterizedTest
  @EnumSource
  void whatWasSubmittedBeforeTheRefusalIsCancelled(Call call) throws Exception {
    WorkerPool pool = pool(1, 3, SaturationPolicy.reject());
    Held held = pools.occupy(pool);
    Task<Integer> before = pool.submit(() -> 7);
    assertRefused(Reason.SATURATED, pools.call(() -> call.on(pool, tasks(5))));
    assertEquals(4, pool.stats().accepted());
    assertEquals(2, pool.stats().cancelled());
    assertEquals(1, pool.stats().queued());
    assertEquals(1, pool.stats().rejected());
    Task<Integer> after = pool.submit(() -> 8); // There is room again.
    held.release();
    assertEquals(15, before.get() + after.get());
    assertTrue(pool.awaitIdle(TestPools.LONG));
    assertEquals(List.of(), ran);
  }

  @ParameterizedTest
  @EnumSource
  void aBodyIsRefusedAsAnybody(Call call) throws Exception {
    WorkerPool pool = pool(1, 2, SaturationPolicy.reject());
    Task<Integer> body =
        pool.submit(
            () -> {
              pool.execute(() -> {});
              RejectedTaskException refused =
                  assertThrows(RejectedTaskException.class, () -> call.on(pool, tasks(2)));
              assertEquals(Reason.SATURATED, refused.reason());
              return 1;
            });
    assertEquals(1, pools.call(body::get).get());
    assertTrue(pool.awaitIdle(TestPools.LONG));
    assertEquals(List.of(), ran);
    assertEquals(1, pool.stats().cancelled());
  }

  /** With room for all of them, nothing is refused. */
  @ParameterizedTest
  @EnumSource
  void whereThereIsRoomTheCallSubmitsAll(Call call) throws Exception {
    WorkerPool pool = pool(1, 4, SaturationPolicy.reject());
    Held held = pools.occupy(pool);
    Caller<Object> caller = pools.call(() -> call.on(pool, tasks(4)));
    TestPools.eventually().until(() -> pool.stats().queued() == 4);
    held.release();
    assertEquals(call.isAll() ? List.of(0, 1, 2, 3) : 0, caller.get());
  }

  // block

  @ParameterizedTest
  @EnumSource
  void underBlockTheCallWaitsForRoom(Call call) throws Exception {
    WorkerPool pool = pool(1, 1, SaturationPolicy.block());
    Held held = pools.occupy(pool);
    Task<Integer> before = pool.submit(() -> 7);
    Caller<Object> caller = pools.call(() -> call.on(pool, tasks(3))).awaitBlocked();
    assertEquals(2, pool.stats().accepted());
    held.release();
    Object result = caller.get();
    if (call.isAll()) {
      assertEquals(List.of(0, 1, 2), result);
      assertFalse(ranOn.contains(caller.thread()));
    }
    assertEquals(7, before.get());
    assertEquals(0, pool.stats().rejected());
  }

  @ParameterizedTest
  @EnumSource
  void aBlockWithATimeRefusesTheCallWhenThatHasPassed(Call call) throws Exception {
    WorkerPool pool = pool(1, 2, SaturationPolicy.block(Duration.ofMillis(10)));
    Held held = pools.occupy(pool);
    Task<Integer> before = pool.submit(() -> 7);
    assertRefused(Reason.TIMEOUT, pools.call(() -> call.on(pool, tasks(3))));
    assertEquals(1, pool.stats().cancelled());
    held.release();
    assertEquals(7, before.get());
    assertTrue(pool.awaitIdle(TestPools.LONG));
    assertEquals(List.of(), ran);
  }

  static Stream<Arguments> blocks() {
    return Stream.of(SaturationPolicy.block(), SaturationPolicy.block(Duration.ofHours(1)))
        .map(Arguments::of);
  }

  @ParameterizedTest
  @MethodSource("blocks")
  void theTimedCallsWaitForRoomWithinTheirTime(SaturationPolicy policy) throws Exception {
    WorkerPool pool = pool(1, 1, policy);
    Held held = pools.occupy(pool);
    Task<Integer> before = pool.submit(() -> 7);
    Caller<List<Future<Integer>>> all =
        pools.call(() -> pool.invokeAll(tasks(3), 10, TimeUnit.MILLISECONDS));
    assertEquals(3, all.get().size());
    assertTrue(all.get().stream().allMatch(Future::isCancelled));
    Caller<Integer> any = pools.call(() -> pool.invokeAny(tasks(3), 10, TimeUnit.MILLISECONDS));
    assertInstanceOf(
        TimeoutException.class, assertThrows(ExecutionException.class, any::get).getCause());
    held.release();
    assertEquals(7, before.get());
    assertTrue(pool.awaitIdle(TestPools.LONG));
    assertEquals(List.of(), ran);
  }

  static Stream<Arguments> callsAndBlocks() {
    return Stream.of(Call.values())
        .flatMap(
            call ->
                Stream.of(SaturationPolicy.block(), SaturationPolicy.block(Duration.ofHours(1)))
                    .map(policy -> Arguments.of(call, policy)));
  }

  @ParameterizedTest
  @MethodSource("callsAndBlocks")
  void aBodyRunsItsOwnToMakeRoom(Call call, SaturationPolicy policy) throws Exception {
    WorkerPool pool = pool(1, 2, policy);
    Task<Object> body =
        pool.submit(
            () -> {
              pool.execute(() -> ran.add(-1)); // So there is room for one, and nobody else.
              Object result = call.on(pool, tasks(5));
              assertTrue(ranOn.stream().allMatch(thread -> thread == Thread.currentThread()));
              return result;
            });
    Object result = pools.call(body::get).get();
    if (call.isAll()) {
      assertEquals(List.of(0, 1, 2, 3, 4), result);
    } else {
      assertEquals(ran.get(0), result); // The first that it ran.
    }
    assertTrue(pool.awaitIdle(TestPools.LONG));
    assertEquals(0, pool.stats().rejected());
    assertEquals(-1, ran.get(ran.size() - 1));
  }

  @ParameterizedTest
  @MethodSource("callsAndBlocks")
  void aBodyThatHasNoneToRunIsRefused(Call call, SaturationPolicy policy) throws Exception {
    WorkerPool pool = pool(1, 1, policy);
    Task<Integer> body =
        pool.submit(
            () -> {
              pool.execute(() -> {});
              RejectedTaskException refused =
                  assertThrows(RejectedTaskException.class, () -> call.on(pool, tasks(2)));
              assertEquals(Reason.SATURATED, refused.reason());
              return 1;
            });
    assertEquals(1, pools.call(body::get).get());
    assertTrue(pool.awaitIdle(TestPools.LONG));
    assertEquals(List.of(), ran);
    assertEquals(1, pool.stats().rejected());
  }

  // callerRuns

  @ParameterizedTest
  @EnumSource(names = {"INVOKE_ALL", "TIMED_INVOKE_ALL"})
  void underCallerRunsTheCallerRunsWhatFindsNoRoom(Call call) throws Exception {
    WorkerPool pool = pool(1, 1, SaturationPolicy.callerRuns());
    Held held = pools.occupy(pool);
    Caller<Object> caller = pools.call(() -> call.on(pool, tasks(4)));
    TestPools.eventually().until(() -> ran.size() == 3);
    assertEquals(List.of(1, 2, 3), ran);
    assertTrue(ranOn.stream().allMatch(thread -> thread == caller.thread()));
    held.release();
    assertEquals(List.of(0, 1, 2, 3), caller.get());
    assertSame(held.thread(), ranOn.get(3));
  }

  @ParameterizedTest
  @EnumSource(names = {"INVOKE_ANY", "TIMED_INVOKE_ANY"})
  void soItDoesForAnyAndReturnsWhatItRan(Call call) throws Exception {
    WorkerPool pool = pool(1, 1, SaturationPolicy.callerRuns());
    pools.occupy(pool);
    Caller<Object> caller = pools.call(() -> call.on(pool, tasks(3)));
    assertEquals(1, caller.get());
    assertSame(caller.thread(), ranOn.get(0));
    assertEquals(1, pool.stats().cancelled());
  }

  // discardOldest

  @ParameterizedTest
  @EnumSource
  void underDiscardOldestTheCallDiscards(Call call) throws Exception {
    WorkerPool pool = pool(1, 2, SaturationPolicy.discardOldest());
    Held held = pools.occupy(pool);
    Task<Integer> one = pool.submit(() -> 7);
    Task<Integer> two = pool.submit(() -> 8);
    Caller<Object> caller = pools.call(() -> call.on(pool, tasks(1)));
    TestPools.eventually().until(one::isDone);
    TaskAbortedException discarded = assertThrows(TaskAbortedException.class, one::join);
    assertEquals(TaskAbortedException.Reason.DISCARDED, discarded.reason());
    assertFalse(two.isDone());
    held.release();
    assertEquals(call.isAll() ? List.of(0) : 0, caller.get());
    assertEquals(8, two.get());
  }

  @Test
  void soItDoesWithItsOwnOldest() throws Exception {
    WorkerPool pool = pool(1, 2, SaturationPolicy.discardOldest());
    Held held = pools.occupy(pool);
    Caller<List<Future<Integer>>> all = pools.call(() -> pool.invokeAll(tasks(3)));
    TestPools.eventually().until(() -> pool.stats().aborted() == 1);
    held.release();
    List<Future<Integer>> futures = all.get();
    assertTrue(futures.get(0).isCancelled());
    assertEquals(3, futures.get(1).get() + futures.get(2).get());
    assertEquals(List.of(1, 2), ran);
  }

  @Test
  void anyReturnsWhatWasNotDiscarded() throws Exception {
    WorkerPool pool = pool(1, 1, SaturationPolicy.discardOldest());
    Held held = pools.occupy(pool);
    Caller<Integer> any = pools.call(() -> pool.invokeAny(tasks(3)));
    TestPools.eventually().until(() -> pool.stats().aborted() == 2);
    held.release();
    assertEquals(2, any.get());
  }

  // The end.

  @ParameterizedTest
  @EnumSource
  void aClosedPoolRefusesTheCallUnderEachPolicy(Call call) throws Exception {
    for (SaturationPolicy policy : Configuration.policies()) {
      WorkerPool pool = pool(1, 1, policy);
      pool.shutdown();
      assertRefused(Reason.SHUTDOWN, pools.call(() -> call.on(pool, tasks(2))));
    }
    assertEquals(List.of(), ran);
  }
}
