package io.threadpool.examples.compare;

import io.threadpool.examples.VirtualThreads;
import io.threadpool.examples.compare.Plan.Saturation;
import io.threadpool.examples.compare.Plan.StartFault;
import io.threadpool.examples.mdc.MdcDecorator;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.ThreadFactory;
import java.util.function.UnaryOperator;

/** A virtual thread for each task, from Java 21 on. */
final class VirtualContender implements Contender {

  @Override
  public String name() {
    return "virtual";
  }

  @Override
  public String description() {
    return "Executors.newVirtualThreadPerTaskExecutor, java.util.concurrent";
  }

  @Override
  public boolean available() {
    return VirtualThreads.available();
  }

  @Override
  public OpenPool open(Plan plan, Trial trial) {
    if (plan.queued || plan.saturation != Saturation.REFUSE) {
      throw new MissingException("nothing is ever queued");
    }
    if (plan.fault != StartFault.NONE) {
      throw new MissingException("there are no threads of the system to start");
    }
    ThreadFactory plain = VirtualThreads.factory(Threads.prefix());
    ThreadFactory threads =
        task -> {
          Thread thread = plain.newThread(task);
          if (plan.handler != null) {
            thread.setUncaughtExceptionHandler(plan.handler);
          }
          return thread;
        };
    ExecutorService executor = VirtualThreads.executor(threads);
    if (!plan.mdc) {
      return new VirtualPool(executor, trial);
    }
    trial.note("an Executor of one's own around it, to decorate each task");
    UnaryOperator<Runnable> decorator = new MdcDecorator();
    return new VirtualPool(executor, trial) {
      @Override
      void execute(Runnable task) {
        super.execute(decorator.apply(task));
      }
    };
  }

  /** What is different where there is no pool. */
  private static class VirtualPool extends ExecutorPool {

    VirtualPool(ExecutorService executor, Trial trial) {
      super(executor, trial);
    }

    @Override
    void resize(int size) {
      throw new MissingException("it has no size");
    }
  }
}
