package io.threadpool;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.threadpool.internal.Latches;
import io.threadpool.internal.RaceTeam;
import io.threadpool.internal.TaskQueue;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ForkJoinPool;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Submitting and cancelling for ever behind a busy worker keeps the heap flat and is never refused;
 * and the sweeping that makes it so loses nothing beside consumers and producers.
 */
class SweepRaceTest {

  private static final Duration LONG = Duration.ofSeconds(20);
  private static final long GROWTH = 30L << 20;

  private static long usedHeap() {
    System.gc();
    System.gc();
    Runtime runtime = Runtime.getRuntime();
    return runtime.totalMemory() - runtime.freeMemory();
  }

  @ParameterizedTest
  @CsvSource({
    "SAFETY_LIMIT, true, 1100000",
    "UNBOUNDED, true, 200000",
    "UNBOUNDED, false, 200000",
    "REJECT, true, 200000"
  })
  void cancelledTasksKeepTheHeapFlat(RaceConfigs config, boolean liveFirst, int least, Pools pools)
      throws Exception {
    WorkerPool pool = pools.build(config.builder().size(1));
    CountDownLatch gate = new CountDownLatch(1);
    CountDownLatch busy = new CountDownLatch(1);
    pool.execute(
        () -> {
          busy.countDown();
          Latches.uninterruptibly(gate);
        });
    busy.await();
    try {
      Task<Integer> live = liveFirst ? pool.submit(() -> 7) : null;
      int cancelled = Math.max(least, RaceTeam.rounds(0));
      long before = usedHeap();
      // On a thread of its own, whose short stack makes the exceptions of the cancelled cheap.
      ForkJoinPool other = new ForkJoinPool(1);
      other.submit(() -> cancelMany(pool, cancelled)).get();
      other.shutdown();
      long growth = usedHeap() - before;
      assertTrue(growth < GROWTH, () -> "the heap grew by " + (growth >> 20) + " MB");
      assertEquals(liveFirst ? 1 : 0, pool.stats().queued());
      assertEquals(cancelled, pool.stats().cancelled());
      gate.countDown();
      if (live != null) {
        assertEquals(7, live.get());
      }
      assertEquals(8, pool.submit(() -> 8).get());
      assertTrue(pool.awaitIdle(LONG));
      assertEquals(0, pool.stats().queued());
    } finally {
      gate.countDown();
    }
  }

  private static void cancelMany(WorkerPool pool, int count) {
    for (int i = 0; i < count; i++) {
      Task<?> task = pool.submit(() -> {}); // Throws where the dead count as queued.
      assertTrue(task.cancel(i % 2 == 0));
    }
  }

  /** Small segments, so that the sweeper unlinks many beside consumers that walk over them. */
  @Test
  void sweepingBesideConsumersAndProducers(Pools pools) throws Exception {
    int rounds = RaceTeam.rounds(60);
    WorkerPool pool =
        pools.add(
            RaceQueues.pool(WorkerPool.builder().size(2), () -> new TaskQueue(4, Long.MAX_VALUE)));
    long expected = 0;
    AtomicInteger ran = new AtomicInteger();
    try (RaceTeam team = new RaceTeam(3)) {
      for (int i = 0; i < rounds; i++) {
        List<List<Task<?>>> live = List.of(new ArrayList<>(), new ArrayList<>(), new ArrayList<>());
        RaceTeam.Action[] submitters = new RaceTeam.Action[3];
        for (int s = 0; s < 3; s++) {
          List<Task<?>> mine = live.get(s);
          submitters[s] =
              () -> {
                for (int n = 0; n < 1_500; n++) {
                  if (n % 32 == 0) {
                    mine.add(
                        pool.submit(
                            () -> {
                              ran.incrementAndGet();
                              RaceTeam.jitter(10_000);
                            }));
                  } else {
                    pool.submit(() -> RaceTeam.jitter(1_000)).cancel(false);
                  }
                }
              };
        }
        team.race(submitters);
        for (List<Task<?>> tasks : live) {
          for (Task<?> task : tasks) {
            task.get(20, TimeUnit.SECONDS);
            assertFalse(task.isCancelled());
          }
          expected += tasks.size();
        }
        assertTrue(pool.awaitIdle(LONG));
        assertEquals(expected, ran.get());
        assertEquals(4_500L * (i + 1), pool.stats().accepted());
      }
    }
    // What the sweeper counts has not drifted: so many queued are seen as so many.
    CountDownLatch gate = new CountDownLatch(1);
    CountDownLatch busy = new CountDownLatch(2);
    for (int i = 0; i < 2; i++) {
      pool.execute(
          () -> {
            busy.countDown();
            Latches.uninterruptibly(gate);
          });
    }
    busy.await();
    for (int i = 0; i < 20; i++) {
      pool.execute(() -> {});
    }
    long queued = pool.stats().queued();
    gate.countDown();
    assertTrue(Math.abs(queued - 20) <= 4, () -> "20 are queued, but stats say " + queued);
    RaceTeam.print("sweeping beside consumers and producers", rounds, ran + " live ones ran");
  }
}
