package io.threadpool.examples.checksum;

import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.BiPredicate;
import me.tongfei.progressbar.ConsoleProgressBarConsumer;
import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarBuilder;
import me.tongfei.progressbar.ProgressBarStyle;

/**
 * The progress bar: files and bytes done, and the time left as soon as the tree has been counted.
 *
 * <p>Two threads of its own, so that neither the start nor the workers wait for it: one counts the
 * tree, one draws.
 */
final class Progress implements AutoCloseable {
  /** Back to the first column, and erase the line (ECMA-48: CR, EL). */
  static final String ERASE = "\r\u001B[K";

  private static final String UNIT = " MiB";
  private static final long UNIT_BYTES = 1024 * 1024;

  /** With fewer columns the words would be cut off, and the bar be of one column. */
  private static final int NARROWEST_BAR = 80;

  private static final int REDRAW_MILLIS = 200;
  private static final int UNKNOWN = -1;

  private final ProgressBar bar;
  private final Tally tally;
  private final CountDownLatch closed = new CountDownLatch(1);
  private final Thread drawing = new Thread(this::draw, "checksum-progress");

  /** The number of files in the tree. Written by the counting thread, read by the drawing one. */
  private volatile long allFiles = UNKNOWN;

  private Progress(Tally tally, PrintStream err, int width) {
    this.tally = tally;
    ProgressBarBuilder builder =
        new ProgressBarBuilder()
            .setTaskName("checksum")
            .setInitialMax(UNKNOWN)
            .setUnit(UNIT, UNIT_BYTES)
            .setStyle(ProgressBarStyle.ASCII)
            .setUpdateIntervalMillis(REDRAW_MILLIS)
            .continuousUpdate()
            .setConsumer(new ConsoleProgressBarConsumer(err, width));
    if (width < NARROWEST_BAR) {
      builder.setRenderer(new Words(UNIT, UNIT_BYTES));
    }
    this.bar = builder.build();
    bar.setExtraMessage("0 files");
  }

  /**
   * Starts to draw on {@code err}.
   *
   * @param root the tree to count
   * @param isOutput what the walk leaves out of it
   * @param tally what is done of it
   */
  static Progress start(
      Path root,
      BiPredicate<Path, BasicFileAttributes> isOutput,
      Tally tally,
      PrintStream err,
      int width) {
    Progress progress = new Progress(tally, err, width);
    Thread counting = new Thread(() -> progress.count(root, isOutput), "checksum-count");
    counting.setDaemon(true);
    counting.start();
    progress.drawing.setDaemon(true);
    progress.drawing.start();
    return progress;
  }

  /**
   * A stream to the screen that the bar is on: what is written takes the place of the bar, which is
   * drawn again below it.
   */
  static OutputStream inPlaceOfBar(OutputStream screen, PrintStream err) {
    return new FilterOutputStream(screen) {
      @Override
      public void write(byte[] bytes, int from, int length) throws IOException {
        err.print(ERASE);
        err.flush();
        out.write(bytes, from, length);
      }
    };
  }

  private void count(Path root, BiPredicate<Path, BasicFileAttributes> isOutput) {
    try {
      TreeCount count = TreeCount.of(root, isOutput, () -> closed.getCount() == 0);
      if (closed.getCount() > 0) {
        bar.maxHint(count.bytes());
        allFiles = count.files();
      }
    } catch (IOException e) {
      // Then the bar goes on without an end.
    }
  }

  private void draw() {
    try {
      do {
        update();
      } while (!closed.await(REDRAW_MILLIS, TimeUnit.MILLISECONDS));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void update() {
    long all = allFiles;
    bar.stepTo(tally.bytes());
    bar.setExtraMessage(tally.files() + (all == UNKNOWN ? "" : "/" + all) + " files");
  }

  /** Draws the last state and leaves it on the screen. */
  @Override
  public void close() {
    closed.countDown();
    boolean interrupted = false;
    while (drawing.isAlive()) {
      try {
        drawing.join();
      } catch (InterruptedException e) {
        interrupted = true;
      }
    }
    update();
    bar.close();
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }
}
