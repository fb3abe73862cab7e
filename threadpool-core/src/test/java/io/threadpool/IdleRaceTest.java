package io.threadpool;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.threadpool.internal.RaceTeam;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * {@code awaitIdle} against submissions, and park against wake. The number of rounds is {@code
 * -Drace.rounds}; see {@link RaceTeam}.
 */
class IdleRaceTest {

  private static final Duration LONG = Duration.ofSeconds(20);

  /** Longer than a test may take. */
  private static final Duration ENDLESS = Duration.ofDays(1);

  /** What was submitted before the wait has ended when it returns, and it does return. */
  @ParameterizedTest
  @ValueSource(ints = {1, 3})
  void awaitIdleAgainstSubmit(int size, Pools pools) throws Exception {
    WorkerPool pool = pools.fixed(size);
    int rounds = RaceTeam.rounds(4_000);
    AtomicInteger begun = new AtomicInteger();
    try (RaceTeam team = RaceTeam.forSignals(3)) {
      for (int i = 0; i < rounds; i++) {
        AtomicInteger ended = new AtomicInteger();
        RaceTeam.Action waiter =
            () -> {
              AtomicInteger mine = new AtomicInteger();
              for (int n = 0; n < 3; n++) {
                pool.execute(
                    () -> {
                      RaceTeam.jitter(500);
                      mine.incrementAndGet();
                      ended.incrementAndGet();
                    });
              }
              assertTrue(pool.awaitIdle(ENDLESS), () -> "never idle: " + pool);
              assertEquals(3, mine.get(), "idle before what was submitted had ended");
            };
        team.race(
            waiter,
            waiter,
            () -> {
              RaceTeam.jitter(5_000);
              pool.submit(begun::incrementAndGet);
            });
        assertEquals(6, ended.get());
      }
    }
    assertTrue(pool.awaitIdle(LONG));
    assertEquals(rounds, begun.get());
    RaceTeam.print("awaitIdle against submit, size " + size, rounds, "no signal missed");
  }

  /** A body whose task was settled meanwhile runs on, and the pool is not idle before it ends. */
  @Test
  void awaitIdleAgainstSettledBody(Pools pools) throws Exception {
    WorkerPool pool = pools.fixed(2);
    int rounds = RaceTeam.rounds(3_000);
    int settled = 0;
    try (RaceTeam team = new RaceTeam(2)) {
      for (int i = 0; i < rounds; i++) {
        AtomicInteger running = new AtomicInteger();
        AtomicBoolean go = new AtomicBoolean();
        Task<?> task =
            pool.submit(
                () -> {
                  running.incrementAndGet();
                  CancelRaceTest.spinUntil(go);
                  RaceTeam.jitter(20_000);
                  running.decrementAndGet();
                });
        boolean[] cancelled = new boolean[1];
        team.race(
            () -> {
              go.set(true);
              cancelled[0] = task.cancel(false);
            },
            () -> {
              CancelRaceTest.spinUntil(go);
              RaceTeam.jitter(4_000);
              assertTrue(pool.awaitIdle(LONG));
              assertEquals(0, running.get(), "idle while a body runs");
            });
        settled += cancelled[0] ? 1 : 0;
      }
    }
    RaceTeam.print("awaitIdle against a body settled meanwhile", rounds, settled + " cancelled");
  }

  /** A guest counts: the pool is not idle while one runs, and is told when the guest has ended. */
  @Test
  void awaitIdleAgainstGuest(Pools pools) throws Exception {
    WorkerPool pool = pools.fixed(1);
    int rounds = RaceTeam.rounds(4_000);
    try (RaceTeam team = new RaceTeam(2)) {
      for (int i = 0; i < rounds; i++) {
        AtomicInteger ended = new AtomicInteger();
        Task<?> task =
            pool.submit(
                () -> {
                  RaceTeam.jitter(2_000);
                  ended.incrementAndGet();
                });
        team.race(
            task::run,
            () -> {
              assertTrue(pool.awaitIdle(LONG));
              assertEquals(1, ended.get());
            });
      }
    }
    RaceTeam.print("awaitIdle against run() by a guest", rounds, "none missed");
  }

  /** A wake-up that is lost leaves a task in the queue beside a sleeping worker. */
  @ParameterizedTest
  @ValueSource(ints = {1, 2, 4})
  void wakeAgainstPark(int size, Pools pools) throws Exception {
    WorkerPool pool = pools.fixed(size);
    int rounds = RaceTeam.rounds(5_000);
    try (RaceTeam team = new RaceTeam(2)) {
      for (int i = 0; i < rounds; i++) {
        CountDownLatch ran = new CountDownLatch(4);
        int jitter = i % 5 == 0 ? 60_000 : 2_000;
        RaceTeam.Action submitter =
            () -> {
              RaceTeam.jitter(jitter);
              pool.execute(ran::countDown);
              pool.execute(ran::countDown);
            };
        team.race(submitter, submitter);
        assertTrue(ran.await(20, TimeUnit.SECONDS), () -> "lost wake-up: " + pool);
      }
    }
    RaceTeam.print("wake against park, size " + size, rounds, "none lost");
  }
}
