package io.threadpool;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.threadpool.RejectedTaskException.Reason;
import io.threadpool.ShutdownRows.End;
import io.threadpool.internal.RaceTeam;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Submitters against each way to shut down, on each kind of queue with each saturation policy:
 * every submission is either accepted, and then runs once or is returned or discarded, or is
 * rejected, and then nothing of it is kept. The number of rounds is {@code -Drace.rounds}; see
 * {@link RaceTeam}.
 */
class ShutdownRaceTest {

  private static final Duration LONG = Duration.ofSeconds(20);

  /** Longer than a test may take. */
  private static final Duration ENDLESS = Duration.ofDays(1);

  /** One submission, raw or with a handle, and what became of it. */
  private static final class Item implements Runnable {
    final AtomicInteger runs = new AtomicInteger();
    boolean accepted;
    Task<?> task;

    @Override
    public void run() {
      runs.incrementAndGet();
      RaceTeam.jitter(2_000);
    }

    void submitTo(WorkerPool pool, boolean raw) {
      if (raw) {
        pool.execute(this);
      } else {
        task = pool.submit(this);
      }
      accepted = true;
    }
  }

  @ParameterizedTest
  @EnumSource
  void submittersAgainst(End end) throws Exception {
    int rounds = RaceTeam.rounds(1_000);
    FaultFigures figures = new FaultFigures();
    ShutdownRows.race(FaultContender.WORKER_POOL, figures, end, rounds);
    assertEquals("", figures.broken());
    RaceTeam.print("submit, execute against " + end, rounds, ShutdownRows.text(figures));
  }

  /**
   * The last task runs, or is refused, however the close falls; a woken worker does not miss it.
   */
  @Test
  void closeAgainstLastTask() throws Exception {
    int rounds = RaceTeam.rounds(1_000);
    int ran = 0;
    try (RaceTeam team = new RaceTeam(2)) {
      for (int i = 0; i < rounds; i++) {
        WorkerPool pool = WorkerPool.fixed(1 + i % 2);
        Item last = new Item();
        AtomicBoolean go = new AtomicBoolean();
        boolean raw = i % 3 == 0;
        if (i % 4 > 0) {
          pool.execute(() -> CancelRaceTest.spinUntil(go)); // So that a worker is about to look.
        }
        team.race(
            () -> {
              go.set(true);
              RaceTeam.jitter(20_000);
              try {
                last.submitTo(pool, raw);
              } catch (RejectedTaskException refused) {
                assertEquals(Reason.SHUTDOWN, refused.reason());
              }
            },
            () -> {
              CancelRaceTest.spinUntil(go);
              RaceTeam.jitter(10_000);
              pool.close();
            });
        assertTrue(pool.isTerminated());
        assertEquals(last.accepted ? 1 : 0, last.runs.get());
        Pools.assertLaw(pool);
        ran += last.runs.get();
      }
    }
    RaceTeam.print("close() against the last task", rounds, ran + " ran");
  }

  /** A cancellation is counted before the report, however late it decides. */
  @Test
  void cancelAgainstTermination() throws Exception {
    int rounds = RaceTeam.rounds(3_000);
    long cancelled = 0;
    try (RaceTeam team = new RaceTeam(2)) {
      for (int i = 0; i < rounds; i++) {
        WorkerPool pool = WorkerPool.fixed(1);
        List<Task<?>> tasks = new ArrayList<>();
        for (int n = 0; n < 4; n++) {
          tasks.add(pool.submit(() -> RaceTeam.jitter(500)));
        }
        boolean completes = i % 3 == 0;
        team.race(
            () -> {
              RaceTeam.jitter(2_000);
              for (Task<?> task : tasks) {
                if (completes) {
                  task.complete(null);
                } else {
                  task.cancel(true);
                }
              }
            },
            () -> {
              RaceTeam.jitter(2_000);
              pool.shutdown();
              assertTrue(pool.awaitTermination(LONG));
            });
        Pools.assertLaw(pool);
        assertEquals(4, pool.report().orElseThrow().accepted());
        cancelled += pool.stats().cancelled();
      }
    }
    RaceTeam.print("cancel, complete against termination", rounds, cancelled + " cancelled");
  }

  /**
   * Who waits for the termination sees it, with the report, whichever thread is the last one out.
   */
  @Test
  void lastBodyOutAgainstAwaitTermination() throws Exception {
    int rounds = RaceTeam.rounds(1_000);
    try (RaceTeam team = RaceTeam.forSignals(3)) {
      for (int i = 0; i < rounds; i++) {
        WorkerPool pool =
            WorkerPool.builder()
                .size(2)
                .queueCapacity(1)
                .saturationPolicy(SaturationPolicy.callerRuns())
                .build();
        Item[] items = {new Item(), new Item(), new Item(), new Item()};
        for (Item item : items) {
          item.submitTo(pool, true); // Some of them as a guest.
        }
        team.race(
            () -> {
              RaceTeam.jitter(3_000);
              pool.shutdown();
            },
            () -> assertEnds(pool),
            () -> assertEnds(pool));
        assertEquals(4, pool.report().orElseThrow().completed());
      }
    }
    RaceTeam.print("last body out against awaitTermination", rounds, "no signal missed");
  }

