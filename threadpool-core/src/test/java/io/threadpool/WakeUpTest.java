package io.threadpool;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.threadpool.internal.Latches;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;

/** Wake-ups at the moments that decide, which these tests bring about; races only meet them. */
class WakeUpTest {

  private static final Duration LONG = Duration.ofSeconds(20);

  /** What a worker is to do the next time it comes by a place of its loop; once. */
  private final AtomicReference<Runnable> beforeLooking = new AtomicReference<>();

  private final AtomicReference<Runnable> foundNothing = new AtomicReference<>();

  private PoolCore core;

  private WorkerPool pool(int size, Pools pools) {
    core =
        new PoolCore(WorkerPool.builder().size(size).config()) {
          @Override
          Floor.Seam newSeam() {
            return new Floor.Seam() {
              @Override
              void onLoop(int worker) {
                runOnce(beforeLooking);
              }

              @Override
              void onEmpty(int worker) {
                runOnce(foundNothing);
              }
            };
          }
        };
    core.start(null);
    return pools.add(WorkerPoolBuilder.open(core));
  }

  private static void runOnce(AtomicReference<Runnable> action) {
    Runnable once = action.getAndSet(null);
    if (once != null) {
      once.run();
    }
  }

  private void awaitAsleep() {
    Awaitility.await()
        .pollInterval(Duration.ofMillis(2))
        .until(
            () ->
                Crews.threads(core.crew).stream()
                    .allMatch(thread -> thread.getState() == Thread.State.WAITING));
  }

  /** Of two tasks that come before the woken worker looks, the second waits for nobody. */
  @Test
  void whoIsWokenForTheFirstOfTwoTasksWakesAnotherForTheSecond(Pools pools) throws Exception {
    WorkerPool pool = pool(2, pools);
    awaitAsleep();
    CountDownLatch bothQueued = new CountDownLatch(1);
    beforeLooking.set(() -> Latches.uninterruptibly(bothQueued));
    CountDownLatch secondRan = new CountDownLatch(1);
    Task<Boolean> first = pool.submit(() -> secondRan.await(20, TimeUnit.SECONDS));
    pool.execute(secondRan::countDown);
    bothQueued.countDown();
    assertTrue(first.get(40, TimeUnit.SECONDS), "the second task was not begun beside the first");
  }

  /**
   * The last task and the close come when the worker has just found nothing: it runs that itself,
   * and leaves it to nobody who would have to come for it.
   */
  @Test
  void whoFindsNothingLooksOnceMoreAfterTheClose(Pools pools) throws Exception {
    WorkerPool pool = pool(1, pools);
    AtomicReference<Task<Thread>> last = new AtomicReference<>();
    AtomicReference<Thread> worker = new AtomicReference<>();
    Runnable submitAndClose =
        () -> {
          worker.set(Thread.currentThread());
          last.set(pool.submit(Thread::currentThread));
          pool.shutdown();
        };
    // By a task, so that it is not the first look of a worker that starts which meets it.
    pool.execute(() -> foundNothing.set(submitAndClose));
    assertTrue(pool.awaitTermination(LONG));
    assertSame(worker.get(), last.get().get(20, TimeUnit.SECONDS));
  }

  /** A task falls due when the worker has just found nothing, and nobody sleeps yet. */
  @Test
  void whoFindsNothingSeesWhatFallsDueBeforeItSleeps(Pools pools) throws Exception {
    WorkerPool pool = pool(1, pools);
    AtomicReference<ScheduledTask<Integer>> due = new AtomicReference<>();
    pool.execute(
        () -> foundNothing.set(() -> due.set(pool.schedule(() -> 1, 0, TimeUnit.SECONDS))));
    Awaitility.await().until(() -> due.get() != null);
    assertEquals(1, due.get().get(20, TimeUnit.SECONDS));
  }
}
