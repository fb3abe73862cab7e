package io.threadpool;

import java.util.concurrent.CancellationException;

/**
 * What the handle of an <em>aborted</em> task throws: the pool, not the user, decided that the task
 * does not run to its end.
 *
 * <p>Immutable and thread-safe.
 *
 * <pre>{@code
 * try {
 *   return task.join();
 * } catch (TaskAbortedException e) {
 *   log.info("not done: {}", e.reason());
 *   throw e;
 * }
 * }</pre>
 */
public final class TaskAbortedException extends CancellationException {

  private static final long serialVersionUID = 1L;

  /** Why a task was aborted. */
  public enum Reason {
    /** The pool was shut down before the task had started. */
    SHUTDOWN,
    /** {@link SaturationPolicy#discardOldest()} made room for a newer task. */
    DISCARDED,
    /** The body ignored its interrupt for longer than the abort grace; it may still run. */
    STUCK
  }

  /** Why the task was aborted. */
  private final Reason reason;

  TaskAbortedException(Reason reason, String pool) {
    super("Task aborted by pool " + pool + ": " + describe(reason));
    this.reason = reason;
  }

  private static String describe(Reason reason) {
    return switch (reason) {
      case SHUTDOWN -> "the pool was shut down before the task had started";
      case DISCARDED -> "it was the oldest task in a full queue";
      case STUCK -> "it ignored its interrupt for longer than the abort grace";
    };
  }

  /**
   * Returns why the task was aborted.
   *
   * @return the reason
   */
  public Reason reason() {
    return reason;
  }
}
