package io.threadpool.examples.compare;

import io.netty.util.concurrent.DefaultEventExecutorGroup;
import io.netty.util.concurrent.RejectedExecutionHandlers;
import io.threadpool.examples.compare.Plan.Saturation;
import io.threadpool.examples.mdc.MdcDecorator;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * Netty's {@link DefaultEventExecutorGroup}: a thread and a queue each, tasks dealt out in turn.
 */
final class NettyContender implements Contender {

  @Override
  public String name() {
    return "netty";
  }

  @Override
  public String description() {
    return "DefaultEventExecutorGroup, io.netty:netty-common";
  }

  @Override
  public OpenPool open(Plan plan, Trial trial) {
    if (plan.saturation != Saturation.REFUSE) {
      throw new MissingException("a full queue refuses");
    }
    if (plan.handler != null) {
      throw new MissingException("failures are logged, not handled");
    }
    if (plan.elastic || plan.priorities || plan.lastInFirstOut) {
      throw new NoException("a fixed number of threads, each with its queue, first in, first out");
    }
    if (plan.mdc) {
      trial.note("execute overridden, to decorate each task");
    }
    return new NettyPool(new Hooked(plan, trial), trial);
  }

  /** With the hook that the plan wants. */
  private static final class Hooked extends DefaultEventExecutorGroup {
    private final @Nullable UnaryOperator<Runnable> decorator;

    Hooked(Plan plan, Trial trial) {
      super(
          plan.size,
          Threads.of(plan, trial),
          plan.capacity == 0 ? Integer.MAX_VALUE : plan.capacity,
          RejectedExecutionHandlers.reject());
      decorator = plan.mdc ? new MdcDecorator() : null;
    }

    @Override
    public void execute(Runnable task) {
      super.execute(decorator == null ? task : decorator.apply(task));
    }
  }

  /** Shuts down without the quiet period, in which it would wait for late tasks. */
  private static final class NettyPool extends ExecutorPool {
    private final DefaultEventExecutorGroup group;

    NettyPool(DefaultEventExecutorGroup group, Trial trial) {
      super(group, trial);
      this.group = group;
    }

    @Override
    void shutdown() {
      shutdown(Duration.ofHours(1));
    }

    @SuppressWarnings("FutureReturnValueIgnored") // the group tells of its end itself
    private void shutdown(Duration timeout) {
      group.shutdownGracefully(0, timeout.toMillis(), TimeUnit.MILLISECONDS);
    }

    @Override
    List<Runnable> abort() {
      throw new MissingException("it does not abort: what is queued runs");
    }

    @Override
    void discard() {
      shutdown(Duration.ZERO);
    }

    @Override
    void shutdownAndAwait() throws InterruptedException {
      shutdown();
      if (!group.awaitTermination(1, TimeUnit.HOURS)) {
        throw new NoException("an hour has passed");
      }
    }

    @Override
    boolean closeWithin(Duration drain, Duration grace) throws InterruptedException {
      shutdown(drain);
      return awaitTermination(drain.plus(grace));
    }
  }
}
