package io.threadpool;

import java.util.concurrent.ThreadFactory;

/**
 * Makes a pool's threads where the user gives no factory: named {@code name-0}, {@code name-1} and
 * so on, of normal priority, inheriting no thread-locals. Used by the thread that builds the pool.
 */
final class WorkerThreads implements ThreadFactory {

  private final String name;
  private final boolean daemon;
  private int next;

  WorkerThreads(String name, boolean daemon) {
    this.name = name;
    this.daemon = daemon;
  }

  @Override
  @SuppressWarnings("ThreadPriorityCheck") // Not the priority of whoever builds the pool.
  public Thread newThread(Runnable worker) {
    Thread thread = new Thread(null, worker, name + "-" + next++, 0, false);
    thread.setDaemon(daemon);
    thread.setPriority(Thread.NORM_PRIORITY);
    return thread;
  }
}
