package io.threadpool.benchmark;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/** Holds every worker of a pool in a task until it is opened. */
final class Gate {

  private final CountDownLatch open = new CountDownLatch(1);

  /** Puts a task on each worker, and returns once all of them stand there. */
  void hold(Contender contender, int workers) {
    CountDownLatch held = new CountDownLatch(workers);
    Runnable task =
        () -> {
          held.countDown();
          await(open);
        };
    for (int i = 0; i < workers; i++) {
      contender.execute(task);
    }
    await(held);
  }

  void open() {
    open.countDown();
  }

  private static void await(CountDownLatch latch) {
    try {
      if (!latch.await(60, TimeUnit.SECONDS)) {
        throw new IllegalStateException("waited for a minute");
      }
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }
}