  private static void assertEnds(WorkerPool pool) throws InterruptedException {
    assertTrue(pool.awaitTermination(ENDLESS));
    assertTrue(pool.isTerminated());
    assertTrue(pool.report().isPresent());
  }

  /** What a caller runs itself ends before the termination, or is refused; no stray interrupt. */
  @ParameterizedTest
  @EnumSource(names = {"SHUTDOWN", "SHUTDOWN_NOW"})
  void callerRunsAgainst(End end) throws Exception {
    int rounds = RaceTeam.rounds(1_000);
    int byCaller = 0;
    try (RaceTeam team = new RaceTeam(3)) {
      for (int i = 0; i < rounds; i++) {
        WorkerPool pool =
            WorkerPool.builder()
                .size(1)
                .queueCapacity(1)
                .saturationPolicy(SaturationPolicy.callerRuns())
                .build();
        AtomicReference<Boolean> after = new AtomicReference<>();
        AtomicInteger mine = new AtomicInteger();
        boolean raw = i % 2 == 0;
        boolean flag = i % 4 < 2;
        team.race(
            () -> {
              Thread caller = Thread.currentThread();
              for (int n = 0; n < 4; n++) {
                if (flag) {
                  caller.interrupt();
                }
                Runnable body =
                    () -> {
                      if (Thread.currentThread() == caller) {
                        mine.incrementAndGet();
                        assertFalse(pool.isTerminated(), "terminated while a guest runs");
                      }
                      RaceTeam.jitter(3_000);
                    };
                try {
                  if (raw) {
                    pool.execute(body);
                  } else {
                    pool.submit(body);
                  }
                } catch (RejectedTaskException refused) {
                  assertEquals(Reason.SHUTDOWN, refused.reason());
                }
                assertEquals(flag, Thread.interrupted(), "the caller's own interrupt flag");
              }
            },
            () -> {
              RaceTeam.jitter(6_000);
              if (end == End.SHUTDOWN) {
                pool.shutdown();
              } else {
                pool.shutdownNow();
              }
            },
            () -> after.set(pool.awaitTermination(LONG)));
        assertTrue(after.get());
        Pools.assertLaw(pool);
        assertEquals(0, pool.stats().failed());
        byCaller += mine.get();
      }
    }
    RaceTeam.print("callerRuns against " + end, rounds, byCaller + " run by the caller");
  }

  /**
   * The end of a grace of no length against the ends of bodies: each body is counted once, as what
   * it was or as stuck, raw commands and tasks, a worker's and a guest's.
   */
  @ParameterizedTest
  @EnumSource(names = {"SHUTDOWN_NOW", "DRAIN_FOR"})
  void stuckAgainstEndOfBody(End end) throws Exception {
    int rounds = RaceTeam.rounds(1_000);
    long stuck = 0;
    try (RaceTeam team = new RaceTeam(3)) {
      for (int i = 0; i < rounds; i++) {
        WorkerPool pool =
            WorkerPool.builder()
                .size(1 + i % 2)
                .queueCapacity(2)
                .saturationPolicy(SaturationPolicy.callerRuns())
                .abortGrace(Duration.ZERO)
                .build();
        List<Item> items = Collections.synchronizedList(new ArrayList<>());
        boolean raw = i % 4 < 2;
        team.race(
            () -> {
              for (int n = 0; n < 6; n++) {
                Item item = new Item();
                try {
                  item.submitTo(pool, raw);
                  items.add(item);
                } catch (RejectedTaskException refused) {
                  assertEquals(Reason.SHUTDOWN, refused.reason());
                }
                assertFalse(Thread.interrupted(), "a stray interrupt on the submitting thread");
              }
            },
            () -> {
              RaceTeam.jitter(12_000);
              if (end == End.SHUTDOWN_NOW) {
                pool.shutdownNow();
              } else {
                pool.shutdown(ShutdownPolicy.drainFor(Duration.ofNanos(1_000)));
              }
            },
            () -> {
              assertTrue(pool.awaitTermination(LONG), () -> "not terminated: " + pool);
            });
        Pools.assertLaw(pool);
        TerminationReport report = pool.report().orElseThrow();
        assertEquals(items.size(), report.accepted());
        assertEquals(pool.stats().aborted(), report.aborted(), "counted after the report");
        for (Item item : items) {
          assertTrue(item.runs.get() <= 1);
          assertTrue(item.task == null || item.task.isDone());
        }
        stuck += report.stuck().size();
      }
    }
    RaceTeam.print("stuck decision against the end of a body, " + end, rounds, stuck + " stuck");
  }
}
