package io.threadpool.contract;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.threadpool.SaturationPolicy;
import io.threadpool.Task;
import io.threadpool.WorkerPool;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Waits of bodies for tasks of their own pool: they end, or are refused. */
class InlineJoinTest {

  @RegisterExtension final TestPools pools = new TestPools();

  private static <T> T result(Task<T> task) throws Exception {
    return task.get(TestPools.LONG.toSeconds(), TimeUnit.SECONDS);
  }

  // Recursive programs.

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 4})
  void fibonacci(int size) throws Exception {
    WorkerPool pool = pools.fixed(size);
    assertEquals(987, result(pool.submit(() -> fibonacci(pool, 16))));
  }

  private static int fibonacci(WorkerPool pool, int n) throws Exception {
    if (n < 2) {
      return n;
    }
    Task<Integer> one = pool.submit(() -> fibonacci(pool, n - 1));
    Task<Integer> two = pool.submit(() -> fibonacci(pool, n - 2));
    return one.join() + two.get();
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 3})
  void mergeSort(int size) throws Exception {
    WorkerPool pool = pools.fixed(size);
    int[] values = new Random(42).ints(5_000).toArray();
    int[] expected = values.clone();
    Arrays.sort(expected);
    assertArrayEquals(expected, result(pool.submit(() -> sorted(pool, values))));
  }

  private static int[] sorted(WorkerPool pool, int[] values) throws Exception {
    if (values.length < 2) {
      return values;
    }
    int middle = values.length / 2;
    Task<int[]> left = pool.submit(() -> sorted(pool, Arrays.copyOfRange(values, 0, middle)));
    Task<int[]> right =
        pool.submit(() -> sorted(pool, Arrays.copyOfRange(values, middle, values.length)));
    int[] a = left.join();
    int[] b = right.get();
    int[] merged = new int[values.length];
    for (int i = 0, j = 0, k = 0; k < merged.length; k++) {
      merged[k] = j == b.length || (i < a.length && a[i] <= b[j]) ? a[i++] : b[j++];
    }
    return merged;
  }

  @Test
  void aTreeOfDepthOneThousandWithOneWorker() throws Exception {
    WorkerPool pool =
        pools.build(
            WorkerPool.builder()
                .size(1)
                .threadFactory(body -> new Thread(null, body, "deep", 256L << 20)));
    assertEquals(1_000, result(pool.submit(() -> depth(pool, 1_000))));
    assertTrue(pool.awaitIdle(TestPools.LONG));
    assertEquals(1_001, pool.stats().completed());
  }

  private static int depth(WorkerPool pool, int left) {
    return left == 0 ? 0 : 1 + pool.submit(() -> depth(pool, left - 1)).join();
  }

  // The rules.

  @Test
  void aJoinRunsTheJoinedTaskAndNoOther() throws Exception {
    WorkerPool pool = pools.fixed(1);
    List<String> order = Collections.synchronizedList(new ArrayList<>());
    AtomicReference<Thread> inline = new AtomicReference<>();
    Task<Thread> outer =
        pool.submit(
            () -> {
              pool.execute(() -> order.add("first"));
              Task<?> joined =
                  pool.submit(
                      () -> {
                        inline.set(Thread.currentThread());
                        order.add("joined");
                      });
              pool.execute(() -> order.add("last"));
              joined.join();
              order.add("outer");
              return Thread.currentThread();
            });
    assertSame(result(outer), inline.get());
    assertTrue(pool.awaitIdle(TestPools.LONG));
    assertEquals(List.of("joined", "outer", "first", "last"), order);
    assertEquals(4, pool.stats().accepted());
  }

  @Test
  void aTimedGetIsNeverRunInline() throws Exception {
    WorkerPool pool = pools.fixed(1);
    Task<Integer> outer =
        pool.submit(
            () -> {
              Task<Integer> inner = pool.submit(() -> 1);
              assertThrows(TimeoutException.class, () -> inner.get(1, TimeUnit.MILLISECONDS));
              assertFalse(inner.isDone());
              return inner.join();
            });
    assertEquals(1, result(outer));
  }

  @Test
  void aTaskOfAnotherPoolIsNotRunInline() throws Exception {
    WorkerPool one = pools.fixed(1);
    WorkerPool two = pools.fixed(1);
    Task<Boolean> outer =
        one.submit(() -> two.submit(Thread::currentThread).join() == Thread.currentThread());
    assertFalse(result(outer));
  }

  @Test
  void aFailureOfAnInlineTaskIsTheJoinersToCatch() throws Exception {
    WorkerPool pool = pools.fixed(1);
    Exception thrown = new Exception("inner");
    Task<Boolean> outer =
        pool.submit(
            () -> {
              Task<?> one =
                  pool.submit(
                      () -> {
                        throw thrown;
                      });
              Task<?> two =
                  pool.submit(
                      () -> {
                        throw thrown;
                      });
              return assertThrows(CompletionException.class, one::join).getCause() == thrown
                  && assertThrows(ExecutionException.class, two::get).getCause() == thrown;
            });
    assertTrue(result(outer));
    assertTrue(pool.awaitIdle(TestPools.LONG));
    assertEquals(2, pool.stats().failed());
    assertEquals(1, pool.stats().completed());
  }

  @Test
  void aJoinOfATaskThatAnotherWorkerRunsWaits() throws Exception {
    WorkerPool pool = pools.fixed(2);
    Held held = pools.held();
    Task<String> running = pool.submit(held, "run");
    held.awaitStarted();
    AtomicReference<Thread> joiner = new AtomicReference<>();
    Task<String> outer =
        pool.submit(
            () -> {
              joiner.set(Thread.currentThread());
              return running.join();
            });
    TestPools.eventually().until(() -> joiner.get() != null && Caller.isWaiting(joiner.get()));
    held.release();
    assertEquals("run", result(outer));
  }

  private static List<Executable> waits(Task<?> task) {
    return List.of(
        task::join,
        task::get,
        () -> task.get(1, TimeUnit.DAYS),
        () -> task.get(0, TimeUnit.SECONDS),
        () -> task.get(-1, TimeUnit.SECONDS),
        () -> task.awaitStopped(Duration.ofDays(1)),
        () -> task.awaitStopped(Duration.ZERO));
  }

  @Test
  void aTaskMayNotWaitForItself() throws Exception {
    WorkerPool pool = pools.fixed(2);
    Held before = pools.occupy(pool);
    AtomicReference<Task<Integer>> self = new AtomicReference<>();
    CountDownLatch set = new CountDownLatch(1);
    self.set(
        pool.submit(
            () -> {
              Held.await(set, "set");
              List<Executable> waits = waits(self.get());
              for (Executable wait : waits) {
                assertThrows(IllegalStateException.class, wait);
              }
              assertFalse(self.get().isDone());
              assertNotNull(self.get().getNow(0));
              return waits.size();
            }));
    set.countDown();
    assertEquals(7, result(self.get()));
    before.release();
  }

  @Test
  void aTaskMayNotWaitForItsAncestor() throws Exception {
    WorkerPool pool = pools.fixed(1);
    AtomicReference<Task<Integer>> outer = new AtomicReference<>();
    CountDownLatch set = new CountDownLatch(1);
    outer.set(
        pool.submit(
            () -> {
              Held.await(set, "set");
              return pool.submit(
                      () ->
                          pool.submit(
                                  () -> {
                                    for (Executable wait : waits(outer.get())) {
                                      assertThrows(IllegalStateException.class, wait);
                                    }
                                    return 1;
                                  })
                              .join())
                  .join();
            }));
    set.countDown();
    assertEquals(1, result(outer.get()));
  }

  @Test
  void aTaskMayAskForItsOwnResultOnceItIsSettled() throws Exception {
    WorkerPool pool = pools.fixed(1);
    AtomicReference<Task<Integer>> self = new AtomicReference<>();
    AtomicReference<Integer> seen = new AtomicReference<>();
    CountDownLatch set = new CountDownLatch(1);
    self.set(
        pool.submit(
            () -> {
              Held.await(set, "set");
              self.get().complete(5);
              seen.set(self.get().join() + self.get().get());
              return 6;
            }));
    set.countDown();
    assertTrue(self.get().awaitStopped(TestPools.LONG));
    assertEquals(10, seen.get());
    assertEquals(5, self.get().join());
  }

  @Test
  void aFinishedAncestorsHandleMayBeAwaitedFromAnotherBody() throws Exception {
    WorkerPool pool = pools.fixed(1);
    Task<Integer> one = pool.submit(() -> 1);
    assertEquals(1, result(pool.submit(() -> one.join())));
    assertTrue(result(pool.submit(() -> one.awaitStopped(Duration.ofDays(1)))));
  }

  @Test
  void aJoinOfACancelledTaskDoesNotRunIt() throws Exception {
    WorkerPool pool = pools.fixed(1);
    AtomicReference<String> ran = new AtomicReference<>("no");
    Task<Boolean> outer =
        pool.submit(
            () -> {
              Task<?> inner = pool.submit(() -> ran.set("yes"));
              inner.cancel(false);
              return assertThrows(CancellationException.class, inner::join) != null;
            });
    assertTrue(result(outer));
    assertTrue(pool.awaitIdle(TestPools.LONG));
    assertEquals("no", ran.get());
  }

  @Test
  void inlineJoinsGoOnWhileThePoolDrains() throws Exception {
    WorkerPool pool = pools.fixed(1);
    Task<Integer> outer =
        pool.submit(
            () -> {
              Task<Integer> inner = pool.submit(() -> 1);
              pool.shutdown();
              return inner.join();
            });
    assertEquals(1, result(outer));
    assertTrue(pool.awaitTermination(TestPools.LONG));
  }

  @Test
  void anAbortReachesTheInlineTaskAndTheOneBelow() throws Exception {
    WorkerPool pool = pools.fixed(1);
    Held inner = pools.held();
    boolean[] interrupted = new boolean[1];
    Task<?> outer =
        pool.submit(
            () -> {
              pool.submit(inner).join();
              interrupted[0] = Thread.currentThread().isInterrupted();
            });
    inner.awaitStarted();
    pool.shutdownNow();
    inner.awaitInterrupted();
    outer.get();
    assertTrue(interrupted[0]);
  }

  @Test
  void anInlineTaskThatRunsIsNotAmongTheUnstarted() throws Exception {
    WorkerPool pool = pools.fixed(1);
    Held held = pools.deaf();
    Task<String> outer = pool.submit(() -> pool.submit(held, "inner").join());
    held.awaitStarted();
    assertEquals(List.of(), pool.shutdownNow());
    held.release();
    assertEquals("inner", result(outer));
    assertTrue(pool.awaitTermination(TestPools.LONG));
    assertEquals(2, pool.report().orElseThrow().completed());
    assertEquals(0, pool.report().orElseThrow().aborted());
  }

  @Test
  void anInlineTaskThatRunsIsNotDiscarded() throws Exception {
    WorkerPool pool =
        pools.build(
            WorkerPool.builder()
                .size(1)
                .queueCapacity(1)
                .saturationPolicy(SaturationPolicy.discardOldest()));
    Held held = pools.held();
    Task<String> outer = pool.submit(() -> pool.submit(held, "inner").join());
    held.awaitStarted();
    Task<Integer> one = pool.submit(() -> 1);
    Task<Integer> two = pool.submit(() -> 2);
    assertTrue(one.isCancelled());
    assertEquals(1, pool.stats().aborted());
    held.release();
    assertEquals("inner", result(outer));
    assertEquals(2, result(two));
  }

  @Test
  void aTaskThatItsSubmitterRunsIsNotAmongTheUnstarted() throws Exception {
    WorkerPool pool = pools.fixed(1);
    Held before = pools.deaf();
    pool.execute(before);
    before.awaitStarted();
    Held held = pools.deaf();
    Task<String> task = pool.submit(held, "run");
    Caller<Object> runner =
        pools.call(
            () -> {
              task.run();
              return null;
            });
    held.awaitStarted();
    assertEquals(List.of(), pool.shutdownNow());
    held.awaitInterrupted();
    held.release();
    runner.get();
    assertEquals("run", task.join());
    before.release();
  }

  // awaitIdle and awaitStopped, for whom they are allowed.

  @Test
  void aPoolThatHasDoneNothingIsIdleFromTheStart() throws Exception {
    for (int round = 0; round < 50; round++) {
      assertTrue(pools.fixed(2).awaitIdle(Duration.ZERO));
    }
  }

  @Test
  void awaitIdleWaitsForQueuedAndRunning() throws Exception {
    WorkerPool pool = pools.fixed(2);
    TestPools.eventually().until(() -> pool.awaitIdle(Duration.ZERO));
    Held held = pools.occupy(pool);
    assertFalse(pool.awaitIdle(Duration.ZERO));
    assertFalse(pool.awaitIdle(Duration.ofMillis(5)));
    Caller<Boolean> one = pools.call(() -> pool.awaitIdle(TestPools.LONG)).awaitBlocked();
    Caller<Boolean> two = pools.call(() -> pool.awaitIdle(Duration.ofDays(1))).awaitBlocked();
    Caller<Boolean> three = pools.call(() -> pool.awaitIdle(TestPools.LONG)).awaitBlocked();
    three.interrupt();
    assertTrue(
        assertThrows(ExecutionException.class, three::get).getCause()
            instanceof InterruptedException);
    held.release();
    assertTrue(one.get());
    assertTrue(two.get());
  }

  @Test
  void aBodyThatGoesOnAfterItsTaskWasSettledIsNotIdleness() throws Exception {
    WorkerPool pool = pools.fixed(2);
    Held held = pools.held();
    Task<String> completed = pool.submit(held, "body");
    held.awaitStarted();
    completed.complete("user");
    assertFalse(pool.awaitIdle(Duration.ZERO));
    assertFalse(pool.awaitIdle(Duration.ofMillis(5)));
    held.release();
    assertTrue(pool.awaitIdle(TestPools.LONG));
  }

  @Test
  void awaitStoppedIsInterruptibleAndWaitsForTheBody() throws Exception {
    WorkerPool pool = pools.fixed(1);
    Held held = pools.deaf();
    Task<?> task = pool.submit(held);
    held.awaitStarted();
    task.cancel(true);
    Caller<Boolean> one = pools.call(() -> task.awaitStopped(TestPools.LONG)).awaitBlocked();
    Caller<Boolean> two = pools.call(() -> task.awaitStopped(TestPools.LONG)).awaitBlocked();
    two.interrupt();
    assertTrue(
        assertThrows(ExecutionException.class, two::get).getCause()
            instanceof InterruptedException);
    assertFalse(one.isDone());
    held.release();
    assertTrue(one.get());
  }
}
