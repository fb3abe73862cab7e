package io.threadpool;

import java.util.concurrent.atomic.AtomicInteger;

/**
 * The latch of the termination: how many may yet run a body. It counts the pool itself until its
 * closed queue is drained, nothing is left beside it ({@link Beside}), and no virtual run is alive;
 * the workers on threads that have not left, the guests, and the abort while it has something to
 * tell. Who takes it to zero is the last one out, and completes the termination; from then on
 * nobody is counted in.
 */
final class BodyCount {

  /** Written by CAS. */
  private final AtomicInteger bodies;

  private final Observer observer;

  /** With the pool itself counted in. */
  BodyCount(Observer observer) {
    bodies = new AtomicInteger(1);
    this.observer = observer;
  }

  /** Counts one in, unless the last one is out. */
  boolean enter() {
    for (int n = bodies.get(); n > 0; n = bodies.get()) {
      if (bodies.compareAndSet(n, n + 1)) {
        return true;
      }
    }
    return false;
  }

  /** Counts one out; the last one does what is to be done then. */
  void leave() {
    if (bodies.decrementAndGet() == 0) {
      observer.onLastOut();
    }
  }

  boolean isZero() {
    return bodies.get() == 0;
  }
}
