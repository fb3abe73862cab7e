package io.threadpool;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.threadpool.BlockedEnd.Way;
import io.threadpool.BlockedInterruptRow.Interrupt;
import io.threadpool.BlockedLogRow.Lines;
import io.threadpool.FaultTask.Fate;
import java.util.Arrays;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * The end of a pool while a logger, an interrupt or a dependent stage blocks: rows 21 to 23 of the
 * {@link FaultTable}.
 */
@Timeout(120)
class BlockedEndTest {

  private static final FaultContender OURS = FaultContender.WORKER_POOL;

  private final FaultFigures figures = new FaultFigures();

  @AfterEach
  void holds() {
    assertEquals("", figures.broken());
    assertTrue(figures.count(Fate.ABORTED) > 0, "nothing was queued at the abort");
  }

  static Stream<Arguments> logs() {
    return Arrays.stream(Lines.values())
        .flatMap(lines -> Arrays.stream(Way.values()).map(way -> Arguments.of(lines, way)));
  }

  @ParameterizedTest
  @MethodSource
  void logs(Lines lines, Way way) throws Exception {
    BlockedLogRow.play(OURS, figures, lines, way);
  }

  static Stream<Arguments> interrupts() {
    return Arrays.stream(Interrupt.values())
        .flatMap(
            interrupt ->
                Stream.concat(
                    Arrays.stream(Way.values()).map(way -> Arguments.of(interrupt, way, false)),
                    Stream.of(Arguments.of(interrupt, Way.DEADLINE, true))));
  }

  @ParameterizedTest
  @MethodSource
  void interrupts(Interrupt interrupt, Way way, boolean cancels) throws Exception {
    BlockedInterruptRow.play(OURS, figures, interrupt, way, cancels);
  }

  @ParameterizedTest
  @EnumSource
  void stages(Way way) throws Exception {
    BlockedStageRow.play(figures, way);
  }
}
