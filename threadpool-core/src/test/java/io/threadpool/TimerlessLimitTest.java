package io.threadpool;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.threadpool.TaskAbortedException.Reason;
import io.threadpool.internal.Errands;
import io.threadpool.internal.Latches;
import io.threadpool.internal.Timers;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Where the timer's thread cannot be had, limits are kept by whoever waits. */
class TimerlessLimitTest {

  private static final TaskOptions SHORT = TaskOptions.runningWithin(Duration.ofMillis(20));
  private static final Duration LONG = Duration.ofSeconds(20);

  private final CountDownLatch never = new CountDownLatch(1);
  private WorkerPool pool;

  private void open(boolean forAll) {
    WorkerPoolBuilder builder = WorkerPool.builder().size(1).name("timerless");
    PoolCore core =
        new PoolCore((forAll ? builder.taskOptions(SHORT) : builder).config()) {
          @Override
          Timers newTimers() {
            return new DeniedTimers();
          }
        };
    core.start(null);
    pool = WorkerPoolBuilder.open(core);
  }

  private int body() throws InterruptedException {
    never.await();
    return 1;
  }

  private Task<Integer> submit(boolean forAll) {
    open(forAll);
    return pool.submit(this::body, forAll ? TaskOptions.named("one of all") : SHORT);
  }

  @AfterEach
  void end() throws InterruptedException {
    pool.shutdownNow();
    assertTrue(pool.awaitTermination(LONG));
    Pools.assertLaw(pool);
    assertEquals(1, pool.stats().aborted());
  }

  private static void assertOverrun(Task<?> task) {
    TaskAbortedException why = assertThrows(TaskAbortedException.class, task::join);
    assertEquals(Reason.RUN_TIMEOUT, why.reason());
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void byWhoWaitsForTheHandle(boolean forAll) {
    assertOverrun(submit(forAll));
  }

  /** Nor are there threads to tell it: then the decision is the answer. */
  @Test
  void byWhoWaitsForTheHandleAlone() {
    openAlone(WorkerPool.builder());
    Runnable waits = () -> Latches.uninterruptibly(never);
    assertOverrun(pool.submit(waits, SHORT));
    Task<?> other = pool.submit(() -> 1);
    never.countDown();
    assertEquals(1, other.join());
  }

  @Test
  @Timeout(20)
  void byWhoWaitsForTheFirstAlone() {
    openAlone(WorkerPool.builder().taskOptions(SHORT));
    Callable<Integer> waits =
        () -> {
          Latches.uninterruptibly(never);
          return 1;
        };
    assertThrows(ExecutionException.class, () -> pool.invokeAny(List.of(waits)));
    never.countDown();
  }

  private void openAlone(WorkerPoolBuilder builder) {
    PoolCore core =
        new PoolCore(builder.size(1).name("timerless").config()) {
          @Override
          Timers newTimers() {
            return new DeniedTimers();
          }

          @Override
          Errands newErrands() {
            return new Errands(timers, EndRig::none);
          }
        };
    core.start(null);
    pool = WorkerPoolBuilder.open(core);
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void byWhoWaitsForItForAWhile(boolean forAll) {
    Task<?> task = submit(forAll);
    assertThrows(TaskAbortedException.class, () -> task.get(LONG.toSeconds(), TimeUnit.SECONDS));
    assertOverrun(task);
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void byWhoWaitsForItsBodyToHaveLeft(boolean forAll) throws InterruptedException {
    Task<?> task = submit(forAll);
    assertTrue(task.awaitStopped(LONG));
    assertOverrun(task);
  }

  @Test
  @Timeout(20)
  void byWhoWaitsForTheFirst() {
    open(true);
    assertThrows(ExecutionException.class, () -> pool.invokeAny(List.of(this::body)));
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void byWhoWaitsForIdleness(boolean forAll) throws InterruptedException {
    Task<?> task = submit(forAll);
    assertTrue(pool.awaitIdle(LONG));
    assertOverrun(task);
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void byWhoWaitsForTheEnd(boolean forAll) {
    Task<?> task = submit(forAll);
    pool.close();
    assertOverrun(task);
  }
}
