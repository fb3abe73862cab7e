package io.threadpool;

import java.util.concurrent.TimeUnit;

/** The end of a pool's scope: shut down, wait, join the threads. */
final class Closing {

  /** How long the threads of workers that have left may take to end. */
  private static final long JOIN_NANOS = 1_000_000_000L;

  private Closing() {}

  static void close(PoolCore core) {
    core.shutdown(core.shutdownPolicy());
    core.refuseSelfWait("close");
    boolean interrupted = false;
    for (boolean over = false; !over; ) {
      try {
        core.lifecycle.awaitReport();
        over = true;
      } catch (InterruptedException e) {
        interrupted = true;
        core.shutdown(ShutdownPolicy.abort());
      }
    }
    core.awaitLastErrands(); // What they log is told by the end, where the log lets them.
    if (!interrupted && core.lifecycle.isTerminated()) {
      interrupted = joinThreads(core);
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  /** Waits for threads whose work is over; returns whether the caller was interrupted meanwhile. */
  private static boolean joinThreads(PoolCore core) {
    long start = System.nanoTime();
    try {
      for (Thread thread : core.workerThreads()) {
        long left = JOIN_NANOS - (System.nanoTime() - start);
        if (left <= 0) {
          return false;
        }
        TimeUnit.NANOSECONDS.timedJoin(thread, left);
      }
      return false;
    } catch (InterruptedException e) {
      return true;
    }
  }
}
