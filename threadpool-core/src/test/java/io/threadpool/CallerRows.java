package io.threadpool;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.TimeUnit;

/**
 * Rows 10, 14 and 18: callers that are interrupted already, closes and waits from a task's own
 * body, and durations without measure.
 */
final class CallerRows {

  private CallerRows() {}

  /** An action that may fail. */
  private interface Call {
    void run() throws Exception;
  }

  /** Row 10: the flag is set before each call that does not block. */
  static void interruptedCaller(FaultContender who, FaultFigures figures, int rounds)
      throws Exception {
    ExecutorService pool = who.fixed(1);
    FaultBooks books = new FaultBooks(pool, figures);
    int[] calls = new int[1];
    for (int i = 0; i < rounds; i++) {
      keepsFlag(figures, calls, () -> books.submit(true, () -> {}));
      FaultTask task = books.enter(() -> {});
      keepsFlag(figures, calls, () -> task.handTo(pool, false));
      keepsFlag(figures, calls, () -> task.handle().isDone());
      keepsFlag(figures, calls, () -> task.handle().cancel(true));
      keepsFlag(figures, calls, pool::isShutdown);
      books.balance();
    }
    keepsFlag(figures, calls, pool::shutdown);
    keepsFlag(figures, calls, pool::shutdownNow);
    books.end();
    for (int i = 0; who.isOurs() && i < rounds; i += 100) {
      FaultChecks checks = new FaultChecks(figures);
      checks.run(pools -> new CallerFaultTest().interruptedCallerOfWhatDoesNotBlock(pools));
      checks.run(pools -> new CallerFaultTest().interruptedCallerOfWhatBlocks(pools));
      checks.run(pools -> new CallerFaultTest().interruptedCallerOfAFullQueue(false, pools));
      checks.run(pools -> new CallerFaultTest().interruptedCallerOfAFullQueue(true, pools));
      checks.run(pools -> new CallerFaultTest().interruptedCallerThatRuns(pools));
    }
    figures.note(String.format("%,d calls kept the flag", calls[0]));
  }

  private static void keepsFlag(FaultFigures figures, int[] calls, Call call) throws Exception {
    Thread.currentThread().interrupt();
    call.run();
    calls[0] += Thread.currentThread().isInterrupted() ? 1 : 0;
    figures.require(Thread.interrupted(), "a call lost the interrupt flag");
  }

  /** Row 14: {@code close} interrupted; {@code close}, {@code await...} from a body. */
  static void selfWaits(FaultContender who, FaultFigures figures, int rounds) throws Exception {
    if (!who.isOurs()) {
      waitsForItself(who, figures);
      return;
    }
    FaultChecks checks = new FaultChecks(figures);
    for (int i = 0; i < rounds; i++) {
      checks.run(pools -> new CallerFaultTest().interruptedClose(pools));
      checks.run(pools -> new CallerFaultTest().waitsFromABodyAreRefused(false, pools));
      checks.run(pools -> new CallerFaultTest().waitsFromABodyAreRefused(true, pools));
      checks.run(pools -> new CallerFaultTest().abortFromABody(pools));
    }
    figures.note("refused, or ended within the grace");
  }

  /** A body that closes its own pool as {@code close} does; the wait is cut short here. */
  private static void waitsForItself(FaultContender who, FaultFigures figures) throws Exception {
    ExecutorService pool = who.fixed(1);
    FaultBooks books = new FaultBooks(pool, figures);
    CountDownLatch cut = new CountDownLatch(1);
    books.submit(
        true,
        () -> {
          pool.shutdown();
          figures.require(
              pool.awaitTermination(500, TimeUnit.MILLISECONDS),
              "a body that waits for its own pool hangs for as long as it waits");
          cut.countDown();
        });
    cut.await();
    books.balance();
    books.end();
  }

  /** Row 18: no time at all, a nanosecond, 292 years and more; and nobody reads the wall clock. */
  static void durations(FaultContender who, FaultFigures figures, int rounds) throws Exception {
    FaultChecks checks = new FaultChecks(figures);
    for (int i = 0; i < rounds; i++) {
      checks.run(pools -> new CallerFaultTest().durationsWithoutMeasure(pools));
      checks.run(pools -> new CallerFaultTest().deadlinesWithoutMeasure(pools));
    }
    new ArchitectureTest().nothingReadsTheWallClock();
    figures.note("as documented; nothing reads the wall clock");
  }
}
