package io.threadpool;

import io.threadpool.internal.Threads;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * Shuts pools down when the virtual machine does: one hook for all that ask for it, which is there
 * only while there is such a pool, and holds each only until it has terminated.
 */
final class ExitHook {

  private static final Set<PoolCore> POOLS = ConcurrentHashMap.newKeySet();

  /** What runs at the exit, while a pool asks for it. Guarded by the class's monitor. */
  private static @Nullable Thread hook;

  /** Whether it runs: who comes later is not waited for. Guarded by the same. */
  private static boolean exiting;

  private ExitHook() {}

  /**
   * Adds a pool.
   *
   * @throws IllegalStateException if the virtual machine is shutting down
   */
  static synchronized void add(PoolCore core) {
    if (exiting) {
      throw new IllegalStateException("The virtual machine is shutting down");
    }
    if (hook == null) {
      Thread thread = Threads.daemon("threadpool-exit", ExitHook::run, null);
      Runtime.getRuntime().addShutdownHook(thread);
      hook = thread;
    }
    POOLS.add(core);
  }

  static synchronized void remove(PoolCore core) {
    POOLS.remove(core);
    if (POOLS.isEmpty() && hook != null) {
      try {
        Runtime.getRuntime().removeShutdownHook(hook);
      } catch (IllegalStateException exiting) {
        // The hook runs, or will not any more.
      }
      hook = null;
    }
  }

  /** Starts every pool's policy, then waits for each: they go down side by side. */
  private static void run() {
    List<PoolCore> pools = last();
    for (PoolCore core : pools) {
      ShutdownPolicy policy = core.config().exitPolicy();
      if (policy != null) {
        try {
          core.shutdown(policy);
        } catch (Throwable lacking) {
          // The others come first; who waits below does what is due.
        }
      }
    }
    for (PoolCore core : pools) {
      try {
        var unused = core.lifecycle.awaitEnd(Long.MAX_VALUE, true);
      } catch (InterruptedException hurried) {
        return;
      }
    }
  }

  private static synchronized List<PoolCore> last() {
    exiting = true;
    return new ArrayList<>(POOLS);
  }
}
