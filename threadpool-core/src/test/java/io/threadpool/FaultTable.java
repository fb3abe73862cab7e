package io.threadpool;

import io.threadpool.FaultTask.Fate;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/**
 * The fault table: this library's pool under every fault that {@link FaultRow} names, next to the
 * JDK's {@code ThreadPoolExecutor} under the same, each in a JVM of its own.
 *
 * <pre>
 *   mvn -q -B -ntp -Pfaults -pl threadpool-core process-test-classes
 * </pre>
 *
 * <p>Every row counts its submissions outside the pool, each of which must end in exactly one class
 * and run at most once, with its handle done, and no thread may stay. {@code -Drows=3,7,11-13}
 * plays some rows only; {@code -Dsoak.minutes=30} lengthens row 20.
 *
 * <p>Printed on standard output and written to {@code target/faults.txt}. The exit status is 1 if a
 * row of ours does not hold, whatever the other does.
 */
final class FaultTable {

  private static final Duration LIMIT = Duration.ofMinutes(10);
  private static final String LINE = "    %-20s%12s%12s%12s%12s%12s%12s%6s  %s%n";

  private final PrintStream out;
  private final StringBuilder text = new StringBuilder();
  private boolean holds = true;

  FaultTable(PrintStream out) {
    this.out = out;
  }

  public static void main(String[] args) throws Exception {
    FaultTable table = new FaultTable(System.out);
    table.head();
    Set<Integer> wanted = rows(System.getProperty("rows", "1-28"));
    for (FaultRow row : FaultRow.values()) {
      if (wanted.contains(row.number())) {
        table.play(row);
      }
    }
    table.foot();
    table.write(Path.of(System.getProperty("faults.file", "target/faults.txt")));
    System.exit(table.holds() ? 0 : 1);
  }

  /** The numbers in a list such as {@code 3,7,11-13}. */
  static Set<Integer> rows(String list) {
    Set<Integer> rows = new TreeSet<>();
    for (String part : list.split(",")) {
      String[] ends = part.strip().split("-");
      int last = Integer.parseInt(ends[ends.length - 1]);
      for (int row = Integer.parseInt(ends[0]); row <= last; row++) {
        rows.add(row);
      }
    }
    return rows;
  }

  boolean holds() {
    return holds;
  }

  void head() {
    print("Fault table, Java %s, %d processors%n", Runtime.version(), processors());
    print(
        LINE,
        "",
        "submitted",
        "completed",
        "failed",
        "cancelled",
        "aborted",
        "rejected",
        "s",
        "verdict");
  }

  private static int processors() {
    return Runtime.getRuntime().availableProcessors();
  }

  /** Plays a row on each contender and prints what it came to. */
  void play(FaultRow row) throws IOException, InterruptedException {
    title(row);
    for (FaultContender who : FaultContender.values()) {
      int count = row.count(who);
      if (!who.plays(row)) {
        continue;
      }
      if (count == 0) {
        print("    %-20s%12s%n", who.title(), "-");
      } else {
        long start = System.nanoTime();
        FaultFigures figures = play(row, who, count);
        add(who, figures, Duration.ofNanos(System.nanoTime() - start));
      }
    }
  }

  void title(FaultRow row) {
    print("%2d  %s (%s)%n", row.number(), row.fault(), row.injection());
  }

  private static FaultFigures play(FaultRow row, FaultContender who, int count)
      throws IOException, InterruptedException {
    FaultFigures figures = new FaultFigures();
    List<List<String>> jvms = row.jvms();
    Duration limit = row == FaultRow.SOAK ? LIMIT.plusSeconds(2L * count) : LIMIT;
    for (List<String> options : jvms) {
      int share = (count + jvms.size() - 1) / jvms.size();
      figures.add(FaultJvm.play(limit, row, who, options, share));
    }
    return figures;
  }

  /** Adds a contender's line. */
  void add(FaultContender who, FaultFigures figures, Duration took) {
    holds &= figures.holds() || !who.isOurs();
    print(
        LINE,
        who.title(),
        count(figures.submitted()),
        count(figures.count(Fate.COMPLETED)),
        count(figures.count(Fate.FAILED)),
        count(figures.count(Fate.CANCELLED)),
        count(figures.count(Fate.ABORTED)),
        count(figures.count(Fate.REJECTED)),
        took.toSeconds(),
        verdict(figures));
  }

  private static String count(long count) {
    return String.format("%,d", count);
  }

  private static String verdict(FaultFigures figures) {
    List<String> words = new ArrayList<>();
    words.add(figures.holds() ? "holds" : "BROKEN: " + figures.broken());
    if (!figures.note().isEmpty()) {
      words.add(figures.note());
    }
    return String.join("; ", words);
  }

  void foot() {
    print("%n%s%n", holds ? "All rows of ours hold." : "A ROW OF OURS DOES NOT HOLD.");
  }

  private void print(String format, Object... values) {
    String lines = String.format(format, values);
    text.append(lines);
    out.print(lines);
    out.flush();
  }

  void write(Path file) throws IOException {
    Files.createDirectories(file.toAbsolutePath().getParent());
    Files.writeString(file, text, StandardCharsets.UTF_8);
  }

  @Override
  public String toString() {
    return text.toString();
  }
}
