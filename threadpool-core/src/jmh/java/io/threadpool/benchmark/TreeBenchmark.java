package io.threadpool.benchmark;

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

/** Row E: tasks that fork tasks, a full binary tree of them, which nobody joins. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
public class TreeBenchmark {

  @Param("ours")
  public String pool;

  @Param("2")
  public int workers;

  /** One less than a power of two. */
  @Param("2097151")
  public int tasks;

  private Contender contender;
  private Completion completion;
  private Runnable root;

  /** Starts the pool. */
  @Setup
  public void open() {
    // The workers are producers too.
    contender = Contenders.open(pool, workers, workers + 1, tasks);
    completion = new Completion(pool.equals("virtual") ? Integer.MAX_VALUE : workers);
    Runnable task = completion::done;
    for (int size = 3; size <= tasks; size = 2 * size + 1) {
      task = new Fork(contender, completion, task);
    }
    root = task;
  }

  /** Ends it. */
  @TearDown
  public void close() {
    contender.close();
  }

  /** The whole tree. */
  @Benchmark
  public void tree() {
    completion.expect(tasks);
    contender.execute(root);
    completion.await();
  }

  /** An inner node; all of a level are one object. */
  private static final class Fork implements Runnable {

    private final Contender contender;
    private final Completion completion;
    private final Runnable child;

    Fork(Contender contender, Completion completion, Runnable child) {
      this.contender = contender;
      this.completion = completion;
      this.child = child;
    }

    @Override
    public void run() {
      contender.execute(child);
      contender.execute(child);
      completion.done();
    }
  }
}
