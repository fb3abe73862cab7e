package io.threadpool;

import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.LockSupport;

/** Plays one row of the fault table on one contender, in a JVM of its own: see {@link FaultJvm}. */
final class FaultMain {

  private static final long PATIENCE_NANOS = 10_000_000_000L;

  private FaultMain() {}

  public static void main(String[] args) {
    FaultRow row = FaultRow.valueOf(args[0]);
    FaultContender who = FaultContender.valueOf(args[1]);
    FaultFigures figures = play(row, who, Integer.parseInt(args[2]));
    System.out.println(figures.toLine());
    System.out.flush();
    if (!figures.holds()) {
      printStacks();
    }
    Runtime.getRuntime().halt(0); // Stranded pools would keep it.
  }

  /** Plays the row here; what it throws is a violation, and so is a thread that stays. */
  static FaultFigures play(FaultRow row, FaultContender who, int count) {
    FaultFigures figures = new FaultFigures();
    try {
      row.play(who, figures, count);
    } catch (Throwable thrown) {
      figures.violate("thrown: " + thrown);
      print(Thread.currentThread(), thrown.getStackTrace());
    }
    if (figures.holds()) {
      long start = System.nanoTime();
      while (!threadsOfPools().isEmpty() && System.nanoTime() - start < PATIENCE_NANOS) {
        LockSupport.parkNanos(1_000_000);
      }
      figures.require(threadsOfPools().isEmpty(), threadsOfPools().size() + " threads left");
    }
    return figures;
  }

  static void printStacks() {
    Thread.getAllStackTraces().forEach(FaultMain::print);
  }

  private static void print(Thread thread, StackTraceElement[] stack) {
    System.err.println(thread + " " + Arrays.stream(stack).limit(12).toList());
  }

  /** The live threads that run a worker of either contender; the JDK's own reap processes. */
  static List<Thread> threadsOfPools() {
    return Thread.getAllStackTraces().entrySet().stream()
        .filter(entry -> Arrays.stream(entry.getValue()).anyMatch(FaultMain::isWorkerLoop))
        .map(Map.Entry::getKey)
        .filter(thread -> !thread.getName().startsWith("process reaper"))
        .toList();
  }

  private static boolean isWorkerLoop(StackTraceElement line) {
    String type = line.getClassName();
    return line.getMethodName().equals("run")
        && (type.equals(Worker.class.getName())
            || type.equals("java.util.concurrent.ThreadPoolExecutor$Worker"));
  }
}
