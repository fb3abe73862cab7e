package io.threadpool;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.threadpool.internal.RaceTeam;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/**
 * Pools built and closed, built and dropped, in numbers: see {@link ChurnRow}. The number of pools
 * is {@code -Drace.rounds}; see {@link RaceTeam}.
 */
class ChurnFaultTest {

  private final FaultFigures figures = new FaultFigures();

  @AfterEach
  void holds() {
    assertEquals("", figures.broken());
  }

  @Test
  void builtAndClosed() throws Exception {
    ChurnRow.closed(FaultContender.WORKER_POOL, figures, RaceTeam.rounds(1_000));
    assertEquals(figures.submitted(), figures.count(FaultTask.Fate.COMPLETED));
  }

  @Test
  void builtAndDropped() throws Exception {
    int count = Math.min(1_000, RaceTeam.rounds(100));
    ChurnRow.dropped(FaultContender.WORKER_POOL, figures, count);
    assertEquals(figures.submitted(), figures.count(FaultTask.Fate.COMPLETED));
  }

  @Test
  void noClassLoaderStays() throws Exception {
    ChurnRow.classLoaders(FaultContender.WORKER_POOL, figures);
  }
}
