package io.threadpool.benchmark;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Future;

/** No pool: the caller runs the task. What a row costs without any hand-over; the floor. */
final class InlineContender implements Contender {

  @Override
  public void execute(Runnable task) {
    task.run();
  }

  @Override
  public Future<?> submit(Runnable task) {
    task.run();
    return CompletableFuture.completedFuture(null);
  }

  @Override
  public void close() {}
}
