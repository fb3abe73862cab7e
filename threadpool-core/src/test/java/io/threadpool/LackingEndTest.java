package io.threadpool;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.threadpool.FaultTask.Fate;
import io.threadpool.LackingEndRow.Step;
import io.threadpool.LackingEndRow.Way;
import java.util.Arrays;
import java.util.stream.Stream;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** The end of a pool whose steps lack memory: row 25 of the {@link FaultTable}. */
@Timeout(120)
class LackingEndTest {

  static Stream<Arguments> lacks() {
    return Arrays.stream(Step.values())
        .flatMap(
            step ->
                Arrays.stream(Way.values())
                    .flatMap(
                        way ->
                            (step.lasts() ? Stream.of(1) : Stream.of(1, 3))
                                .map(times -> Arguments.of(step, way, times))));
  }

  @ParameterizedTest
  @MethodSource
  void lacks(Step step, Way way, int times) throws Exception {
    FaultFigures figures = new FaultFigures();
    LackingEndRow.play(figures, step, way, times);
    assertEquals("", figures.broken());
    assertTrue(figures.count(Fate.ABORTED) > 0, "nothing was queued at the abort");
  }
}
