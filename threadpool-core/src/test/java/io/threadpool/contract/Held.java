package io.threadpool.contract;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/** A body that holds its thread until it is released or, unless it is deaf, interrupted. */
final class Held implements Runnable {

  private final boolean deaf;
  private final CountDownLatch started = new CountDownLatch(1);
  private final CountDownLatch interrupted = new CountDownLatch(1);
  private final CountDownLatch released = new CountDownLatch(1);
  private final CountDownLatch ended = new CountDownLatch(1);
  private volatile Thread thread;

  Held(boolean deaf) {
    this.deaf = deaf;
  }

  @Override
  public void run() {
    thread = Thread.currentThread();
    started.countDown();
    try {
      while (true) {
        try {
          released.await();
          return;
        } catch (InterruptedException e) {
          interrupted.countDown();
          if (!deaf) {
            return;
          }
        }
      }
    } finally {
      ended.countDown();
    }
  }

  Held awaitStarted() throws InterruptedException {
    await(started, "started");
    return this;
  }

  void awaitInterrupted() throws InterruptedException {
    await(interrupted, "interrupted");
  }

  void awaitEnded() throws InterruptedException {
    await(ended, "ended");
  }

  boolean hasStarted() {
    return started.getCount() == 0;
  }

  boolean wasInterrupted() {
    return interrupted.getCount() == 0;
  }

  Thread thread() {
    return thread;
  }

  void release() {
    released.countDown();
  }

  static void await(CountDownLatch latch, String what) throws InterruptedException {
    assertTrue(latch.await(TestPools.LONG.toSeconds(), TimeUnit.SECONDS), "never " + what);
  }
}
