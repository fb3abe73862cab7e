package io.threadpool;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.threadpool.FaultTask.Fate;
import io.threadpool.internal.Latches;
import io.threadpool.internal.RaceTeam;
import java.time.Duration;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;

/**
 * {@code cancel} and {@code complete} against the start and the end of a body, in a worker's loop
 * and inline. The number of rounds is {@code -Drace.rounds}; see {@link RaceTeam}.
 */
class CancelRaceTest {

  private static final Duration LONG = Duration.ofSeconds(20);
  private static final int JITTER = 3_000;

  /** A body that ends by an interrupt alone. */
  static final class Endless implements Runnable {
    final CountDownLatch never = new CountDownLatch(1);
    final AtomicInteger starts = new AtomicInteger();
    volatile boolean interrupted;

    @Override
    public void run() {
      starts.incrementAndGet();
      try {
        never.await();
      } catch (InterruptedException e) {
        interrupted = true;
      }
    }
  }

  /** A body that looks for an interrupt that was not meant for it, for about a microsecond. */
  static final class Probe implements Runnable {
    final AtomicInteger starts = new AtomicInteger();
    volatile boolean interrupted;

    @Override
    public void run() {
      starts.incrementAndGet();
      for (int i = 0; i < 40; i++) {
        interrupted |= Thread.interrupted();
        Thread.onSpinWait();
      }
    }
  }

  @Test
  void cancelAgainstStart() throws Exception {
    int rounds = RaceTeam.rounds(8_000);
    FaultFigures figures = new FaultFigures();
    int started = CancelRow.againstStart(FaultContender.WORKER_POOL, figures, rounds);
    assertEquals("", figures.broken());
    assertEquals(rounds, figures.count(Fate.CANCELLED));
    RaceTeam.print("cancel(true) against start", rounds, started + " had started");
  }

  static void spinUntil(AtomicBoolean flag) {
    for (int turn = 0; !flag.get(); turn++) {
      if (turn < 1_000) {
        Thread.onSpinWait();
      } else {
        Thread.yield();
      }
    }
  }

  private static void assertStops(Task<?> task, Endless endless) throws Exception {
    boolean stopped = task.awaitStopped(LONG);
    endless.never.countDown();
    assertTrue(stopped, "cancelled, but its body was never interrupted");
  }

  @Test
  void cancelAgainstFinish() throws Exception {
    int rounds = RaceTeam.rounds(8_000);
    FaultFigures figures = new FaultFigures();
    int won = CancelRow.againstFinish(FaultContender.WORKER_POOL, figures, rounds);
    assertEquals("", figures.broken());
    assertEquals(won, figures.count(Fate.CANCELLED));
    RaceTeam.print("cancel(true) against finish", rounds, won + " cancelled");
  }

  /**
   * A canceller is held up in the interrupt itself, by the thread; so the body may not leave yet.
   */
  @Test
  void theInterruptComesBeforeTheBodyLeaves(Pools pools) throws Exception {
    CountDownLatch begun = new CountDownLatch(1);
    CountDownLatch interrupting = new CountDownLatch(1);
    CountDownLatch nextBegun = new CountDownLatch(1);
    CountDownLatch interrupted = new CountDownLatch(1);
    ThreadFactory slowToInterrupt =
        worker ->
            new Thread(worker) {
              @Override
              public void interrupt() {
                interrupting.countDown();
                try {
                  nextBegun.await(100, TimeUnit.MILLISECONDS);
                } catch (InterruptedException e) {
                  throw new AssertionError(e);
                } finally {
                  super.interrupt();
                  interrupted.countDown();
                }
              }
            };
    WorkerPool pool = pools.build(WorkerPool.builder().size(1).threadFactory(slowToInterrupt));
    Task<?> cancelled =
        pool.submit(
            () -> {
              begun.countDown();
              Latches.uninterruptibly(interrupting);
            });
    Task<Boolean> next =
        pool.submit(
            () -> {
              nextBegun.countDown();
              interrupted.await();
              return Thread.interrupted();
            });
    begun.await();
    assertTrue(cancelled.cancel(true));
    assertFalse(next.get());
  }

