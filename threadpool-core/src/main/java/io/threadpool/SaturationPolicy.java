package io.threadpool;

import java.time.Duration;

/**
 * What a pool does with a submission that finds its queue full.
 *
 * <p>No policy applies to a pool that has been shut down: it refuses every submission. A pool whose
 * policy is not {@link #reject()}, and that has neither a capacity nor {@code unboundedQueue()},
 * has an exact capacity of 1,048,576.
 *
 * <p>Immutable and thread-safe.
 *
 * <pre>{@code
 * WorkerPool pool =
 *     WorkerPool.builder()
 *         .size(4)
 *         .queueCapacity(1_000)
 *         .saturationPolicy(SaturationPolicy.block(Duration.ofSeconds(1)))
 *         .build();
 * }</pre>
 */
@SuppressWarnings("ReferenceEquality") // Those without a time exist once.
public final class SaturationPolicy {

  private static final long NOT = -1;

  private static final SaturationPolicy REJECT = new SaturationPolicy(NOT, "reject()");
  private static final SaturationPolicy BLOCK = new SaturationPolicy(Long.MAX_VALUE, "block()");
  private static final SaturationPolicy CALLER_RUNS = new SaturationPolicy(NOT, "callerRuns()");
  private static final SaturationPolicy DISCARD_OLDEST =
      new SaturationPolicy(NOT, "discardOldest()");

  /**
   * How long a submitter waits for room, in nanoseconds; {@code Long.MAX_VALUE}: without end;
   * {@link #NOT}: it does not wait.
   */
  final long waitNanos;

  private final String text;

  private SaturationPolicy(long waitNanos, String text) {
    this.waitNanos = waitNanos;
    this.text = text;
  }

  /**
   * Returns the policy that refuses the submission with a {@link RejectedTaskException} whose
   * reason is {@link RejectedTaskException.Reason#SATURATED}. It is the default.
   *
   * @return the policy that rejects
   */
  public static SaturationPolicy reject() {
    return REJECT;
  }

  /**
   * Returns the policy that makes the submitter wait for room, in the order of arrival. A shutdown
   * wakes the waiting submitters with a rejection, and so does an interrupt, which stays set. A
   * task may not wait for room in the queue of its own pool: it is refused as saturated at once.
   *
   * @return the policy that blocks without a time limit
   */
  public static SaturationPolicy block() {
    return BLOCK;
  }

  /**
   * Returns the policy that makes the submitter wait for room as {@link #block()} does, but no
   * longer than {@code timeout}; then the submission is refused with the reason {@link
   * RejectedTaskException.Reason#TIMEOUT}.
   *
   * @param timeout how long to wait at the most; zero tries once; a length that nanoseconds cannot
   *     count in a {@code long} (about 292 years) is taken as that limit
   * @return the policy that blocks for that long
   * @throws NullPointerException if {@code timeout} is null
   * @throws IllegalArgumentException if {@code timeout} is negative
   */
  public static SaturationPolicy block(Duration timeout) {
    long nanos = Checks.nonNegativeNanos(timeout, "timeout");
    return new SaturationPolicy(nanos, "block(" + timeout + ")");
  }

  /**
   * Returns the policy that runs the task on the thread that submits it, before the submission
   * returns. Such a task counts as accepted. Where a task run so submits again into the full queue,
   * it nests, to a depth of 32; deeper submissions are refused as saturated. The caller's name and
   * its context class loader are put back, and an interrupt of the pool's is taken away; one that
   * the task sets itself stays the caller's, unless the caller is a task, too.
   *
   * @return the policy that lets the caller run the task
   */
  public static SaturationPolicy callerRuns() {
    return CALLER_RUNS;
  }

  /**
   * Returns the policy that makes room by settling the task that has waited longest as
   * <em>aborted</em>, with {@link TaskAbortedException.Reason#DISCARDED}. The discarded task's
   * handle is settled when the submission returns; an {@code ...Async} step of a stage that is
   * discarded leaves its stage open. The new task goes in first: amid a submission one more may be
   * queued than there is room for, so with many submitters at once as many more as they are; an
   * abort then settles these as any other.
   *
   * @return the policy that discards the oldest queued task
   */
  public static SaturationPolicy discardOldest() {
    return DISCARD_OLDEST;
  }

  boolean rejects() {
    return this == REJECT;
  }

  boolean waits() {
    return waitNanos != NOT;
  }

  boolean letsCallerRun() {
    return this == CALLER_RUNS;
  }

  boolean discardsOldest() {
    return this == DISCARD_OLDEST;
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof SaturationPolicy that
        && (this == that || (waits() && waitNanos == that.waitNanos));
  }

  @Override
  public int hashCode() {
    return waits() ? Long.hashCode(waitNanos) : System.identityHashCode(this);
  }

  /** Returns the policy as it is written in code, for instance {@code block(PT1S)}. */
  @Override
  public String toString() {
    return text;
  }
}
