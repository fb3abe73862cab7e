package io.threadpool;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

/** The shortest uses of a pool. */
class PoolSmokeTest {

  @Test
  void runsWhatItIsGiven(Pools pools) throws Exception {
    WorkerPool pool = pools.fixed(4);
    AtomicLong ran = new AtomicLong();
    for (int i = 0; i < 100_000; i++) {
      pool.execute(ran::incrementAndGet);
    }
    assertEquals(42, pool.submit(() -> 42).get());
    assertTrue(pool.awaitIdle(Duration.ofMinutes(1)));
    assertEquals(100_000, ran.get());
    assertEquals(100_001, pool.stats().completed());
  }
}
