package io.threadpool.benchmark;

import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;

/** Row D: callers that each submit a task and wait for it, over and over. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
public class RoundTripBenchmark {

  @Param("ours")
  public String pool;

  @Param("2")
  public int workers;

  @Param("1")
  public int producers;

  /** Round trips of each caller. */
  @Param("2000")
  public int tasks;

  private Contender contender;
  private Callers callers;

  /** Starts the pool and the callers. */
  @Setup
  public void open() {
    contender = Contenders.open(pool, workers, producers, 1_024);
    callers = new Callers(producers, this::call);
  }

  /** Ends them. */
  @TearDown
  public void close() {
    callers.close();
    contender.close();
  }

  /** All the round trips. */
  @Benchmark
  public void roundTrips() {
    callers.run();
  }

  private void call() {
    Callable<Boolean> nothing = () -> true;
    try {
      for (int i = tasks; i > 0; i--) {
        contender.submit(nothing).get();
      }
    } catch (InterruptedException | ExecutionException e) {
      throw new IllegalStateException(e);
    }
  }
}
