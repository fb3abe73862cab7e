package io.threadpool;

import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;

/**
 * A pool of worker threads that takes tasks, runs each once, in the order they were accepted, and
 * shuts down without losing or hanging anything.
 *
 * <p><b>Accepted or rejected.</b> An accepted task ends in one outcome: <em>completed</em>,
 * <em>failed</em>, <em>cancelled</em> or <em>aborted</em>. Of a rejected one nothing is kept, and
 * the {@link RejectedTaskException} says why. When nothing is queued and nothing runs, {@code
 * accepted = completed + failed + cancelled + aborted}, and what is delayed; at the end nothing is.
 *
 * <p><b>Order.</b> Workers take tasks in the order of acceptance. The exceptions are a task run
 * inline (on virtual threads: beside it) by the body that joins it, and one that its submitter runs
 * under {@link SaturationPolicy#callerRuns()}. What is scheduled takes its place when it falls due,
 * in a line of its own, from which and from the queue workers take in turns. A thread that submits
 * a thousand tasks and more ahead of the workers, and is none of them, lets other threads run now
 * and then, as by {@link Thread#yield()}; it does not wait for them.
 *
 * <p><b>Failures.</b> What a command given to {@link #execute} throws reaches one handler, once:
 * the builder's, else the one that the thread factory put on the thread, else the log, at ERROR
 * (without an SLF4J provider, or where the log fails, the thread's group, as for any thread). What
 * a submitted task throws is in its handle. A worker survives every {@code Throwable}.
 *
 * <p><b>Shutdown.</b> {@link #shutdown()} starts the pool's {@link ShutdownPolicy}; {@link
 * #shutdown(ShutdownPolicy)} and {@link #shutdownNow()} start another. A later call may escalate
 * the policy and never relaxes it. From the first call on every submission is refused, from running
 * tasks too. Deadlines, the abort grace, the report and the termination come at their time whatever
 * the tasks' stages, interrupts, loggers and handlers do: these are called by daemon threads of the
 * pool's own, beside its steps, and one that does not come back holds up nobody else's handle.
 *
 * <p>A pool that becomes unreachable without being closed drains, ends its threads, and logs a
 * warning. It does not become unreachable while one of its handles is kept, or a stage of one, and
 * not while a submitted task is delayed, queued or runs, or a running command refers to it; nor if
 * its {@linkplain WorkerPoolBuilder#uncaughtHandler handler} or {@linkplain
 * WorkerPoolBuilder#taskDecorator decorator} refers to who owns it. A finished handle keeps less
 * than a kilobyte of a pool that has terminated.
 *
 * <p>A drain runs what is delayed as well, when it is due, however long that takes, unless the
 * policy is one {@linkplain ShutdownPolicy#withoutDelayed without delayed} tasks; what repeats
 * ends.
 *
 * <p><b>Deviations from {@code ExecutorService}.</b> With a policy other than drain, {@code
 * shutdown()} does more than refuse new tasks. {@code close()}, with a deadline or interrupted, may
 * return while a task that ignores its interrupt still runs; {@link #report()} names it. {@code
 * invokeAll} and {@code invokeAny} submit as {@code submit} does, under the pool's saturation
 * policy; the timed ones wait for room no longer than their time. Where one of their submissions is
 * refused they cancel what they have submitted, and throw the {@link RejectedTaskException}. A task
 * of the pool that calls them runs those that have not started itself, before it waits for them,
 * and to make room where submissions wait for some; so a timed call takes at least as long as what
 * it runs. Of what is repeated at a fixed rate, missed runs are not made up.
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
public interface WorkerPool extends ScheduledExecutorService, AutoCloseable {

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
    return builder().size(Checks.inRange(size, 1, PoolConfig.MAX_THREADS, "size")).build();
  }

  /**
   * Returns a running pool that runs each task on a virtual thread of its own, at most {@code max}
   * at once, with the builder's defaults for all else: see {@link
   * WorkerPoolBuilder#virtualThreads()}. They do not keep the virtual machine alive: a program that
   * ends without closing the pool loses what is left.
   *
   * @param max how many tasks run at once, at the most, from 1 to 1,048,575
   * @return a running pool
   * @throws IllegalArgumentException if {@code max} is out of range
   * @throws IllegalStateException if this Java, older than 21, has no virtual threads
   */
  static WorkerPool virtual(int max) {
    return builder()
        .size(Checks.inRange(max, 1, PoolConfig.MAX_VIRTUAL, "max"))
        .virtualThreads()
        .build();
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
   * @param result the result, which may be null; a {@code null} that has no type, as in {@code
   *     submit(task, null)}, the compiler takes for {@link TaskOptions}: write {@code submit(task)}
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
   * Submits a command to be run after a delay. It is accepted when this returns, whatever the queue
   * holds, and <em>delayed</em> until it is due: see {@link ScheduledTask}.
   *
   * @param command the body
   * @param delay how long until it is due; zero or less: now; more than some 73 years: never
   * @param unit the unit of {@code delay}
   * @return the task's handle
   * @throws NullPointerException if an argument is null
   * @throws RejectedTaskException if the pool is shut down
   */
  @Override
  ScheduledTask<?> schedule(Runnable command, long delay, TimeUnit unit);

  /**
   * Submits a command to be run after a delay, as the method with a {@code TimeUnit} does.
   *
   * @param command the body
   * @param delay how long until it is due; zero or less: now; more than some 73 years: never
   * @return the task's handle
   * @throws NullPointerException if an argument is null
   * @throws RejectedTaskException if the pool is shut down
   */
  ScheduledTask<?> schedule(Runnable command, Duration delay);

  /**
   * Submits a task that returns a result, to be run after a delay. It is accepted when this
   * returns, whatever the queue holds, and <em>delayed</em> until it is due: see {@link
   * ScheduledTask}.
   *
   * @param <V> the type of the result
   * @param callable the body
   * @param delay how long until it is due; zero or less: now; more than some 73 years: never
   * @param unit the unit of {@code delay}
   * @return the task's handle
   * @throws NullPointerException if an argument is null
   * @throws RejectedTaskException if the pool is shut down
   */
  @Override
  <V> ScheduledTask<V> schedule(Callable<V> callable, long delay, TimeUnit unit);

  /**
   * Submits a task that returns a result, to be run after a delay, as the method with a {@code
   * TimeUnit} does.
   *
   * @param <V> the type of the result
   * @param callable the body
   * @param delay how long until it is due; zero or less: now; more than some 73 years: never
   * @return the task's handle
   * @throws NullPointerException if an argument is null
   * @throws RejectedTaskException if the pool is shut down
   */
  <V> ScheduledTask<V> schedule(Callable<V> callable, Duration delay);

  /**
   * Submits a command to be run again and again, at a fixed rate: at the initial delay, then one
   * period after that, then two. No run begins before the last one has ended, and it may be on
   * another thread; one that is late by that, or by whatever held up the pool or the machine, runs
   * once in the place of all that were missed, and the next at its time.
   *
   * <p>It ends when it is cancelled; when a run throws, which reaches the handle, then its stages,
   * then the handler of uncaught exceptions, unless it goes on {@linkplain
   * ScheduledTask#despiteFailures despite failures}; when a run takes longer than the limit that
   * the pool has for all tasks; and when the pool is shut down: cancelled, once a run that is due
   * or under way has ended, or aborted. What a run throws that was cancelled meanwhile is ignored.
   *
   * @param command the command
   * @param initialDelay how long until the first run is due; zero or less: now
   * @param period from when one run is due to when the next one is
   * @param unit the unit of the other two
   * @return the handle of all the runs, which are one task
   * @throws NullPointerException if an argument is null
   * @throws IllegalArgumentException if {@code period} is not above zero
   * @throws RejectedTaskException if the pool is shut down
   */
  @Override
  ScheduledTask<?> scheduleAtFixedRate(
      Runnable command, long initialDelay, long period, TimeUnit unit);

  /**
   * Submits a command to be run again and again, at a fixed rate, as the method with a {@code
   * TimeUnit} does.
   *
   * @param command the command
   * @param initialDelay how long until the first run is due; zero or less: now
   * @param period from when one run is due to when the next one is
   * @return the handle of all the runs, which are one task
   * @throws NullPointerException if an argument is null
   * @throws IllegalArgumentException if {@code period} is not above zero
   * @throws RejectedTaskException if the pool is shut down
   */
  ScheduledTask<?> scheduleAtFixedRate(Runnable command, Duration initialDelay, Duration period);

  /**
   * Submits a command to be run again and again, with a delay from the end of each run to when the
   * next one is due. All else is as of {@link #scheduleAtFixedRate(Runnable, long, long,
   * TimeUnit)}.
   *
   * @param command the command
   * @param initialDelay how long until the first run is due; zero or less: now
   * @param delay from the end of one run to when the next one is due
   * @param unit the unit of the other two
   * @return the handle of all the runs, which are one task
   * @throws NullPointerException if an argument is null
   * @throws IllegalArgumentException if {@code delay} is not above zero
   * @throws RejectedTaskException if the pool is shut down
   */
  @Override
  ScheduledTask<?> scheduleWithFixedDelay(
      Runnable command, long initialDelay, long delay, TimeUnit unit);

  /**
   * Submits a command to be run again and again, with a delay in between, as the method with a
   * {@code TimeUnit} does.
   *
   * @param command the command
   * @param initialDelay how long until the first run is due; zero or less: now
   * @param delay from the end of one run to when the next one is due
   * @return the handle of all the runs, which are one task
   * @throws NullPointerException if an argument is null
   * @throws IllegalArgumentException if {@code delay} is not above zero
   * @throws RejectedTaskException if the pool is shut down
   */
  ScheduledTask<?> scheduleWithFixedDelay(Runnable command, Duration initialDelay, Duration delay);

  /**
   * Submits a command without a handle, with a name or limits. What it throws, and that a limit has
   * ended it, reaches the pool's handler; the latter on a thread of the pool's own. It is told
   * after an abort as any command; if it is a {@code Future} and too late to start, it is
   * cancelled.
   *
   * @param command the command
   * @param options its name and limits
   * @throws NullPointerException if an argument is null
   * @throws RejectedTaskException if the pool refuses it
   */
  void execute(Runnable command, TaskOptions options);

  /**
   * Submits a task that returns a result, with a name or limits.
   *
   * @param <T> the type of the result
   * @param task the body
   * @param options its name and limits
   * @return the task's handle
   * @throws NullPointerException if an argument is null
   * @throws RejectedTaskException if the pool refuses it
   */
  <T> Task<T> submit(Callable<T> task, TaskOptions options);

  /**
   * Submits a task without a result, with a name or limits.
   *
   * @param task the body
   * @param options its name and limits
   * @return the task's handle, whose result is null
   * @throws NullPointerException if an argument is null
   * @throws RejectedTaskException if the pool refuses it
   */
  Task<?> submit(Runnable task, TaskOptions options);

  /**
   * Starts the pool's shutdown policy and returns without waiting. A task may call it, and is not
   * interrupted by its own call; the abort grace is for it, too.
   */
  @Override
  void shutdown();

  /**
   * Starts a policy instead of the pool's, or escalates the one that was started: to an abort, to
   * an earlier deadline, or to one that leaves out what is delayed. Where one call asks for the
   * first and another for the last, both hold. Returns without waiting.
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
   * <p>What has not started is settled when this returns: its handles answer from then on. Their
   * dependent stages run on a daemon thread of the pool's, one after the other, and so do the
   * interrupts; where one does not come back within some 10 milliseconds, another thread goes on
   * with the others. The first call waits for them, but no longer than the abort grace, nor than
   * some 100 milliseconds once one is late.
   *
   * <p>A task that was given to {@code execute} and is itself a {@code Future} is cancelled. The
   * steps that a {@code CompletableFuture} hands to its executor cannot be settled by anybody else:
   * they are returned and counted as {@link TerminationReport#openStages()}, and stages that wait
   * for them stay open.
   *
   * <p>Where there is no memory for the list, this throws the {@code OutOfMemoryError}; the pool
   * aborts all the same as soon as it can, at the latest when somebody waits for its end or calls
   * this again.
   *
   * @return the tasks that this call settled unstarted, in order: what was given to {@code
   *     execute}, and the handles, settled, of what was submitted, of what was scheduled {@link
   *     ScheduledTask#toCompletableFuture}
   */
  @Override
  List<Runnable> shutdownNow();

  /**
   * Waits until the pool has terminated: closed, nothing queued, no body running, as {@link
   * #isTerminated} tells.
   *
   * @param timeout how long to wait at the most; zero or less asks without waiting
   * @param unit the unit of {@code timeout}
   * @return true if the pool has terminated, false if the time ran out
   * @throws InterruptedException if the calling thread is interrupted while it waits
   * @throws IllegalStateException if the calling thread runs a task of this pool, or a stage or a
   *     handler on its worker, or what the end of a task by an abort or a limit tells
   * @throws NullPointerException if {@code unit} is null
   */
  @Override
  boolean awaitTermination(long timeout, TimeUnit unit) throws InterruptedException;

  /**
   * Waits until the pool has terminated: closed, nothing queued, no body running, as {@link
   * #isTerminated} tells.
   *
   * @param timeout how long to wait at the most; zero or less asks without waiting
   * @return true if the pool has terminated, false if the time ran out
   * @throws InterruptedException if the calling thread is interrupted while it waits
   * @throws IllegalStateException if the calling thread runs a task of this pool, or a stage or a
   *     handler on its worker, or what the end of a task by an abort or a limit tells
   * @throws NullPointerException if {@code timeout} is null
   */
  boolean awaitTermination(Duration timeout) throws InterruptedException;

  /**
   * Waits until at one instant nothing was queued and nothing ran. More may have been submitted
   * since. The handle of a task that another thread completes meanwhile is done when the completing
   * call returns.
   *
   * @param timeout how long to wait at the most; zero or less asks without waiting
   * @return true if there was such an instant since the call, false if the time ran out
   * @throws InterruptedException if the calling thread is interrupted while it waits
   * @throws IllegalStateException if the calling thread runs a task of this pool, or a stage or a
   *     handler on its worker, or what the end of a task by an abort or a limit tells
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
   * @throws IllegalStateException if the calling thread runs a task of this pool, or a stage or a
   *     handler on its worker, or what the end of a task by an abort or a limit tells; the shutdown
   *     has then been started
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
   * @return true once the last worker has left, and so every body that ran on another thread; from
   *     an abort on not before the handles are told, or the abort grace has ended
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

  /**
   * Changes the number of workers while the pool runs: {@link #resize(int, int)} with both alike.
   *
   * @param size how many workers from now on, from 1 to 32,767; on virtual threads to 1,048,575
   * @throws IllegalArgumentException if {@code size} is out of range; then nothing is changed
   */
  void resize(int size);

  /**
   * Changes how many workers stay, and how many there may be, while the pool runs. Those that are
   * too many leave after the task that they run, or are about to take, or at once where they sleep;
   * no task is interrupted. Those that are missing come when there is something for them to do.
   * Returns at once; of concurrent calls the last one decides. Where workers are virtual threads,
   * which never stay, {@code min} tells nothing. Does nothing once the pool is shut down. Where it
   * throws a {@code StackOverflowError}, at the end of a stack, the size is as it was.
   *
   * @param min how many workers stay while there is nothing to do, from 0
   * @param max how many there may be, from {@code min}, at least 1, to 32,767; on virtual threads
   *     to 1,048,575
   * @throws IllegalArgumentException if {@code min} or {@code max} is out of range; then nothing is
   *     changed
   */
  void resize(int min, int max);

  /**
   * Returns the tasks whose bodies run now: those that workers run, those that callers run
   * themselves, and, above the body that joins it, each that is run inline. Looks at one thread
   * after the other, without stopping any, and never blocks.
   *
   * @return those running now, a list of the caller's
   */
  List<RunningTask> runningTasks();
}
