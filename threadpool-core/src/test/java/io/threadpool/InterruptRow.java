package io.threadpool;

import io.threadpool.internal.RaceTeam;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Row 9: somebody interrupts the workers' threads all the time, whatever they do; and {@code
 * cancel(true)} hails down on every other task, while those between look for interrupts.
 */
final class InterruptRow {

  private static final int BATCH = 500;

  private InterruptRow() {}

  /** The row, with half of the tasks in each storm. */
  static void storms(FaultContender who, FaultFigures figures, int count) throws Exception {
    atTheWorkers(who, figures, count / 2);
    int stray = ofCancellations(who, figures, count / 4);
    figures.note(stray + " stray interrupts seen");
  }

  /** Nothing is lost, and nobody leaves or hangs. */
  static void atTheWorkers(FaultContender who, FaultFigures figures, int count) throws Exception {
    FaultThreads threads = FaultThreads.good();
    ExecutorService pool = who.build(2, 0, threads);
    FaultBooks books = new FaultBooks(pool, figures);
    AtomicBoolean over = new AtomicBoolean();
    Thread storm =
        new Thread(
            () -> {
              while (!over.get()) {
                threads.made.forEach(Thread::interrupt);
                RaceTeam.jitter(2_000);
              }
            });
    storm.start();
    try {
      boolean whole = true;
      for (int i = 0; i < count && whole; i++) {
        books.submit(i % 2 == 0, () -> {});
        whole = books.size() < BATCH || books.balance(); // Quiet, so that they park, too.
      }
      books.balance();
      figures.require(threads.made.size() == 2, "a worker was lost");
      books.end();
    } finally {
      over.set(true);
      storm.join();
    }
  }

  /**
   * So many tasks that look for an interrupt, and as many that are interrupted by a cancellation.
   * Returns how many interrupts reached one of the former.
   */
  static int ofCancellations(FaultContender who, FaultFigures figures, int count) throws Exception {
    ExecutorService pool = who.fixed(2);
    FaultBooks books = new FaultBooks(pool, figures);
    AtomicInteger stray = new AtomicInteger();
    Future<?>[] ring = new Future<?>[4];
    for (int i = 0; i < count; i++) {
      books.submit(
          true,
          () -> {
            for (int n = 0; n < 5; n++) {
              if (Thread.interrupted()) {
                stray.incrementAndGet();
              }
              Thread.onSpinWait();
            }
          });
      Future<?> before = ring[i % ring.length];
      if (before != null) {
        before.cancel(true);
      }
      ring[i % ring.length] = books.submit(false, () -> RaceTeam.jitter(2_000)).handle();
      if (books.size() >= BATCH) {
        books.balance();
      }
    }
    books.balance();
    figures.require(stray.get() == 0, "interrupts meant for other tasks");
    books.end();
    return stray.get();
  }
}
