package io.threadpool;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Workers that stand down, in a pool whose loops do not run: nobody else takes or wakes. */
class RestTest {

  private final PoolCore core = new PoolCore(WorkerPool.builder().size(2).config());
  private final Thread[] threads = new Thread[2];
  private final boolean[] kept = new boolean[2]; // Read after the thread was joined.

  private void standDown(int id) {
    Worker worker = core.workers[id];
    threads[id] =
        new Thread(() -> kept[id] = worker.rest.standDown(1_000, 100_000), "worker-" + id);
    worker.assign(threads[id]);
    threads[id].start();
  }

  private static void awaitThat(BooleanSupplier condition) {
    await().until(condition::getAsBoolean);
  }

  private void awaitAsleep(int id) {
    awaitThat(() -> threads[id].getState() == Thread.State.WAITING); // Without a time limit.
  }

  private void awaitBack(int id) throws InterruptedException {
    threads[id].join(20_000);
    assertFalse(threads[id].isAlive(), "worker " + id + " sleeps on");
  }

  @AfterEach
  void wakeAll() throws InterruptedException {
    core.closeQueue();
    for (int id = 0; id < 2; id++) {
      if (threads[id] != null) {
        awaitBack(id);
      }
    }
  }

  /** What comes between the search and the registration is seen by the look that follows. */
  @Test
  void whoFallsAsleepLooksOnceMore() throws InterruptedException {
    PoolCore blind =
        new PoolCore(WorkerPool.builder().size(1).config()) {
          @Override
          TaskQueue newQueue(long roughLimit) {
            return new TaskQueue(TaskQueue.DEFAULT_SEGMENT_SIZE, roughLimit) {
              @Override
              boolean isFilled() {
                return false;
              }
            };
          }
        };
    Worker worker = blind.workers[0];
    Thread thread = new Thread(() -> assertTrue(worker.rest.idle()));
    worker.assign(thread);
    blind.queue.offer("a task");
    thread.start();
    thread.join(20_000);
    boolean sleeps = thread.isAlive();
    blind.closeQueue();
    assertFalse(sleeps, "it sleeps beside a task");
  }

  /** Nobody submits while it spins, but at once when it sleeps, as where both share a processor. */
  @Test
  void aLongSearchInVainIsNotRepeatedAtOnce() throws InterruptedException {
    Worker worker = core.workers[0];
    AtomicInteger then = new AtomicInteger(-1);
    threads[0] =
        new Thread(
            () -> {
              for (int i = 0; i < 8; i++) {
                while (worker.rest.searchNanos != Rest.LONG_SEARCH_NANOS) {
                  worker.rest.idle();
                }
                worker.rest.idle();
                then.accumulateAndGet(worker.rest.searchNanos, Math::max);
              }
            });
    worker.assign(threads[0]);
    threads[0].start();
    while (threads[0].isAlive()) {
      core.idle.wakeOne();
      Thread.onSpinWait();
    }
    assertTrue(0 < then.get() && then.get() < Rest.LONG_SEARCH_NANOS);
  }

  /** Else it would sleep at the begin of the next burst, and two workers would contend for it. */
  @Test
  void aLongSearchInVainIsRepeatedAfterABurst() throws InterruptedException {
    Worker worker = core.workers[0];
    AtomicBoolean repeated = new AtomicBoolean();
    threads[0] =
        new Thread(
            () -> {
              while (!repeated.get()) {
                for (int i = 0; i < 1_000; i++) {
                  core.queue.offer("a task");
                  core.queue.poll();
                }
                boolean isLong = worker.rest.searchNanos == Rest.LONG_SEARCH_NANOS;
                worker.rest.idle(); // It may find that it slept too long for another.
                repeated.set(isLong && worker.rest.searchNanos == Rest.LONG_SEARCH_NANOS);
              }
            });
    worker.assign(threads[0]);
    threads[0].start();
    long end = System.nanoTime() + 20_000_000_000L;
    while (threads[0].isAlive() && System.nanoTime() < end) {
      core.idle.wakeOne();
      Thread.onSpinWait();
    }
    assertTrue(repeated.getAndSet(true), "never repeated");
  }

  @Test
  void theLookoutWakesSomebodyWhenTheHeadStands() throws InterruptedException {
    core.queue.offer("a task");
    standDown(0);
    awaitBack(0);
    assertTrue(core.workers[0].rest.isSearching(), "woken without the flag");
    assertFalse(core.idle.hasLookout());
    assertFalse(kept[0], "it was needed");
  }

  @Test
  void whoIsWokenNeedNotBeTheLookout() throws InterruptedException {
    standDown(0);
    awaitAsleep(0); // Its lookout has ended, since there is nothing to look at.
    assertFalse(core.idle.hasLookout());
    core.queue.offer("a task");
    standDown(1);
    awaitBack(1);
    assertTrue(threads[0].isAlive());
  }

  @Test
  void theLookoutThatIsRelievedSleepsOn() {
    core.idle.trySearch();
    standDown(0);
    awaitThat(core.idle::hasLookout); // For as long as somebody searches.
    core.idle.endLookout();
    awaitAsleep(0);
    assertTrue(core.idle.hasSearcher());
  }

  @Test
  void nothingToLookAtEndsTheLookoutAndAnySubmissionWakes() throws InterruptedException {
    standDown(0);
    awaitAsleep(0);
    assertFalse(core.idle.hasLookout());
    assertTrue(core.queue.offer("a task") >= 0);
    core.idle.wakeOne();
    awaitBack(0);
    assertTrue(kept[0], "nobody has missed it");
  }

  @Test
  void oneThatStandsDownAfterTheDrainWakesItself() throws InterruptedException {
    core.idle.trySearch(); // So that the lookout stays.
    standDown(1);
    awaitThat(core.idle::hasLookout);
    core.queue.close();
    assertTrue(core.queue.isDrained());
    standDown(0);
    awaitBack(0);
  }

  @Test
  void theLookoutSeesAClosedQueue() throws InterruptedException {
    core.idle.trySearch();
    standDown(0);
    awaitThat(core.idle::hasLookout);
    core.queue.close(); // By a closer that fails to wake anybody.
    core.idle.stopSearching();
    awaitBack(0);
  }

  @Test
  void aPaceIsKeptOrCrowdedByTheTimeFromTaskToTask() {
    assertTrue(Rest.isKept(1_000, 100_000, 32, 3_200));
    assertTrue(Rest.isKept(1_000, 124_000, 32, 3_200));
    assertFalse(Rest.isKept(1_000, 126_000, 32, 3_200));
    assertTrue(Rest.isKept(1_000, 10_000, 32, 3_200));
    assertFalse(Rest.isKept(0, 1, 32, 3_200));
    assertTrue(Rest.isCrowded(32, 16, 1_600));
    assertFalse(Rest.isCrowded(32, 16, 32 * 130), "not fast enough for one");
    assertTrue(Rest.isCrowded(32, 16, 32 * 130 - 1));
    assertFalse(Rest.isCrowded(18, 16, 160), "alone");
  }
}
