package io.threadpool;

import java.util.List;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.locks.LockSupport;

/**
 * Rows 15 to 17: a JVM that gets a SIGTERM while 2,000 tasks are queued, one that is stopped and
 * continued, and one that a task exits. What runs there is {@link SignalProgram}.
 */
final class SignalRows {

  private static final List<String> OPTIONS =
      List.of("-Xmx64m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1");

  private SignalRows() {}

  /**
   * Row 15: SIGTERM at a random moment of the work, which takes some 200 ms. Every other time the
   * deadline is too short for all of it.
   */
  static void sigterm(FaultContender who, FaultFigures figures, int times) throws Exception {
    for (int i = 0; i < times; i++) {
      sigterm(who, figures, i % 2 == 0 ? 20_000 : 60, 200_000_000);
    }
    String aborted = String.format("%,d aborted", figures.count(FaultTask.Fate.ABORTED));
    figures.note(who.isOurs() ? times + " times, " + aborted : times + " times, no exit hook");
  }

  /** Once, within so many nanoseconds of the last submission. */
  static void sigterm(FaultContender who, FaultFigures figures, int deadlineMillis, int nanos)
      throws Exception {
    try (FaultJvm jvm =
        FaultJvm.start(
            SignalProgram.class,
            OPTIONS,
            "sigterm",
            who.name(),
            Integer.toString(deadlineMillis))) {
      jvm.awaitLine("queued");
      LockSupport.parkNanos(ThreadLocalRandom.current().nextInt(nanos));
      jvm.signal("TERM");
      FaultFigures one = jvm.awaitFigures();
      jvm.awaitExit(128 + 15);
      one.require(one.submitted() == 2_000, one.submitted() + " submitted");
      one.require(
          !who.isOurs() || deadlineMillis < 1_000 || one.count(FaultTask.Fate.COMPLETED) == 2_000,
          "cut off before the deadline");
      figures.add(one);
    }
  }

  /** Row 16: so many seconds between SIGSTOP and SIGCONT, amid tasks that wait for tasks. */
  static void stopped(FaultContender who, FaultFigures figures, int seconds) throws Exception {
    stopped(who, figures, List.of(seconds * 1_000));
    figures.note(seconds + " s; " + figures.note());
  }

  /** The same, several times, in milliseconds. */
  static void stopped(FaultContender who, FaultFigures figures, List<Integer> stops)
      throws Exception {
    try (FaultJvm jvm =
        FaultJvm.start(
            SignalProgram.class, OPTIONS, "ping", who.name(), Integer.toString(stops.size()))) {
      jvm.awaitLine("pinging");
      for (int millis : stops) {
        LockSupport.parkNanos(ThreadLocalRandom.current().nextInt(100_000_000));
        jvm.signal("STOP");
        LockSupport.parkNanos(millis * 1_000_000L); // So long it stands still.
        jvm.signal("CONT");
      }
      jvm.closeInput();
      figures.add(jvm.awaitFigures());
      jvm.awaitExit(0);
    }
  }

  /** Row 17: {@code System.exit} in a task, with others queued. */
  static void exit(FaultContender who, FaultFigures figures, int times) throws Exception {
    for (int i = 0; i < times; i++) {
      try (FaultJvm jvm = FaultJvm.start(SignalProgram.class, OPTIONS, "exit", who.name(), "200")) {
        figures.add(jvm.awaitFigures());
        jvm.awaitExit(7);
      }
    }
    String how =
        who.isOurs() ? " times, the exiting task reported as stuck" : " times, no exit hook";
    figures.note(times + how);
  }
}
