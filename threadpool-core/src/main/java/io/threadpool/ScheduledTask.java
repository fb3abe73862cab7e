package io.threadpool;

import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;

/**
 * A task that a {@link WorkerPool} runs at a later time, or again and again, and the handle to it.
 *
 * <p><b>Delayed.</b> From the call of {@code schedule} until it is due the task is accepted, and
 * not queued: it takes no room in the queue, counts as {@link PoolStats#delayed()}, and {@link
 * WorkerPool#awaitIdle awaitIdle} does not wait for it. When it falls due it takes its place in a
 * line beside the queue, from which the workers take in turns; so it is neither refused as
 * saturated nor discarded. {@link #getDelay} tells how long that is still to come; below zero, for
 * how long it has been.
 *
 * <p><b>Outcome.</b> As of any {@link Task}, which {@link #toCompletableFuture} returns. {@link
 * #cancel} of one that is not due yet forgets it at once. A task that repeats is one task, however
 * often it runs: it has no result, and ends when it is cancelled, when a run throws or takes longer
 * than the pool's limit for all, or when the pool is closed. A limit for the start does not apply
 * to what is scheduled.
 *
 * <p><b>Waiting.</b> {@code get} waits until the task is due, and then as for any task: called by a
 * body of the same pool, it runs a task that has not started. A body may not wait without a time
 * limit for one that repeats: {@link IllegalStateException}.
 *
 * <p><b>Thread safety.</b> All methods may be called by any thread.
 *
 * <p><b>Memory effects.</b> Those of {@link Task}; and each run of one that repeats happens before
 * the next.
 *
 * <p><b>Interruption.</b> {@code cancel(true)} interrupts the run that is under way; {@code get} is
 * interruptible.
 *
 * <pre>{@code
 * try (WorkerPool pool = WorkerPool.fixed(2)) {
 *   ScheduledTask<Integer> answer = pool.schedule(() -> 6 * 7, Duration.ofSeconds(1));
 *   answer.toCompletableFuture().thenAccept(System.out::println);
 * }
 * }</pre>
 *
 * @param <V> the type of the result
 */
public interface ScheduledTask<V> extends ScheduledFuture<V> {

  /**
   * Returns the task as a {@code CompletableFuture}, for stages, and to wait in other ways. It is
   * the same task: what settles the one settles the other.
   *
   * @return the task
   */
  Task<V> toCompletableFuture();

  /**
   * Returns how long it is until the task, or its next run, is due.
   *
   * @param unit the unit of the answer
   * @return the time that is left; negative where it is overdue
   * @throws NullPointerException if {@code unit} is null
   */
  @Override
  long getDelay(TimeUnit unit);

  /**
   * Returns a command that, repeated by a pool, goes on after a run that throws: what that has
   * thrown reaches the pool's handler of uncaught exceptions, and the next run comes at its time.
   * The handler's time counts as the run's. What a run throws whose task was settled meanwhile, by
   * a cancel, say, is ignored, as with any task. Run in any other way, it is the command.
   *
   * @param command what is to be repeated
   * @return the command to be given to {@code scheduleAtFixedRate} or {@code
   *     scheduleWithFixedDelay}
   * @throws NullPointerException if {@code command} is null
   */
  static Runnable despiteFailures(Runnable command) {
    return new Persistent(Checks.nonNull(command, "command"));
  }
}
