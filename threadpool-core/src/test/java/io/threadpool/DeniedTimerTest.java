package io.threadpool;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.threadpool.internal.Errands;
import io.threadpool.internal.Latches;
import io.threadpool.internal.Starter;
import io.threadpool.internal.Timers;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/** Where threads cannot be had for a while, and nobody calls the pool. */
class DeniedTimerTest {

  private static final int SOME = 3;

  private static WorkerPool fixed(int size, Pools pools, DeniedTimers denied) {
    return pools.add(WorkerPoolBuilder.open(core(size, denied)));
  }

  /** One whose workers sleep. */
  private static PoolCore core(int size, DeniedTimers denied) {
    PoolCore core =
        new PoolCore(WorkerPool.builder().size(size).config()) {
          @Override
          Timers newTimers() {
            return denied;
          }
        };
    core.start(null);
    await().until(core.crew::isAsleep);
    return core;
  }

  @Test
  void aWorkerThatSleepsKeepsTheTimeOfWhatRepeats(Pools pools) {
    WorkerPool pool = fixed(1, pools, new DeniedTimers(SOME));
    AtomicInteger beats = new AtomicInteger();
    pool.scheduleAtFixedRate(beats::incrementAndGet, Duration.ZERO, Duration.ofMillis(10));
    await().until(() -> beats.get() >= SOME);
  }

  @Test
  void aWorkerThatSleepsDoesWhatIsDueWhereThereIsNoThreadAtAll(Pools pools) {
    WorkerPool pool = fixed(1, pools, new DeniedTimers());
    AtomicInteger beats = new AtomicInteger();
    pool.scheduleAtFixedRate(beats::incrementAndGet, Duration.ofMillis(10), Duration.ofMillis(10));
    await().until(() -> beats.get() >= SOME);
  }

  /** The one that keeps the time is woken for a body that holds it, and the other one sleeps. */
  @Test
  void anotherWorkerThatSleepsGoesOnWithThat(Pools pools) throws Exception {
    PoolCore core = core(2, new DeniedTimers());
    WorkerPool pool = pools.add(WorkerPoolBuilder.open(core));
    ScheduledTask<Integer> task = pool.schedule(() -> 1, Duration.ofSeconds(1));
    await()
        .until(
            () ->
                task.isDone()
                    || Crews.threads(core.crew).stream()
                        .anyMatch(thread -> thread.getState() == Thread.State.TIMED_WAITING));
    CountDownLatch never = new CountDownLatch(1);
    pool.execute(() -> Latches.uninterruptibly(never));
    await().until(task::isDone);
    never.countDown();
  }

  @Test
  void aWorkerThatIsNotNeededLeavesAllTheSame(Pools pools) throws Exception {
    PoolCore core =
        new CautiousCore(
            WorkerPool.builder()
                .size(0, 2)
                .keepAlive(Duration.ofMillis(10))
                .daemon(true)
                .config()) {
          @Override
          Timers newTimers() {
            return new DeniedTimers();
          }
        };
    core.start(null);
    WorkerPool pool = pools.add(WorkerPoolBuilder.open(core));
    pool.schedule(() -> 1, Duration.ofDays(1));
    assertEquals(1, pool.submit(() -> 1).get());
    await().until(() -> pool.stats().workers() == 0);
  }

  /** Whose stages hold up the only thread that tells. */
  @Test
  void whatIsDecidedAnswersThoughNobodyCanTellIt(Pools pools) throws Exception {
    PoolCore core =
        new PoolCore(WorkerPool.builder().size(1).config()) {
          @Override
          Errands newErrands() {
            return new Errands(timers, EndRig::none);
          }
        };
    core.start(null);
    WorkerPool pool = pools.add(WorkerPoolBuilder.open(core));
    CountDownLatch never = new CountDownLatch(1);
    CountDownLatch begun = new CountDownLatch(1);
    pool.execute(
        () -> {
          begun.countDown();
          Latches.uninterruptibly(never);
        });
    Latches.uninterruptibly(begun);
    List<Task<Integer>> queued = List.of(pool.submit(() -> 1), pool.submit(() -> 2));
    for (Task<Integer> task : queued) {
      var unused = task.whenComplete((result, failure) -> Latches.uninterruptibly(never));
    }
    Thread aborter = new Thread(pool::shutdownNow, "aborter");
    aborter.start();
    for (Task<Integer> task : queued) {
      await().until(task::isDone);
      assertThrows(TaskAbortedException.class, () -> task.get(1, TimeUnit.HOURS));
    }
    never.countDown();
    aborter.join();
  }

  @Test
  void theTimerKeepsNothingOfWhatIsCancelled(Pools pools) {
    DeniedTimers timers = new DeniedTimers();
    WorkerPool pool = fixed(1, pools, timers);
    ScheduledTask<?> never = pool.schedule(() -> 1, Duration.ofDays(1));
    assertTrue(timers.isStranded());
    assertTrue(never.cancel(false));
    timers.help();
    await().until(() -> !timers.isStranded()); // Since nothing is left in it.
  }

  /** Neither the starter nor the timer, and no worker. */
  @Test
  void whoWaitsForAHandleAsksForAWorkerAgain(Pools pools) throws Exception {
    AtomicInteger denials = new AtomicInteger(SOME);
    PoolCore core =
        new CautiousCore(WorkerPool.builder().size(0, 1).daemon(true).config()) {
          @Override
          Timers newTimers() {
            return new DeniedTimers(SOME);
          }

          @Override
          Starter newStarter(Starter.Work work) {
            return new Starter(work, name(), true) {
              @Override
              public void want() {
                if (denials.getAndDecrement() > 0) {
                  work.notStarted(new OutOfMemoryError("for the test"));
                  return;
                }
                super.want();
              }
            };
          }
        };
    core.start(null);
    WorkerPool pool = pools.add(WorkerPoolBuilder.open(core));
    assertEquals(1, pool.submit(() -> 1).get(1, TimeUnit.MINUTES));
  }
}
