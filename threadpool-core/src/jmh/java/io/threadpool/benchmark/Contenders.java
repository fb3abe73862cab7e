package io.threadpool.benchmark;

import com.lmax.disruptor.BlockingWaitStrategy;
import com.lmax.disruptor.YieldingWaitStrategy;
import com.lmax.disruptor.dsl.ProducerType;
import io.threadpool.PoolStats;
import io.threadpool.TaskOptions;
import io.threadpool.WorkerPool;
import io.threadpool.WorkerPoolBuilder;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ForkJoinPool;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import jdk.jfr.Recording;
import org.apache.tomcat.util.threads.TaskQueue;
import org.apache.tomcat.util.threads.TaskThreadFactory;
import org.jboss.threads.EnhancedQueueExecutor;

/** Every contender by name, in its best documented configuration, with all its threads started. */
final class Contenders {

  /** Ours, as the goals name it. */
  static final String OURS = "ours";

  /** Ours from other class files, to compare two versions of it. */
  static final String BASE = "base";

  /** Ours without a pool: the cost of the row itself. */
  static final String INLINE = "inline";

  /** All of them but {@link #BASE} and the variants of row X. */
  static final List<String> ALL =
      List.of(
          OURS,
          "ours-fixed",
          "tpe",
          "tpe-array",
          "fjp",
          "fjp-async",
          "virtual",
          "jboss",
          "jetty",
          "tomcat",
          "netty",
          "disruptor",
          "disruptor-yield",
          INLINE);

  /** Those of the quick mode. */
  static final List<String> QUICK =
      List.of(OURS, "ours-fixed", "tpe", "stpe", "fjp", "jboss", "disruptor");

  /** Of every task of ours; null where nobody asked for it. */
  private static Recording recording;

  private Contenders() {}

  /** Those that can schedule. */
  static List<String> schedulers() {
    return Runtime.version().feature() < 25
        ? List.of(OURS, "stpe", "jboss")
        : List.of(OURS, "stpe", "jboss", "fjp");
  }

  /** Opens one of those. */
  static ScheduledExecutorService scheduler(String name, int workers) {
    return switch (name) {
      case "stpe" -> {
        ScheduledThreadPoolExecutor executor = new ScheduledThreadPoolExecutor(workers);
        executor.setRemoveOnCancelPolicy(true); // As all the others do.
        executor.prestartAllCoreThreads();
        yield executor;
      }
      case "jboss" -> (ScheduledExecutorService) jboss(workers);
      case "fjp" -> (ScheduledExecutorService) forkJoin(workers, false);
      default -> ours(name, workers);
    };
  }

  /** Whether this JDK has what the contender needs. */
  static boolean available(String name) {
    return !name.equals("virtual") || Runtime.version().feature() >= 21;
  }

  /**
   * Opens a contender.
   *
   * @param producers how many threads will hand it tasks; its own count
   * @param capacity how many tasks may be queued at once, for those with a fixed room
   */
  static Contender open(String name, int workers, int producers, int capacity) {
    switch (name) {
      case OURS:
      case BASE:
      case "ours-fixed":
      case "ours+nothing":
      case "ours+handler":
      case "ours+decorator":
      case "ours+stats":
      case "ours+limits":
      case "ours+elastic":
      case "ours+jfr":
        return new ExecutorContender(ours(name, workers));
      case "tpe":
        return new ExecutorContender(threadPool(workers, new LinkedBlockingQueue<>()));
      case "tpe-array":
        return new ExecutorContender(threadPool(workers, new ArrayBlockingQueue<>(capacity)));
      case "fjp":
        return new ExecutorContender(forkJoin(workers, false));
      case "fjp-async":
        return new ExecutorContender(forkJoin(workers, true));
      case "virtual":
        return new ExecutorContender(virtualThreads());
      case "jboss":
        return new ExecutorContender(jboss(workers));
      case "jetty":
        return new JettyContender(workers);
      case "tomcat":
        return new ExecutorContender(tomcat(workers));
      case "netty":
        return new NettyContender(workers);
      case "disruptor":
        return new DisruptorContender(
            workers, producerType(producers), capacity, new BlockingWaitStrategy());
      case "disruptor-yield":
        return new DisruptorContender(
            workers, producerType(producers), capacity, new YieldingWaitStrategy());
      case INLINE:
        return new InlineContender();
      default:
        throw new IllegalArgumentException("pool must be one of " + ALL + ", but was " + name);
    }
  }

