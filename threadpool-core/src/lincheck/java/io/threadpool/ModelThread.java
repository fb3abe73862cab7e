package io.threadpool;

import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;

/**
 * A thread of a scenario, which parks on a permit of its own.
 *
 * <p>Lincheck lets every {@code park} return at once, as the contract of {@code park} allows; so a
 * wait becomes a spin, and a wake-up that never came is not missed. Here who parks sleeps until it
 * is unparked or interrupted, and where nobody will, Lincheck reports the deadlock.
 */
final class ModelThread extends Thread {

  private final BlockingQueue<Boolean> permit = new ArrayBlockingQueue<>(1);

  ModelThread(Runnable body) {
    super(body);
  }

  void parkHere() {
    try {
      permit.take();
    } catch (InterruptedException interrupted) {
      interrupt(); // As park does, which keeps the flag.
    }
  }

  void unparkThis() {
    permit.offer(true);
  }
}
