package io.threadpool;

import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.TimeUnit;

/**
 * Row 24: {@code shutdownNow()} with 100,000 tasks queued on a heap of 64 MB, and with a million on
 * one of a gigabyte: how long it takes, and how much memory.
 */
final class FullAbortRow {

  private static final int RAW_EVERY = 10;
  private static final long SMALL_HEAP = 256L << 20;

  /** No abort takes so long, but one that hangs. */
  private static final long HANG_MILLIS = 60_000;

  /** What an abort may keep for each task it returns: 24, and what the measure is off. */
  private static final long MOST_BYTES = 32;

  private final FaultContender who;
  private final FaultFigures figures;
  private final int queued;
  private final FileOutputStream out = new FileOutputStream(FileDescriptor.out);
  private final byte[] hung;

  /** What saying that it hangs may use. */
  private volatile Object reserve = new byte[1 << 20];

  // What the rounds came to.
  private final List<Long> micros = new ArrayList<>();
  private final List<Long> bytesQueued = new ArrayList<>();
  private final List<Long> bytesMore = new ArrayList<>();

  private volatile List<Runnable> returned = List.of();
  private volatile long nanos;

  private FullAbortRow(FaultContender who, FaultFigures figures, int queued) {
    this.who = who;
    this.figures = figures;
    this.queued = queued;
    FaultFigures breach = new FaultFigures();
    breach.violate(String.format("shutdownNow() of %,d has not come back", queued));
    hung = (breach.toLine() + "\n").getBytes(StandardCharsets.UTF_8);
  }

  /** The row: so many rounds, of as many tasks as the heap is for. */
  static void aborts(FaultContender who, FaultFigures figures, int rounds) throws Exception {
    boolean small = Runtime.getRuntime().maxMemory() < SMALL_HEAP;
    FullAbortRow row = new FullAbortRow(who, figures, small ? 100_000 : 1_000_000);
    for (int i = 0; i < rounds; i++) {
      row.round();
    }
    row.tell();
  }

  private void round() throws InterruptedException, IOException {
    ExecutorService pool = who.fixed(1);
    FaultBooks books = new FaultBooks(pool, figures);
    CountDownLatch begun = new CountDownLatch(1);
    CountDownLatch never = new CountDownLatch(1);
    books.submit(
        false,
        () -> {
          begun.countDown();
          never.await();
        });
    begun.await();
    FaultTask[] tasks = new FaultTask[queued];
    Arrays.setAll(tasks, i -> new FaultTask(() -> {}));
    long empty = used();
    for (int i = 0; i < queued; i++) {
      tasks[i].handTo(pool, i % RAW_EVERY == 0);
    }
    long full = used();
    abort(pool);
    figures.require(pool.awaitTermination(20, TimeUnit.SECONDS), "never terminates: " + pool);
    long after = used();
    micros.add(nanos / 1_000);
    bytesQueued.add((full - empty) / queued);
    bytesMore.add((after - full) / queued);
    settle(books, tasks);
  }

  /** The heap in use; the collector is asked twice, for what the first time frees only late. */
  private static long used() {
    System.gc();
    System.gc();
    Runtime runtime = Runtime.getRuntime();
    return runtime.totalMemory() - runtime.freeMemory();
  }

  /** On a thread of its own; where that hangs there may be no memory left to say so. */
  private void abort(ExecutorService pool) throws InterruptedException, IOException {
    Thread aborter =
        BlockedEnd.start(
            "aborter",
            () -> {
              long start = System.nanoTime();
              returned = pool.shutdownNow();
              nanos = System.nanoTime() - start;
            });
    aborter.join(HANG_MILLIS);
    boolean told = false;
    while (aborter.isAlive()) {
      reserve = null;
      try {
        if (!told) {
          out.write(hung);
          told = true;
        }
        Runtime.getRuntime().halt(0);
      } catch (OutOfMemoryError full) {
        // Again: the aborter may have taken the reserve.
      }
    }
  }

  private void settle(FaultBooks books, FaultTask[] tasks) {
    boolean inOrder = returned.size() == queued;
    for (int i = 0; i < queued && inOrder; i++) {
      inOrder = returned.get(i) == (i % RAW_EVERY == 0 ? tasks[i] : tasks[i].handle());
    }
    figures.require(inOrder, returned.size() + " of " + queued + " returned, or in another order");
    if (!who.isOurs()) {
      BlockedEnd.cancelReturned(returned);
    }
    books.enterAll(Arrays.asList(tasks));
    books.returned(returned);
    books.settle();
    returned = List.of();
  }

  private void tell() {
    long more = median(bytesMore);
    figures.require(!who.isOurs() || more <= MOST_BYTES, more + " bytes more a task");
    figures.note(
        String.format(
            "%,d in %.1f ms, %d B a queued task, %+d B aborted",
            queued, median(micros) / 1_000.0, median(bytesQueued), more));
  }

  private static long median(List<Long> values) {
    return values.stream().sorted().toList().get(values.size() / 2);
  }
}
