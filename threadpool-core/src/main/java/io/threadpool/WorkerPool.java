package io.threadpool;

import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.TimeUnit;

/**
 * A pool of worker threads that takes tasks, runs each once, in the order they were accepted, and
 * shuts down without losing or hanging anything.
 *
 * <p><b>Accepted or rejected.</b> An accepted task ends in one outcome: <em>completed</em>,
 * <em>failed</em>, <em>cancelled</em> or <em>aborted</em>. Of a rejected one nothing is kept, and
 * the {@link RejectedTaskException} says why. When nothing is queued and nothing runs, {@code
 * accepted = completed + failed + cancelled + aborted}.
 *
 * <p><b>Order.</b> Workers take tasks in the order of acceptance. The exceptions are a task run
 * inline by the body that joins it, and one that its submitter runs under {@link
 * SaturationPolicy#callerRuns()}.
 *
 * <p><b>Failures.</b> What a command given to {@link #execute} throws reaches one handler, once:
 * the builder's, else the one that the thread factory put on the thread, else the log, at ERROR
 * (without an SLF4J provider, the thread's group, as for any thread). What a submitted task throws
 * is in its handle. A worker survives every {@code Throwable}.
 *
 * <p><b>Shutdown.</b> {@link #shutdown()} starts the pool's {@link ShutdownPolicy}; {@link
 * #shutdown(ShutdownPolicy)} and {@link #shutdownNow()} start another. A later call may escalate
 * the policy and never relaxes it. From the first call on every submission is refused, from running
 * tasks too. A pool that becomes unreachable without being closed drains, ends its threads, and
 * logs a warning.
 *
 * <p><b>Deviations from {@code ExecutorService}.</b> With a policy other than drain, {@code
 * shutdown()} does more than refuse new tasks. {@code close()}, with a deadline or interrupted, may
 * return while a task that ignores its interrupt still runs; {@link #report()} names it. {@code
 * invokeAll} and {@code invokeAny} wait for room where the queue is full, whatever the saturation
 * policy: the timed ones within their time, the others for as long as it takes; a task of the pool
 * that calls them runs theirs itself meanwhile.
 *
 * <p><b>Thread safety.</b> All methods may be called by any thread.
 *
 * <p><b>Memory effects.</b> What a thread did before it submitted a task happens before the task's
 * body; the body happens before the return of {@code get} or {@code join} on its handle; all bodies
 * happen before a return of true from {@code awaitTermination} and {@code awaitIdle}, for the tasks
 * that had ended then.
 *
 * <p><b>Interruption.</b> A task starts without an interrupt, and what it leaves behind on its
 * thread (interrupt, name, context class loader) is cleaned up before the next one. An abort
 * interrupts running tasks.
 *
 * <pre>{@code
 * try (WorkerPool pool = WorkerPool.fixed(4)) {
 *   Task<Integer> answer = pool.submit(() -> 6 * 7);
 *   System.out.println(answer.join());
 * }
 * }</pre>
 */
public interface WorkerPool extends ExecutorService, AutoCloseable {

  /**
   * Returns a running pool of {@code size} workers, with the builder's defaults for all else.
   *
   * @param size how many workers, from 1 to 32,767; {@link WorkerPoolBuilder#size} says how to
   *     choose
   * @return a running pool
   * @throws IllegalArgumentException if {@code size} is out of range
   * @throws IllegalStateException if no worker thread could be started
   */
  static WorkerPool fixed(int size) {
    return builder().size(size).build();
  }

  /**
   * Returns a builder for a pool.
   *
   * @return a new builder
   */
  static WorkerPoolBuilder builder() {
    return new WorkerPoolBuilder();
  }

  /**
   * Returns the pool's name.
   *
   * @return the name given to the builder, or {@code pool-K} with a number of the pool's own
   */
  String name();

  /**
   * Submits a command without a handle. What it throws reaches the pool's handler.
   *
   * @param command the command
   * @throws NullPointerException if {@code command} is null
   * @throws RejectedTaskException if the pool refuses it
   */
  @Override
  void execute(Runnable command);

  /**
   * Submits a task that returns a result.
   *
   * @param <T> the type of the result
   * @param task the body
   * @return the task's handle
   * @throws NullPointerException if {@code task} is null
   * @throws RejectedTaskException if the pool refuses it
   */
  @Override
  <T> Task<T> submit(Callable<T> task);

  /**
   * Submits a task with the result that it has when the body returns.
   *
   * @param <T> the type of the result
   * @param task the body
   * @param result the result, which may be null
   * @return the task's handle
   * @throws NullPointerException if {@code task} is null
   * @throws RejectedTaskException if the pool refuses it
   */
  @Override
  <T> Task<T> submit(Runnable task, T result);

