package io.threadpool;

/** Something that happens once in a scenario, and that threads wait for. */
final class Signal {

  /** Guarded by the monitor. */
  private boolean given;

  synchronized void give() {
    given = true;
    notifyAll();
  }

  /** Whether it has happened. */
  synchronized boolean isGiven() {
    return given;
  }

  /** Waits until it has happened; several may wait. */
  synchronized void await() {
    try {
      while (!given) {
        wait();
      }
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }
}
