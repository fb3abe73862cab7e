package io.threadpool;

import java.time.Duration;
import java.util.Objects;

/**
 * What a pool does with the tasks it has when it is shut down.
 *
 * <p>Every policy refuses new tasks at once. {@link #drain()} runs what was accepted, however long
 * that takes; {@link #abort()} runs nothing that has not started and interrupts what has; {@link
 * #drainFor(Duration)} drains until its deadline and aborts what is left then. The policies are
 * ordered by severity, and a pool that is shutting down only ever moves to a more severe one.
 *
 * <p>Immutable and thread-safe.
 *
 * <pre>{@code
 * WorkerPool pool =
 *     WorkerPool.builder()
 *         .size(4)
 *         .shutdownPolicy(ShutdownPolicy.drainFor(Duration.ofSeconds(30)))
 *         .build();
 * }</pre>
 */
public final class ShutdownPolicy {

  private static final ShutdownPolicy DRAIN =
      new ShutdownPolicy(Long.MAX_VALUE, false, false, "drain()");
  private static final ShutdownPolicy ABORT = new ShutdownPolicy(0, true, true, "abort()");

  /** How long to drain before aborting, in nanoseconds; {@code Long.MAX_VALUE}: without end. */
  final long drainNanos;

  /** Whether it ends by itself, whatever the tasks do. */
  final boolean hasDeadline;

  /** Whether what is delayed does not run any more. */
  final boolean dropsDelayed;

  private final String text;

  private ShutdownPolicy(long drainNanos, boolean hasDeadline, boolean dropsDelayed, String text) {
    this.drainNanos = drainNanos;
    this.hasDeadline = hasDeadline;
    this.dropsDelayed = dropsDelayed;
    this.text = text;
  }

  /**
   * Returns the policy that runs every accepted task before the workers leave. It has no deadline.
   *
   * @return the policy that drains
   */
  public static ShutdownPolicy drain() {
    return DRAIN;
  }

  /**
   * Returns the policy that settles every task that has not started as <em>aborted</em> and
   * interrupts the running ones, which keep the outcome that their bodies reach. What still runs
   * when the pool's {@linkplain WorkerPoolBuilder#abortGrace(Duration) abort grace} has passed is
   * reported as stuck.
   *
   * @return the policy that aborts
   */
  public static ShutdownPolicy abort() {
    return ABORT;
  }

  /**
   * Returns the policy that drains until {@code deadline} has passed since the call that shuts down
   * with it, then aborts. Of several such calls the one whose time is over first counts.
   *
   * @param deadline how long to drain; zero aborts at once; a length that nanoseconds cannot count
   *     in a {@code long} (about 292 years) is taken as that limit
   * @return the policy that drains for that long
   * @throws NullPointerException if {@code deadline} is null
   * @throws IllegalArgumentException if {@code deadline} is negative
   */
  public static ShutdownPolicy drainFor(Duration deadline) {
    long nanos = Checks.nonNegativeNanos(deadline, "deadline");
    return new ShutdownPolicy(nanos, true, false, "drainFor(" + deadline + ")");
  }

  /**
   * Returns the same policy for what is queued or runs, which cancels what is delayed: scheduled
   * for later, and not due when the shutdown begins.
   *
   * @return the policy without delayed tasks
   */
  public ShutdownPolicy withoutDelayed() {
    return dropsDelayed
        ? this
        : new ShutdownPolicy(drainNanos, hasDeadline, true, text + ".withoutDelayed()");
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof ShutdownPolicy that
        && drainNanos == that.drainNanos
        && hasDeadline == that.hasDeadline
        && dropsDelayed == that.dropsDelayed;
  }

  @Override
  public int hashCode() {
    return Objects.hash(drainNanos, hasDeadline, dropsDelayed);
  }

  /** Returns the policy as it is written in code, for instance {@code drainFor(PT30S)}. */
  @Override
  public String toString() {
    return text;
  }
}
