package io.threadpool;

import io.threadpool.internal.Threads;
import java.util.concurrent.ThreadFactory;

/**
 * Makes a pool's threads where the user gives no factory: named {@code name-0}, {@code name-1} and
 * so on, of normal priority, with the context class loader of the thread that builds the pool,
 * which uses it, and inheriting nothing else.
 */
final class WorkerThreads implements ThreadFactory {

  private final String name;
  private final boolean daemon;

  /** The builder's: a JDK after 18 would not hand it on, without the thread-locals. */
  private final ClassLoader loader = Thread.currentThread().getContextClassLoader();

  WorkerThreads(String name, boolean daemon) {
    this.name = name;
    this.daemon = daemon;
  }

  @Override
  public Thread newThread(Runnable worker) {
    String threadName = name + "-" + ((Worker) worker).id;
    Thread thread = Threads.make(null, worker, threadName);
    thread.setDaemon(daemon);
    return Threads.prepared(thread, loader);
  }
}
