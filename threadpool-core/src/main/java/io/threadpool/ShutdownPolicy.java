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

  private static final ShutdownPolicy DRAIN = new ShutdownPolicy(Long.MAX_VALUE, "drain()");
  private static final ShutdownPolicy ABORT = new ShutdownPolicy(0, "abort()");

  /** How long to drain before aborting, in nanoseconds; {@code Long.MAX_VALUE}: without end. */
  private final long drainNanos;

  private final String text;

  private ShutdownPolicy(long drainNanos, String text) {
    this.drainNanos = drainNanos;
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
   * Returns the policy that drains until {@code deadline} has passed since the shutdown began, then
   * aborts.
   *
   * @param deadline how long to drain; zero aborts at once; a length that nanoseconds cannot count
   *     in a {@code long} (about 292 years) is taken as that limit
   * @return the policy that drains for that long
   * @throws NullPointerException if {@code deadline} is null
   * @throws IllegalArgumentException if {@code deadline} is negative
   */
  public static ShutdownPolicy drainFor(Duration deadline) {
    long nanos = Checks.nonNegativeNanos(deadline, "deadline");
    return new ShutdownPolicy(nanos, "drainFor(" + deadline + ")");
  }

  long drainNanos() {
    return drainNanos;
  }

  /** True where the policy ends by itself, whatever the tasks do. */
  @SuppressWarnings("ReferenceEquality") // There is one such policy.
  boolean hasDeadline() {
    return this != DRAIN;
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof ShutdownPolicy that
        && drainNanos == that.drainNanos
        && hasDeadline() == that.hasDeadline();
  }

  @Override
  public int hashCode() {
    return Objects.hash(drainNanos, hasDeadline());
  }

  /** Returns the policy as it is written in code, for instance {@code drainFor(PT30S)}. */
  @Override
  public String toString() {
    return text;
  }
}
