package io.threadpool.examples.compare;

import java.util.List;
import java.util.concurrent.AbstractExecutorService;
import java.util.concurrent.TimeUnit;
import org.eclipse.jetty.util.component.LifeCycle;
import org.eclipse.jetty.util.thread.VirtualThreadPool;

/** Jetty's {@link VirtualThreadPool}, as an executor: its stop is a shutdown, which waits. */
final class JettyVirtualThreads extends AbstractExecutorService {
  private final VirtualThreadPool pool;

  /** A running one, which runs so many tasks at once, at the most. */
  JettyVirtualThreads(int most) {
    pool = new VirtualThreadPool(most);
    pool.setName(Threads.prefix());
    LifeCycle.start(pool);
  }

  @Override
  public void execute(Runnable task) {
    pool.execute(task);
  }

  @Override
  public void shutdown() {
    LifeCycle.stop(pool);
  }

  @Override
  public List<Runnable> shutdownNow() {
    shutdown();
    return List.of();
  }

  @Override
  public boolean isShutdown() {
    return !pool.isRunning();
  }

  @Override
  public boolean isTerminated() {
    return pool.isStopped();
  }

  @Override
  public boolean awaitTermination(long timeout, TimeUnit unit) {
    return pool.isStopped();
  }
}
