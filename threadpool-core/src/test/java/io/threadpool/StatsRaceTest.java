package io.threadpool;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;

/**
 * The counts while the pool works. The number of rounds is {@code -Drace.rounds}; see {@link
 * RaceTeam}.
 */
class StatsRaceTest {

  /** However the reads fall, no more tasks have ended than were accepted. */
  @Test
  void neverMoreEndsThanAcceptances(Pools pools) throws Exception {
    WorkerPool pool = pools.fixed(1);
    int rounds = RaceTeam.rounds(20);
    long open = 0;
    try (RaceTeam team = new RaceTeam(2)) {
      for (int i = 0; i < rounds; i++) {
        AtomicBoolean over = new AtomicBoolean();
        long[] seen = new long[1];
        team.race(
            () -> {
              for (int n = 0; n < 2_000; n++) {
                pool.execute(() -> {});
                if (n % 8 == 0) {
                  pool.submit(() -> {}).cancel(false);
                }
              }
              over.set(true);
            },
            () -> {
              while (!over.get()) {
                PoolStats s = pool.stats();
                long ended = s.completed() + s.failed() + s.cancelled() + s.aborted();
                assertTrue(ended <= s.accepted(), s::toString);
                seen[0] += s.accepted() - ended;
              }
            });
        open += seen[0];
        assertTrue(pool.awaitIdle(Duration.ofSeconds(20)));
      }
    }
    assertEquals(rounds * 2_250L, pool.stats().accepted());
    Pools.assertLaw(pool);
    RaceTeam.print("stats() of a busy pool", rounds, open + " seen accepted and not ended");
  }
}
