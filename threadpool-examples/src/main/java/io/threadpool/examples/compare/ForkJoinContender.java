package io.threadpool.examples.compare;

import io.threadpool.examples.compare.Plan.Saturation;
import io.threadpool.examples.mdc.MdcDecorator;
import java.lang.reflect.Method;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ForkJoinPool;
import java.util.concurrent.TimeUnit;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/** The JDK's {@link ForkJoinPool}. */
final class ForkJoinContender implements Contender {

  @Override
  public String name() {
    return "fork-join";
  }

  @Override
  public String description() {
    return "ForkJoinPool, java.util.concurrent";
  }

  @Override
  public OpenPool open(Plan plan, Trial trial) {
    if (plan.capacity > 0 || plan.saturation != Saturation.REFUSE) {
      throw new MissingException("its queues have no limit");
    }
    if (plan.priorities) {
      throw new NoException("no priorities");
    }
    if (plan.crowd) {
      throw new NoException("it runs on threads of the system, which are of a class of its own");
    }
    if (plan.ordered) {
      trial.note("asyncMode = true");
    }
    if (plan.endsWhenDropped) {
      trial.note("a short keep-alive time, with the long constructor");
    }
    if (plan.mdc) {
      trial.note("execute overridden, to decorate each task");
    }
    return new ForkJoin(new Hooked(plan), trial);
  }

  /** With the hook that the plan wants. */
  private static final class Hooked extends ForkJoinPool {
    private final @Nullable UnaryOperator<Runnable> decorator;

    Hooked(Plan plan) {
      super(
          plan.size,
          new Threads(plan),
          plan.handler,
          plan.ordered,
          plan.size,
          256,
          1,
          null,
          100,
          TimeUnit.MILLISECONDS);
      decorator = plan.mdc ? new MdcDecorator() : null;
    }

    @Override
    public void execute(Runnable task) {
      super.execute(decorator == null ? task : decorator.apply(task));
    }
  }

  /** What only this kind of pool has. */
  private static final class ForkJoin extends ExecutorPool {
    private final ForkJoinPool pool;

    ForkJoin(ForkJoinPool pool, Trial trial) {
      super(pool, trial);
      this.pool = pool;
    }

    @Override
    boolean awaitOn(CountDownLatch latch, Duration timeout) throws InterruptedException {
      trial.note("the wait announced with ForkJoinPool.managedBlock");
      long end = System.nanoTime() + timeout.toNanos();
      ForkJoinPool.managedBlock(
          new ForkJoinPool.ManagedBlocker() {
            @Override
            public boolean block() throws InterruptedException {
              return latch.await(end - System.nanoTime(), TimeUnit.NANOSECONDS) || isReleasable();
            }

            @Override
            public boolean isReleasable() {
              return latch.getCount() == 0 || end - System.nanoTime() <= 0;
            }
          });
      return latch.getCount() == 0;
    }

    @Override
    boolean awaitIdle(Duration timeout) {
      return pool.awaitQuiescence(timeout.toNanos(), TimeUnit.NANOSECONDS);
    }

    @Override
    void resize(int size) {
      try {
        Method setParallelism = ForkJoinPool.class.getMethod("setParallelism", int.class);
        setParallelism.invoke(pool, size);
      } catch (NoSuchMethodException e) {
        throw new NoException("setParallelism came with Java 19");
      } catch (ReflectiveOperationException e) {
        throw new IllegalStateException(e);
      }
    }
  }
}
