package io.threadpool.examples.compare;

import io.threadpool.examples.compare.Plan.Saturation;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.jboss.threads.ContextHandler;
import org.jboss.threads.EnhancedQueueExecutor;
import org.jspecify.annotations.Nullable;
import org.slf4j.MDC;

/** The {@link EnhancedQueueExecutor} of JBoss, which WildFly and Quarkus run on. */
final class JbossContender implements Contender {
  private static final String STATISTICS = "-Djboss.threads.eqe.statistics=true";

  @Override
  public String name() {
    return "jboss";
  }

  @Override
  public String description() {
    return "EnhancedQueueExecutor, org.jboss.threads:jboss-threads";
  }

  @Override
  public List<String> jvmOptions() {
    return List.of(STATISTICS);
  }

  @Override
  public OpenPool open(Plan plan, Trial trial) {
    if (plan.saturation == Saturation.BLOCK || plan.saturation == Saturation.DISCARD_OLDEST) {
      throw new MissingException("a full queue refuses, or hands off");
    }
    if (plan.priorities || plan.lastInFirstOut) {
      throw new NoException("its queue is first in, first out");
    }
    EnhancedQueueExecutor.Builder builder =
        new EnhancedQueueExecutor.Builder()
            .setCorePoolSize(plan.size)
            .setMaximumPoolSize(plan.size)
            .setThreadFactory(Threads.of(plan, trial))
            .setQueueLimited(plan.capacity > 0)
            .setRegisterMBean(false);
    if (plan.capacity > 0) {
      builder.setMaximumQueueSize(plan.capacity);
    }
    if (plan.handler != null) {
      builder.setExceptionHandler(plan.handler);
    }
    if (plan.saturation == Saturation.CALLER_RUNS) {
      trial.note("setHandoffExecutor(Runnable::run)");
      builder.setHandoffExecutor(Runnable::run);
    }
    if (plan.elastic || plan.endsWhenDropped) {
      trial.note("allowCoreThreadTimeOut(true) and a short keep-alive time");
      builder.allowCoreThreadTimeOut(true).setKeepAliveTime(Duration.ofMillis(100));
    }
    if (plan.mdc) {
      trial.note("setContextHandler, with a handler of a dozen lines");
      builder.setContextHandler(new MdcHandler());
    }
    return new JbossPool(builder.build(), trial);
  }

  /** Carries the logging context. */
  private static final class MdcHandler implements ContextHandler<Map<String, String>> {
    @Override
    public @Nullable Map<String, String> captureContext() {
      return MDC.getCopyOfContextMap();
    }

    @Override
    public void runWith(Runnable task, @Nullable Map<String, String> submitters) {
      try {
        if (submitters != null) {
          MDC.setContextMap(submitters);
        }
        task.run();
      } finally {
        MDC.clear();
      }
    }
  }

  /** What only this kind of pool has. */
  private static final class JbossPool extends ExecutorPool {
    private final EnhancedQueueExecutor executor;

    JbossPool(EnhancedQueueExecutor executor, Trial trial) {
      super(executor, trial);
      this.executor = executor;
    }

    /** Again where it returns early: it parks once, and an old permit of the caller's ends that. */
    @Override
    boolean awaitTermination(Duration timeout) throws InterruptedException {
      long start = System.nanoTime();
      boolean ended = false;
      Duration left = timeout;
      while (!ended && left.compareTo(Duration.ZERO) > 0) {
        ended = super.awaitTermination(left);
        left = timeout.minusNanos(System.nanoTime() - start);
      }
      return ended;
    }

    @Override
    long finished() {
      trial.note(STATISTICS + " when the JVM starts");
      return executor.getCompletedTaskCount();
    }

    @Override
    void resize(int size) {
      executor.setMaximumPoolSize(size);
      executor.setCorePoolSize(size);
    }
  }
}
