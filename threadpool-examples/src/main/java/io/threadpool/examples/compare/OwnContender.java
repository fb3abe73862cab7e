package io.threadpool.examples.compare;

import io.threadpool.PoolStats;
import io.threadpool.SaturationPolicy;
import io.threadpool.ShutdownPolicy;
import io.threadpool.Task;
import io.threadpool.WorkerPool;
import io.threadpool.WorkerPoolBuilder;
import io.threadpool.examples.VirtualThreads;
import io.threadpool.examples.mdc.MdcDecorator;
import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;

/** This library's pool. */
final class OwnContender implements Contender {

  @Override
  public String name() {
    return "worker-pool";
  }

  @Override
  public String description() {
    return "WorkerPool, this library";
  }

  @Override
  public OpenPool open(Plan plan, Trial trial) {
    if (plan.priorities || plan.lastInFirstOut) {
      throw new NoException("one queue, first in, first out");
    }
    WorkerPoolBuilder builder = sized(plan, trial);
    if (plan.capacity == 0) {
      builder.unboundedQueue();
    } else {
      builder.queueCapacity(plan.capacity).saturationPolicy(saturation(plan));
    }
    if (plan.handler != null) {
      builder.uncaughtHandler(plan.handler);
    }
    if (plan.mdc) {
      trial.note("taskDecorator, with a decorator of a dozen lines");
      builder.taskDecorator(new MdcDecorator());
    }
    if (plan.drainsAtExit) {
      trial.note("onJvmExit(drainFor(...))");
      builder.onJvmExit(ShutdownPolicy.drainFor(trial.limit()));
    }
    return new OwnPool(builder, trial);
  }

  private static WorkerPoolBuilder sized(Plan plan, Trial trial) {
    WorkerPoolBuilder builder = WorkerPool.builder().size(plan.size);
    if (plan.virtual()) {
      if (!VirtualThreads.available()) {
        throw new NoException("virtualThreads() needs Java 21");
      }
      trial.note("virtualThreads(), from Java 21 on");
      return builder.virtualThreads();
    }
    if (plan.elastic) {
      trial.note("size(0, n) and a short keepAlive");
      builder.size(0, plan.size).keepAlive(Duration.ofMillis(100));
    }
    return builder.threadFactory(new Threads(plan));
  }

  private static SaturationPolicy saturation(Plan plan) {
    return switch (plan.saturation) {
      case REFUSE -> SaturationPolicy.reject();
      case BLOCK ->
          plan.patience == null ? SaturationPolicy.block() : SaturationPolicy.block(plan.patience);
      case CALLER_RUNS -> SaturationPolicy.callerRuns();
      case DISCARD_OLDEST -> SaturationPolicy.discardOldest();
    };
  }

  /** A pool that is built at once, and can be told how to end. */
  private static final class OwnPool extends ExecutorPool {
    private final WorkerPool pool;

    OwnPool(WorkerPoolBuilder builder, Trial trial) {
      this(builder.abortGrace(Duration.ofMillis(300)).build(), trial);
    }

    private OwnPool(WorkerPool pool, Trial trial) {
      super(pool, trial);
      this.pool = pool;
    }

    @Override
    boolean closeWithin(Duration drain, Duration grace) {
      pool.shutdown(ShutdownPolicy.drainFor(drain)); // the grace is the builder's
      pool.close();
      return pool.isTerminated();
    }

    @Override
    String closeAndTell(Duration drain, Duration grace) {
      closeWithin(drain, grace);
      return pool.report().orElseThrow().toString();
    }

    @Override
    Composable composable(Callable<?> body) {
      Task<?> task = pool.submit(body);
      return new Composable(task, task.thenRun(() -> {}));
    }

    @Override
    <T> CompletableFuture<T> twoSteps(Runnable first, Supplier<T> second) {
      return pool.submit(first).thenApplyAsync(nothing -> second.get());
    }

    @Override
    long finished() {
      PoolStats stats = pool.stats();
      return stats.completed() + stats.failed() + stats.cancelled() + stats.aborted();
    }

    @Override
    long failed() {
      return pool.stats().failed();
    }

    @Override
    void resize(int size) {
      pool.resize(size);
    }

    @Override
    void drainAtExit() {
      // The builder has been told.
    }

    @Override
    boolean awaitIdle(Duration timeout) throws InterruptedException {
      return pool.awaitIdle(timeout);
    }
  }
}
