package io.threadpool;

import io.threadpool.CancelRaceTest.Endless;
import io.threadpool.CancelRaceTest.Probe;
import io.threadpool.internal.RaceTeam;
import java.time.Duration;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * Row 13: {@code cancel(true)} at the moment when the body starts, or ends, with another task right
 * behind it that looks for the interrupt.
 */
final class CancelRow {

  private static final int JITTER = 3_000;
  private static final int BATCH = 300;

  private CancelRow() {}

  /** The row, with half of the rounds at each end of the body. */
  static void races(FaultContender who, FaultFigures figures, int rounds) throws Exception {
    int started = againstStart(who, figures, rounds / 2);
    int won = againstFinish(who, figures, rounds / 2);
    figures.note(
        String.format(
            "%,d had started when cancelled, %,d cancelled before their end", started, won));
  }

  /**
   * A body that ends by an interrupt alone is cancelled as it starts. Returns how many had started.
   */
  static int againstStart(FaultContender who, FaultFigures figures, int rounds) throws Exception {
    ExecutorService pool = who.fixed(1);
    FaultBooks books = new FaultBooks(pool, figures);
    int started = 0;
    try (RaceTeam team = new RaceTeam(2)) {
      for (int i = 0; i < rounds; i++) {
        AtomicBoolean go = new AtomicBoolean();
        Endless endless = new Endless();
        Probe next = new Probe();
        books.submit(true, () -> CancelRaceTest.spinUntil(go));
        Future<?> task = books.submit(false, endless::run).handle();
        Future<?> following = books.submit(false, next::run).handle();
        team.race(
            () -> {
              go.set(true);
              following.get(20, TimeUnit.SECONDS); // Never, if the interrupt is lost.
            },
            () -> {
              CancelRaceTest.spinUntil(go);
              RaceTeam.jitter(JITTER);
              figures.require(task.cancel(true), "settled by nobody knows whom");
              figures.require(hasStopped(task), "cancelled, but its body was not interrupted");
              endless.never.countDown();
            });
        figures.require(!next.interrupted, "the interrupt reached the next task");
        started += endless.starts.get();
        if (books.size() >= BATCH) {
          books.balance();
        }
      }
    }
    books.balance();
    books.end();
    return started;
  }

  /** Ours can tell when the body has left; of others, the task behind it tells. */
  private static boolean hasStopped(Future<?> task) throws InterruptedException {
    return !(task instanceof Task<?> ours) || ours.awaitStopped(Duration.ofSeconds(20));
  }

  /** A body is cancelled as it ends. Returns how many cancellations came before the end. */
  static int againstFinish(FaultContender who, FaultFigures figures, int rounds) throws Exception {
    ExecutorService pool = who.fixed(1);
    FaultBooks books = new FaultBooks(pool, figures);
    int won = 0;
    try (RaceTeam team = new RaceTeam(2)) {
      for (int i = 0; i < rounds; i++) {
        Probe body = new Probe();
        Probe next = new Probe();
        Future<?> task = books.submit(false, body::run).handle();
        Future<?> following = books.submit(false, next::run).handle();
        boolean[] cancelled = new boolean[1];
        team.race(
            () -> following.get(20, TimeUnit.SECONDS),
            () -> {
              RaceTeam.jitter(JITTER);
              cancelled[0] = task.cancel(true);
            });
        figures.require(!next.interrupted, "the interrupt reached the next task");
        figures.require(cancelled[0] == task.isCancelled(), "cancel() and isCancelled() differ");
        figures.require(cancelled[0] || body.starts.get() == 1, "neither run nor cancelled");
        figures.require(!body.interrupted || cancelled[0], "interrupted, but not cancelled");
        won += cancelled[0] ? 1 : 0;
        if (books.size() >= BATCH) {
          books.balance();
        }
      }
    }
    books.balance();
    books.end();
    return won;
  }
}
