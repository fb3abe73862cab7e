package io.threadpool.examples.users;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;

/** Work that holds the thread it is on until it is released, or interrupted. */
final class Held implements Runnable {
  private final Semaphore started = new Semaphore(0);
  private final CountDownLatch released = new CountDownLatch(1);
  private final Semaphore interrupted = new Semaphore(0);

  @Override
  public void run() {
    started.release();
    try {
      released.await();
    } catch (InterruptedException e) {
      interrupted.release();
      Thread.currentThread().interrupt();
    }
  }

  /** Waits until so many more threads are held. */
  void awaitStarted(int times) throws InterruptedException {
    assertTrue(started.tryAcquire(times, UserPools.LONG.toSeconds(), TimeUnit.SECONDS));
  }

  /** Waits until a thread that was held has been interrupted. */
  void awaitInterrupted() throws InterruptedException {
    assertTrue(interrupted.tryAcquire(UserPools.LONG.toSeconds(), TimeUnit.SECONDS));
  }

  void release() {
    released.countDown();
  }
}
