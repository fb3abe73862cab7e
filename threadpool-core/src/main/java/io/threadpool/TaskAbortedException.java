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
    SHUTDOWN("the pool was shut down before the task had started"),
    /** {@link SaturationPolicy#discardOldest()} made room for a newer task. */
    DISCARDED("it was the oldest task in a full queue"),
    /**
     * The body still ran when the abort grace had ended, and may do so yet; or its worker, held up,
     * had taken it and not begun, and it will not run.
     */
    STUCK("it still ran when the abort grace had ended");

    /** How the message says it. */
    private final String text;

    Reason(String text) {
      this.text = text;
    }
  }

  /** Why the task was aborted. */
  private final Reason reason;

  TaskAbortedException(Reason reason, String pool) {
    super("Task aborted by pool " + pool + ": " + reason.text);
    this.reason = reason;
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
