package io.threadpool.examples.serve;

import java.time.Duration;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The server's threads, from the JDK's {@link ThreadPoolExecutor}. */
final class JdkServerPool extends ThreadPoolExecutor implements ServerPool {
  private static final Logger LOG = LoggerFactory.getLogger(JdkServerPool.class);

  private final NumberedThreads threads;

  JdkServerPool(int workers, int waiting) {
    this(workers, waiting, new NumberedThreads(LOG));
  }

  JdkServerPool(int workers, int waiting, NumberedThreads threads) {
    super(
        workers,
        workers,
        0,
        TimeUnit.SECONDS,
        new ArrayBlockingQueue<>(workers + waiting),
        threads);
    this.threads = threads;
    try {
      prestartAllCoreThreads();
    } catch (Throwable e) { // Those that have started would keep the JVM alive.
      shutdownNow();
      throw e;
    }
  }

  @Override
  protected void beforeExecute(Thread worker, Runnable connection) {
    LOG.debug("Worker {} got a job; executing.", NumberedThreads.number(worker));
  }

  @Override
  public void close(@Nullable Duration drain) {
    for (int worker = 0; worker < getPoolSize(); worker++) {
      LOG.debug("Shutting down worker {}", worker);
    }
    GracefulShutdown.close(this, drain, threads.alive(), LOG);
  }
}
