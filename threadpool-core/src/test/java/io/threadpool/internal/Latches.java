package io.threadpool.internal;

import java.util.concurrent.CountDownLatch;

/** Waits for latches, as tests want it. */
public final class Latches {

  private Latches() {}

  /** For a body that only waits for its gate: ignores interrupts, and does not keep them. */
  public static void uninterruptibly(CountDownLatch latch) {
    for (boolean open = false; !open; ) {
      try {
        latch.await();
        open = true;
      } catch (InterruptedException ignored) {
        // This body only waits for its gate.
      }
    }
  }
}
