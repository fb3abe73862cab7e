package io.threadpool.benchmark;

import java.util.Arrays;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.AuxCounters;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;

/**
 * Row T: callers that each submit a task and wait for it, over and over, for some time; how long
 * that takes each time, and whether each has its share.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.SingleShotTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
public class TailBenchmark {

  private static final int MOST_SAMPLES = 4_000_000;

  @Param("ours")
  public String pool;

  @Param("2")
  public int workers;

  @Param("4")
  public int producers;

  /** For how long they do. */
  @Param("500")
  public int millis;

  private Contender contender;

  /** What all callers see, in microseconds. */
  @State(Scope.Thread)
  @AuxCounters(AuxCounters.Type.EVENTS)
  public static class Percentiles {

    /** The median. */
    public double p50;

    /** What one in a hundred exceeds. */
    public double p99;

    /** What one in a thousand exceeds. */
    public double p999;

    /** How many times in a millisecond, all of them together. */
    public double rate;

    /** What the caller with the fewest has of an even share, in percent. */
    public double least;
  }

  private final class Caller extends Thread {
    private final long[] samples = new long[MOST_SAMPLES / producers];
    private final long end;
    private int size;

    Caller(long end) {
      this.end = end;
    }

    @Override
    public void run() {
      Callable<Boolean> nothing = () -> true;
      try {
        for (long start = System.nanoTime(); start < end && size < samples.length; ) {
          contender.submit(nothing).get();
          long now = System.nanoTime();
          samples[size++] = now - start;
          start = now;
        }
      } catch (InterruptedException | ExecutionException e) {
        throw new IllegalStateException(e);
      }
    }
  }

  /** Starts the pool. */
  @Setup
  public void open() {
    contender = Contenders.open(pool, workers, producers, 1_024);
  }

  /** Ends it. */
  @TearDown
  public void close() {
    contender.close();
  }

  /** All callers, side by side. */
  @Benchmark
  public void callers(Percentiles percentiles) throws InterruptedException {
    Caller[] all = new Caller[producers];
    long end = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(millis);
    for (int i = 0; i < producers; i++) {
      all[i] = new Caller(end);
    }
    for (Caller caller : all) {
      caller.start();
    }
    int least = Integer.MAX_VALUE;
    int size = 0;
    for (Caller caller : all) {
      caller.join();
      least = Math.min(least, caller.size);
      size += caller.size;
    }
    long[] sorted = new long[size];
    int filled = 0;
    for (Caller caller : all) {
      System.arraycopy(caller.samples, 0, sorted, filled, caller.size);
      filled += caller.size;
    }
    Arrays.sort(sorted);
    percentiles.p50 = sorted[size / 2] / 1e3;
    percentiles.p99 = sorted[(int) (size * 0.99)] / 1e3;
    percentiles.p999 = sorted[(int) (size * 0.999)] / 1e3;
    percentiles.rate = (double) size / millis;
    percentiles.least = 100.0 * least * producers / size;
  }
}
