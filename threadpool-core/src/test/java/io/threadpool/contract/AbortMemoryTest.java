package io.threadpool.contract;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.threadpool.SaturationPolicy;
import io.threadpool.ShutdownPolicy;
import io.threadpool.Task;
import io.threadpool.TaskAbortedException;
import io.threadpool.TaskAbortedException.Reason;
import io.threadpool.WorkerPool;
import java.lang.ref.Reference;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * What an abort costs: little memory for each task that was queued; who asks gets an exception of
 * its own, made when it asks.
 */
class AbortMemoryTest {

  private static final int QUEUED = 100_000;

  @RegisterExtension final TestPools pools = new TestPools();

  /** Aborts a pool with many queued tasks, in a way that it is told. */
  static final class Aborts {
    public static void main(String[] args) throws Exception {
      WorkerPool pool =
          WorkerPool.builder()
              .size(1)
              .daemon(true)
              .shutdownPolicy(ShutdownPolicy.drainFor(Duration.ofMillis(10)))
              .build();
      CountDownLatch running = new CountDownLatch(1);
      pool.execute(
          () -> {
            running.countDown();
            try {
              new CountDownLatch(1).await();
            } catch (InterruptedException e) {
              // So it ends.
            }
          });
      running.await();
      Runnable body = () -> {};
      List<Task<?>> handles = new ArrayList<>(QUEUED);
      for (int i = 0; i < QUEUED; i++) {
        handles.add(pool.submit(body));
      }
      long before = liveBytes();
      List<Runnable> unstarted = List.of();
      switch (args[0]) {
        case "shutdownNow" -> unstarted = pool.shutdownNow();
        case "abort" -> pool.shutdown(ShutdownPolicy.abort());
        default -> pool.close();
      }
      ChildJvm.say("returned " + unstarted.size());
      pool.close();
      ChildJvm.say("aborted " + pool.report().orElseThrow().aborted());
      ChildJvm.say("bytes " + (liveBytes() - before) / QUEUED);
      ChildJvm.say("done " + handles.stream().filter(Task::isCancelled).count());
      Reference.reachabilityFence(unstarted);
    }

    private static long liveBytes() {
      for (int i = 0; i < 3; i++) {
        System.gc();
      }
      return Runtime.getRuntime().totalMemory() - Runtime.getRuntime().freeMemory();
    }
  }

  private static ChildJvm abort(String way, String heap) throws Exception {
    return ChildJvm.run(
        Aborts.class, List.of(heap, "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1"), way);
  }

  @ParameterizedTest
  @ValueSource(strings = {"shutdownNow", "abort", "close"})
  void manyQueuedTasksAreAbortedOnASmallHeap(String way) throws Exception {
    ChildJvm child = abort(way, "-Xmx64m");
    assertEquals(way.equals("shutdownNow") ? "100000" : "0", child.line("returned "));
    assertEquals("100000", child.line("aborted "));
    assertEquals("100000", child.line("done "));
    assertEquals(0, child.status(), child::toString);
  }

  @ParameterizedTest
  @ValueSource(strings = {"shutdownNow", "abort", "close"})
  void aQueuedTaskCostsAnAbort24BytesAtTheMost(String way) throws Exception {
    ChildJvm child = abort(way, "-Xmx1g");
    assertEquals("100000", child.line("aborted "));
    long bytes = Long.parseLong(child.line("bytes "));
    assertTrue(bytes <= 24, () -> "an abort keeps " + bytes + " bytes for each queued task");
  }

  // Whose exception it is.

  private static Object getOnBehalfOfATest(Task<?> task) throws Exception {
    return task.get();
  }

  private static Object timedGetOnBehalfOfATest(Task<?> task) throws Exception {
    return task.get(1, TimeUnit.HOURS);
  }

  private static Object joinOnBehalfOfATest(Task<?> task) {
    return task.join();
  }

  private static Object getNowOnBehalfOfATest(Task<?> task) {
    return task.getNow(null);
  }

  private static TaskAbortedException aborted(Callable<?> question) {
    return assertThrows(TaskAbortedException.class, question::call);
  }

