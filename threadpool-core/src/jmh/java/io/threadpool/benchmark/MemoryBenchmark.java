package io.threadpool.benchmark;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.AuxCounters;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;

/**
 * Row F: what all threads together allocate for a task, and what a queued task keeps on the heap
 * beside itself. The time that it takes means nothing.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
public class MemoryBenchmark {

  @Param("ours")
  public String pool;

  @Param("2")
  public int workers;

  @Param("1000000")
  public int tasks;

  private final ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();

  /** Bytes a task. */
  @State(Scope.Thread)
  @AuxCounters(AuxCounters.Type.EVENTS)
  public static class Bytes {

    /** Allocated for {@code execute} of an existing object, until it has run. */
    public double execute;

    /** Allocated for {@code submit} of an existing object, until it has run. */
    public double submit;

    /** Held by the pool while a task given to {@code execute} is queued. */
    public double retained;
  }

  /** All three. */
  @Benchmark
  public void memory(Bytes bytes) throws ReflectiveOperationException, InterruptedException {
    bytes.execute = allocated(false);
    bytes.submit = allocated(true);
    bytes.retained = retained();
  }

  private double allocated(boolean submit) throws ReflectiveOperationException {
    Completion completion = new Completion(workers);
    try (Contender contender = Contenders.open(pool, workers, 1, 2 * tasks)) {
      burst(contender, completion, submit);
      long before = allocated();
      burst(contender, completion, submit);
      return (double) (allocated() - before) / tasks;
    }
  }

  private void burst(Contender contender, Completion completion, boolean submit) {
    Runnable task = completion::done;
    Callable<Boolean> call =
        () -> {
          completion.done();
          return true;
        };
    completion.expect(tasks);
    for (int i = tasks; i > 0; i--) {
      if (submit) {
        contender.submit(call);
      } else {
        contender.execute(task);
      }
    }
    completion.await();
  }

  /** By all threads since the start; on JDK 17 only by those that still live. */
  private long allocated() throws ReflectiveOperationException {
    if (Runtime.version().feature() >= 21) {
      return (long) ThreadMXBean.class.getMethod("getTotalThreadAllocatedBytes").invoke(threads);
    }
    long sum = 0;
    for (long each : threads.getThreadAllocatedBytes(threads.getAllThreadIds())) {
      sum += Math.max(0, each);
    }
    return sum;
  }

  private double retained() throws InterruptedException {
    if (pool.equals(Contenders.INLINE) || pool.equals("virtual")) {
      return Double.NaN; // They have no queue that could be held up.
    }
    Runnable task = () -> {};
    Gate gate = new Gate();
    try (Contender contender = Contenders.open(pool, workers, 1, 2 * tasks)) {
      gate.hold(contender, workers);
      long before = live();
      for (int i = tasks; i > 0; i--) {
        contender.execute(task);
      }
      long after = live();
      gate.open();
      return (double) (after - before) / tasks;
    }
  }

  /** The bytes that live, once threads that have ended let go of what they held. */
  private static long live() throws InterruptedException {
    long last = Long.MAX_VALUE;
    long used = collect();
    for (int same = 0; same < 3; used = collect()) {
      same = Math.abs(last - used) < 10_000 ? same + 1 : 0;
      last = used;
    }
    return used;
  }

  private static long collect() throws InterruptedException {
    System.gc();
    Thread.sleep(20);
    return Runtime.getRuntime().totalMemory() - Runtime.getRuntime().freeMemory();
  }
}
