package io.threadpool;

import java.time.Duration;

/**
 * Cancels tasks for the layers above a pool, and waits until none of their bodies is on a thread.
 */
final class Leaving {

  /** How often to look whether the pool has reported what does not leave. */
  private static final Duration LOOK = Duration.ofMillis(50);

  private Leaving() {}

  /** Whether a task is settled, and its body has left its thread. */
  static boolean hasLeft(Task<?> task) {
    try {
      return task.isDone() && task.awaitStopped(Duration.ZERO);
    } catch (IllegalStateException | InterruptedException onThisStack) {
      return false;
    }
  }

  /**
   * Changes nothing.
   *
   * @throws IllegalStateException if a body is on the stack of the calling thread
   */
  static void refuseInBody(Iterable<? extends Task<?>> tasks) {
    for (Task<?> task : tasks) {
      try {
        var unused = task.awaitStopped(Duration.ZERO);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }
  }

  /** Of a task that is decided. */
  private static void awaitTold(Task<?> task) {
    try {
      task.join();
    } catch (RuntimeException outcome) {
      // The handle says so.
    }
  }

  private static void cancel(Iterable<? extends Task<?>> tasks) {
    for (Task<?> task : tasks) {
      task.cancel(true);
    }
  }

  /**
   * Cancels the tasks that are not settled and waits, uninterruptibly, until every body has left
   * its thread; keeps an interrupt for later.
   *
   * @param tasks the newest first: so what has not begun is cancelled before a worker gets to it
   * @throws IllegalStateException if the pool has reported the end of its abort grace, and a body
   *     still runs; or if one is on the stack of the calling thread
   */
  static void await(WorkerPool pool, Iterable<? extends Task<?>> tasks) {
    cancel(tasks);
    boolean interrupted = false;
    int stuck = 0;
    try {
      for (Task<?> task : tasks) {
        boolean left = false;
        while (!left) {
          try {
            left = task.awaitStopped(LOOK);
            if (!left && pool.report().isPresent()) {
              stuck += task.awaitStopped(Duration.ZERO) ? 0 : 1; // What left before the report has.
              break;
            }
          } catch (InterruptedException e) {
            interrupted = true;
          }
        }
        if (left && !task.isDone()) {
          awaitTold(task);
        }
      }
    } finally {
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
    if (stuck > 0) {
      throw new IllegalStateException(
          stuck + " of the tasks ignore their interrupt beyond the abort grace: " + pool);
    }
  }
}
