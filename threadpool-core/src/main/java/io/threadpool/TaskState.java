package io.threadpool;

/**
 * The bits of a {@link Task}'s state word.
 *
 * <pre>
 *   queued ----claim-------> STARTED ---finish---> STARTED LEFT + outcome     the body decided
 *     |                        |
 *     |                        +-----settle------> STARTED + outcome ---finish---> ... LEFT
 *     |                              cancel, abort as stuck, complete by a user; with an interrupt:
 *     |                              + INTERRUPTING, then INTERRUPTED once it was delivered
 *     +------------settle---------> outcome        the body will not start
 * </pre>
 *
 * <p>The outcome, once there, does not change. REMOVED, SUSPENDED, INTERRUPT_DUE and AWAITED come
 * and go beside it.
 */
final class TaskState {

  /** The body is a {@code Callable}, not a {@code Runnable}; constant. */
  static final int CALLABLE = 1;

  /** A thread has claimed the body; it runs, or has run. */
  static final int STARTED = 1 << 1;

  /** The body is off the stack. */
  static final int LEFT = 1 << 2;

  /**
   * The entry has left the queue; set once, by whoever takes it out, which tells who counts that.
   */
  static final int REMOVED = 1 << 3;

  /** A canceller is between its decision and its interrupt; the body may not leave meanwhile. */
  static final int INTERRUPTING = 1 << 4;

  /** The body's thread was interrupted for this task. */
  static final int INTERRUPTED = 1 << 5;

  /** Another body runs on top of this one's stack, which owns the thread meanwhile. */
  static final int SUSPENDED = 1 << 6;

  /** The interrupt of a suspended body, to be delivered when it owns its thread again. */
  static final int INTERRUPT_DUE = 1 << 7;

  /** Somebody waits for the body to have left. */
  static final int AWAITED = 1 << 8;

  private static final int OUTCOME_SHIFT = 9;

  /** Covers the outcome: zero, or its code. */
  static final int OUTCOME = 7 << OUTCOME_SHIFT;

  private static final int SHUTDOWN = 0;
  private static final int DISCARDED = 1 << 12;
  private static final int STUCK = 2 << 12;

  /** Covers the reason for an abort. */
  private static final int REASON = 3 << 12;

  private TaskState() {}

  static int bits(Outcome outcome) {
    return outcome.code << OUTCOME_SHIFT;
  }

  static int aborted(TaskAbortedException.Reason reason) {
    return bits(Outcome.ABORTED) | code(reason);
  }

  private static int code(TaskAbortedException.Reason reason) {
    if (reason == TaskAbortedException.Reason.STUCK) {
      return STUCK;
    }
    return reason == TaskAbortedException.Reason.DISCARDED ? DISCARDED : SHUTDOWN;
  }

  static boolean isDecided(int state) {
    return (state & OUTCOME) != 0;
  }

  static Outcome outcome(int state) {
    return Outcome.of((state & OUTCOME) >>> OUTCOME_SHIFT);
  }

  static boolean is(int state, Outcome outcome) {
    return (state & OUTCOME) == bits(outcome);
  }

  static TaskAbortedException.Reason reason(int state) {
    return switch (state & REASON) {
      case DISCARDED -> TaskAbortedException.Reason.DISCARDED;
      case STUCK -> TaskAbortedException.Reason.STUCK;
      default -> TaskAbortedException.Reason.SHUTDOWN;
    };
  }

  /** Neither claimed nor settled. */
  static boolean isQueued(int state) {
    return (state & (STARTED | OUTCOME)) == 0;
  }

  /** Claimed, and the body may still be on its thread's stack. */
  static boolean isRunning(int state) {
    return (state & (STARTED | LEFT)) == STARTED;
  }

  /** The body is off the stack, or will never be on it. */
  static boolean hasStopped(int state) {
    return (state & LEFT) != 0 || (isDecided(state) && (state & STARTED) == 0);
  }
}
