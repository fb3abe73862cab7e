package io.threadpool;

import java.util.concurrent.ExecutorService;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/** Whose faults are counted: this library's pool, or the JDK's beside it. */
enum FaultContender {
  WORKER_POOL("WorkerPool") {
    @Override
    ExecutorService build(int size, int capacity, ThreadFactory factory) {
      return builder(size, capacity, factory).build();
    }

    @Override
    ExecutorService breakable(int size, ThreadFactory factory, Runnable onLoop) {
      PoolCore core =
          new PoolCore(builder(size, 0, factory).config()) {
            @Override
            Worker.Seam newSeam() {
              return new Worker.Seam() {
                @Override
                void onLoop(int worker) {
                  onLoop.run();
                }
              };
            }
          };
      core.start(factory);
      return WorkerPoolBuilder.open(core);
    }

    @Override
    ExecutorService configured(int round, int size) {
      return RaceConfigs.of(round).builder().size(size).build();
    }

    @Override
    boolean discards(int round) {
      return RaceConfigs.of(round) == RaceConfigs.DISCARD_OLDEST;
    }

    private WorkerPoolBuilder builder(int size, int capacity, ThreadFactory factory) {
      WorkerPoolBuilder builder = WorkerPool.builder().size(size).threadFactory(factory);
      return capacity == 0 ? builder.unboundedQueue() : builder.queueCapacity(capacity);
    }
  },

  THREAD_POOL_EXECUTOR("ThreadPoolExecutor") {
    @Override
    ExecutorService build(int size, int capacity, ThreadFactory factory) {
      return new ThreadPoolExecutor(size, size, 0, TimeUnit.SECONDS, queue(capacity), factory);
    }

    @Override
    ExecutorService breakable(int size, ThreadFactory factory, Runnable onLoop) {
      return new ThreadPoolExecutor(size, size, 0, TimeUnit.SECONDS, queue(0), factory) {
        @Override
        protected void afterExecute(Runnable task, Throwable thrown) {
          onLoop.run();
        }
      };
    }

    @Override
    ExecutorService configured(int round, int size) {
      LinkedBlockingQueue<Runnable> queue = queue(round % 4 == 0 ? 0 : 3);
      return switch (round % 4) {
        case 2 -> configured(size, queue, new ThreadPoolExecutor.CallerRunsPolicy());
        case 3 -> configured(size, queue, new ThreadPoolExecutor.DiscardOldestPolicy());
        default -> configured(size, queue, new ThreadPoolExecutor.AbortPolicy());
      };
    }

    private ExecutorService configured(
        int size,
        LinkedBlockingQueue<Runnable> queue,
        java.util.concurrent.RejectedExecutionHandler policy) {
      return new ThreadPoolExecutor(size, size, 0, TimeUnit.SECONDS, queue, policy);
    }

    @Override
    boolean discards(int round) {
      return round % 4 == 3;
    }

    private LinkedBlockingQueue<Runnable> queue(int capacity) {
      return capacity == 0 ? new LinkedBlockingQueue<>() : new LinkedBlockingQueue<>(capacity);
    }
  };

  private final String title;

  FaultContender(String title) {
    this.title = title;
  }

  String title() {
    return title;
  }

  boolean isOurs() {
    return this == WORKER_POOL;
  }

  /** A pool of so many workers; capacity 0 is none. */
  abstract ExecutorService build(int size, int capacity, ThreadFactory factory);

  /** A pool without a capacity whose workers call something in their loop, between two tasks. */
  abstract ExecutorService breakable(int size, ThreadFactory factory, Runnable onLoop);

  /** Each kind of queue with each saturation policy, in turn. */
  abstract ExecutorService configured(int round, int size);

  /** Whether that one discards its oldest task for a newer one. */
  abstract boolean discards(int round);

  ExecutorService fixed(int size) {
    return build(size, 0, Thread::new);
  }
}
