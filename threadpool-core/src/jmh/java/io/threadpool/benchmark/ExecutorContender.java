package io.threadpool.benchmark;

import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;

/** Any {@link ExecutorService}. */
final class ExecutorContender implements Contender {

  private final ExecutorService executor;

  ExecutorContender(ExecutorService executor) {
    this.executor = executor;
  }

  @Override
  public void execute(Runnable task) {
    executor.execute(task);
  }

  @Override
  public <T> Future<T> submit(Callable<T> task) {
    return executor.submit(task);
  }

  @Override
  public void close() {
    executor.shutdown();
    awaitTermination(executor);
  }

  static void awaitTermination(ExecutorService executor) {
    try {
      if (!executor.awaitTermination(60, TimeUnit.SECONDS)) {
        throw new IllegalStateException(executor + " does not terminate");
      }
    } catch (InterruptedException e) {
      throw new IllegalStateException("interrupted while " + executor + " terminates", e);
    }
  }
}
