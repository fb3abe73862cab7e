package io.threadpool.contract;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ch.qos.logback.classic.Level;
import io.threadpool.TaskOptions;
import io.threadpool.WorkerPool;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorCompletionService;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What a pool tells of tasks that are slow, and of one that stands still. */
class WarningsTest {

  private static final Duration SHORT = Duration.ofMillis(50);

  @RegisterExtension final TestPools pools = new TestPools();

  /** What a body waits for in vain, on a pool of one. */
  interface Wait {
    Object in(WorkerPool pool, WorkerPool other) throws Exception;
  }

  static Stream<String> waits() {
    return kinds().keySet().stream();
  }

  private static Map<String, Wait> kinds() {
    Map<String, Wait> kinds = new LinkedHashMap<>();
    kinds.put(
        "allOf",
        (pool, other) -> CompletableFuture.allOf(pool.submit(() -> 1), pool.submit(() -> 2)).get());
    kinds.put("a stage", (pool, other) -> pool.submit(() -> 1).thenApply(x -> x + 1).get());
    kinds.put("supplyAsync", (pool, other) -> CompletableFuture.supplyAsync(() -> 1, pool).get());
    kinds.put(
        "a completion service",
        (pool, other) -> {
          var service = new ExecutorCompletionService<Integer>(pool);
          service.submit(() -> 1);
          return service.take().get();
        });
    kinds.put(
        "a future task",
        (pool, other) -> {
          FutureTask<Integer> task = new FutureTask<>(() -> 1);
          pool.execute(task);
          return task.get();
        });
    kinds.put(
        "another pool", (pool, other) -> other.submit(() -> pool.submit(() -> 1).get()).get());
    kinds.put("a timed get", (pool, other) -> pool.submit(() -> 1).get(1, TimeUnit.HOURS));
    return kinds;
  }

  @ParameterizedTest
  @MethodSource("waits")
  void aStandstillIsToldOnceWhateverItWaitsFor(String kind) throws Exception {
    Wait wait = kinds().get(kind);
    try (LogCapture log = LogCapture.at(Level.WARN)) {
      WorkerPool pool =
          pools.build(WorkerPool.builder().size(1).name("still").standstillWarning(SHORT));
      WorkerPool other = pools.fixed(1);
      CountDownLatch waiting = new CountDownLatch(1);
      pool.submit(
          () -> {
            waiting.countDown();
            return wait.in(pool, other);
          },
          TaskOptions.named("waiter"));
      Held.await(waiting, "waiting");
      TestPools.eventually().until(() -> !log.messages("stands still").isEmpty());
      String told = log.messages("stands still").get(0);
      assertTrue(told.contains("Pool still stands still: "), told);
      assertTrue(told.contains(", and none was taken for PT0.05S, nor has one ended:\n"), told);
      assertTrue(told.contains("still-0 for PT"), told);
      assertTrue(told.contains(" with waiter\n\tat "), told);
      assertTrue(told.contains(WarningsTest.class.getName()), told);
      awaitLooks();
      pool.shutdownNow();
      assertTrue(pool.awaitTermination(TestPools.LONG));
      assertEquals(
          1, log.messages("Pool still stands still").size(), () -> log.messages().toString());
    }
  }

  /** Another pool's warning comes after ours would have a second time. */
  private void awaitLooks() throws InterruptedException {
    WorkerPool beside = pools.build(WorkerPool.builder().size(1).slowTaskWarning(SHORT));
    try (LogCapture log = LogCapture.at(Level.WARN)) {
      pools.occupy(beside);
      TestPools.eventually().until(() -> !log.messages("has a slow task").isEmpty());
    }
  }

  /** A thread of a user's class, whose stack is that class's to tell. */
  @Test
  void aThreadThatDoesNotTellItsStackHidesNoWarning() throws Exception {
    try (LogCapture log = LogCapture.at(Level.WARN)) {
      WorkerPool pool =
          pools.build(
              WorkerPool.builder()
                  .size(1)
                  .threadFactory(
                      run ->
                          new Thread(run) {
                            @Override
                            public StackTraceElement[] getStackTrace() {
                              throw new IllegalStateException("for the test");
                            }
                          })
                  .slowTaskWarning(SHORT)
                  .standstillWarning(SHORT));
      pools.occupy(pool);
      pool.execute(() -> {});
      TestPools.eventually().until(() -> !log.messages("has a slow task").isEmpty());
      TestPools.eventually().until(() -> !log.messages("stands still").isEmpty());
    }
  }

  @Test
  void theNextStandstillIsToldAgain() throws Exception {
    try (LogCapture log = LogCapture.at(Level.WARN)) {
      WorkerPool pool = pools.build(WorkerPool.builder().size(1).standstillWarning(SHORT));
      for (int i = 1; i <= 2; i++) {
        Held held = pools.occupy(pool);
        pool.execute(() -> {});
        int times = i;
        TestPools.eventually().until(() -> log.messages("stands still").size() == times);
        held.release();
        assertTrue(pool.awaitIdle(TestPools.LONG));
      }
      pool.close();
      assertEquals(2, log.messages("stands still").size(), () -> log.messages().toString());
    }
  }

  /** Bodies that run what they wait for move, though no worker takes anything. */
  @Test
  void whoRunsWhatWaitsDoesNotStandStill() throws Exception {
    try (LogCapture log = LogCapture.at(Level.WARN)) {
      WorkerPool pool =
          pools.build(WorkerPool.builder().size(1).standstillWarning(Duration.ofHours(1)));
      WorkerPool off = pools.build(WorkerPool.builder().size(1).standstillWarning(Duration.ZERO));
      for (WorkerPool each : List.of(pool, off)) {
        pools.occupy(each);
        each.execute(() -> {});
      }
      awaitLooks();
      pools.releaseAll();
      pool.close();
      off.close();
      assertEquals(List.of(), log.messages("stands still"));
    }
  }

  @ParameterizedTest
  @MethodSource("io.threadpool.contract.Configuration#all")
  void aSlowTaskIsToldOnceWithItsStack(Configuration configuration) throws Exception {
    Duration slow = SHORT;
    while (!toldInHeld(configuration, slow)) { // A body was held up on its way there.
      slow = slow.multipliedBy(2);
      assertTrue(slow.compareTo(TestPools.LONG) < 0, "never told where it stands");
    }
  }

  private boolean toldInHeld(Configuration configuration, Duration slow) throws Exception {
    try (LogCapture log = LogCapture.at(Level.WARN)) {
      WorkerPool pool = pools.build(configuration.builder(2).slowTaskWarning(slow));
      CyclicBarrier barrier = new CyclicBarrier(2);
      Held first = pools.held();
      Held second = pools.held();
      pool.submit(
          () -> {
            barrier.await();
            first.run();
            return null;
          },
          TaskOptions.named("first"));
      pool.execute(
          () -> {
            try {
              barrier.await();
            } catch (Exception e) {
              throw new AssertionError(e);
            }
            second.run();
          });
      TestPools.eventually().until(() -> log.messages("has a slow task").size() == 2);
      List<String> told = new ArrayList<>(log.messages("has a slow task"));
      assertEquals(
          1,
          told.stream().filter(text -> text.contains(" with first\n\tat ")).count(),
          told::toString);
      first.release();
      second.release();
      pool.close();
      assertEquals(2, log.messages("has a slow task").size(), () -> log.messages().toString());
      return told.stream().allMatch(text -> text.contains(Held.class.getName() + ".run"));
    }
  }
}
