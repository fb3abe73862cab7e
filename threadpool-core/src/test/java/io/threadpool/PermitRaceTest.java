package io.threadpool;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.threadpool.RejectedTaskException.Reason;
import io.threadpool.internal.Latches;
import io.threadpool.internal.RaceTeam;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/**
 * Submitters that wait for room, for a limited time, against room, interrupts and each other: no
 * permit is lost or made, so afterwards exactly the capacity fits. The number of rounds is {@code
 * -Drace.rounds}; see {@link RaceTeam}.
 */
class PermitRaceTest {

  private static final int CAPACITY = 2;
  private static final int WAIT_NANOS = 30_000;
  private static final Duration LONG = Duration.ofSeconds(20);

  private static WorkerPool pool(SaturationPolicy policy) {
    return WorkerPool.builder().size(1).queueCapacity(CAPACITY).saturationPolicy(policy).build();
  }

  /** One submitter's try in one round. */
  private static final class Try {
    Task<?> task;
    Reason refused;
    boolean flag;

    void submitTo(WorkerPool pool) {
      try {
        task = pool.submit(() -> {});
      } catch (RejectedTaskException e) {
        refused = e.reason();
        flag = Thread.currentThread().isInterrupted();
      }
    }
  }

  /** Room comes from the cancellation of a queued task; the worker is busy all the time. */
  @Test
  void timeoutsAndInterruptsAgainstRoom(Pools pools) throws Exception {
    WorkerPool pool = pools.add(pool(SaturationPolicy.block(Duration.ofNanos(WAIT_NANOS))));
    CountDownLatch gate = new CountDownLatch(1);
    CountDownLatch busy = new CountDownLatch(1);
    pool.execute(
        () -> {
          busy.countDown();
          Latches.uninterruptibly(gate);
        });
    busy.await();
    int rounds = RaceTeam.rounds(5_000);
    int[] ends = new int[4];
    int granted = 0;
    try (RaceTeam team = new RaceTeam(3)) {
      for (int i = 0; i < rounds; i++) {
        List<Task<?>> queued = fill(pool);
        Try first = new Try();
        Try second = new Try();
        boolean interrupts = i % 2 == 0;
        Thread waiter = team.member(1);
        team.race(
            () -> {
              RaceTeam.jitter(WAIT_NANOS);
              assertTrue(queued.get(0).cancel(false));
              if (interrupts) {
                RaceTeam.jitter(2_000);
                waiter.interrupt();
              }
            },
            () -> first.submitTo(pool),
            () -> {
              RaceTeam.jitter(2_000);
              second.submitTo(pool);
            });
        team.race(() -> {}, Thread::interrupted, () -> {});
        for (Try each : List.of(first, second)) {
          if (each.task == null) {
            assertTrue(each.refused == Reason.TIMEOUT || each.refused == Reason.INTERRUPTED);
            // An interrupt may also come just after the time has run out.
            assertTrue(each.refused != Reason.INTERRUPTED || (each.flag && each == first));
            ends[each.refused.ordinal()]++;
          } else {
            granted++;
            assertTrue(each.task.cancel(false));
          }
        }
        assertTrue(first.task == null || second.task == null, "one permit was granted twice");
        assertTrue(queued.get(1).cancel(false));
        if (i % 16 == 0) {
          assertExactlyTheCapacityFits(pool);
        }
      }
      assertExactlyTheCapacityFits(pool);
    } finally {
      gate.countDown();
    }
    RaceTeam.print(
        "submit on a full queue with block(Duration), against cancel",
        rounds,
        granted + " granted, " + ends[2] + " timeouts, " + ends[3] + " interrupted");
  }

  private static List<Task<?>> fill(WorkerPool pool) {
    List<Task<?>> queued = new ArrayList<>();
    for (int i = 0; i < CAPACITY; i++) {
      queued.add(pool.submit(() -> {})); // Throws where a permit is missing.
    }
    return queued;
  }

  /** On a pool whose worker is busy and whose queue is empty. */
  private static void assertExactlyTheCapacityFits(WorkerPool pool) {
    List<Task<?>> queued = fill(pool);
    assertEquals(CAPACITY, pool.stats().queued());
    assertThrows(RejectedTaskException.class, () -> pool.submit(() -> {}), "one permit too many");
    queued.forEach(task -> assertTrue(task.cancel(false)));
    assertEquals(0, pool.stats().queued());
  }

