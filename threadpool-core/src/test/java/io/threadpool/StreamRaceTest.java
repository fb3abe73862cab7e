package io.threadpool;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.threadpool.internal.Latches;
import io.threadpool.internal.RaceTeam;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Streams of short tasks, which all workers but one leave to that one ({@link Rest}), and what
 * comes in their midst. The number of rounds is {@code -Drace.rounds}; see {@link RaceTeam}.
 */
class StreamRaceTest {

  private static final Duration LONG = Duration.ofSeconds(20);
  private static final int BURST = 5_000;

  /** A task that waits for one behind it is no obstacle, wherever in the stream it comes. */
  @ParameterizedTest
  @CsvSource({"2, 1", "3, 2", "8, 2"})
  void tasksBehindBlockedOnesRun(int size, int producers, Pools pools) throws Exception {
    WorkerPool pool = pools.add(WorkerPool.builder().size(size).unboundedQueue().build());
    int rounds = RaceTeam.rounds(50);
    AtomicInteger ran = new AtomicInteger();
    long expected = 0;
    try (RaceTeam team = new RaceTeam(producers)) {
      for (int i = 0; i < rounds; i++) {
        RaceTeam.Action[] actions = new RaceTeam.Action[producers];
        for (int p = 0; p < producers; p++) {
          actions[p] = () -> stream(pool, ran, size - 1);
        }
        CountDownLatch blocked = new CountDownLatch(1);
        int at = ThreadLocalRandom.current().nextInt(BURST);
        actions[0] =
            () -> {
              for (int n = 0; n < BURST; n++) {
                pool.execute(ran::getAndIncrement);
                if (n == at) {
                  for (int b = 1; b < size; b++) {
                    pool.execute(() -> Latches.uninterruptibly(blocked));
                  }
                }
              }
              pool.execute(blocked::countDown);
            };
        team.race(actions);
        expected += (long) producers * BURST;
        assertTrue(pool.awaitIdle(LONG), "a task behind a blocked one was left");
        assertEquals(expected, ran.get());
      }
    }
    RaceTeam.print("blocked tasks amid a stream, " + size + " workers", rounds, ran + " ran");
  }

  private static void stream(WorkerPool pool, AtomicInteger ran, int pauses) {
    for (int n = 0; n < BURST; n++) {
      pool.execute(ran::getAndIncrement);
      if (n % (BURST / (pauses + 1)) == 0) {
        RaceTeam.jitter(50_000);
      }
    }
  }

  /** A close wakes those that left the stream to others, whenever they do. */
  @ParameterizedTest
  @ValueSource(ints = {2, 4, 16})
  void closeAmidAStream(int size) throws Exception {
    int rounds = RaceTeam.rounds(50);
    for (int i = 0; i < rounds; i++) {
      WorkerPool pool = WorkerPool.builder().size(size).unboundedQueue().build();
      AtomicInteger ran = new AtomicInteger();
      int burst = ThreadLocalRandom.current().nextInt(BURST);
      for (int n = 0; n < burst; n++) {
        pool.execute(ran::getAndIncrement);
      }
      if (i % 3 == 0) {
        RaceTeam.jitter(100_000);
      }
      pool.shutdown();
      assertTrue(pool.awaitTermination(LONG), "not terminated");
      assertEquals(burst, ran.get());
      Pools.assertLaw(pool);
    }
    RaceTeam.print("close amid a stream, " + size + " workers", rounds, "");
  }
}
