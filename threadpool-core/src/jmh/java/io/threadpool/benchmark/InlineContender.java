package io.threadpool.benchmark;

import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Future;

/** No pool: the caller runs the task. What a row costs without any hand-over; the floor. */
final class InlineContender implements Contender {

  @Override
  public void execute(Runnable task) {
    task.run();
  }

  @Override
  public <T> Future<T> submit(Callable<T> task) {
    try {
      return CompletableFuture.completedFuture(task.call());
    } catch (Exception e) {
      return CompletableFuture.failedFuture(e);
    }
  }

  @Override
  public void close() {}
}
