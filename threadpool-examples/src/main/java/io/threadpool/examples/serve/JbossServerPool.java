package io.threadpool.examples.serve;

import java.time.Duration;
import org.jboss.threads.EnhancedQueueExecutor;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The server's threads, from an {@link EnhancedQueueExecutor} of JBoss. */
final class JbossServerPool implements ServerPool {
  private static final Logger LOG = LoggerFactory.getLogger(JbossServerPool.class);

  private final NumberedThreads threads = new NumberedThreads(LOG);
  private final EnhancedQueueExecutor executor;

  JbossServerPool(int workers, int waiting) {
    executor =
        new EnhancedQueueExecutor.Builder()
            .setCorePoolSize(workers)
            .setMaximumPoolSize(workers)
            .setMaximumQueueSize(workers + waiting)
            .setThreadFactory(threads)
            .setExceptionHandler(
                (worker, thrown) -> LOG.error("A connection on {} threw", worker.getName(), thrown))
            .setRegisterMBean(false)
            .build();
    executor.prestartAllCoreThreads();
  }

  @Override
  public void execute(Runnable connection) {
    executor.execute(
        () -> {
          String worker = NumberedThreads.number(Thread.currentThread());
          LOG.debug("Worker {} got a job; executing.", worker);
          connection.run();
        });
  }

  @Override
  public void close(@Nullable Duration drain) {
    for (int worker = 0; worker < executor.getPoolSize(); worker++) {
      LOG.debug("Shutting down worker {}", worker);
    }
    GracefulShutdown.close(executor, drain, threads.alive(), LOG);
  }
}
