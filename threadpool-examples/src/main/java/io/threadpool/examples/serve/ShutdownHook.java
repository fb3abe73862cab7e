package io.threadpool.examples.serve;

import java.util.concurrent.CountDownLatch;

/**
 * Lets the JVM end, on Ctrl-C or SIGTERM, only when the program has: the hook asks it to stop and
 * waits until the scope that holds this is left.
 *
 * <p>The scope must be left without calling {@link System#exit}, which would wait for the hook.
 */
final class ShutdownHook implements AutoCloseable {
  private final CountDownLatch left = new CountDownLatch(1);
  private final Thread hook;

  private ShutdownHook(Runnable stop) {
    hook = new Thread(() -> stopAndWait(stop), "serve-shutdown");
  }

  static ShutdownHook add(Runnable stop) {
    ShutdownHook added = new ShutdownHook(stop);
    Runtime.getRuntime().addShutdownHook(added.hook);
    return added;
  }

  private void stopAndWait(Runnable stop) {
    stop.run();
    boolean waiting = true;
    while (waiting) {
      try {
        left.await();
        waiting = false;
      } catch (InterruptedException nobodyInterruptsHooks) {
        // Wait on: leaving now would cut answers off.
      }
    }
  }

  @Override
  public void close() {
    left.countDown();
    try {
      Runtime.getRuntime().removeShutdownHook(hook);
    } catch (IllegalStateException shuttingDown) {
      // The hook has started, and now ends.
    }
  }
}
