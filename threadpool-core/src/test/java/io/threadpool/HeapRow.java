package io.threadpool;

import io.threadpool.internal.Latches;
import java.util.Arrays;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;

/**
 * Row 8: the heap is filled with ballast; then tasks are submitted until the heap is full to the
 * last, and run while it is. In a JVM with 48 MB.
 */
final class HeapRow {

  /** Allocated before the ballast, since the books must not fail. */
  private static final int MOST_TASKS = 20_000;

  private static final int MOST_ERRORS = 10;
  private static final int HOG_EVERY = 251;

  /**
   * Each run on a virtual thread takes memory, and each lack of it some collections: fewer, then.
   */
  private static final int LESS_OFTEN = 5;

  /** What keeps the heap full. */
  private static volatile Object ballast;

  private HeapRow() {}

  /** The row: each submission throws, or is accepted and runs once. */
  static void fullHeap(FaultContender who, FaultFigures figures, int most) throws Exception {
    int runs = who == FaultContender.VIRTUAL_POOL ? Math.max(1, most / LESS_OFTEN) : most;
    ExecutorService pool = who.build(2, 0, FaultThreads.good());
    FaultBooks books = new FaultBooks(pool, figures);
    int run = 0;
    boolean whole = true;
    for (; run < runs && whole; run++) {
      whole = fill(pool, books);
    }
    figures.require(whole, "stranded in run " + run + " of " + runs);
    figures.require(books.rejected() > 0, "the heap was never full");
    figures.note(books.rejected() + " refused with the error");
    books.end();
  }

  private static boolean fill(ExecutorService pool, FaultBooks books) throws InterruptedException {
    CountDownLatch gate = new CountDownLatch(1);
    CountDownLatch busy = new CountDownLatch(2);
    for (int i = 0; i < 2; i++) {
      books.submit(
          true,
          () -> {
            busy.countDown();
            Latches.uninterruptibly(gate);
          });
    }
    busy.await();
    FaultTask[] tasks = new FaultTask[MOST_TASKS];
    for (int i = 0; i < MOST_TASKS; i++) {
      tasks[i] = new FaultTask(i % HOG_EVERY == 0 ? HeapRow::hog : () -> {});
    }
    fillHeap();
    int handed = 0;
    for (int errors = 0; handed < MOST_TASKS && errors < MOST_ERRORS; handed++) {
      FaultTask task = tasks[handed];
      task.handTo(pool, handed % 2 == 0);
      errors += task.isAccepted() ? 0 : 1;
    }
    gate.countDown(); // The bodies run while the heap is full.
    for (int i = 0; i < 1_000; i++) {
      Thread.yield();
    }
    ballast = null;
    books.enterAll(Arrays.asList(tasks).subList(0, handed));
    return books.balance();
  }

  /** Takes what is left of the heap, and fails. */
  private static void hog() {
    long[][] more = new long[64][];
    for (int i = 0; i < more.length; i++) {
      more[i] = new long[1 << 16];
    }
    if (more[0] == null) {
      throw new AssertionError("hogged nothing");
    }
  }

  private static void fillHeap() {
    for (int size = 1 << 22; size >= 1 << 14; size /= 2) {
      try {
        while (true) {
          ballast = new Object[] {ballast, new byte[size]};
        }
      } catch (OutOfMemoryError full) {
        // Smaller pieces, then; at the end a little is left, which the submissions use up.
      }
    }
  }
}
