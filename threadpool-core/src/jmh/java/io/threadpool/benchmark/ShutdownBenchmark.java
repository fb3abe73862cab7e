package io.threadpool.benchmark;

import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;

/** Row G: closing a pool, whose workers are idle or have a queue to drain first. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.SingleShotTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
public class ShutdownBenchmark {

  @Param("ours")
  public String pool;

  @Param("4")
  public int workers;

  /** How many are queued; none leaves the workers idle. */
  @Param("0")
  public int tasks;

  private Contender contender;
  private Gate gate;

  /** Starts a pool and fills it. */
  @Setup(Level.Invocation)
  public void open() throws InterruptedException {
    contender = Contenders.open(pool, workers, 1, tasks + workers);
    // Once every worker has had a task, all have started.
    Gate started = new Gate();
    started.hold(contender, workers);
    started.open();
    gate = new Gate();
    if (tasks > 0) {
      gate.hold(contender, workers);
    }
    Runnable task = () -> {};
    for (int i = tasks; i > 0; i--) {
      contender.execute(task);
    }
    Thread.sleep(20 + workers / 5); // Until all of them have parked.
  }

  /** The whole shutdown. */
  @Benchmark
  public void close() {
    gate.open();
    contender.close();
  }
}
