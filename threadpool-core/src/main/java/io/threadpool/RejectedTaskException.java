package io.threadpool;

import java.util.concurrent.RejectedExecutionException;

/**
 * Thrown where a pool refuses a submission. Nothing of a rejected task is kept: it will not run,
 * and the pool holds no reference to it.
 *
 * <p>Immutable and thread-safe.
 *
 * <pre>{@code
 * try {
 *   pool.execute(task);
 * } catch (RejectedTaskException e) {
 *   if (e.reason() == RejectedTaskException.Reason.SATURATED) {
 *     retryLater(task);
 *   }
 * }
 * }</pre>
 */
public final class RejectedTaskException extends RejectedExecutionException {

  private static final long serialVersionUID = 1L;

  /** Why a submission was refused. */
  public enum Reason {
    /**
     * The queue was full, with what other submissions were about to put into it, and the policy did
     * not wait or could not.
     */
    SATURATED("its queue is full"),
    /** The pool had been shut down, or was while the submitter waited for room. */
    SHUTDOWN("it has been shut down"),
    /** No room appeared within the time that the policy allows. */
    TIMEOUT("its queue stayed full for as long as the submitter may wait"),
    /** The submitter was interrupted while it waited for room; its interrupt flag is set. */
    INTERRUPTED("the submitter was interrupted while it waited for room");

    private final String text;

    Reason(String text) {
      this.text = text;
    }

    /** How the message says it. */
    private String text(int size, long queued) {
      return text + " (size " + size + ", queued " + queued + ")";
    }
  }

  /** Why the submission was refused. */
  private final Reason reason;

  /** The name of the pool that refused. */
  private final String pool;

  /** How many workers the pool has. */
  private final int size;

  /** How many tasks were queued. */
  private final long queued;

  RejectedTaskException(Reason reason, String pool, int size, long queued) {
    super("Task rejected by pool " + pool + ": " + reason.text(size, queued));
    this.reason = reason;
    this.pool = pool;
    this.size = size;
    this.queued = queued;
  }

  /**
   * Returns why the submission was refused.
   *
   * @return the reason
   */
  public Reason reason() {
    return reason;
  }

  /**
   * Returns the name of the pool that refused.
   *
   * @return the pool's name
   */
  public String pool() {
    return pool;
  }

  /**
   * Returns how many workers the pool may have, as {@link PoolStats#size()} counts.
   *
   * @return the number of workers asked for
   */
  public int size() {
    return size;
  }

  /**
   * Returns how many tasks were queued when the pool refused, as {@link PoolStats#queued()} counts.
   *
   * @return the number of queued tasks
   */
  public long queued() {
    return queued;
  }
}
