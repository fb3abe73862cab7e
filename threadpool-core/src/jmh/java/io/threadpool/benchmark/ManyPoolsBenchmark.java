package io.threadpool.benchmark;

import java.util.ArrayList;
import java.util.List;
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

/** Growth: one burst, dealt out to many pools of two workers, a batch to each in turn. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
public class ManyPoolsBenchmark {

  private static final int WORKERS = 2;
  private static final int BATCH = 100;

  @Param("ours")
  public String pool;

  @Param("1")
  public int pools;

  @Param("1000000")
  public int tasks;

  private final List<Contender> contenders = new ArrayList<>();
  private Completion completion;

  /** Starts the pools. */
  @Setup
  public void open() {
    for (int i = 0; i < pools; i++) {
      contenders.add(Contenders.open(pool, WORKERS, 1, tasks));
    }
    completion = new Completion(WORKERS * pools);
  }

  /** Ends them. */
  @TearDown
  public void close() {
    contenders.forEach(Contender::close);
    contenders.clear();
  }

  /** The whole burst. */
  @Benchmark
  public void burst() {
    completion.expect(tasks);
    Runnable task = completion::done;
    for (int batch = 0; batch < tasks / BATCH; batch++) {
      Contender contender = contenders.get(batch % pools);
      for (int i = 0; i < BATCH; i++) {
        contender.execute(task);
      }
    }
    completion.await();
  }
}
