package io.threadpool.benchmark;

import io.threadpool.Batch;
import io.threadpool.BatchResults;
import io.threadpool.Task;
import io.threadpool.TaskGroup;
import io.threadpool.WorkerPool;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;

/** Row M: tasks whose results are all wanted, in each way that there is; the "pools" are those. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
public class ManyAsOneBenchmark {

  /** Of many: submitted at once, or mapped in a window. */
  static final List<String> OF_MANY = List.of(Contenders.OURS, "ours+map");

  /** Of a few: all at once, by {@code invokeAll}, or as a group. */
  static final List<String> OF_FEW = List.of(Contenders.OURS, "ours+invokeAll", "ours+group");

  @Param("ours+map")
  public String pool;

  @Param("2")
  public int workers;

  @Param("1000000")
  public int tasks;

  private WorkerPool executor;

  /** Starts the pool. */
  @Setup
  public void open() {
    executor = WorkerPool.builder().size(workers).unboundedQueue().build();
  }

  /** Ends it. */
  @TearDown
  public void close() {
    executor.close();
  }

  /** All of them, until the last result is there. */
  @Benchmark
  public long all() throws InterruptedException, ExecutionException {
    return switch (pool) {
      case "ours+map" -> map();
      case "ours+invokeAll" -> invokeAll();
      case "ours+group" -> group();
      default -> burst();
    };
  }

  private long burst() {
    List<Task<Integer>> all = new ArrayList<>(tasks);
    for (int i = 0; i < tasks; i++) {
      int number = i;
      all.add(executor.submit(() -> number));
    }
    long sum = 0;
    for (Task<Integer> task : all) {
      sum += task.join();
    }
    return sum;
  }

  private long map() {
    long sum = 0;
    try (BatchResults<Integer> results =
        Batch.on(executor).window(1_000).map(IntStream.range(0, tasks).boxed(), x -> x)) {
      while (results.hasNext()) {
        sum += results.next();
      }
    }
    return sum;
  }

  private long invokeAll() throws InterruptedException, ExecutionException {
    Callable<Integer> one = () -> 1;
    long sum = 0;
    for (Future<Integer> each : executor.invokeAll(Collections.nCopies(tasks, one))) {
      sum += each.get();
    }
    return sum;
  }

  private long group() throws InterruptedException, ExecutionException {
    List<Task<Integer>> forks = new ArrayList<>(tasks);
    long sum = 0;
    try (TaskGroup group = TaskGroup.on(executor)) {
      for (int i = 0; i < tasks; i++) {
        forks.add(group.fork(() -> 1));
      }
      group.join();
      for (Task<Integer> fork : forks) {
        sum += fork.join();
      }
    }
    return sum;
  }
}
