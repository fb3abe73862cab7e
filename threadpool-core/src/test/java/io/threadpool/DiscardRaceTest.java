package io.threadpool;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.threadpool.internal.HookedQueue;
import io.threadpool.internal.Latches;
import io.threadpool.internal.RaceTeam;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Discard-oldest against the worker's take and against cancellation: each task runs once or is
 * discarded, and afterwards exactly the capacity fits. The number of rounds is {@code
 * -Drace.rounds}; see {@link RaceTeam}.
 */
class DiscardRaceTest {

  private static final Duration LONG = Duration.ofSeconds(20);

  private static final class Item implements Runnable {
    final AtomicInteger runs = new AtomicInteger();
    Task<?> task;

    @Override
    public void run() {
      runs.incrementAndGet();
    }

    boolean isDiscarded() {
      try {
        task.getNow(null);
        return false;
      } catch (TaskAbortedException e) {
        return e.reason() == TaskAbortedException.Reason.DISCARDED;
      } catch (CancellationException cancelled) {
        return false; // Perhaps while it ran.
      }
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2})
  void discardAgainstTake(int capacity, Pools pools) throws Exception {
    WorkerPool pool =
        pools.build(
            WorkerPool.builder()
                .size(1)
                .queueCapacity(capacity)
                .saturationPolicy(SaturationPolicy.discardOldest()));
    int rounds = RaceTeam.rounds(20_000);
    long discarded = 0;
    List<Item> items = new ArrayList<>();
    for (int i = 1; i <= rounds; i++) {
      Item item = new Item();
      items.add(item);
      if (ThreadLocalRandom.current().nextInt(8) == 0) {
        RaceTeam.jitter(2_000);
      }
      item.task = pool.submit(item);
      assertFalse(item.isDiscarded(), "discarded by its own submit");
      if (i % 1_000 == 0 || i == rounds) {
        assertTrue(pool.awaitIdle(LONG));
        discarded += check(items);
        items.clear();
        assertExactlyTheCapacityFits(pool, capacity);
      }
    }
    RaceTeam.print(
        "discardOldest against take, capacity " + capacity, rounds, discarded + " discarded");
  }

  private static long check(List<Item> items) {
    long discarded = 0;
    for (Item item : items) {
      assertTrue(item.task.isDone());
      assertTrue(item.runs.get() <= 1);
      assertFalse(item.isDiscarded() && item.runs.get() == 1, "run and discarded");
      assertTrue(item.task.isCancelled() || item.runs.get() == 1, "neither run nor discarded");
      discarded += item.task.isCancelled() ? 1 : 0;
    }
    return discarded;
  }

  private static void assertExactlyTheCapacityFits(WorkerPool pool, int capacity)
      throws InterruptedException {
    CountDownLatch gate = new CountDownLatch(1);
    CountDownLatch busy = new CountDownLatch(1);
    pool.execute(
        () -> {
          busy.countDown();
          Latches.uninterruptibly(gate);
        });
    busy.await();
    try {
      long aborted = pool.stats().aborted();
      for (int i = 0; i < capacity; i++) {
        pool.execute(() -> {});
      }
      assertEquals(aborted, pool.stats().aborted(), "discarded though there was room");
      pool.execute(() -> {});
      assertEquals(aborted + 1, pool.stats().aborted(), "not discarded though it was full");
      assertEquals(capacity, pool.stats().queued());
    } finally {
      gate.countDown();
    }
    assertTrue(pool.awaitIdle(LONG));
  }

  /**
   * The worker takes what was queued while the submitter stands between claim and fill: the permits
   * are overdrawn then, though the submitter's task is the only one in the queue.
   */
  @Test
  void ownTaskAgainstTake(Pools pools) throws Exception {
    AtomicReference<AtomicBoolean> gate = new AtomicReference<>();
    WorkerPool pool =
        pools.add(
            RaceQueues.pool(
                WorkerPool.builder()
                    .size(1)
                    .queueCapacity(1)
                    .saturationPolicy(SaturationPolicy.discardOldest()),
                () ->
                    HookedQueue.of(
                        64,
                        Long.MAX_VALUE,
                        index -> {
                          AtomicBoolean go = gate.getAndSet(null);
                          if (go != null) {
                            go.set(true);
                            RaceTeam.jitter(3_000);
                          }
                        })));
    int rounds = RaceTeam.rounds(5_000);
    int discarded = 0;
    for (int i = 0; i < rounds; i++) {
      AtomicBoolean go = new AtomicBoolean();
      CountDownLatch busy = new CountDownLatch(1);
      pool.execute(
          () -> {
            busy.countDown();
            CancelRaceTest.spinUntil(go);
          });
      busy.await();
      Item queued = new Item();
      queued.task = pool.submit(queued);
      gate.set(go);
      Item own = new Item();
      own.task = pool.submit(own);
      assertFalse(own.isDiscarded(), "discarded by its own submit");
      own.task.get();
      discarded += (int) check(List.of(queued, own));
    }
    assertTrue(pool.awaitIdle(LONG));
    assertEquals(discarded, pool.stats().aborted());
    assertExactlyTheCapacityFits(pool, 1);
    RaceTeam.print("discardOldest amid the take", rounds, discarded + " older ones discarded");
  }

  /** Several submitters, and cancellers of what they submit. */
  @Test
  void submittersAndCancellers(Pools pools) throws Exception {
    int capacity = 2;
    WorkerPool pool =
        pools.build(
            WorkerPool.builder()
                .size(2)
                .queueCapacity(capacity)
                .saturationPolicy(SaturationPolicy.discardOldest()));
    int rounds = RaceTeam.rounds(4_000);
    long gone = 0;
    try (RaceTeam team = new RaceTeam(3)) {
      for (int i = 0; i < rounds; i++) {
        List<List<Item>> all = List.of(new ArrayList<>(), new ArrayList<>(), new ArrayList<>());
        team.race(
            () -> submit(pool, all.get(0), false),
            () -> submit(pool, all.get(1), false),
            () -> submit(pool, all.get(2), true));
        assertTrue(pool.awaitIdle(LONG));
        for (List<Item> items : all) {
          gone += check(items);
        }
        if (i % 100 == 0) {
          pool.awaitIdle(LONG);
          assertEquals(gone, pool.stats().aborted() + pool.stats().cancelled());
        }
      }
    }
    RaceTeam.print("discardOldest, three submitters and cancel", rounds, gone + " did not run");
  }

  private static void submit(WorkerPool pool, List<Item> items, boolean cancels) {
    for (int n = 0; n < 5; n++) {
      Item item = new Item();
      item.task = pool.submit(item);
      items.add(item);
      if (cancels) {
        RaceTeam.jitter(300);
        item.task.cancel(false);
      }
    }
  }
}
