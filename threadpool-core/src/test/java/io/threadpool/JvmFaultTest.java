package io.threadpool;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.util.List;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Faults that need a JVM of their own: the end of the stack, a full heap, threads that the system
 * refuses, signals, and the exit. {@code -Drace.rounds} has their figures printed, and repeats the
 * ones on the stack and the heap {@code -Dfault.passes} times (normally few).
 */
class JvmFaultTest {

  private static String passes(int normal) {
    return Integer.toString(Integer.getInteger("fault.passes", normal));
  }

  @ParameterizedTest
  @ValueSource(strings = {"-Xint", "-XX:TieredStopAtLevel=1", "-XX:+TieredCompilation"})
  void stackOverflowInSubmit(String mode) throws Exception {
    String text = FaultJvm.run(List.of(mode, "-Xmx64m"), "stack-submit", passes(3));
    assertTrue(text.contains("violations=0"), text);
    assertTrue(!text.contains("overflowed=0 "), text);
  }

  @Test
  void stackOverflowInSettlement() throws Exception {
    String text = FaultJvm.run(List.of("-Xmx64m"), "stack-settle", passes(4));
    assertTrue(text.contains("violations=0"), text);
  }

  @Test
  void fullHeap() throws Exception {
    String text = FaultJvm.run(List.of("-Xmx48m", "-XX:+UseSerialGC"), "heap", passes(2));
    assertTrue(text.contains("violations=0"), text);
    assertTrue(!text.contains("refused=0 "), text);
  }

  @Test
  void threadsThatTheSystemRefuses() throws Exception {
    String text = FaultJvm.run(List.of("-Xmx64m"), "no-threads");
    assertTrue(text.contains("refused=0 violations=0"), text);
  }

  /** The deadline is long enough for all, or for some: the remainder is counted exactly. */
  @ParameterizedTest
  @ValueSource(ints = {20_000, 100})
  void sigterm(int deadlineMillis) throws Exception {
    try (FaultJvm jvm =
        FaultJvm.start(List.of("-Xmx64m"), "sigterm", Integer.toString(deadlineMillis))) {
      jvm.awaitLine("queued");
      LockSupport.parkNanos(ThreadLocalRandom.current().nextInt(50_000_000)); // Some moment.
      jvm.process().toHandle().destroy();
      String[] report = jvm.awaitLine("report ").split(" ");
      jvm.awaitExit(128 + 15);
      int ran = Integer.parseInt(report[0]);
      assertEquals(2_000, Integer.parseInt(report[1]));
      assertEquals(ran, Integer.parseInt(report[2]));
      assertEquals(2_000 - ran, Integer.parseInt(report[3]));
      assertTrue(deadlineMillis < 1_000 || ran == 2_000, jvm::text);
    }
  }

  @Test
  void exitFromATask() throws Exception {
    try (FaultJvm jvm = FaultJvm.start(List.of("-Xmx64m"), "exit")) {
      long start = System.nanoTime();
      jvm.awaitExit(7);
      assertTrue(System.nanoTime() - start < 20_000_000_000L, "outlived its deadline");
    }
  }

  @Test
  void stoppedAndContinued() throws Exception {
    try (FaultJvm jvm = FaultJvm.start(List.of("-Xmx64m"), "ping", "800")) {
      jvm.awaitLine("pinging");
      for (int i = 0; i < 2; i++) {
        assumeTrue(signal(jvm, "STOP"));
        LockSupport.parkNanos(200_000_000); // That long it stands still.
        assertTrue(signal(jvm, "CONT"));
        LockSupport.parkNanos(ThreadLocalRandom.current().nextInt(50_000_000));
      }
      assertTrue(Integer.parseInt(jvm.awaitLine("rounds ")) >= 1_000);
      jvm.awaitExit(0);
    }
  }

  private static boolean signal(FaultJvm jvm, String signal) throws Exception {
    String pid = Long.toString(jvm.process().pid());
    return new ProcessBuilder("kill", "-" + signal, pid).start().waitFor() == 0;
  }
}
