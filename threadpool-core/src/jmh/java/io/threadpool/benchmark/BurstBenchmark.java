package io.threadpool.benchmark;

import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;

/** Rows A, B, H, N, X: tasks handed over as fast as it goes, until the last has run. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
public class BurstBenchmark {

  @Param("ours")
  public String pool;

  @Param("2")
  public int workers;

  @Param("1")
  public int producers;

  @Param("1000000")
  public int tasks;

  /** How long a task computes. */
  @Param("0")
  public int nanos;

  /** Whether they are submitted, with handles that nobody looks at: 1; else executed. */
  @Param("0")
  public int handles;

  /** Whether the tasks count in a {@code LongAdder} that the submitter asks again and again: 1. */
  @Param("0")
  public int adder;

  private final LongAdder sum = new LongAdder();
  private Contender contender;
  private Completion completion;
  private Callers callers;

  /** Starts the pool and the producers. */
  @Setup
  public void open() {
    contender = Contenders.open(pool, workers, producers, tasks);
    completion = new Completion(pool.equals("virtual") ? Integer.MAX_VALUE : workers);
    callers = new Callers(producers, this::produce);
  }

  /** Ends them. */
  @TearDown
  public void close() {
    callers.close();
    contender.close();
  }

  /** The whole burst. */
  @Benchmark
  public void burst() {
    if (adder == 1) {
      sum.reset();
      callers.run();
      awaitSum(tasks / producers * producers);
      return;
    }
    completion.expect(tasks / producers * producers);
    callers.run();
    completion.await();
  }

  private void awaitSum(long expected) {
    long start = System.nanoTime();
    while (sum.sum() < expected) {
      Thread.yield();
      if (System.nanoTime() - start > Completion.GIVE_UP) {
        throw new IllegalStateException(sum + " of " + expected + " tasks have run");
      }
    }
  }

  private void produce() {
    Runnable task = task();
    if (handles == 0) {
      for (int i = tasks / producers; i > 0; i--) {
        contender.execute(task);
      }
      return;
    }
    Callable<Object> callable = Executors.callable(task);
    for (int i = tasks / producers; i > 0; i--) {
      contender.submit(callable);
    }
  }

  private Runnable task() {
    Runnable counted = adder == 1 ? sum::increment : completion::done;
    if (nanos == 0) {
      return counted;
    }
    int rounds = Work.rounds(nanos);
    return () -> {
      Work.run(rounds);
      counted.run();
    };
  }
}
