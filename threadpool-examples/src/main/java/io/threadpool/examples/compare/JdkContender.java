package io.threadpool.examples.compare;

import io.threadpool.examples.mdc.MdcDecorator;
import java.time.Duration;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.Future;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.RejectedExecutionHandler;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The JDK's {@link ThreadPoolExecutor}. */
final class JdkContender implements Contender {
  private static final Logger LOG = LoggerFactory.getLogger(JdkContender.class);

  @Override
  public String name() {
    return "jdk";
  }

  @Override
  public String description() {
    return "ThreadPoolExecutor, java.util.concurrent";
  }

  @Override
  public OpenPool open(Plan plan, Trial trial) {
    if (plan.lastInFirstOut) {
      throw new NoException("its queue is first in, first out");
    }
    if (plan.delays) {
      trial.note("as a ScheduledThreadPoolExecutor, its subclass");
      ScheduledThreadPoolExecutor scheduled =
          new ScheduledThreadPoolExecutor(plan.size, new Threads(plan));
      return new ExecutorPool(scheduled, trial);
    }
    ThreadPoolExecutor executor = new Hooked(plan, trial);
    if (plan.elastic || plan.endsWhenDropped) {
      trial.note("allowCoreThreadTimeOut(true) and a short keep-alive time");
      executor.allowCoreThreadTimeOut(true);
    }
    return new JdkPool(executor, trial);
  }

  private static BlockingQueue<Runnable> queue(Plan plan, Trial trial) {
    if (plan.priorities) {
      trial.note("a PriorityBlockingQueue as its queue");
      return Priorities.queue();
    }
    return plan.capacity == 0
        ? new LinkedBlockingQueue<>()
        : new ArrayBlockingQueue<>(plan.capacity);
  }

  private static RejectedExecutionHandler saturation(Plan plan, Trial trial) {
    return switch (plan.saturation) {
      case REFUSE -> new ThreadPoolExecutor.AbortPolicy();
      case CALLER_RUNS -> new ThreadPoolExecutor.CallerRunsPolicy();
      case DISCARD_OLDEST -> {
        trial.note("the handler in the javadoc of DiscardOldestPolicy, instead of that policy");
        yield (refused, executor) -> {
          if (executor.getQueue().poll() instanceof Future<?> oldest) {
            oldest.cancel(false);
          }
          executor.execute(refused);
        };
      }
      case BLOCK -> {
        trial.note(Waiting.NOTE);
        yield new Blocking(plan.patience);
      }
    };
  }

  /** With the hooks that its javadoc offers for what the plan wants. */
  private static final class Hooked extends ThreadPoolExecutor {
    private final boolean telling;
    private final @Nullable UnaryOperator<Runnable> decorator;

    Hooked(Plan plan, Trial trial) {
      super(
          plan.size,
          plan.size,
          100,
          TimeUnit.MILLISECONDS,
          queue(plan, trial),
          Threads.of(plan, trial),
          saturation(plan, trial));
      telling = plan.telling;
      decorator = plan.mdc ? new MdcDecorator() : null;
      if (telling) {
        trial.note("afterExecute overridden, as its javadoc shows");
      }
      if (plan.mdc) {
        trial.note("execute overridden, to decorate each task");
      }
    }

    @Override
    public void execute(Runnable task) {
      super.execute(decorator == null ? task : decorator.apply(task));
    }

    @Override
    protected void afterExecute(Runnable task, @Nullable Throwable thrown) {
      if (telling && thrown == null && task instanceof Future<?> future && future.isDone()) {
        ExecutorPool.tellFailure(future, LOG);
      }
    }
  }

  /** Lets a submitter wait for room, and ends the wait when the pool shuts down. */
  private static final class Blocking implements RejectedExecutionHandler {
    private final @Nullable Duration patience;

    Blocking(@Nullable Duration patience) {
      this.patience = patience;
    }

    @Override
    public void rejectedExecution(Runnable refused, ThreadPoolExecutor executor) {
      Waiting.queue(executor.getQueue(), refused, patience, executor::isShutdown, executor::remove);
    }
  }

  /** What only this kind of pool has. */
  private static final class JdkPool extends ExecutorPool {
    private final ThreadPoolExecutor executor;

    JdkPool(ThreadPoolExecutor executor, Trial trial) {
      super(executor, trial);
      this.executor = executor;
    }

    @Override
    void reclaim() {
      trial.note("purge() from time to time");
      executor.purge();
    }

    @Override
    long finished() {
      return executor.getCompletedTaskCount();
    }

    @Override
    void resize(int size) {
      executor.setMaximumPoolSize(size);
      executor.setCorePoolSize(size);
    }
  }
}
