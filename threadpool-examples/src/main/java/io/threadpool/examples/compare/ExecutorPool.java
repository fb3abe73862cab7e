package io.threadpool.examples.compare;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;

/** Any {@link ExecutorService}, used as its javadoc says. */
class ExecutorPool extends OpenPool {
  private static final String IDIOM =
      "shutdown, awaitTermination, shutdownNow, awaitTermination: the sample in ExecutorService";

  private final ExecutorService executor;

  ExecutorPool(ExecutorService executor, Trial trial) {
    super(trial);
    this.executor = executor;
  }

  /** Tells what a task that has ended threw, as the javadoc of {@code afterExecute} shows. */
  static void tellFailure(Future<?> ended, Logger log) {
    try {
      ended.get();
    } catch (ExecutionException | CancellationException e) {
      log.warn("a task failed", e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  @Override
  void execute(Runnable task) {
    executor.execute(task);
  }

  @Override
  <T> Future<T> submit(Callable<T> task) {
    return executor.submit(task);
  }

  @Override
  void shutdown() {
    executor.shutdown();
  }

  @Override
  List<Runnable> abort() {
    return executor.shutdownNow();
  }

  @Override
  boolean isTerminated() {
    return executor.isTerminated();
  }

  @Override
  boolean awaitTermination(Duration timeout) throws InterruptedException {
    return executor.awaitTermination(timeout.toNanos(), TimeUnit.NANOSECONDS);
  }

  @Override
  void shutdownAndAwait() throws InterruptedException {
    executor.shutdown();
    if (!executor.awaitTermination(1, TimeUnit.HOURS)) {
      throw new NoException("an hour has passed");
    }
  }

  @Override
  void close() throws Exception {
    // An ExecutorService is one from Java 19 on; these sources are compiled for 17.
    if (!((Object) executor instanceof AutoCloseable closeable)) {
      throw new MissingException("ExecutorService has no close() before Java 19");
    }
    closeable.close();
  }

  @Override
  boolean closeWithin(Duration drain, Duration grace) throws InterruptedException {
    trial.note(IDIOM);
    executor.shutdown();
    if (awaitTermination(drain)) {
      return true;
    }
    executor.shutdownNow();
    return awaitTermination(grace);
  }

  @Override
  void schedule(Runnable task, Duration delay) {
    if (executor instanceof ScheduledExecutorService scheduled) {
      ScheduledFuture<?> due = scheduled.schedule(task, delay.toMillis(), TimeUnit.MILLISECONDS);
      if (due.isCancelled()) {
        throw new NoException("cancelled at once");
      }
    } else {
      super.schedule(task, delay);
    }
  }
}
