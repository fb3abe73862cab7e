package io.threadpool;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.threadpool.internal.RaceTeam;
import java.time.Duration;
import java.util.concurrent.CancellationException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * What falls due, against who cancels, joins, closes and aborts at that moment. The number of
 * rounds is {@code -Drace.rounds}; see {@link RaceTeam}.
 */
class DelayRaceTest {

  private static final Duration LONG = Duration.ofSeconds(20);
  private static final int AT_ONCE = 20_000;

  /** One of whose runs and outcome agree. */
  private static final class Counted {
    final AtomicInteger runs = new AtomicInteger();
    final ScheduledTask<?> task;

    Counted(WorkerPool pool, long nanos) {
      task = pool.schedule(() -> runs.incrementAndGet(), nanos, TimeUnit.NANOSECONDS);
    }

    /** Whether it has run; it was cancelled, or aborted, if not. */
    int check() throws Exception {
      boolean ran;
      try {
        task.get(20, TimeUnit.SECONDS);
        ran = true;
      } catch (CancellationException dropped) {
        ran = false;
      }
      if (ran) {
        assertEquals(1, runs.get());
      } else {
        assertTrue(runs.get() <= 1); // Begun, then cancelled.
      }
      return ran ? 1 : 0;
    }
  }

  private static WorkerPool pool(int min) {
    return WorkerPool.builder().size(min, 2).keepAlive(Duration.ofMillis(1)).build();
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 2})
  void dueAgainstCancel(int min) throws Exception {
    int rounds = RaceTeam.rounds(3_000);
    int ran = 0;
    WorkerPool pool = pool(min);
    try (RaceTeam team = new RaceTeam(2)) {
      for (int i = 0; i < rounds; i++) {
        Counted one = new Counted(pool, i % AT_ONCE);
        Counted other = new Counted(pool, 0);
        team.race(
            () -> {
              RaceTeam.jitter(AT_ONCE);
              one.task.cancel(false);
            },
            () -> {
              RaceTeam.jitter(AT_ONCE);
              other.task.cancel(true);
            });
        ran += one.check() + other.check();
      }
      assertTrue(pool.awaitIdle(LONG));
      PoolStats stats = pool.stats();
      assertEquals(2L * rounds, stats.completed() + stats.cancelled());
      assertEquals(0, stats.delayed());
    } finally {
      pool.close();
    }
    Pools.assertLaw(pool);
    RaceTeam.print("due against cancel, from " + min, rounds, ran + " ran");
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 2})
  void dueAgainstJoin(int min) throws Exception {
    int rounds = RaceTeam.rounds(2_000);
    AtomicInteger inline = new AtomicInteger();
    WorkerPool pool = pool(min);
    try {
      for (int i = 0; i < rounds; i++) {
        int nanos = i * 97 % AT_ONCE;
        Task<Boolean> joins =
            pool.submit(
                () -> {
                  Thread own = Thread.currentThread();
                  ScheduledTask<Boolean> task =
                      pool.schedule(
                          () -> Thread.currentThread() == own, nanos, TimeUnit.NANOSECONDS);
                  RaceTeam.jitter(AT_ONCE);
                  return nanos % 2 == 0 ? task.get() : task.toCompletableFuture().join();
                });
        inline.addAndGet(joins.get(20, TimeUnit.SECONDS) ? 1 : 0);
      }
    } finally {
      pool.close();
    }
    Pools.assertLaw(pool);
    assertEquals(2L * rounds, pool.stats().completed());
    RaceTeam.print("due against join, from " + min, rounds, inline.get() + " inline");
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 2})
  void dueAgainstTheEnd(int min) throws Exception {
    int rounds = RaceTeam.rounds(1_000);
    int ran = 0;
    try (RaceTeam team = new RaceTeam(3)) {
      for (int i = 0; i < rounds; i++) {
        WorkerPool pool = pool(min);
        boolean aborts = i % 2 == 0;
        Counted one = new Counted(pool, i * 97 % (3 * AT_ONCE));
        AtomicInteger beats = new AtomicInteger();
        ScheduledTask<?> period =
            pool.scheduleAtFixedRate(() -> beats.incrementAndGet(), 0, 5, TimeUnit.MICROSECONDS);
        Counted[] last = new Counted[1];
        team.race(
            () -> {
              RaceTeam.jitter(3 * AT_ONCE);
              if (aborts) {
                pool.shutdownNow();
              } else {
                pool.shutdown();
              }
            },
            () -> {
              RaceTeam.jitter(3 * AT_ONCE);
              try {
                last[0] = new Counted(pool, AT_ONCE);
              } catch (RejectedTaskException closed) {
                // Then there is nothing of it.
              }
            },
            () -> {
              RaceTeam.jitter(3 * AT_ONCE);
              one.task.cancel(true);
            });
        assertTrue(pool.awaitTermination(LONG), () -> "not terminated: " + pool);
        Pools.assertLaw(pool);
        assertEquals(0, pool.stats().delayed());
        assertTrue(period.isCancelled());
        int ended = beats.get();
        ran += one.check() + (last[0] == null ? 0 : last[0].check());
        assertEquals(last[0] == null ? 2 : 3, pool.stats().accepted());
        assertEquals(ended, beats.get(), "a beat after the end");
      }
    }
    RaceTeam.print("due against the end, from " + min, rounds, ran + " ran");
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 2})
  void beatsAgainstCancelAndIdleness(int min) throws Exception {
    int rounds = RaceTeam.rounds(1_000);
    int beaten = 0;
    WorkerPool pool = pool(min);
    try (RaceTeam team = new RaceTeam(2)) {
      for (int i = 0; i < rounds; i++) {
        AtomicInteger inside = new AtomicInteger();
        AtomicInteger beats = new AtomicInteger();
        ScheduledTask<?> period =
            pool.scheduleWithFixedDelay(
                () -> {
                  assertEquals(1, inside.incrementAndGet());
                  beats.incrementAndGet();
                  inside.decrementAndGet();
                },
                0,
                1 + i % 3_000,
                TimeUnit.NANOSECONDS);
        team.race(
            () -> {
              RaceTeam.jitter(AT_ONCE);
              period.cancel(true);
            },
            () -> assertTrue(pool.awaitIdle(LONG)));
        assertTrue(period.toCompletableFuture().awaitStopped(LONG));
        int ended = beats.get();
        assertTrue(pool.awaitIdle(LONG));
        assertEquals(ended, beats.get(), "a beat after it has stopped");
        beaten += ended;
      }
      assertEquals(rounds, pool.stats().cancelled());
    } finally {
      pool.close();
    }
    Pools.assertLaw(pool);
    RaceTeam.print("beats against cancel, from " + min, rounds, beaten + " beats");
  }
}
