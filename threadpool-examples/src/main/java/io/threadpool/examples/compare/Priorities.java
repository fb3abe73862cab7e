package io.threadpool.examples.compare;

import java.util.concurrent.BlockingQueue;
import java.util.concurrent.PriorityBlockingQueue;

/** A queue for pools that take a queue of the user's. */
final class Priorities {
  private Priorities() {}

  /** The least first; what is not comparable, such as what a pool itself puts there, last. */
  static BlockingQueue<Runnable> queue() {
    return new PriorityBlockingQueue<>(11, Priorities::compare);
  }

  @SuppressWarnings("unchecked")
  private static int compare(Runnable one, Runnable other) {
    boolean comparable = one instanceof Comparable && other instanceof Comparable;
    return comparable
        ? ((Comparable<Object>) one).compareTo(other)
        : Boolean.compare(other instanceof Comparable, one instanceof Comparable);
  }
}