  /**
   * Submits a task without a result.
   *
   * @param task the body
   * @return the task's handle, whose result is null
   * @throws NullPointerException if {@code task} is null
   * @throws RejectedTaskException if the pool refuses it
   */
  @Override
  Task<?> submit(Runnable task);

  /**
   * Starts the pool's shutdown policy and returns without waiting. A task may call it, and is not
   * interrupted by its own call; the abort grace is for it, too.
   */
  @Override
  void shutdown();

  /**
   * Starts a policy instead of the pool's, or escalates the one that was started: to an abort, or
   * to an earlier deadline. Returns without waiting.
   *
   * @param policy the policy
   * @throws NullPointerException if {@code policy} is null
   */
  void shutdown(ShutdownPolicy policy);

  /**
   * Aborts: settles what has not started, interrupts what runs, and returns without waiting for it.
   * A task may call it, and is not interrupted by its own call; the abort grace is for it, too. A
   * later call interrupts what runs again.
   *
   * <p>Handles are told one after the other, by the calling thread. So a dependent stage that
   * blocks there holds up this call and the handles behind its own, which are decided and not done
   * until then; and one that waits for a stage of such a handle waits for ever.
   *
   * <p>A task that was given to {@code execute} and is itself a {@code Future} is cancelled. The
   * steps that a {@code CompletableFuture} hands to its executor cannot be settled by anybody else:
   * they are returned and counted as {@link TerminationReport#openStages()}, and stages that wait
   * for them stay open.
   *
   * @return the tasks that this call settled unstarted, in order: what was given to {@code
   *     execute}, and the handles, settled, of what was submitted
   */
  @Override
  List<Runnable> shutdownNow();

  /**
   * Waits until the pool has terminated: closed, nothing queued, no body running.
   *
   * @param timeout how long to wait at the most; zero or less asks without waiting
   * @param unit the unit of {@code timeout}
   * @return true if the pool has terminated, false if the time ran out
   * @throws InterruptedException if the calling thread is interrupted while it waits
   * @throws IllegalStateException if the calling thread runs a task of this pool, or a stage or a
   *     handler on its worker
   * @throws NullPointerException if {@code unit} is null
   */
  @Override
  boolean awaitTermination(long timeout, TimeUnit unit) throws InterruptedException;

  /**
   * Waits until the pool has terminated: closed, nothing queued, no body running.
   *
   * @param timeout how long to wait at the most; zero or less asks without waiting
   * @return true if the pool has terminated, false if the time ran out
   * @throws InterruptedException if the calling thread is interrupted while it waits
   * @throws IllegalStateException if the calling thread runs a task of this pool, or a stage or a
   *     handler on its worker
   * @throws NullPointerException if {@code timeout} is null
   */
  boolean awaitTermination(Duration timeout) throws InterruptedException;

  /**
   * Waits until at one instant nothing was queued and nothing ran. More may have been submitted
   * since. The handle of a task that another thread cancels or completes meanwhile is done when
   * that call returns.
   *
   * @param timeout how long to wait at the most; zero or less asks without waiting
   * @return true if there was such an instant since the call, false if the time ran out
   * @throws InterruptedException if the calling thread is interrupted while it waits
   * @throws IllegalStateException if the calling thread runs a task of this pool, or a stage or a
   *     handler on its worker
   * @throws NullPointerException if {@code timeout} is null
   */
  boolean awaitIdle(Duration timeout) throws InterruptedException;

  /**
   * Starts the pool's shutdown policy and waits until the last worker has left; or, after an abort,
   * until the abort grace has ended. Calling it again waits again, or returns at once.
   *
   * <p>If the calling thread is interrupted, before or while it waits, this escalates to an abort,
   * waits at most the {@linkplain WorkerPoolBuilder#abortGrace grace}, and returns with the
   * interrupt flag set.
   *
   * @throws IllegalStateException if the calling thread runs a task of this pool; the shutdown has
   *     then been started
   */
  @Override
  void close();

  /**
   * Returns whether the pool has been shut down, so that it refuses submissions.
   *
   * @return true from the first shutdown call on
   */
  @Override
  boolean isShutdown();

  /**
   * Returns whether the pool has ended: shut down, nothing queued, and no body running.
   *
   * @return true once the last body has ended
   */
  @Override
  boolean isTerminated();

  /**
   * Returns what became of the pool's tasks.
   *
   * @return the report, present once the last worker has left or the abort grace has ended
   */
  Optional<TerminationReport> report();

  /**
   * Returns what the pool has done and is doing. Never blocks; also answers after termination.
   *
   * @return the counts of about this moment
   */
  PoolStats stats();
}
