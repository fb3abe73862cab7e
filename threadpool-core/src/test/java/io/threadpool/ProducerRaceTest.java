package io.threadpool;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.threadpool.RejectedTaskException.Reason;
import io.threadpool.internal.HookedQueue;
import io.threadpool.internal.Latches;
import io.threadpool.internal.RaceTeam;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * A producer that stops, or fails, between its claim of a slot and its fill holds up nobody: later
 * tasks run, waits for idleness, drains and aborts end; and its own submission is afterwards either
 * run or refused. The number of rounds is {@code -Drace.rounds}; see {@link RaceTeam}.
 */
class ProducerRaceTest {

  private static final Duration LONG = Duration.ofSeconds(20);

  /** A thread whose next submission stops between claim and fill until it is released. */
  private static final class Victim {
    final CountDownLatch stopped = new CountDownLatch(1);
    final CountDownLatch release = new CountDownLatch(1);
    final AtomicInteger runs = new AtomicInteger();
    final AtomicReference<Throwable> thrown = new AtomicReference<>();
    final Thread thread = new Thread(this::submit, "victim");
    private WorkerPool pool;

    void onClaim(long index) {
      if (Thread.currentThread() == thread && stopped.getCount() > 0) {
        stopped.countDown();
        Latches.uninterruptibly(release);
      }
    }

    private void submit() {
      try {
        pool.execute(runs::incrementAndGet);
      } catch (Throwable t) {
        thrown.set(t);
      }
    }

    /** Returns when the victim stands between claim and fill. */
    void start(WorkerPool of) throws InterruptedException {
      pool = of;
      thread.start();
      assertTrue(stopped.await(20, TimeUnit.SECONDS));
    }

    void end() throws InterruptedException {
      release.countDown();
      thread.join(20_000);
      assertFalse(thread.isAlive(), "the producer never came back");
    }

    void assertRefused() {
      assertTrue(thrown.get() instanceof RejectedTaskException, () -> "not refused: " + thrown);
      assertSame(Reason.SHUTDOWN, ((RejectedTaskException) thrown.get()).reason());
      assertEquals(0, runs.get(), "refused and run");
    }
  }

  /** Not an OutOfMemoryError, which JUnit takes for its own where it gets past an assertion. */
  private static final class NoMemory extends VirtualMachineError {
    private static final long serialVersionUID = 1L;

    NoMemory() {
      super("for the test");
    }
  }

  /**
   * Fails each claim while it is on. It goes by the time, not by the index claimed: a producer
   * whose slot was given up while it was descheduled claims more than one.
   */
  private static final class Failing {
    volatile boolean on;

    void onClaim(long index) {
      if (on) {
        throw new NoMemory();
      }
    }
  }

