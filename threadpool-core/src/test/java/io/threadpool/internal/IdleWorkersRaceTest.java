package io.threadpool.internal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/**
 * The stack of idle workers without its pool: several register and several wake, so often that a
 * waker is descheduled amid its pop while others come and go. The number of rounds is {@code
 * -Drace.rounds}; see {@link RaceTeam}.
 */
class IdleWorkersRaceTest {

  private static final int WORKERS = 3;
  private static final long ROUND_NANOS = 20_000_000;

  /** Each registration is woken, once: none is lost, and none that is awake is woken. */
  @Test
  void everyRegistrationIsWokenOnce() throws Exception {
    int rounds = RaceTeam.rounds(25);
    long woken = 0;
    try (RaceTeam team = new RaceTeam(WORKERS + 2)) {
      for (int i = 0; i < rounds; i++) {
        Parker[] parkers = new Parker[WORKERS];
        for (int p = 0; p < WORKERS; p++) {
          parkers[p] = new Parker(p);
        }
        IdleWorkers idle = new IdleWorkers(parkers, new TaskQueue(1, 1));
        AtomicBoolean over = new AtomicBoolean();
        AtomicInteger awake = new AtomicInteger(WORKERS);
        AtomicInteger count = new AtomicInteger();
        RaceTeam.Action[] members = new RaceTeam.Action[WORKERS + 2];
        for (int p = 0; p < WORKERS; p++) {
          Parker parker = parkers[p];
          members[p + 2] =
              () -> {
                try {
                  while (!over.get()) {
                    assertEquals(Parker.NONE, parker.signal, "woken though it was awake");
                    idle.register(parker, false);
                    awaitSignal(parker);
                    count.incrementAndGet();
                  }
                } finally {
                  awake.decrementAndGet();
                }
              };
        }
        members[0] =
            () -> {
              long start = System.nanoTime();
              while (System.nanoTime() - start < ROUND_NANOS) {
                idle.wakeAll();
              }
              over.set(true);
              while (awake.get() > 0) {
                idle.wakeAll();
                Thread.yield();
              }
            };
        members[1] =
            () -> {
              while (!over.get()) {
                idle.wakeAll();
              }
            };
        team.race(members);
        woken += count.get();
      }
    }
    assertTrue(woken > 0);
    RaceTeam.print("register against wakeAll", rounds, woken + " woken");
  }

  private static void awaitSignal(Parker parker) {
    long start = System.nanoTime();
    while (parker.signal == Parker.NONE) {
      Thread.onSpinWait();
      assertTrue(System.nanoTime() - start < 10_000_000_000L, "a wake-up was lost");
    }
    parker.signal = Parker.NONE;
  }
}
