package io.threadpool.internal;

/**
 * A thread of a scenario, which parks on a permit of its own.
 *
 * <p>Lincheck lets every {@code park} return at once, as the contract of {@code park} allows; so a
 * wait becomes a spin, and a wake-up that never came is not missed. Here who parks sleeps until it
 * is unparked or interrupted, and where nobody will, Lincheck reports the deadlock.
 */
public final class ModelThread extends Thread {

  private final Object monitor = new Object();

  /** Guarded by the monitor. */
  private boolean permit;

  public ModelThread(Runnable body) {
    super(body);
  }

  /** Told by a class of its own, so nobody asks: whether it waits depends on how it is played. */
  @Override
  public State getState() {
    return State.NEW;
  }

  public void parkHere() {
    synchronized (monitor) {
      try {
        while (!permit) {
          monitor.wait();
        }
      } catch (InterruptedException interrupted) {
        interrupt(); // As park does, which keeps the flag.
      }
      permit = false;
    }
  }

  public void unparkThis() {
    synchronized (monitor) {
      permit = true;
      monitor.notifyAll();
    }
  }
}
