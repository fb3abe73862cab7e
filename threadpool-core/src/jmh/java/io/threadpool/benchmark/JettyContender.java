package io.threadpool.benchmark;

import java.util.concurrent.Callable;
import java.util.concurrent.Future;
import java.util.concurrent.FutureTask;
import org.eclipse.jetty.util.thread.QueuedThreadPool;

/** Jetty's pool, which knows no handles: they are {@link FutureTask}s. */
final class JettyContender implements Contender {

  private final QueuedThreadPool pool;

  JettyContender(int workers) {
    // Its own queue; no reserved threads, as nothing here hands a task to a particular one.
    pool = new QueuedThreadPool(workers, workers, 60_000, 0, null, null);
    pool.setStopTimeout(60_000);
    try {
      pool.start();
    } catch (Exception e) {
      throw new IllegalStateException(e);
    }
  }

  @Override
  public void execute(Runnable task) {
    pool.execute(task);
  }

  @Override
  public <T> Future<T> submit(Callable<T> task) {
    FutureTask<T> future = new FutureTask<>(task);
    pool.execute(future);
    return future;
  }

  @Override
  public void close() {
    try {
      pool.stop();
    } catch (Exception e) {
      throw new IllegalStateException(e);
    }
  }
}
