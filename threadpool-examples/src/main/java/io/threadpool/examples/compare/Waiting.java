package io.threadpool.examples.compare;

import java.time.Duration;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** Waiting for room in the queue of a pool that does not offer to. */
final class Waiting {
  static final String NOTE =
      "a RejectedExecutionHandler of one's own, which waits for room and looks for a shutdown"
          + " meanwhile";
  private static final long LOOK_MILLIS = 20;

  private Waiting() {}

  /**
   * Waits until there is room, and refuses the task where there is none in time, or the pool is
   * shut down.
   *
   * @param remove takes a task out of the queue again, unless a thread has
   */
  static void queue(
      BlockingQueue<Runnable> queue,
      Runnable task,
      @Nullable Duration patience,
      BooleanSupplier closed,
      Predicate<Runnable> remove) {
    if (!offer(queue, task, patience, closed)) {
      throw new RejectedExecutionException("no room in time, or shut down");
    }
    if (closed.getAsBoolean() && remove.test(task)) {
      throw new RejectedExecutionException("shut down meanwhile");
    }
  }

  /**
   * Waits until there is room.
   *
   * @param patience how long, or null for as long as it takes
   * @param closed asked every now and then, since nobody wakes who waits
   * @return whether the task is in the queue
   */
  private static boolean offer(
      BlockingQueue<Runnable> queue,
      Runnable task,
      @Nullable Duration patience,
      BooleanSupplier closed) {
    long end = System.nanoTime() + (patience == null ? Long.MAX_VALUE / 2 : patience.toNanos());
    try {
      while (!closed.getAsBoolean()) {
        long left = TimeUnit.NANOSECONDS.toMillis(end - System.nanoTime());
        if (queue.offer(task, Math.max(0, Math.min(left, LOOK_MILLIS)), TimeUnit.MILLISECONDS)) {
          return true;
        }
        if (left <= 0) {
          return false;
        }
      }
      return false;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new RejectedExecutionException("interrupted while waiting for room", e);
    }
  }
}
