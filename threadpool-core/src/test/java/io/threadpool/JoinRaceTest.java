package io.threadpool;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * A worker that joins a task against another worker that takes it: it runs once, on one of them.
 * The number of rounds is {@code -Drace.rounds}; see {@link RaceTeam}.
 */
class JoinRaceTest {

  private static final Duration LONG = Duration.ofSeconds(20);

  @ParameterizedTest
  @EnumSource(names = {"UNBOUNDED", "REJECT"})
  void joinAgainstTake(RaceConfigs config) throws Exception {
    int rounds = RaceTeam.rounds(10_000);
    AtomicInteger inline = new AtomicInteger();
    AtomicInteger wrong = new AtomicInteger();
    WorkerPool pool = config.builder().size(2).build();
    try {
      Task<Integer> outer =
          pool.submit(
              () -> {
                Thread own = Thread.currentThread();
                int done = 0;
                for (int i = 0; i < rounds; i++) {
                  int round = i;
                  AtomicInteger runs = new AtomicInteger();
                  Task<Integer> inner =
                      pool.submit(
                          () -> {
                            runs.incrementAndGet();
                            if (Thread.currentThread() == own) {
                              inline.incrementAndGet();
                            }
                            return round;
                          });
                  RaceTeam.jitter(i % 4 == 0 ? 20_000 : 1_000);
                  int result = i % 2 == 0 ? inner.join() : inner.get();
                  wrong.addAndGet(result == round && runs.get() == 1 ? 0 : 1);
                  done++;
                }
                return done;
              });
      assertEquals(rounds, outer.get());
      assertEquals(0, wrong.get(), "inner tasks that did not run once, with their result");
      assertTrue(pool.awaitIdle(LONG));
      assertEquals(rounds + 1L, pool.stats().completed());
    } finally {
      pool.close();
    }
    Pools.assertLaw(pool);
    RaceTeam.print(
        "join from a worker against a take, " + config, rounds, inline.get() + " inline");
  }

  /** Several join the same task at once, inline or not. */
  @ParameterizedTest
  @EnumSource(names = {"UNBOUNDED", "CALLER_RUNS"})
  void joinersAgainstEachOther(RaceConfigs config) throws Exception {
    int rounds = RaceTeam.rounds(3_000);
    WorkerPool pool = config.builder().size(3).build();
    AtomicInteger runs = new AtomicInteger();
    try {
      for (int i = 0; i < rounds; i++) {
        Task<Integer> shared = pool.submit(runs::incrementAndGet);
        Task<Integer> one = pool.submit(shared::join);
        Task<Integer> two = pool.submit(() -> shared.get());
        assertEquals(i + 1, one.get(20, TimeUnit.SECONDS));
        assertEquals(i + 1, two.get(20, TimeUnit.SECONDS));
      }
      assertEquals(rounds, runs.get());
    } finally {
      pool.close();
    }
    Pools.assertLaw(pool);
    assertEquals(3L * rounds, pool.stats().completed());
    RaceTeam.print("two joiners and a worker, " + config, rounds, "each task ran once");
  }
}
