package io.threadpool;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Workers that stand down, in a pool whose loops do not run: nobody else takes or wakes. */
class CrowdingTest {

  private final PoolCore core = new PoolCore(WorkerPool.builder().size(2).config());
  private final Thread[] threads = new Thread[2];
  private final boolean[] kept = new boolean[2]; // Read after the thread was joined.

  private void standDown(int id) {
    Worker worker = Crews.of(core).workers[id];
    threads[id] =
        new Thread(() -> kept[id] = worker.crowding.standDown(1_000, 100_000), "worker-" + id);
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
    core.backlog.close();
    for (int id = 0; id < 2; id++) {
      if (threads[id] != null) {
        awaitBack(id);
      }
    }
  }

  @Test
  void theLookoutWakesSomebodyWhenTheHeadStands() throws InterruptedException {
    core.queue.offer("a task");
    standDown(0);
    awaitBack(0);
    assertTrue(Crews.of(core).workers[0].rest.searching, "woken without the flag");
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
    core.backlog.beside.close();
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
    core.backlog.beside.close();
    core.queue.close(); // By a closer that fails to wake anybody.
    core.idle.stopSearching();
    awaitBack(0);
  }

  @Test
  void aPaceIsKeptOrCrowdedByTheTimeFromTaskToTask() {
    assertTrue(Crowding.isKept(1_000, 100_000, 32, 3_200));
    assertTrue(Crowding.isKept(1_000, 124_000, 32, 3_200));
    assertFalse(Crowding.isKept(1_000, 126_000, 32, 3_200));
    assertTrue(Crowding.isKept(1_000, 10_000, 32, 3_200));
    assertFalse(Crowding.isKept(0, 1, 32, 3_200));
    assertTrue(Crowding.isCrowded(32, 16, 1_600));
    assertFalse(Crowding.isCrowded(32, 16, 32 * 180), "not fast enough for one");
    assertTrue(Crowding.isCrowded(32, 16, 32 * 180 - 1));
    assertFalse(Crowding.isCrowded(18, 16, 160), "alone");
  }

  /** All that belongs to standing down can be taken out, and the pool works on. */
  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  @Timeout(120)
  void aPoolThatHasItNotRunsEverythingAsWell(boolean standsDown, Pools pools) throws Exception {
    PoolCore own =
        new PoolCore(WorkerPool.builder().size(4).unboundedQueue().config()) {
          @Override
          boolean standsDown() {
            return standsDown;
          }
        };
    own.start(Crews.daemons(own.name()));
    WorkerPool pool = pools.add(WorkerPoolBuilder.open(own));
    for (Worker worker : Crews.of(own).workers) {
      assertEquals(standsDown, worker.crowding != null);
    }
    LongAdder ran = new LongAdder();
    for (int burst = 0; burst < 20; burst++) {
      for (int i = 0; i < 20_000; i++) {
        pool.execute(ran::increment);
      }
      assertTrue(pool.awaitIdle(Duration.ofMinutes(1)));
      assertEquals((burst + 1) * 20_000L, ran.sum());
    }
    assertTrue(standsDown || own.idle.trials() == 0, "somebody stood down");
  }

  /** A pool of one, and one whose submitters move the head, have nobody to leave tasks to. */
  @Test
  void whereItMakesNoSenseThereIsNone() {
    WorkerPoolBuilder one = WorkerPool.builder().size(1);
    WorkerPoolBuilder discards =
        WorkerPool.builder()
            .size(2)
            .queueCapacity(1)
            .saturationPolicy(SaturationPolicy.discardOldest());
    for (WorkerPoolBuilder builder : List.of(one, discards)) {
      assertNull(Crews.of(new PoolCore(builder.config())).workers[0].crowding);
    }
  }
}
