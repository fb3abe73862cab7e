package io.threadpool;

/**
 * The bits of a {@link Task}'s state word.
 *
 * <pre>
 *   queued ----claim-------> STARTED ---finish---> STARTED LEFT + outcome     the body decided
 *     |                        |
 *     |                        +-----settle------> STARTED + outcome ---finish---> ... LEFT
 *     |                              cancel, abort as stuck, complete by a user
 *     |                        +-----endRun------> STARTED + aborted ---finish---> ... LEFT
 *     |                              it has run for too long; an errand interrupts it
 *     +------------settle---------> outcome        the body will not start
 *     +-----endIfLate, claim------> aborted        nor will it: it is too late
 * </pre>
 *
 * <p>The outcome, once there, does not change. Beside it, where the task is cancelled while it
 * runs:
 *
 * <pre>
 *   STARTED + outcome --interruptRunner--> + INTERRUPTING --interruptRunner--> + INTERRUPTED
 *   STARTED + outcome --interruptRunner, by the runner itself--> + INTERRUPTED
 *   STARTED + outcome + SUSPENDED --interruptRunner--> + INTERRUPT_DUE --resume--> + INTERRUPTED
 *   STARTED + outcome + LEFT                          not interrupted any more
 * </pre>
 *
 * <p>Decided is this word; told is the future. Who decides has it told: the body, a user and a
 * cancel in {@link Task}, an abort by {@link Abort}, a start that is too late and what {@link
 * Delays} drops by {@link Untold}, a run that was too long by the errand of {@code endRun}.
 *
 * <p>SUSPENDED comes and goes, REMOVED and AWAITED come once, independently of these. One that was
 * scheduled, which is BESIDE the queue, begins as DELAYED; each edge from there is taken by the
 * pool's {@code Delays}, but for the settling:
 *
 * <pre>
 *   DELAYED --fallDue--> queued (in the line of what is due) --claim--> STARTED
 *     |  ^                                                                 |
 *     |  +---------------------- delayAgain: it REPEATS -------------------+
 *     +-------------------settle--> outcome
 * </pre>
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

  /** Who has decided is about to interrupt the body, or amid it; it may not leave meanwhile. */
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

  private static final int REASON_SHIFT = 12;

  /** Covers the reason for an abort: its code. */
  private static final int REASON = 7 << REASON_SHIFT;

  /** The user gives the exception, and tells it: it is not the pool's to make. */
  static final int GIVEN = 1 << 15;

  /** The user has obtruded a result, or is about to. */
  static final int OBTRUDED = 1 << 16;

  /** An aborted handle is being given an exception of its own. */
  static final int EXCHANGING = 1 << 17;

  /** Accepted beside the queue: no room in that is its own; constant. */
  static final int BESIDE = 1 << 18;

  /** Not due yet. */
  static final int DELAYED = 1 << 19;

  /** When its body has returned it is delayed again; constant. */
  static final int REPEATS = 1 << 20;

  /** What the body of one that repeats returns where another beat is to follow. */
  static final Object AGAIN = new Object();

  /** The task has to have started in time; constant. */
  static final int START_BY = 1 << 21;

  /** In the order of their codes. */
  private static final TaskAbortedException.Reason[] REASONS = TaskAbortedException.Reason.values();

  private TaskState() {}

  static int bits(Outcome outcome) {
    return outcome.code << OUTCOME_SHIFT;
  }

  static int aborted(TaskAbortedException.Reason reason) {
    return bits(Outcome.ABORTED) | reason.code << REASON_SHIFT;
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
    return REASONS[(state & REASON) >>> REASON_SHIFT];
  }

  /**
   * Cancelled or aborted, with an exception that anybody can make: what asks for the outcome
   * answers from this, and does not wait until the handle is told.
   */
  static boolean isDropped(int state) {
    int outcome = state & OUTCOME;
    return outcome == bits(Outcome.ABORTED)
        || (outcome == bits(Outcome.CANCELLED) && (state & GIVEN) == 0);
  }

  /** Neither claimed nor settled, and due if it was delayed. */
  static boolean isQueued(int state) {
    return (state & (STARTED | OUTCOME | DELAYED)) == 0;
  }

  /** Neither claimed nor settled, since it is not due yet. */
  static boolean isDelayed(int state) {
    return (state & (OUTCOME | DELAYED)) == DELAYED;
  }

  /** Queued, and may start at any time. */
  static boolean isQueuedWithoutLimit(int state) {
    return (state & (STARTED | OUTCOME | DELAYED | START_BY)) == 0;
  }

  /** Whether a decision is of a task that has not started, and of no other. */
  static boolean isForUnstarted(int decision) {
    return (decision & REMOVED) != 0
        || (is(decision, Outcome.ABORTED)
            && reason(decision) == TaskAbortedException.Reason.START_TIMEOUT);
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
