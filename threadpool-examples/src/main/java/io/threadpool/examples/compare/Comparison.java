package io.threadpool.examples.compare;

import io.threadpool.ShutdownPolicy;
import io.threadpool.Task;
import io.threadpool.WorkerPool;
import java.io.IOException;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletionException;

/** Puts every scenario to every pool, each pool in a JVM of its own, some of them side by side. */
final class Comparison {
  /** Most of the time is waiting for what hangs, so more than there are processors. */
  private static final int SIDE_BY_SIDE = 3;

  private final List<Scenario> scenarios;
  private final List<Contender> contenders;
  private final Duration limit;

  /**
   * What is to be compared.
   *
   * @param limit how long to wait for anything before saying that it hangs
   */
  Comparison(List<Scenario> scenarios, List<Contender> contenders, Duration limit) {
    this.scenarios = scenarios;
    this.contenders = contenders;
    this.limit = limit;
  }

  /**
   * The columns.
   *
   * @throws IOException if a JVM for one of them does not begin
   */
  Map<Contender, List<Cell>> run() throws IOException {
    Map<Contender, Task<List<Cell>>> asking = new LinkedHashMap<>();
    Map<Contender, List<Cell>> columns = new LinkedHashMap<>();
    try (WorkerPool pool =
        WorkerPool.builder()
            .size(SIDE_BY_SIDE)
            .standstillWarning(Duration.ZERO) // Where many answers hang, a column takes that long.
            .build()) {
      for (Contender contender : contenders) {
        asking.put(contender, pool.submit(() -> askAll(contender)));
      }
      try {
        asking.forEach((contender, column) -> columns.put(contender, column.join()));
      } catch (CompletionException e) {
        pool.shutdown(ShutdownPolicy.abort()); // What the others answer would be told nobody.
        if (e.getCause() instanceof IOException notBegun) {
          throw notBegun;
        }
        throw e;
      }
    }
    return columns;
  }

  private List<Cell> askAll(Contender contender) throws IOException, InterruptedException {
    Cell[] column = new Cell[scenarios.size()];
    ProbeJvm probe = new ProbeJvm(contender, limit);
    try {
      for (int i = 0; i < column.length; i++) {
        Cell cell = probe.ask(scenarios.get(i));
        if (cell == null) {
          cell = withoutAnswer(probe);
          probe.close();
          probe = new ProbeJvm(contender, limit);
        }
        column[i] = cell;
      }
    } finally {
      probe.close();
    }
    return List.of(column);
  }

  private static Cell withoutAnswer(ProbeJvm probe) throws InterruptedException {
    return probe.hasEnded()
        ? Cell.of(Verdict.NO, "the JVM ended before it could be answered")
        : Cell.of(Verdict.HANGS, "the JVM");
  }
}
