package io.threadpool;

import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import org.slf4j.helpers.NOPLogger;

/** Does a thing where the heap has no room for anything; prints what is thrown. */
final class FullHeapProgram {

  private static Object filling;

  private FullHeapProgram() {}

  public static void main(String[] args) throws InterruptedException {
    if (args[0].equals("shutdown")) {
      System.out.println("escaped " + shutdowns());
      return;
    }
    Runnable thing = args[0].equals("tell") ? troubles() : end();
    Throwable escaped = thrownBy(thing); // Loads what is needed.
    for (int i = 0; i < 3; i++) {
      fill(1 << 16);
      fill(1 << 8);
      fill(1);
      Throwable thrown = thrownBy(thing);
      filling = null; // Room again.
      escaped = escaped == null ? thrown : escaped;
    }
    System.out.println("escaped " + escaped);
  }

  private static Runnable troubles() {
    Events events = new Events(NOPLogger.NOP_LOGGER, "full", null, Events.SIGHT);
    Throwable cause = new IllegalStateException("for the test");
    return () -> {
      events.stagesLost(cause);
      events.noExitHook(cause);
      events.cancelFailed(cause);
    };
  }

  private static Runnable end() {
    Abort abort = new PoolCore(WorkerPool.builder().size(20).config()).abort;
    return () -> {
      if (!abort.isOver()) {
        throw new IllegalStateException("there is nothing to tell");
      }
    };
  }

  private static volatile boolean go;

  /** A shutdown that lacks memory has begun all the same; returns what is wrong, or null. */
  private static String shutdowns() throws InterruptedException {
    for (int round = 0; round < 3; round++) {
      WorkerPool pool = WorkerPool.fixed(1);
      CountDownLatch begun = new CountDownLatch(1);
      pool.submit(
          () -> {
            begun.countDown();
            new CountDownLatch(1).await();
            return null;
          });
      begun.await();
      for (int i = 0; i < 3; i++) {
        pool.submit(() -> null);
      }
      go = false;
      Thread ender = new Thread(() -> shutDown(pool)); // Which has no thread-locals yet.
      ender.start();
      fill(1 << 16);
      fill(1 << 8);
      fill(1);
      go = true;
      while (ender.isAlive()) {
        Thread.onSpinWait();
      }
      filling = null; // Room again.
      if (!pool.isShutdown() || !pool.awaitTermination(Duration.ofSeconds(20))) {
        return pool.toString();
      }
    }
    return null;
  }

  private static void shutDown(WorkerPool pool) {
    while (!go) {
      Thread.onSpinWait();
    }
    try {
      pool.shutdownNow();
    } catch (OutOfMemoryError full) {
      // It goes on when there is room.
    }
  }

  private static Throwable thrownBy(Runnable thing) {
    try {
      thing.run();
      return null;
    } catch (Throwable escaped) {
      return escaped;
    }
  }

  private static void fill(int size) {
    try {
      for (; ; ) {
        Object[] next = new Object[size];
        next[0] = filling;
        filling = next;
      }
    } catch (OutOfMemoryError full) {
      // That is what is wanted.
    }
  }
}
