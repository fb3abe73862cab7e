package io.threadpool;

import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;

/** Something that happens once in a scenario, and that threads wait for. */
final class Signal {

  private final BlockingQueue<Boolean> given = new ArrayBlockingQueue<>(1);

  void give() {
    given.offer(true);
  }

  /** Whether it has happened. */
  boolean isGiven() {
    return !given.isEmpty();
  }

  /** Waits until it has happened; several may wait. */
  void await() {
    try {
      given.take();
      given.offer(true);
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }
}
