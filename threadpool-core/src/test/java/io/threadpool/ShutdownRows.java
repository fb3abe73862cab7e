package io.threadpool;

import io.threadpool.FaultTask.Fate;
import io.threadpool.RejectedTaskException.Reason;
import io.threadpool.internal.RaceTeam;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.TimeUnit;

/**
 * Rows 11 and 12: two submitters against a shutdown at the same moment, on each kind of queue with
 * each saturation policy, a new pool every round.
 */
final class ShutdownRows {

  private static final int EACH = 6;

  /** The ways to shut down. */
  enum End {
    SHUTDOWN,
    SHUTDOWN_NOW,
    /** Ours alone. */
    DRAIN_FOR
  }

  private ShutdownRows() {}

  /** Row 11: what is accepted runs, and what is rejected does not. */
  static void shutdown(FaultContender who, FaultFigures figures, int rounds) throws Exception {
    race(who, figures, End.SHUTDOWN, rounds);
  }

  /** Row 12: what is accepted runs or is returned, never both and never neither. */
  static void shutdownNow(FaultContender who, FaultFigures figures, int rounds) throws Exception {
    race(who, figures, End.SHUTDOWN_NOW, rounds);
  }

  /** So many rounds against one way to shut down. */
  static void race(FaultContender who, FaultFigures figures, End end, int rounds) throws Exception {
    int played = 0;
    try (RaceTeam team = new RaceTeam(3)) {
      while (played < rounds && figures.holds()) { // One that never terminates takes its time.
        round(team, who, figures, end, played++);
      }
    }
    figures.note(String.format("%,d rounds", played));
  }

  private static void round(
      RaceTeam team, FaultContender who, FaultFigures figures, End end, int round)
      throws Exception {
    ExecutorService pool = who.configured(round, 1 + round / 7 % 2);
    FaultBooks books = new FaultBooks(pool, figures);
    List<FaultTask> first = tasks();
    List<FaultTask> second = tasks();
    List<Runnable> returned = new ArrayList<>();
    team.race(
        () -> submitAll(pool, first, figures),
        () -> submitAll(pool, second, figures),
        () -> {
          RaceTeam.jitter(20_000);
          switch (end) {
            case SHUTDOWN -> pool.shutdown();
            case SHUTDOWN_NOW -> returned.addAll(pool.shutdownNow());
            case DRAIN_FOR ->
                ((WorkerPool) pool).shutdown(ShutdownPolicy.drainFor(Duration.ofNanos(10_000)));
          }
        });
    figures.require(pool.awaitTermination(20, TimeUnit.SECONDS), "never terminates: " + pool);
    books.enterAll(first);
    books.enterAll(second);
    books.returned(returned);
    books.settle(end == End.DRAIN_FOR || who.discards(round));
  }

  private static List<FaultTask> tasks() {
    List<FaultTask> tasks = new ArrayList<>();
    for (int i = 0; i < EACH; i++) {
      tasks.add(new FaultTask(() -> RaceTeam.jitter(2_000)));
    }
    return tasks;
  }

  private static void submitAll(ExecutorService pool, List<FaultTask> tasks, FaultFigures figures) {
    boolean closed = false;
    for (int i = 0; i < EACH; i++) {
      FaultTask task = tasks.get(i);
      task.handTo(pool, i % 2 == 0);
      figures.require(!closed || !task.isAccepted(), "accepted after a rejection for the shutdown");
      closed |=
          task.refusal() instanceof RejectedTaskException refused
              && refused.reason() == Reason.SHUTDOWN;
      figures.require(!Thread.interrupted(), "a stray interrupt on the submitting thread");
    }
  }

  /** The figures of rounds on one line. */
  static String text(FaultFigures figures) {
    return "submitted="
        + figures.submitted()
        + " ran="
        + (figures.count(Fate.COMPLETED) + figures.count(Fate.FAILED))
        + " returned or discarded="
        + figures.count(Fate.ABORTED)
        + " rejected="
        + figures.count(Fate.REJECTED);
  }
}
