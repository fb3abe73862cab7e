package io.threadpool.examples.serve;

import java.time.Duration;
import java.util.Collection;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;

/**
 * Shuts an {@link ExecutorService} down in the two steps that its javadoc shows: until a deadline
 * everything may run, then what runs is interrupted and the rest dropped. What ignores that is told
 * with its stack.
 */
final class GracefulShutdown {
  private static final Duration GRACE = Duration.ofSeconds(5);

  private GracefulShutdown() {}

  /**
   * Returns when the pool has terminated, or at the end of the grace.
   *
   * @param drain how long everything may run; null for as long as it takes
   * @param alive the threads that have not ended, at any time
   */
  static void close(
      ExecutorService pool, @Nullable Duration drain, Collection<Thread> alive, Logger log) {
    pool.shutdown();
    boolean interrupted = false;
    boolean ended = false;
    try {
      long nanos = drain == null ? Long.MAX_VALUE : drain.toNanos();
      long start = System.nanoTime();
      for (long left = nanos; !ended && left > 0; left = nanos - (System.nanoTime() - start)) {
        ended = pool.awaitTermination(left, TimeUnit.NANOSECONDS); // JBoss's may return early.
      }
    } catch (InterruptedException e) {
      interrupted = true;
    }
    if (!ended) {
      pool.shutdownNow();
      long end = System.nanoTime() + GRACE.toNanos();
      while (!ended && end - System.nanoTime() > 0) {
        try {
          ended = pool.awaitTermination(end - System.nanoTime(), TimeUnit.NANOSECONDS);
        } catch (InterruptedException e) {
          interrupted = true;
        }
      }
      if (!ended) {
        alive.forEach(thread -> tell(thread, log));
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  private static void tell(Thread stuck, Logger log) {
    StringBuilder stack = new StringBuilder();
    for (StackTraceElement line : stuck.getStackTrace()) {
      stack.append("\n\tat ").append(line);
    }
    log.warn("A connection ignores its interrupt: {}{}", stuck.getName(), stack);
  }
}
