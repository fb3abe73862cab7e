package io.threadpool;

import java.time.Duration;
import java.util.concurrent.CancellationException;
import java.util.concurrent.TimeoutException;

/**
 * What the handle of an <em>aborted</em> task throws: the pool, not the user, decided that the task
 * does not run to its end.
 *
 * <p>Who calls {@code get} or {@code join} gets one of its own, whose stack trace is the caller's.
 * One that a stage is given has none. Thread-safe.
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
    /** The pool was shut down before the task was run, or, where it repeats, was run again. */
    SHUTDOWN(0, "the pool was shut down before it was run, or run again"),
    /** {@link SaturationPolicy#discardOldest()} made room for a newer task. */
    DISCARDED(1, "it was the oldest task in a full queue"),
    /**
     * The body still ran when the abort grace had ended, and may do so yet; or its worker, held up,
     * had taken it and not begun, and it will not run.
     */
    STUCK(2, "it still ran when the abort grace had ended"),
    /**
     * All threads of the pool had ended without running what they were given: a fault of its thread
     * factory. The pool has shut itself down, unless it was closed already.
     */
    NO_WORKER(3, "no worker thread of the pool was alive to run it"),
    /** It had not started in time: {@link TaskOptions#startWithin}. It will not run. */
    START_TIMEOUT(4, "it had not started in time"),
    /** The body ran for longer than it may, {@link TaskOptions#runWithin}, and was interrupted. */
    RUN_TIMEOUT(5, "it ran for too long");

    private final String text;

    /** Its number in a task's state word. */
    final int code;

    Reason(int code, String text) {
      this.code = code;
      this.text = text;
    }

    /** How the message says it. */
    private String text(String pool) {
      return "aborted by pool " + pool + ": " + text;
    }

    /** Whether it is the end of a limit that has a length, which the cause tells. */
    boolean isTimeout() {
      return this == START_TIMEOUT || this == RUN_TIMEOUT;
    }
  }

  /** Why the task was aborted. */
  private final Reason reason;

  /** One without a stack trace, for a handle: where it was decided tells nothing. */
  TaskAbortedException(Reason reason, String pool, TaskOptions options) {
    super("Task " + (options.name == null ? "" : options.name + " ") + reason.text(pool));
    this.reason = reason;
    if (reason.isTimeout()) {
      boolean start = reason == Reason.START_TIMEOUT;
      Duration limit = Duration.ofNanos(start ? options.startNanos : options.runNanos);
      Throwable timeout =
          new TimeoutException((start ? "not started within " : "not run within ") + limit);
      var unused = initCause(timeout);
    }
  }

  /** One for a thread that asks for the outcome, with its stack trace. */
  static TaskAbortedException forCaller(Reason reason, String pool, TaskOptions options) {
    TaskAbortedException exception = new TaskAbortedException(reason, pool, options);
    var unused = exception.fillInStackTrace();
    return exception;
  }

  /** One that many handles share until they have stages: its cause can no longer be set. */
  static TaskAbortedException shared(Reason reason, String pool) {
    TaskAbortedException exception = new TaskAbortedException(reason, pool, TaskOptions.NONE);
    var unused = exception.initCause(null);
    return exception;
  }

  /** Does nothing while the exception is being made. */
  @Override
  @SuppressWarnings("UnsynchronizedOverridesSynchronized") // What it calls is.
  public Throwable fillInStackTrace() {
    return reason == null ? this : super.fillInStackTrace();
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
