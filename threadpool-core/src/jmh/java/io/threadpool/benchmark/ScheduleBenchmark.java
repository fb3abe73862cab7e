package io.threadpool.benchmark;

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

/** Row S: tasks that are scheduled for tomorrow and cancelled, or due soon, while many wait. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
public class ScheduleBenchmark {

  @Param("ours")
  public String pool;

  @Param("2")
  public int workers;

  @Param("1")
  public int producers;

  /** Of all threads. */
  @Param("10000")
  public int tasks;

  /** How many wait for other days meanwhile. */
  @Param("100000")
  public int pending;

  /** In how many microseconds they are due; 0: tomorrow, if they were not cancelled. */
  @Param("0")
  public int delayMicros;

  private ScheduledExecutorService executor;
  private Completion completion;
  private Callers callers;

  /** Starts the pool and the threads that schedule. */
  @Setup
  public void open() {
    executor = Contenders.scheduler(pool, workers);
    completion = new Completion(workers);
    for (int i = 0; i < pending; i++) {
      executor.schedule(() -> {}, i % 1_000 + 2L, TimeUnit.DAYS);
    }
    callers = new Callers(producers, delayMicros == 0 ? this::cancel : this::schedule);
  }

  /** Ends them, and forgets what is pending. */
  @TearDown
  public void close() {
    callers.close();
    executor.shutdownNow();
    ExecutorContender.awaitTermination(executor);
  }

  /** All of them, until the last has run, or is cancelled. */
  @Benchmark
  public void schedules() {
    if (delayMicros == 0) {
      callers.run();
    } else {
      completion.expect(tasks / producers * producers);
      callers.run();
      completion.await();
    }
  }

  private void cancel() {
    for (int i = tasks / producers; i > 0; i--) {
      executor.schedule(() -> {}, 1, TimeUnit.DAYS).cancel(false);
    }
  }

  private void schedule() {
    Completion counter = completion;
    Runnable task = counter::done;
    for (int i = tasks / producers; i > 0; i--) {
      executor.schedule(task, delayMicros, TimeUnit.MICROSECONDS);
    }
  }
}
