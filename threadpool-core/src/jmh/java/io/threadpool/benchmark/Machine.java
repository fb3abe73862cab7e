package io.threadpool.benchmark;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** How busy the machine is, as Linux tells it; elsewhere nothing is known. */
final class Machine {

  private static final double TICKS_PER_SECOND = 100;

  private long startNanos;
  private double startBusy;
  private double startOwn;

  /** Begins to watch what other processes use. */
  void start() {
    startNanos = System.nanoTime();
    startBusy = busySeconds();
    startOwn = ownSeconds();
  }

  /** The processors' share that others than this process and its ended children had, 0 to 1. */
  double others() {
    double capacity =
        (System.nanoTime() - startNanos) / 1e9 * Runtime.getRuntime().availableProcessors();
    double others = (busySeconds() - startBusy) - (ownSeconds() - startOwn);
    return Math.max(0, others / capacity);
  }

  static String load() {
    String line = read("/proc/loadavg");
    return line.isEmpty() ? "unknown" : String.join(" ", List.of(line.split(" ")).subList(0, 3));
  }

  static String describe() {
    return read("/proc/cpuinfo")
            .lines()
            .filter(line -> line.startsWith("model name"))
            .findFirst()
            .map(line -> line.substring(line.indexOf(':') + 2))
            .orElse(System.getProperty("os.arch"))
        + " x"
        + Runtime.getRuntime().availableProcessors()
        + ", "
        + System.getProperty("os.name")
        + " "
        + System.getProperty("os.version")
        + ", "
        + System.getProperty("java.vm.name")
        + " "
        + Runtime.version();
  }

  /** All processors, without idling and waiting for a disk. */
  private static double busySeconds() {
    String first = read("/proc/stat").lines().findFirst().orElse("cpu 0 0 0 0 0 0 0 0");
    String[] fields = first.trim().split("\\s+");
    long ticks = 0;
    for (int i : new int[] {1, 2, 3, 6, 7, 8}) {
      ticks += Long.parseLong(fields[i]);
    }
    return ticks / TICKS_PER_SECOND;
  }

  private static double ownSeconds() {
    String stat = read("/proc/self/stat");
    if (stat.isEmpty()) {
      return 0;
    }
    // After the name in parentheses: utime, stime and those of the children, fields 14 to 17.
    String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ");
    long ticks = 0;
    for (int i = 11; i <= 14; i++) {
      ticks += Long.parseLong(fields[i]);
    }
    return ticks / TICKS_PER_SECOND;
  }

  private static String read(String file) {
    try {
      return Files.readString(Path.of(file));
    } catch (IOException e) {
      return "";
    }
  }
}
