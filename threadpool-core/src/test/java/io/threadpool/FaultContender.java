package io.threadpool;

import io.threadpool.internal.TaskQueue;
import io.threadpool.internal.Threads;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/** Whose faults are counted: this library's pool, of three kinds, or the JDK's beside it. */
enum FaultContender {
  WORKER_POOL("WorkerPool"),

  /** Its workers leave after a millisecond. */
  ELASTIC_POOL("WorkerPool, elastic"),

  /** From Java 21 on. */
  VIRTUAL_POOL("WorkerPool, virtual"),

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

  /** The rows in which it counts that workers come and go. */
  private static final Set<Integer> OF_CREWS = Set.of(1, 2, 3, 4, 7, 8, 15, 19);

  private final String title;

  FaultContender(String title) {
    this.title = title;
  }

  String title() {
    return title;
  }

  boolean isOurs() {
    return this != THREAD_POOL_EXECUTOR;
  }

  /** Whether its threads stay until its end. */
  boolean keepsThreads() {
    return this != ELASTIC_POOL && this != VIRTUAL_POOL;
  }

  /** The Java's own factory of virtual threads, which a pool of those has, starts none. */
  boolean mayReturn(FaultThreads.Failure failure) {
    return this != VIRTUAL_POOL || failure != FaultThreads.Failure.RETURNS_STARTED;
  }

  /** Whether the row has a line for it. */
  boolean plays(FaultRow row) {
    return keepsThreads()
        || (OF_CREWS.contains(row.number()) && (this != VIRTUAL_POOL || Threads.haveVirtual()));
  }

  /** What a pool of ours is built with. */
  WorkerPoolBuilder builder(int size) {
    return crew(WorkerPool.builder(), size);
  }

  private WorkerPoolBuilder crew(WorkerPoolBuilder builder, int size) {
    return switch (this) {
      case ELASTIC_POOL -> builder.size(0, size).keepAlive(Duration.ofMillis(1));
      case VIRTUAL_POOL -> builder.size(size).virtualThreads();
      default -> builder.size(size);
    };
  }

  /** A pool of so many workers; capacity 0 is none. */
  ExecutorService build(int size, int capacity, ThreadFactory factory) {
    WorkerPoolBuilder builder = builder(size);
    builder = capacity == 0 ? builder.unboundedQueue() : builder.queueCapacity(capacity);
    if (this != VIRTUAL_POOL) {
      return builder.threadFactory(factory).build();
    }
    boolean fails = factory instanceof FaultThreads faulty && faulty.fails();
    return fails ? open(virtualCore(builder, factory), null) : builder.build();
  }

  private static PoolCore virtualCore(WorkerPoolBuilder builder, ThreadFactory factory) {
    return new PoolCore(builder.config()) {
      @Override
      ThreadFactory newRunFactory() {
        return factory;
      }
    };
  }

  private static WorkerPool open(PoolCore core, ThreadFactory factory) {
    core.start(factory);
    return WorkerPoolBuilder.open(core);
  }

  /** One whose runs call something where they look for more that is to be run. */
  private static PoolCore virtualCore(WorkerPoolBuilder builder, Runnable onLook) {
    return new PoolCore(builder.config()) {
      @Override
      TaskQueue newQueue(long roughLimit) {
        return new TaskQueue(TaskQueue.DEFAULT_SEGMENT_SIZE, roughLimit) {
          @Override
          public long length() {
            if (Thread.currentThread().getClass() != Thread.class) {
              onLook.run();
            }
            return super.length();
          }
        };
      }
    };
  }

  /** A pool without a capacity whose workers call something in their loop, between two tasks. */
  ExecutorService breakable(int size, ThreadFactory factory, Runnable onLoop) {
    WorkerPoolBuilder builder = builder(size).unboundedQueue();
    if (this == VIRTUAL_POOL) {
      return open(virtualCore(builder, onLoop), null);
    }
    PoolCore core =
        new PoolCore(builder.threadFactory(factory).config()) {
          @Override
          Floor.Seam newSeam() {
            return new Floor.Seam() {
              @Override
              void onLoop(int worker) {
                onLoop.run();
              }
            };
          }
        };
    return open(core, factory);
  }

  /** Each kind of queue with each saturation policy, in turn. */
  ExecutorService configured(int round, int size) {
    return crew(RaceConfigs.of(round).builder(), size).build();
  }

  /** Whether that one discards its oldest task for a newer one. */
  boolean discards(int round) {
    return RaceConfigs.of(round) == RaceConfigs.DISCARD_OLDEST;
  }

  ExecutorService fixed(int size) {
    return build(size, 0, Thread::new);
  }
}