  /** Room comes from the worker; submitters come and go, some with a time-out, some interrupted. */
  @Test
  void timeoutsAndInterruptsAgainstTheWorker(Pools pools) throws Exception {
    WorkerPool pool = pools.add(pool(SaturationPolicy.block(Duration.ofNanos(5_000))));
    int rounds = RaceTeam.rounds(5_000);
    AtomicInteger ran = new AtomicInteger();
    AtomicInteger accepted = new AtomicInteger();
    AtomicInteger refused = new AtomicInteger();
    try (RaceTeam team = new RaceTeam(3)) {
      for (int i = 0; i < rounds; i++) {
        Thread one = team.member(1);
        RaceTeam.Action submitter =
            () -> {
              for (int n = 0; n < 4; n++) {
                try {
                  pool.execute(
                      () -> {
                        RaceTeam.jitter(1_500);
                        ran.incrementAndGet();
                      });
                  accepted.incrementAndGet();
                } catch (RejectedTaskException e) {
                  refused.incrementAndGet();
                  boolean interrupted = Thread.interrupted(); // Or just after its time ran out.
                  assertTrue(interrupted || e.reason() != Reason.INTERRUPTED);
                }
              }
              Thread.interrupted();
            };
        team.race(
            () -> {
              RaceTeam.jitter(8_000);
              one.interrupt();
            },
            submitter,
            submitter);
        if (i % 16 == 0) {
          assertTrue(pool.awaitIdle(LONG));
          CountDownLatch gate = new CountDownLatch(1);
          CountDownLatch busy = new CountDownLatch(1);
          accepted.incrementAndGet();
          pool.execute(
              () -> {
                busy.countDown();
                Latches.uninterruptibly(gate);
                ran.incrementAndGet();
              });
          busy.await();
          try {
            assertExactlyTheCapacityFits(pool);
          } finally {
            gate.countDown();
          }
        }
      }
    }
    assertTrue(pool.awaitIdle(LONG));
    assertEquals(accepted.get(), ran.get());
    RaceTeam.print(
        "submit on a full queue with block(Duration), against take",
        rounds,
        accepted + " accepted, " + refused + " refused");
  }

  /** Without a time limit all get in, in spite of interrupts at others, and in order. */
  @Test
  void blockedWithoutLimitAllGetIn(Pools pools) throws Exception {
    WorkerPool pool = pools.add(pool(SaturationPolicy.block()));
    int rounds = RaceTeam.rounds(3_000);
    AtomicInteger ran = new AtomicInteger();
    try (RaceTeam team = RaceTeam.forSignals(3)) {
      for (int i = 0; i < rounds; i++) {
        RaceTeam.Action submitter =
            () -> {
              for (int n = 0; n < 6; n++) {
                pool.execute(ran::incrementAndGet);
              }
            };
        team.race(submitter, submitter, submitter);
      }
    }
    assertTrue(pool.awaitIdle(LONG));
    assertEquals(18 * rounds, ran.get());
    RaceTeam.print("block() of three submitters against take", rounds, "no signal missed");
  }

  /** The line against the close: who waits is refused or accepted, and nobody waits on. */
  @Test
  void waitersAgainstClose() throws Exception {
    int rounds = RaceTeam.rounds(2_000);
    int accepted = 0;
    try (RaceTeam team = RaceTeam.forSignals(3)) {
      for (int i = 0; i < rounds; i++) {
        WorkerPool pool = pool(SaturationPolicy.block());
        CountDownLatch gate = new CountDownLatch(1);
        CountDownLatch busy = new CountDownLatch(1);
        pool.execute(
            () -> {
              busy.countDown();
              Latches.uninterruptibly(gate);
            });
        busy.await();
        fill(pool);
        Try first = new Try();
        Try second = new Try();
        boolean opens = i % 2 == 0;
        team.race(
            () -> {
              RaceTeam.jitter(20_000);
              if (opens) {
                gate.countDown();
                RaceTeam.jitter(5_000);
              }
              pool.shutdown();
            },
            () -> first.submitTo(pool),
            () -> second.submitTo(pool));
        gate.countDown();
        assertTrue(pool.awaitTermination(LONG));
        for (Try each : List.of(first, second)) {
          if (each.task == null) {
            assertEquals(Reason.SHUTDOWN, each.refused);
          } else {
            assertTrue(opens, "accepted into a full queue");
            each.task.get();
            accepted++;
          }
        }
        assertNotNull(pool.report().orElse(null));
        Pools.assertLaw(pool);
      }
    }
    RaceTeam.print("blocked submitters against close", rounds, accepted + " accepted");
  }
}
