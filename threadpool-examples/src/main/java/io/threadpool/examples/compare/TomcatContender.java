package io.threadpool.examples.compare;

import io.threadpool.examples.VirtualThreads;
import io.threadpool.examples.compare.Plan.Saturation;
import io.threadpool.examples.mdc.MdcDecorator;
import java.time.Duration;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.function.UnaryOperator;
import org.apache.tomcat.util.threads.TaskQueue;
import org.apache.tomcat.util.threads.ThreadPoolExecutor;
import org.apache.tomcat.util.threads.VirtualThreadExecutor;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The {@link ThreadPoolExecutor} of Tomcat, a copy of the JDK's that prefers threads to queueing.
 */
final class TomcatContender implements Contender {
  private static final Logger LOG = LoggerFactory.getLogger(TomcatContender.class);

  @Override
  public String name() {
    return "tomcat";
  }

  @Override
  public String description() {
    return "ThreadPoolExecutor, org.apache.tomcat.embed:tomcat-embed-core";
  }

  @Override
  public OpenPool open(Plan plan, Trial trial) {
    if (plan.saturation == Saturation.CALLER_RUNS || plan.saturation == Saturation.DISCARD_OLDEST) {
      throw new MissingException("a full queue refuses");
    }
    if (plan.lastInFirstOut) {
      throw new NoException("its queue is first in, first out");
    }
    if (plan.virtual() && VirtualThreads.available()) {
      trial.note("as a VirtualThreadExecutor, of the same package, from Java 21 on");
      return new ExecutorPool(new VirtualThreadExecutor(Threads.prefix()), trial);
    }
    BlockingQueue<Runnable> queue = queue(plan, trial);
    ThreadPoolExecutor executor = new Hooked(plan, queue, trial);
    if (queue instanceof TaskQueue own) {
      own.setParent(executor);
    }
    if (plan.saturation == Saturation.BLOCK) {
      trial.note(Waiting.NOTE);
      executor.setRejectedExecutionHandler(new Blocking(plan.patience));
    }
    if (plan.elastic || plan.endsWhenDropped) {
      trial.note("allowCoreThreadTimeOut(true) and a short keep-alive time");
      executor.allowCoreThreadTimeOut(true);
    }
    return new TomcatPool(executor, trial);
  }

  private static BlockingQueue<Runnable> queue(Plan plan, Trial trial) {
    if (plan.priorities) {
      trial.note("a PriorityBlockingQueue as its queue");
      return Priorities.queue();
    }
    return plan.capacity == 0 ? new TaskQueue() : new TaskQueue(plan.capacity);
  }

  /** With the hooks that the plan wants. */
  private static final class Hooked extends ThreadPoolExecutor {
    private final boolean telling;
    private final @Nullable UnaryOperator<Runnable> decorator;

    Hooked(Plan plan, BlockingQueue<Runnable> queue, Trial trial) {
      super(plan.size, plan.size, 100, TimeUnit.MILLISECONDS, queue, new Threads(plan));
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
  private static final class Blocking implements ThreadPoolExecutor.RejectedExecutionHandler {
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
  private static final class TomcatPool extends ExecutorPool {
    private final ThreadPoolExecutor executor;

    TomcatPool(ThreadPoolExecutor executor, Trial trial) {
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
