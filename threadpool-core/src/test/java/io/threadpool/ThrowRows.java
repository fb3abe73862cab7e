package io.threadpool;

import java.util.concurrent.ExecutorService;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;

/**
 * Rows 5 and 6: bodies, handlers, decorators and dependent stages that throw, whatever can be
 * thrown: see {@link FaultKinds}.
 */
final class ThrowRows {

  private static final int BATCH = 1_000;

  private ThrowRows() {}

  /** Row 5: every task throws. */
  static void tasks(FaultContender who, FaultFigures figures, int count) throws Exception {
    long replaced = 0;
    for (FaultKinds kind : FaultKinds.values()) {
      replaced += tasks(who, figures, kind, count / FaultKinds.values().length + 1);
    }
    figures.note(String.format("%,d workers lost", replaced));
  }

  /**
   * Tasks that throw one kind of throwable, every other without a handle. Returns how many threads
   * died of it.
   */
  static long tasks(FaultContender who, FaultFigures figures, FaultKinds kind, int count)
      throws Exception {
    Throwable thrown = kind.make();
    AtomicLong told = new AtomicLong();
    AtomicLong others = new AtomicLong();
    FaultThreads threads =
        FaultThreads.good()
            .handler((thread, what) -> (what == thrown ? told : others).incrementAndGet());
    ExecutorService pool = who.build(2, 0, threads);
    FaultBooks books = new FaultBooks(pool, figures);
    long raw = 0;
    boolean whole = true;
    for (int i = 0; i < count && whole; i++) {
      raw += i % 2 == 0 ? 1 : 0;
      books.submit(
          i % 2 == 0,
          () -> {
            throw thrown;
          });
      whole = books.size() < BATCH || books.balance();
    }
    books.balance();
    awaitAtLeast(told, raw); // A thread that dies tells so afterwards.
    figures.require(told.get() == raw, raw + " thrown without a handle, " + told + " told");
    figures.require(others.get() == 0, others + " others told");
    long replaced = threads.made.size() - 2;
    figures.require(replaced == 0, "workers lost");
    books.end();
    figures.require(threads.awaitEnd(), "a thread is left");
    return replaced;
  }

  private static void awaitAtLeast(AtomicLong value, long least) {
    long start = System.nanoTime();
    while (value.get() < least && System.nanoTime() - start < 10_000_000_000L) {
      LockSupport.parkNanos(100_000);
    }
  }

  /** Row 6: what else a user hands to the pool throws. */
  static void usersCode(FaultContender who, FaultFigures figures, int rounds) throws Exception {
    for (int round = 0; round < rounds; round++) {
      FaultChecks checks = new FaultChecks(figures);
      checks.run(pools -> new ThrowFaultTest().decoratedBodiesThatThrow(pools));
      for (FaultKinds kind : FaultKinds.values()) {
        checks.run(pools -> new ThrowFaultTest().handlersThatThrow(kind, pools));
        checks.run(pools -> new ThrowFaultTest().decoratorsThatThrow(kind, pools));
        checks.run(pools -> new ThrowFaultTest().stagesThatThrow(kind, pools));
        checks.run(pools -> new ThrowFaultTest().stagesThatThrowAtWhoSettles(kind, pools));
      }
    }
  }
}