  private static void assertTraceNames(String method, TaskAbortedException thrown) {
    assertTrue(
        Arrays.stream(thrown.getStackTrace())
            .anyMatch(
                line ->
                    line.getClassName().equals(AbortMemoryTest.class.getName())
                        && line.getMethodName().equals(method)),
        () -> method + " is not in " + Arrays.toString(thrown.getStackTrace()));
  }

  private static void assertEachAskerHasItsOwn(Task<?> task, Reason reason, String pool) {
    List<TaskAbortedException> thrown = new ArrayList<>();
    for (int i = 0; i < 2; i++) {
      thrown.add(aborted(() -> getOnBehalfOfATest(task)));
      assertTraceNames("getOnBehalfOfATest", thrown.get(thrown.size() - 1));
      thrown.add(aborted(() -> timedGetOnBehalfOfATest(task)));
      assertTraceNames("timedGetOnBehalfOfATest", thrown.get(thrown.size() - 1));
      thrown.add(aborted(() -> joinOnBehalfOfATest(task)));
      assertTraceNames("joinOnBehalfOfATest", thrown.get(thrown.size() - 1));
      thrown.add(aborted(() -> getNowOnBehalfOfATest(task)));
      assertTraceNames("getNowOnBehalfOfATest", thrown.get(thrown.size() - 1));
    }
    for (int i = 0; i < thrown.size(); i++) {
      assertEquals(reason, thrown.get(i).reason());
      assertTrue(thrown.get(i).getMessage().contains(pool), thrown.get(i)::getMessage);
      for (int j = 0; j < i; j++) {
        assertNotSame(thrown.get(j), thrown.get(i));
      }
    }
  }

  @Test
  void whoAsksAboutAnAbortedTaskGetsAnExceptionOfItsOwn() throws Exception {
    WorkerPool pool = pools.fixed(1);
    pools.occupy(pool);
    Task<?> task = pool.submit(() -> 1);
    pool.shutdownNow();
    assertEachAskerHasItsOwn(task, Reason.SHUTDOWN, pool.name());
  }

  @Test
  void soItIsWithADiscardedTask() throws Exception {
    WorkerPool pool =
        pools.build(
            WorkerPool.builder()
                .size(1)
                .queueCapacity(1)
                .saturationPolicy(SaturationPolicy.discardOldest()));
    pools.occupy(pool);
    Task<?> task = pool.submit(() -> 1);
    pool.submit(() -> 2);
    assertEachAskerHasItsOwn(task, Reason.DISCARDED, pool.name());
  }

  @Test
  void soItIsWithAStuckTask() throws Exception {
    WorkerPool pool = pools.build(WorkerPool.builder().size(1).abortGrace(Duration.ZERO));
    Held held = pools.deaf();
    Task<?> task = pool.submit(held);
    held.awaitStarted();
    pool.shutdownNow();
    TestPools.eventually().until(task::isDone);
    assertEachAskerHasItsOwn(task, Reason.STUCK, pool.name());
  }

  @Test
  void whoWaitedAlreadyGetsOneOfItsOwnToo() throws Exception {
    WorkerPool pool = pools.fixed(1);
    pools.occupy(pool);
    Task<?> task = pool.submit(() -> 1);
    List<Caller<Object>> waiters =
        List.of(
            pools.call(() -> getOnBehalfOfATest(task)).awaitBlocked(),
            pools.call(() -> timedGetOnBehalfOfATest(task)).awaitBlocked(),
            pools.call(() -> joinOnBehalfOfATest(task)).awaitBlocked(),
            pools.call(() -> joinOnBehalfOfATest(task)).awaitBlocked());
    pool.shutdownNow();
    List<String> methods =
        List.of(
            "getOnBehalfOfATest",
            "timedGetOnBehalfOfATest",
            "joinOnBehalfOfATest",
            "joinOnBehalfOfATest");
    List<Throwable> thrown = new ArrayList<>();
    for (int i = 0; i < waiters.size(); i++) {
      Throwable cause = assertThrows(ExecutionException.class, waiters.get(i)::get).getCause();
      TaskAbortedException own = assertInstanceOf(TaskAbortedException.class, cause);
      assertEquals(Reason.SHUTDOWN, own.reason());
      assertTraceNames(methods.get(i), own);
      thrown.forEach(other -> assertNotSame(other, own));
      thrown.add(own);
    }
  }
}
