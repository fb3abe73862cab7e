package io.threadpool;

import io.threadpool.internal.HeldSlot;
import org.jspecify.annotations.Nullable;

/**
 * What a task that was scheduled asks of its pool. The answers here are those of a pool that has
 * ended; one that runs has its own.
 */
class DelayHost {

  /**
   * A task was decided that nobody had claimed: counts that.
   *
   * @param body what the pool knows of it, as it was given to the task; so below
   * @param delayed whether it was not due yet
   */
  void decided(Object body, Outcome outcome, boolean delayed) {}

  /** A task that had fallen due was claimed by one who has not taken it out of its line. */
  void claimed(Object body) {}

  /** The outcome of a task is decided and counted. */
  void left() {}

  /**
   * Has a task that repeats wait for its next beat, on the thread of the last one.
   *
   * @return false where it is settled, or the pool was closed meanwhile
   */
  boolean delayAgain(Object body) {
    return false;
  }

  /**
   * How long until a delayed task is due; where it is, what is due is handed over to the workers.
   */
  long untilDue(@Nullable Object body) {
    return 0;
  }

  /**
   * A beat has thrown, which reaches the handler, though there is a handle.
   *
   * @param frame where it ran; null for the calling thread's
   */
  void failed(Throwable thrown, @Nullable HeldSlot frame) {}
}