  @Test
  void cancelFalseNeverInterrupts(Pools pools) throws Exception {
    WorkerPool pool = pools.fixed(1);
    int rounds = RaceTeam.rounds(3_000);
    try (RaceTeam team = new RaceTeam(2)) {
      for (int i = 0; i < rounds; i++) {
        Probe body = new Probe();
        Task<?> task = pool.submit(body);
        team.race(
            () -> assertTrue(task.awaitStopped(LONG)),
            () -> {
              RaceTeam.jitter(JITTER);
              task.cancel(false);
            });
        assertFalse(body.interrupted);
      }
    }
    RaceTeam.print("cancel(false) against run", rounds, "0 interrupts");
  }

  /** The task that a body joins inline is cancelled when it starts: it alone is interrupted. */
  @Test
  void cancelAgainstInlineStart(Pools pools) throws Exception {
    WorkerPool pool = pools.fixed(1);
    int rounds = RaceTeam.rounds(3_000);
    int started = 0;
    try (RaceTeam team = new RaceTeam(2)) {
      for (int i = 0; i < rounds; i++) {
        Endless endless = new Endless();
        AtomicReference<Task<?>> inner = new AtomicReference<>();
        team.race(
            () -> assertFalse(pool.submit(() -> joinsInline(pool, endless, inner)).get()),
            () -> {
              Task<?> task = await(inner);
              RaceTeam.jitter(JITTER);
              assertTrue(task.cancel(true));
              assertStops(task, endless);
            });
        started += endless.starts.get();
      }
    }
    RaceTeam.print("cancel(true) against inline start", rounds, started + " had started");
  }

  /** The same when it ends. */
  @Test
  void cancelAgainstInlineFinish(Pools pools) throws Exception {
    WorkerPool pool = pools.fixed(1);
    int rounds = RaceTeam.rounds(3_000);
    try (RaceTeam team = new RaceTeam(2)) {
      for (int i = 0; i < rounds; i++) {
        AtomicReference<Task<?>> inner = new AtomicReference<>();
        team.race(
            () -> assertFalse(pool.submit(() -> joinsInline(pool, new Probe(), inner)).get()),
            () -> {
              Task<?> task = await(inner);
              RaceTeam.jitter(JITTER);
              task.cancel(true);
            });
      }
    }
    RaceTeam.print("cancel(true) against inline finish", rounds, "outer never interrupted");
  }

  /** Submits and joins a task; returns whether its own flag is set afterwards. */
  private static boolean joinsInline(
      WorkerPool pool, Runnable body, AtomicReference<Task<?>> inner) {
    Task<?> task = pool.submit(body);
    inner.set(task);
    try {
      task.join();
    } catch (CancellationException expected) {
      // The other member won.
    }
    boolean interrupted = false;
    for (int i = 0; i < 20; i++) {
      interrupted |= Thread.interrupted();
      Thread.onSpinWait();
    }
    return interrupted;
  }

  /**
   * The task that joins is cancelled while the joined one runs inline: the former is interrupted.
   */
  @Test
  void cancelOfOuterAgainstInline(Pools pools) throws Exception {
    WorkerPool pool = pools.fixed(1);
    int rounds = RaceTeam.rounds(3_000);
    try (RaceTeam team = new RaceTeam(2)) {
      for (int i = 0; i < rounds; i++) {
        Probe inner = new Probe();
        Endless rest = new Endless();
        AtomicReference<Task<?>> handle = new AtomicReference<>();
        AtomicBoolean started = new AtomicBoolean();
        team.race(
            () -> {
              handle.set(
                  pool.submit(
                      () -> {
                        started.set(true);
                        pool.submit(inner).join();
                        rest.run();
                      }));
              assertStops(handle.get(), rest);
            },
            () -> {
              Task<?> task = await(handle);
              spinUntil(started);
              RaceTeam.jitter(JITTER);
              assertTrue(task.cancel(true));
            });
        assertFalse(inner.interrupted, "the outer task's interrupt reached the inner one");
        assertEquals(1, inner.starts.get());
        assertTrue(rest.interrupted);
      }
    }
    RaceTeam.print("cancel(true) of a task that joins inline", rounds, "inner never interrupted");
  }

