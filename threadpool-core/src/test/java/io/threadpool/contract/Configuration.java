package io.threadpool.contract;

import io.threadpool.SaturationPolicy;
import io.threadpool.WorkerPool;
import io.threadpool.WorkerPoolBuilder;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ThreadFactory;
import java.util.function.BiFunction;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;

/**
 * A way to configure a pool under which the contracts of the JDK have to hold: each bound of the
 * queue with each saturation policy, and other threads than the pool's own.
 *
 * @param name what it is
 * @param settings adds it to a builder
 */
record Configuration(
    String name, BiFunction<WorkerPoolBuilder, Integer, WorkerPoolBuilder> settings) {

  /** The capacity of the bounded queues: no contract test has so many tasks queued. */
  private static final int CAPACITY = 64;

  /** Whether its only worker is always the same thread. */
  boolean keepsThread() {
    return !name.startsWith("elastic") && !name.startsWith("virtual workers");
  }

  WorkerPoolBuilder builder(int size) {
    return settings.apply(WorkerPool.builder().size(size), size);
  }

  @Override
  public String toString() {
    return name;
  }

  static Stream<Configuration> all() {
    List<Configuration> all = new ArrayList<>();
    Map<String, UnaryOperator<WorkerPoolBuilder>> queues = new LinkedHashMap<>();
    queues.put("bounded", builder -> builder.queueCapacity(CAPACITY));
    queues.put("safety limit", builder -> builder);
    queues.put("unbounded", WorkerPoolBuilder::unboundedQueue);
    queues.forEach(
        (queue, bound) -> {
          for (SaturationPolicy policy : policies()) {
            all.add(
                new Configuration(
                    queue + ", " + policy,
                    (builder, size) -> bound.apply(builder).saturationPolicy(policy)));
          }
        });
    for (String queue : List.of("bounded", "safety limit")) {
      all.add(crew("elastic from 0, " + queue, 0, queues.get(queue)));
      all.add(crew("elastic from 1, " + queue, 1, queues.get(queue)));
    }
    ThreadFactory own = body -> new Thread(body, "own");
    all.add(withThreads("bounded, own threads", own, queues.get("bounded")));
    all.add(withThreads("safety limit, own threads", own, queues.get("safety limit")));
    if (hasVirtualThreads()) {
      ThreadFactory virtual = virtualThreads();
      all.add(withThreads("bounded, virtual threads", virtual, queues.get("bounded")));
      all.add(withThreads("unbounded, virtual threads", virtual, queues.get("unbounded")));
      for (SaturationPolicy policy : policies()) {
        all.add(
            new Configuration(
                "virtual workers, bounded, " + policy,
                (builder, size) ->
                    builder.virtualThreads().queueCapacity(CAPACITY).saturationPolicy(policy)));
      }
      all.add(new Configuration("virtual workers", (builder, size) -> builder.virtualThreads()));
    }
    return all.stream();
  }

  /** A crew that comes and goes, fast enough for a test to meet both. */
  private static Configuration crew(String name, int min, UnaryOperator<WorkerPoolBuilder> bound) {
    return new Configuration(
        name,
        (builder, size) ->
            bound.apply(builder).size(Math.min(min, size), size).keepAlive(Duration.ofMillis(1)));
  }

  private static Configuration withThreads(
      String name, ThreadFactory factory, UnaryOperator<WorkerPoolBuilder> bound) {
    return new Configuration(name, (builder, size) -> bound.apply(builder).threadFactory(factory));
  }

  static List<SaturationPolicy> policies() {
    return List.of(
        SaturationPolicy.reject(),
        SaturationPolicy.block(),
        SaturationPolicy.block(Duration.ofMinutes(1)),
        SaturationPolicy.callerRuns(),
        SaturationPolicy.discardOldest());
  }

  /** From 24 on they do not pin their carriers; earlier ones may, by design. */
  static boolean hasVirtualThreads() {
    return Runtime.version().feature() >= 24;
  }

  /** {@code Thread.ofVirtual().factory()}, which is not in the release compiled for. */
  static ThreadFactory virtualThreads() {
    try {
      Object builder = Thread.class.getMethod("ofVirtual").invoke(null);
      return (ThreadFactory)
          Class.forName("java.lang.Thread$Builder").getMethod("factory").invoke(builder);
    } catch (ReflectiveOperationException e) {
      throw new AssertionError(e);
    }
  }
}
