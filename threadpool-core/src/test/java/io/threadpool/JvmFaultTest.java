package io.threadpool;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.threadpool.FaultTask.Fate;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Faults that need a JVM of their own: the end of the stack, a full heap, threads that the system
 * refuses, signals, the exit, a queue too long for the heap, and the soak. They are rows of the
 * {@link FaultTable}; {@code -Dfault.passes} repeats those on the stack and the heap.
 */
class JvmFaultTest {

  private static final FaultContender OURS = FaultContender.WORKER_POOL;

  private static int passes(int normal) {
    return Integer.getInteger("fault.passes", normal);
  }

  private static FaultFigures play(FaultRow row, List<String> options, int count) throws Exception {
    FaultFigures figures = FaultJvm.play(FaultJvm.USUAL, row, OURS, options, count);
    assertEquals("", figures.broken());
    if (Integer.getInteger("race.rounds") != null) {
      System.out.println(row + " " + options + " " + figures);
    }
    return figures;
  }

  /** Each mode of the compiler has frames of its own size; one settlement to ten threads. */
  @ParameterizedTest
  @ValueSource(ints = {0, 1, 2})
  void stackOverflow(int mode) throws Exception {
    play(FaultRow.STACK_OVERFLOWS, FaultRow.STACK_OVERFLOWS.jvms().get(mode), passes(3));
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 2, 3})
  void stackOverflowInSettlement(int kind) throws Exception {
    FaultFigures figures = new FaultFigures();
    StackRow.inSettlement(figures, kind);
    assertEquals("", figures.broken());
  }

  @Test
  void fullHeap() throws Exception {
    FaultFigures figures = play(FaultRow.FULL_HEAP, FaultRow.FULL_HEAP.jvms().get(0), passes(2));
    assertTrue(figures.count(Fate.REJECTED) > 0, figures::toString);
  }

  @Test
  void fullHeapWhenTasksFallDue() throws Exception {
    FaultRow row = FaultRow.FULL_HEAP_WHEN_DUE;
    FaultFigures figures = play(row, row.jvms().get(0), passes(3));
    assertEquals(passes(3) * 500L, figures.count(Fate.COMPLETED));
  }

  @Test
  void noThreadForTheTimer() throws Exception {
    FaultFigures figures = new FaultFigures();
    TimeRows.noThread(OURS, figures, 3);
    assertEquals("", figures.broken());
    assertEquals(30, figures.count(Fate.COMPLETED));
  }

  /** The JDK's pool makes up for the beats that it has missed. */
  @ParameterizedTest
  @EnumSource(names = {"WORKER_POOL", "THREAD_POOL_EXECUTOR"})
  @DisabledOnOs(value = OS.WINDOWS, disabledReason = "there is no SIGSTOP")
  void stoodStill(FaultContender who) throws Exception {
    FaultFigures figures = new FaultFigures();
    TimeRows.stoodStillFor(who, figures, Duration.ofMillis(1_200));
    assertEquals("", figures.broken());
    assertEquals(200, figures.count(Fate.COMPLETED));
  }

  @ParameterizedTest
  @EnumSource(names = {"SOME_CANNOT_START", "NONE_CAN_START"})
  void threadsThatTheSystemRefuses(FaultRow row) throws Exception {
    FaultFigures figures = play(row, List.of("-Xmx64m"), 5);
    assertEquals(0, figures.count(Fate.REJECTED));
  }

  /** The deadline is long enough for all, or for some: the remainder is counted exactly. */
  @ParameterizedTest
  @CsvSource({"20_000, 50_000_000", "60, 50_000_000", "60, 200_000_000", "0, 200_000_000"})
  @DisabledOnOs(value = OS.WINDOWS, disabledReason = "there is no SIGTERM")
  void sigterm(String deadlineMillis, String nanos) throws Exception {
    FaultFigures figures = new FaultFigures();
    SignalRows.sigterm(OURS, figures, number(deadlineMillis), number(nanos));
    assertEquals("", figures.broken());
    assertEquals(2_000, figures.count(Fate.COMPLETED) + figures.count(Fate.ABORTED));
  }

  private static int number(String text) {
    return Integer.parseInt(text.replace("_", ""));
  }

  @Test
  @DisabledOnOs(value = OS.WINDOWS, disabledReason = "there is no SIGSTOP")
  void stoppedAndContinued() throws Exception {
    FaultFigures figures = new FaultFigures();
    SignalRows.stopped(OURS, figures, List.of(200, 200));
    assertEquals("", figures.broken());
  }

  @Test
  void exitFromATask() throws Exception {
    FaultFigures figures = new FaultFigures();
    SignalRows.exit(OURS, figures, 1);
    assertEquals("", figures.broken());
    assertEquals(1, figures.count(Fate.ABORTED), "the exiting task is stuck");
  }

  /** The pools of an exit hook go down side by side, whatever a stage of one of them does. */
  @ParameterizedTest
  @ValueSource(strings = {"abort", "deadline"})
  void exitBesideABlockedStage(String how) throws Exception {
    FaultFigures figures = new FaultFigures();
    BlockedStageRow.exit(figures, how);
    assertEquals("", figures.broken());
  }

  @Test
  void abortOfAFullQueue() throws Exception {
    FaultFigures figures = play(FaultRow.FULL_ABORT, FaultRow.FULL_ABORT.jvms().get(0), 1);
    assertEquals(100_000, figures.count(Fate.ABORTED));
  }

  @Test
  void soak() throws Exception {
    FaultFigures figures = play(FaultRow.SOAK, FaultRow.SOAK.jvms().get(0), 5);
    for (Fate fate : List.of(Fate.COMPLETED, Fate.FAILED, Fate.CANCELLED, Fate.ABORTED)) {
      assertTrue(figures.count(fate) > 0, () -> "no task was " + fate + ": " + figures);
    }
  }
}
