package io.threadpool;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.threadpool.internal.Latches;
import io.threadpool.internal.RaceTeam;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

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

  /** The claims alone, many in a row, so that the two meet in some. */
  @Test
  void claimAgainstClaim(Pools pools) throws Exception {
    PoolHandle pool = (PoolHandle) pools.fixed(1);
    int batch = 50_000;
    int rounds = 1 + RaceTeam.rounds(1_000_000) / batch;
    int second = 0;
    try (RaceTeam team = new RaceTeam(2)) {
      for (int i = 0; i < rounds; i++) {
        List<Task<?>> tasks = new ArrayList<>();
        for (int n = 0; n < batch; n++) {
          tasks.add(new Task<>(pool, (Runnable) () -> {}, false));
        }
        boolean[][] claimed = new boolean[2][tasks.size()];
        AtomicInteger ready = new AtomicInteger();
        team.race(
            () -> claimAll(tasks, true, claimed[0], ready),
            () -> claimAll(tasks, false, claimed[1], ready));
        for (int n = 0; n < tasks.size(); n++) {
          assertTrue(claimed[0][n] ^ claimed[1][n], "claimed twice, or by nobody");
          second += claimed[1][n] ? 1 : 0;
        }
      }
    }
    RaceTeam.print("claim against claim", rounds * batch, second + " by the second");
  }

  private static void claimAll(
      List<Task<?>> tasks, boolean removed, boolean[] claimed, AtomicInteger ready) {
    ready.incrementAndGet();
    for (int turn = 0; ready.get() < 2; turn++) {
      if (turn > 10_000) {
        Thread.yield();
      }
    }
    for (int n = 0; n < claimed.length; n++) {
      claimed[n] = tasks.get(n).claim(removed);
    }
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

  /**
   * A task that runs inline stands in the queue still, as a dead entry: neither an abort nor
   * discard-oldest takes it for one that has not started.
   */
  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void abortOfAnInlineRun(boolean raw, Pools pools) throws Exception {
    WorkerPool pool = pools.build(Pools.patient(1));
    CountDownLatch running = new CountDownLatch(1);
    AtomicReference<Task<?>> inner = new AtomicReference<>();
    Runnable outer =
        () -> {
          inner.set(
              pool.submit(
                  () -> {
                    running.countDown();
                    new CountDownLatch(1).await();
                    return 1;
                  }));
          try {
            inner.get().join();
          } catch (CompletionException interrupted) {
            // As it should be.
          }
        };
    if (raw) {
      pool.execute(outer);
    } else {
      pool.submit(outer);
    }
    running.await();
    assertEquals(List.of(), pool.shutdownNow(), "returned as unstarted, though it runs");
    assertTrue(pool.awaitTermination(LONG));
    assertFalse(inner.get().isCancelled());
    ExecutionException failed = assertThrows(ExecutionException.class, () -> inner.get().get());
    assertTrue(failed.getCause() instanceof InterruptedException);
    assertEquals(0, pool.stats().aborted());
    assertEquals(1, pool.stats().failed());
    assertEquals(1, pool.stats().completed());
  }

  @Test
  void discardOfAnInlineRun(Pools pools) throws Exception {
    WorkerPool pool =
        pools.build(
            WorkerPool.builder()
                .size(1)
                .queueCapacity(1)
                .saturationPolicy(SaturationPolicy.discardOldest()));
    CountDownLatch running = new CountDownLatch(1);
    CountDownLatch gate = new CountDownLatch(1);
    Task<Integer> outer =
        pool.submit(
            () ->
                pool.submit(
                        () -> {
                          running.countDown();
                          Latches.uninterruptibly(gate);
                          return 1;
                        })
                    .join());
    running.await();
    Task<Integer> first;
    Task<Integer> second;
    try {
      first = pool.submit(() -> 2);
      assertEquals(1, pool.stats().queued());
      second = pool.submit(() -> 3);
      assertEquals(1, pool.stats().queued());
    } finally {
      gate.countDown();
    }
    assertEquals(1, outer.get(20, TimeUnit.SECONDS), "discarded though it runs");
    assertTrue(first.isCancelled());
    assertEquals(3, second.get(20, TimeUnit.SECONDS));
    assertEquals(1, pool.stats().aborted());
  }
}