  private static WorkerPool ours(String name, int workers) {
    WorkerPoolBuilder builder = WorkerPool.builder().size(workers);
    switch (name) {
      case "ours-fixed":
        return WorkerPool.fixed(workers);
      case "ours+handler":
        return builder.unboundedQueue().uncaughtHandler((thread, thrown) -> {}).build();
      case "ours+decorator":
        return builder.unboundedQueue().taskDecorator(task -> task).build();
      case "ours+stats":
        WorkerPool pool = builder.unboundedQueue().build();
        readStatsEachSecond(pool);
        return pool;
      case "ours+limits":
        return builder
            .unboundedQueue()
            .taskOptions(TaskOptions.runningWithin(Duration.ofHours(1)))
            .slowTaskWarning(Duration.ofMinutes(1))
            .build();
      case "ours+elastic":
        return builder.unboundedQueue().size(0, workers).build();
      case "ours+jfr":
        recordEachTask();
        return builder.unboundedQueue().build();
      default:
        return builder.unboundedQueue().build();
    }
  }

  private static void readStatsEachSecond(WorkerPool pool) {
    Runnable reading =
        () -> {
          while (!pool.isTerminated()) {
            PoolStats stats = pool.stats();
            if (stats.queued() < 0) {
              throw new AssertionError(stats);
            }
            LockSupport.parkNanos(Duration.ofSeconds(1).toNanos());
          }
        };
    Thread reader = new Thread(reading, "stats-reader");
    reader.setDaemon(true);
    reader.start();
  }

  /** As {@code -XX:StartFlightRecording} does, for the rest of the fork. */
  private static synchronized void recordEachTask() {
    if (recording == null) {
      recording = new Recording();
      recording.enable("io.threadpool.Task").withoutThreshold();
      recording.setMaxSize(1 << 27);
      recording.start();
    }
  }

  private static ExecutorService threadPool(int workers, BlockingQueue<Runnable> queue) {
    ThreadPoolExecutor executor =
        new ThreadPoolExecutor(workers, workers, 0, TimeUnit.SECONDS, queue);
    executor.prestartAllCoreThreads();
    return executor;
  }

  private static ExecutorService forkJoin(int workers, boolean async) {
    return new ForkJoinPool(workers, ForkJoinPool.defaultForkJoinWorkerThreadFactory, null, async);
  }

  /** By reflection, since the sources are compiled for JDK 17. */
  private static ExecutorService virtualThreads() {
    try {
      return (ExecutorService)
          Executors.class.getMethod("newVirtualThreadPerTaskExecutor").invoke(null);
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException("there are no virtual threads here", e);
    }
  }

  private static ExecutorService jboss(int workers) {
    EnhancedQueueExecutor executor =
        new EnhancedQueueExecutor.Builder()
            .setCorePoolSize(workers)
            .setMaximumPoolSize(workers)
            .setQueueLimited(false)
            .setRegisterMBean(false)
            .build();
    executor.prestartAllCoreThreads();
    return executor;
  }

  private static ExecutorService tomcat(int workers) {
    TaskQueue queue = new TaskQueue();
    org.apache.tomcat.util.threads.ThreadPoolExecutor executor =
        new org.apache.tomcat.util.threads.ThreadPoolExecutor(
            workers,
            workers,
            60,
            TimeUnit.SECONDS,
            queue,
            new TaskThreadFactory("tomcat-", false, Thread.NORM_PRIORITY));
    queue.setParent(executor);
    executor.prestartAllCoreThreads();
    return executor;
  }

  /** Like all the others it must let any thread submit, unless a run asks for its best case. */
  private static ProducerType producerType(int producers) {
    return producers == 1 && Boolean.getBoolean("benchmark.singleProducer")
        ? ProducerType.SINGLE
        : ProducerType.MULTI;
  }
}
