package io.threadpool;

/** Runs tests of the suite as part of a row, and adds the books of their pools to its figures. */
final class FaultChecks {

  /** A test that takes its pools from the one given. */
  interface Check {
    void run(Pools pools) throws Exception;
  }

  private final FaultFigures figures;

  FaultChecks(FaultFigures figures) {
    this.figures = figures;
  }

  /** Runs one, and ends its pools; what it asserts in vain goes on to the caller. */
  void run(Check check) throws Exception {
    Pools pools = new Pools();
    try {
      check.run(pools);
    } finally {
      Thread.interrupted();
    }
    pools.endAll();
    pools.forEach(pool -> figures.add(pool.stats()));
  }
}
