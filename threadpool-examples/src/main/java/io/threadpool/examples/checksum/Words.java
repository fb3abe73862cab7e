package io.threadpool.examples.checksum;

import java.time.Duration;
import java.util.stream.Stream;
import me.tongfei.progressbar.ProgressBarRenderer;
import me.tongfei.progressbar.ProgressState;

/**
 * Progress without a bar, for a screen too narrow for both: files, bytes and time. Where not even
 * they fit, what is all of it goes, and then the time.
 */
final class Words implements ProgressBarRenderer {
  private final String unit;
  private final long unitBytes;

  /** Words that count bytes in a unit. */
  Words(String unit, long unitBytes) {
    this.unit = unit;
    this.unitBytes = unitBytes;
  }

  @Override
  public String render(ProgressState progress, int width) {
    String files = progress.getExtraMessage();
    String filesDone = files.replaceFirst("/\\S+", "");
    String bytesDone = String.valueOf(progress.getCurrent() / unitBytes);
    String bytes = bytesDone + (progress.isIndefinite() ? "" : "/" + progress.getMax() / unitBytes);
    String time = time(progress.getTotalElapsed());
    return Stream.of(
            files + " " + bytes + unit + " " + time,
            filesDone + " " + bytesDone + unit + " " + time)
        .filter(line -> line.length() <= width)
        .findFirst()
        .orElse(filesDone + " " + bytesDone + unit);
  }

  private static String time(Duration elapsed) {
    return String.format(
        "%d:%02d:%02d", elapsed.toHours(), elapsed.toMinutesPart(), elapsed.toSecondsPart());
  }
}
