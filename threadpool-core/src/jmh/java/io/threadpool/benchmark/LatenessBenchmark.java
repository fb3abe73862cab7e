package io.threadpool.benchmark;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ScheduledExecutorService;
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

/** Row L: how late tasks begin of which one falls due each millisecond. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
public class LatenessBenchmark {

  @Param("ours")
  public String pool;

  @Param("2")
  public int workers;

  @Param("1000")
  public int tasks;

  private ScheduledExecutorService executor;

  /** Starts the pool. */
  @Setup
  public void open() {
    executor = Contenders.scheduler(pool, workers);
  }

  /** Ends it. */
  @TearDown
  public void close() {
    executor.shutdownNow();
    ExecutorContender.awaitTermination(executor);
  }

  /** A second of them. */
  @Benchmark
  public void second(HandoffBenchmark.Percentiles percentiles) throws InterruptedException {
    long[] late = new long[tasks];
    CountDownLatch over = new CountDownLatch(tasks);
    for (int i = 0; i < tasks; i++) {
      int number = i;
      long nanos = TimeUnit.MILLISECONDS.toNanos(i + 1L);
      long due = System.nanoTime() + nanos;
      executor.schedule(
          () -> {
            late[number] = System.nanoTime() - due;
            over.countDown();
          },
          nanos,
          TimeUnit.NANOSECONDS);
    }
    over.await();
    for (long nanos : late) {
      percentiles.add(nanos);
    }
    percentiles.evaluate();
  }
}
