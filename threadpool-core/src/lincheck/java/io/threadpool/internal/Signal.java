package io.threadpool.internal;

/** Something that happens once in a scenario, and that threads wait for. */
public final class Signal {

  /** Guarded by the monitor. */
  private boolean given;

  public synchronized void give() {
    given = true;
    notifyAll();
  }

  /** Whether it has happened. */
  public synchronized boolean isGiven() {
    return given;
  }

  /** Waits until it has happened; several may wait. */
  public synchronized void await() {
    try {
      while (!given) {
        wait();
      }
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }
}
