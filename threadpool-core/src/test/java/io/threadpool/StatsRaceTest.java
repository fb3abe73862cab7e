package io.threadpool;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.threadpool.internal.Latches;
import io.threadpool.internal.RaceTeam;
import io.threadpool.internal.TaskQueue;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * The counts while the pool works. The number of rounds is {@code -Drace.rounds}; see {@link
 * RaceTeam}.
 */
class StatsRaceTest {

  /** However the reads fall, no more tasks have ended than were accepted. */
  @Test
  void neverMoreEndsThanAcceptances(Pools pools) throws Exception {
    WorkerPool pool = pools.fixed(200); // So that a reading of all their books takes a while.
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
    RaceTeam.print("stats() of a busy pool", rounds, open + " seen accepted and not ended");
  }

  /** Tasks come, and end, when the acceptances have just been read: these are read last. */
  @ParameterizedTest
  @EnumSource(Outcome.class)
  void outcomesThatComeAmidTheRead(Outcome outcome) {
    AtomicReference<Runnable> meanwhile = new AtomicReference<>(() -> {});
    TaskQueue queue =
        new TaskQueue(TaskQueue.DEFAULT_SEGMENT_SIZE, Long.MAX_VALUE) {
          @Override
          public long accepted() {
            long accepted = super.accepted();
            meanwhile.getAndSet(() -> {}).run();
            return accepted;
          }
        };
    Ledger ledger = new Ledger(1, queue);
    Ledger.Tally tally = ledger.tally(0);
    meanwhile.set(
        () -> {
          queue.offer("ends in a worker");
          ledger.count(outcome, tally);
          queue.offer("ends elsewhere");
          ledger.count(outcome, null);
        });

    Counts amid = ledger.counts();

    assertTrue(amid.open() >= 0, amid::text);
    Counts after = ledger.counts();
    assertEquals(2, after.accepted());
    assertEquals(0, after.open(), after::text);
  }

  /** A dead entry that a worker takes while its pool is asked is not a task that is queued. */
  @Test
  void deadEntryTakenAmidTheRead(Pools pools) throws Exception {
    CountDownLatch gate = new CountDownLatch(1);
    AtomicBoolean armed = new AtomicBoolean();
    PoolCore core =
        new PoolCore(WorkerPool.builder().size(1).config()) {
          @Override
          TaskQueue newQueue(long roughLimit) {
            return new TaskQueue(TaskQueue.DEFAULT_SEGMENT_SIZE, roughLimit) {
              @Override
              public long length() {
                long length = super.length();
                if (armed.compareAndSet(true, false)) {
                  gate.countDown();
                  await().until(() -> super.length() == 0);
                  await().until(() -> crew.active() == 0);
                }
                return length;
              }
            };
          }
        };
    core.start(null);
    WorkerPool pool = pools.add(WorkerPoolBuilder.open(core));
    pool.execute(() -> Latches.uninterruptibly(gate));
    assertTrue(pool.submit(() -> {}).cancel(false));
    await().until(() -> core.stats().active() == 1 && core.backlog.queued() == 0);
    armed.set(true);
    assertEquals(0, pool.stats().queued());
    assertFalse(armed.get(), "not asked");
  }

  /** The reader stands still between its reads, while tasks come and are cancelled. */
  @Test
  void deadEntriesThatComeAmidTheRead(Pools pools) throws Exception {
    CountDownLatch gate = new CountDownLatch(1);
    AtomicReference<Runnable> meanwhile = new AtomicReference<>(() -> {});
    PoolCore core =
        new PoolCore(WorkerPool.builder().size(1).config()) {
          @Override
          TaskQueue newQueue(long roughLimit) {
            return new TaskQueue(TaskQueue.DEFAULT_SEGMENT_SIZE, roughLimit) {
              @Override
              public long length() {
                meanwhile.getAndSet(() -> {}).run();
                return super.length();
              }
            };
          }
        };
    core.start(null);
    WorkerPool pool = pools.add(WorkerPoolBuilder.open(core));
    pool.execute(() -> Latches.uninterruptibly(gate));
    await().until(() -> core.stats().active() == 1 && core.backlog.queued() == 0);
    AtomicBoolean read = new AtomicBoolean();
    meanwhile.set(
        () -> {
          for (int i = 0; i < 10; i++) {
            assertTrue(pool.submit(() -> {}).cancel(false));
          }
          read.set(true);
        });

    assertEquals(0, pool.stats().queued());
    assertTrue(read.get(), "not asked");

    gate.countDown();
  }
}
