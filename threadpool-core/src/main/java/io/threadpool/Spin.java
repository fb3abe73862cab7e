package io.threadpool;

/** How a thread waits for another one that is between two steps a few instructions apart. */
final class Spin {

  private Spin() {}

  /** Lets other threads run, since the one waited for may have been descheduled. */
  @SuppressWarnings("ThreadPriorityCheck") // Correctness does not depend on it.
  static void pause() {
    Thread.yield();
  }
}
