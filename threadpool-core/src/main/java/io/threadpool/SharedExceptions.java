package io.threadpool;

import org.jspecify.annotations.Nullable;

/**
 * The exceptions that aborted handles without stages share, one for each reason, so that an abort
 * takes no memory for each task.
 */
final class SharedExceptions {

  private final String pool;

  /** By reason; guarded by the monitor. */
  private final @Nullable TaskAbortedException[] shared =
      new TaskAbortedException[TaskAbortedException.Reason.values().length];

  SharedExceptions(String pool) {
    this.pool = pool;
  }

  synchronized TaskAbortedException of(TaskAbortedException.Reason reason) {
    TaskAbortedException exception = shared[reason.code];
    if (exception == null) {
      exception = TaskAbortedException.shared(reason, pool);
      shared[reason.code] = exception;
    }
    return exception;
  }
}
