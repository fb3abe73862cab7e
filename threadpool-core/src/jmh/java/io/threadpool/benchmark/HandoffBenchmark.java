package io.threadpool.benchmark;

import java.util.Arrays;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.openjdk.jmh.annotations.AuxCounters;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;

/**
 * Rows C: from just before the call of {@code execute} on an idle pool to the first instruction of
 * the task. The caller watches the task without sleeping, and then submits the next at once, or
 * sleeps a while first.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
public class HandoffBenchmark {

  @Param("ours")
  public String pool;

  @Param("2")
  public int workers;

  @Param("20000")
  public int tasks;

  /** How long the caller sleeps between two tasks. */
  @Param("0")
  public int gapMicros;

  /** When the task began; written by it, read and reset by the caller. */
  private volatile long begun;

  private Contender contender;

  /** The percentiles of an iteration, in microseconds. */
  @State(Scope.Thread)
  @AuxCounters(AuxCounters.Type.EVENTS)
  public static class Percentiles {

    /** The median. */
    public double p50;

    /** What one in a hundred exceeds. */
    public double p99;

    /** The first of an iteration; enough for both. */
    private final long[] samples = new long[200_000];

    private int size;

    /** Forgets the iteration before. */
    @Setup(Level.Iteration)
    public void clear() {
      size = 0;
    }

    void add(long nanos) {
      if (size < samples.length) {
        samples[size++] = nanos;
      }
    }

    void evaluate() {
      long[] sorted = Arrays.copyOf(samples, size);
      Arrays.sort(sorted);
      p50 = sorted[size / 2] / 1e3;
      p99 = sorted[(int) (size * 0.99)] / 1e3;
    }
  }

  /** Starts the pool. */
  @Setup
  public void open() {
    contender = Contenders.open(pool, workers, 1, 1_024);
  }

  /** Ends it. */
  @TearDown
  public void close() {
    contender.close();
  }

  /** A series of hand-overs. */
  @Benchmark
  public void handoffs(Percentiles percentiles) {
    Runnable task = () -> begun = System.nanoTime();
    for (int i = tasks; i > 0; i--) {
      sleep();
      begun = 0;
      long start = System.nanoTime();
      contender.execute(task);
      long end;
      while ((end = begun) == 0) {
        Thread.onSpinWait();
      }
      percentiles.add(end - start);
    }
    percentiles.evaluate();
  }

  private void sleep() {
    if (gapMicros > 0) {
      long until = System.nanoTime() + TimeUnit.MICROSECONDS.toNanos(gapMicros);
      for (long left; (left = until - System.nanoTime()) > 0; ) {
        LockSupport.parkNanos(this, left);
      }
    }
  }
}