  private static WorkerPool pool(Pools pools, Victim victim, int segmentSize) {
    return pools.add(
        RaceQueues.pool(
            WorkerPool.builder().size(1),
            () -> HookedQueue.of(segmentSize, Long.MAX_VALUE, victim::onClaim)));
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 4, 1_024})
  void laterTasksRunAndDrainEnds(int segmentSize, Pools pools) throws Exception {
    Victim victim = new Victim();
    WorkerPool pool = pool(pools, victim, segmentSize);
    victim.start(pool);
    try {
      for (int i = 0; i < 50; i++) {
        int number = i;
        assertEquals(number, pool.submit(() -> number).get(20, TimeUnit.SECONDS));
      }
      assertTrue(pool.awaitIdle(LONG), "awaitIdle waits for the producer");
      assertEquals(50, pool.stats().accepted());
      pool.shutdown();
      assertTrue(pool.awaitTermination(LONG), "the drain waits for the producer");
      assertEquals(50, pool.report().orElseThrow().completed());
    } finally {
      victim.end();
    }
    victim.assertRefused();
    assertEquals(1, pool.stats().rejected());
    Pools.assertLaw(pool);
  }

  /** Nobody is awake to meet the empty slot but who waits for idleness. */
  @ParameterizedTest
  @ValueSource(ints = {1, 1_024})
  void awaitIdleEndsWhileAllWorkersSleep(int segmentSize, Pools pools) throws Exception {
    Victim victim = new Victim();
    WorkerPool pool = pool(pools, victim, segmentSize);
    assertTrue(pool.awaitIdle(LONG));
    victim.start(pool);
    try {
      assertTrue(pool.awaitIdle(LONG), "awaitIdle waits for the producer");
    } finally {
      victim.end();
    }
    assertTrue(pool.awaitIdle(LONG));
    assertEquals(1, victim.runs.get(), "the submission was lost");
    assertEquals(1, pool.stats().accepted());
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 4, 1_024})
  void abortEnds(int segmentSize, Pools pools) throws Exception {
    Victim victim = new Victim();
    WorkerPool pool = pool(pools, victim, segmentSize);
    CountDownLatch gate = new CountDownLatch(1);
    CountDownLatch busy = new CountDownLatch(1);
    pool.execute(
        () -> {
          busy.countDown();
          Latches.uninterruptibly(gate);
        });
    busy.await();
    List<Runnable> queued = new ArrayList<>();
    queued.add(pool.submit(() -> {}));
    victim.start(pool);
    for (int i = 0; i < 10; i++) {
      queued.add(pool.submit(() -> {}));
    }
    try {
      assertEquals(queued, pool.shutdownNow());
      gate.countDown();
      assertTrue(pool.awaitTermination(LONG), "the abort waits for the producer");
    } finally {
      gate.countDown();
      victim.end();
    }
    victim.assertRefused();
    assertEquals(11, pool.stats().aborted());
  }

  /** Released before anybody met its slot, it fills it, and keeps its place in the order. */
  @Test
  void keepsItsPlaceWhereItIsInTime(Pools pools) throws Exception {
    Victim victim = new Victim();
    WorkerPool pool = pool(pools, victim, 4);
    CountDownLatch gate = new CountDownLatch(1);
    CountDownLatch busy = new CountDownLatch(1);
    pool.execute(
        () -> {
          busy.countDown();
          Latches.uninterruptibly(gate);
        });
    busy.await();
    victim.start(pool);
    Task<Integer> later = pool.submit(victim.runs::get);
    victim.end();
    gate.countDown();
    assertEquals(
        1, later.get(20, TimeUnit.SECONDS), "ran before a task that was in the queue first");
  }

  /** Released after its slot was given up, it claims another. */
  @Test
  void claimsAnotherSlotWhereItIsLate(Pools pools) throws Exception {
    Victim victim = new Victim();
    WorkerPool pool = pool(pools, victim, 4);
    victim.start(pool);
    assertEquals(0, pool.submit(victim.runs::get).get(20, TimeUnit.SECONDS));
    victim.end();
    assertTrue(pool.awaitIdle(LONG));
    assertEquals(1, victim.runs.get(), "the submission was lost");
    assertEquals(2, pool.stats().accepted());
  }

  /** A producer whose memory gives out leaves nothing behind, whatever slot it had claimed. */
  @ParameterizedTest
  @ValueSource(ints = {1, 2, 4})
  void failingAllocation(int segmentSize, Pools pools) throws Exception {
    for (int position = 0; position < 2 * segmentSize + 1; position++) {
      for (int failures = 1; failures <= 2 * segmentSize + 1; failures++) {
        Failing failing = new Failing();
        WorkerPool pool =
            pools.add(
                RaceQueues.pool(
                    WorkerPool.builder().size(1).queueCapacity(3),
                    () -> HookedQueue.of(segmentSize, Long.MAX_VALUE, failing::onClaim)));
        for (int i = 0; i < position; i++) {
          pool.submit(() -> {}).get(20, TimeUnit.SECONDS);
        }
        failing.on = true;
        for (int i = 0; i < failures; i++) {
          assertThrows(NoMemory.class, () -> pool.execute(() -> {}));
        }
        failing.on = false;
        assertTrue(pool.awaitIdle(LONG), "never idle after the failure");
        assertEquals(position, pool.stats().accepted());
        pool.submit(() -> {}).get(20, TimeUnit.SECONDS); // Which has moved the head past the rest.
        assertTrue(pool.awaitIdle(LONG));
        assertEquals(0, pool.stats().queued());
        assertEquals(position + 1, pool.stats().accepted());
        assertCapacity(pool, 3);
        pool.close();
        assertTrue(pool.isTerminated());
        Pools.assertLaw(pool);
      }
    }
  }

  /** And where the failures are the last that the queue sees. */
  @ParameterizedTest
  @ValueSource(ints = {1, 2, 4})
  void failingAllocationThenClose(int segmentSize) throws Exception {
    for (int failures = 1; failures <= 2 * segmentSize + 1; failures++) {
      Failing failing = new Failing();
      WorkerPool pool =
          RaceQueues.pool(
              WorkerPool.builder().size(1),
              () -> HookedQueue.of(segmentSize, Long.MAX_VALUE, failing::onClaim));
      for (int i = 0; i < 3; i++) {
        pool.execute(() -> {});
      }
      failing.on = true;
      for (int i = 0; i < failures; i++) {
        assertThrows(NoMemory.class, () -> pool.execute(() -> {}));
      }
      if (failures % 2 == 0) {
        pool.shutdownNow();
      }
      pool.close();
      assertTrue(pool.isTerminated());
      assertEquals(3, pool.stats().accepted());
      Pools.assertLaw(pool);
    }
  }

  private static void assertCapacity(WorkerPool pool, int capacity) throws Exception {
    CountDownLatch gate = new CountDownLatch(1);
    CountDownLatch busy = new CountDownLatch(1);
    pool.execute(
        () -> {
          busy.countDown();
          Latches.uninterruptibly(gate);
        });
    busy.await();
    try {
      for (int i = 0; i < capacity; i++) {
        pool.execute(() -> {});
      }
      assertThrows(RejectedTaskException.class, () -> pool.execute(() -> {}), "one too many");
    } finally {
      gate.countDown();
    }
    assertTrue(pool.awaitIdle(LONG));
  }

  /** Producers that are late at random against both shutdowns, with segments of two slots. */
  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void lateProducersAgainstShutdown(boolean now) throws Exception {
    int rounds = RaceTeam.rounds(1_000);
    long refused = 0;
    try (RaceTeam team = new RaceTeam(3)) {
      for (int i = 0; i < rounds; i++) {
        WorkerPool pool =
            RaceQueues.pool(
                WorkerPool.builder().size(1 + i % 2),
                () ->
                    HookedQueue.of(
                        2,
                        Long.MAX_VALUE,
                        index -> {
                          if (ThreadLocalRandom.current().nextInt(3) == 0) {
                            RaceTeam.jitter(8_000);
                          }
                        }));
        AtomicInteger accepted = new AtomicInteger();
        AtomicInteger rejected = new AtomicInteger();
        AtomicInteger ran = new AtomicInteger();
        List<Runnable> returned = Collections.synchronizedList(new ArrayList<>());
        RaceTeam.Action submitter =
            () -> {
              for (int n = 0; n < 5; n++) {
                try {
                  pool.execute(ran::incrementAndGet);
                  accepted.incrementAndGet();
                } catch (RejectedTaskException e) {
                  rejected.incrementAndGet();
                }
              }
            };
        team.race(
            () -> {
              RaceTeam.jitter(20_000);
              if (now) {
                returned.addAll(pool.shutdownNow());
              } else {
                pool.shutdown();
              }
            },
            submitter,
            submitter);
        assertTrue(pool.awaitTermination(LONG));
        assertEquals(accepted.get(), ran.get() + returned.size());
        assertEquals(accepted.get(), pool.stats().accepted());
        assertEquals(rejected.get(), pool.stats().rejected());
        Pools.assertLaw(pool);
        refused += rejected.get();
      }
    }
    RaceTeam.print(
        "late producers against " + (now ? "shutdownNow" : "shutdown"),
        rounds,
        refused + " refused");
  }
}