  /** A guest's body is cancelled when it starts: the guest's own flag stays as it was. */
  @Test
  void cancelAgainstGuest(Pools pools) throws Exception {
    WorkerPool pool = pools.fixed(1);
    CountDownLatch gate = new CountDownLatch(1);
    pool.execute(() -> Latches.uninterruptibly(gate));
    int rounds = RaceTeam.rounds(3_000);
    try (RaceTeam team = new RaceTeam(2)) {
      for (int i = 0; i < rounds; i++) {
        Endless endless = new Endless();
        Task<?> task = pool.submit(endless);
        boolean flag = i % 2 == 0;
        team.race(
            () -> {
              RaceTeam.jitter(JITTER);
              if (flag) {
                Thread.currentThread().interrupt();
              }
              task.run();
              assertEquals(flag, Thread.interrupted(), "the guest's own interrupt flag");
            },
            () -> {
              RaceTeam.jitter(JITTER);
              assertTrue(task.cancel(true));
              assertStops(task, endless);
            });
      }
    } finally {
      gate.countDown();
    }
    RaceTeam.print("cancel(true) against run() by a guest", rounds, "no stray interrupt");
  }

  @Test
  void completeAgainstRun(Pools pools) throws Exception {
    WorkerPool pool = pools.fixed(1);
    int rounds = RaceTeam.rounds(3_000);
    int won = 0;
    try (RaceTeam team = new RaceTeam(2)) {
      for (int i = 0; i < rounds; i++) {
        AtomicInteger starts = new AtomicInteger();
        Task<String> task =
            pool.submit(
                () -> {
                  starts.incrementAndGet();
                  return "body";
                });
        AtomicInteger dependents = new AtomicInteger();
        task.thenRun(dependents::incrementAndGet);
        boolean[] completed = new boolean[1];
        String[] result = new String[1];
        team.race(
            () -> result[0] = task.get(),
            () -> {
              RaceTeam.jitter(JITTER);
              completed[0] = task.complete("user");
            });
        assertEquals(completed[0] ? "user" : "body", result[0]);
        assertTrue(starts.get() <= 1);
        assertTrue(task.awaitStopped(LONG));
        won += completed[0] ? 1 : 0;
      }
    }
    assertTrue(pool.awaitIdle(LONG));
    assertEquals(rounds, pool.stats().completed());
    RaceTeam.print("complete() against run", rounds, won + " completed by the user");
  }

  /** Several settle one task at once: one of them does, and it is counted once. */
  @Test
  void settlersAgainstEachOther(Pools pools) throws Exception {
    WorkerPool pool = pools.fixed(1);
    int rounds = RaceTeam.rounds(3_000);
    try (RaceTeam team = new RaceTeam(3)) {
      for (int i = 0; i < rounds; i++) {
        Task<String> task = pool.submit(() -> "body");
        boolean[] done = new boolean[3];
        team.race(
            () -> done[0] = task.complete("user"),
            () -> done[1] = task.cancel(true),
            () -> done[2] = task.completeExceptionally(new IllegalStateException()));
        int settled = (done[0] ? 1 : 0) + (done[1] ? 1 : 0) + (done[2] ? 1 : 0);
        assertTrue(settled <= 1, "settled twice");
        task.handle((result, thrown) -> result)
            .get(20, TimeUnit.SECONDS); // Told after the decision.
        assertEquals(done[1], task.isCancelled());
      }
    }
    assertTrue(pool.awaitIdle(LONG));
    assertEquals(rounds, pool.stats().accepted());
    RaceTeam.print("complete, completeExceptionally, cancel", rounds, "each counted once");
  }

  static <T> T await(AtomicReference<T> reference) {
    T value;
    for (int turn = 0; (value = reference.get()) == null; turn++) {
      if (turn < 1_000) {
        Thread.onSpinWait();
      } else {
        Thread.yield();
      }
    }
    return value;
  }
}
