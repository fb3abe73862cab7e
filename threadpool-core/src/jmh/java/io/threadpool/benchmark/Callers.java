package io.threadpool.benchmark;

import java.util.concurrent.BrokenBarrierException;
import java.util.concurrent.CyclicBarrier;

/**
 * Threads that run one action side by side, again and again; a single one is the calling thread.
 */
final class Callers implements AutoCloseable {

  private final int count;
  private final Runnable action;
  private final CyclicBarrier start;
  private final CyclicBarrier end;
  private volatile boolean closed;
  private volatile Throwable failure;

  Callers(int count, Runnable action) {
    this.count = count;
    this.action = action;
    this.start = new CyclicBarrier(count + 1);
    this.end = new CyclicBarrier(count + 1);
    for (int i = 0; count > 1 && i < count; i++) {
      Thread thread = new Thread(this::work, "caller-" + i);
      thread.setDaemon(true);
      thread.start();
    }
  }

  /** Runs the action once on each thread, and returns when all have. */
  void run() {
    if (count == 1) {
      action.run();
      return;
    }
    pass(start);
    pass(end);
    if (failure != null) {
      throw new IllegalStateException(failure);
    }
  }

  private void work() {
    while (true) {
      pass(start);
      if (closed) {
        return;
      }
      try {
        action.run();
      } catch (RuntimeException | Error e) {
        failure = e;
      }
      pass(end);
    }
  }

  private static void pass(CyclicBarrier barrier) {
    try {
      barrier.await();
    } catch (InterruptedException | BrokenBarrierException e) {
      throw new IllegalStateException(e);
    }
  }

  @Override
  public void close() {
    closed = true;
    if (count > 1) {
      pass(start);
    }
  }
}
