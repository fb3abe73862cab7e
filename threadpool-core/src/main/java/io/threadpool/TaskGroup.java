package io.threadpool;

import java.time.Duration;
import java.util.Deque;
import java.util.Iterator;
import java.util.concurrent.Callable;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ConcurrentLinkedDeque;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * Tasks of a {@link WorkerPool} that belong to a block of code: none of their bodies runs on after
 * it.
 *
 * <p><b>Behaviour.</b> {@link #fork} submits a task, under the pool's saturation policy. {@link
 * #join} waits for all tasks and throws the first failure. {@link #cancelOnFailure} and {@link
 * #cancelOnSuccess} let the first task that fails, or completes, cancel the rest; so does a {@link
 * #deadline}. A group of which the rest is cancelled is <em>over</em>: what is still forked is
 * cancelled at once, and a body that has not begun does not begin. {@link #close} cancels what is
 * left and waits until every body has left its thread, which those that ignore their interrupt
 * delay.
 *
 * <p><b>In a task of the pool.</b> A body may open a group on its own pool, one of a single worker
 * included: {@code join} runs what has not started on the calling thread, as {@link Task#join}
 * does. Groups nest; the group of a body that is cancelled ends when its {@code join} is
 * interrupted; where that runs one of the group's tasks, or has it run in its place, once that task
 * has ended.
 *
 * <p><b>Failures.</b> A task has failed for the group when its body has thrown, or the pool has
 * aborted it. One that is cancelled by its handle has not, but under {@code cancelOnSuccess}. What
 * cancels the rest comes after the stages that were added to the handle of the task that ended, of
 * which one may block; then {@code join} does it, when it comes to that handle.
 *
 * <p><b>Not inherited.</b> The bodies see thread locals and scoped values of the thread that runs
 * them, not the owner's; the pool's {@linkplain WorkerPoolBuilder#taskDecorator decorator} can
 * carry them over.
 *
 * <p><b>Thread safety.</b> The owner, the thread that opened the group, calls its methods; others
 * are refused. The handles are for anybody.
 *
 * <p><b>Memory effects.</b> What the owner did before {@code fork} happens before the body; all
 * that the bodies did happens before the return of {@code close}, and what the tasks did that have
 * ended, before that of {@code join}.
 *
 * <p><b>Interruption.</b> {@code join} is interruptible, and {@code close} is not: an interrupt
 * meanwhile stays set.
 *
 * <pre>{@code
 * try (TaskGroup group = TaskGroup.on(pool).cancelOnFailure().deadline(Duration.ofSeconds(2))) {
 *   Task<String> user = group.fork(() -> fetch("/user"));
 *   Task<String> orders = group.fork(() -> fetch("/orders"));
 *   group.join();
 *   System.out.println(user.join() + orders.join());
 * }
 * }</pre>
 */
public final class TaskGroup implements AutoCloseable {

  private static final Object SUCCEEDED = "a task of the group has completed";
  private static final Object CLOSED = "the group is closed";
  private static final long NO_DEADLINE = -1;

  /** A stage or an interrupt that takes longer does not keep the others from being cancelled. */
  private static final long HELD_UP_MILLIS = 10;

  /** After how many forks at least there is a look which handles have nothing more to say. */
  private static final int FEW = 64;

  private static final long LONGEST_PAUSE_NANOS = 1_000_000_000;

  private final WorkerPool pool;

  /** Whether the first failure cancels the rest, or the first success does, or neither. */
  private final boolean failureEnds;

  private final boolean successEnds;
  private final long nanos;
  private final Thread owner = Thread.currentThread();

  /**
   * In the order of the forks. Added to and removed from by the owner; read by who cancels the
   * rest, after it has written {@link #over}: so of a task that is being forked either that thread
   * finds the handle here, or the owner, which adds it and then reads {@code over}, cancels it.
   */
  private final Deque<Task<?>> tasks = new ConcurrentLinkedDeque<>();

  /**
   * Why the rest is cancelled: the first failure, the end of the time, a success, the close; null
   * before. Written once, by CAS, by whoever comes first; read by the bodies before they begin, and
   * by the owner.
   */
  private final AtomicReference<@Nullable Object> over = new AtomicReference<>();

  /**
   * Whether that may have kept a task from its own outcome. Written before it is, by who cancels
   * it, or does not begin it; read by the owner after it.
   */
  private volatile boolean cut;

  /** What passes for the end of the time. Written before {@link #over} is, by who writes that. */
  private @Nullable TimeoutException expiry;

  /** Whether the rest is yet to be cancelled, as who did that lacked stack or memory. */
  private volatile boolean brokenOff;

  /** What threads do that go on with that, or begin it. Made at once, for a full heap. */
  private final Runnable canceller;

  private final Runnable expirer;

  // The owner's own.
  private @Nullable CompletableFuture<Void> timer;
  private boolean closed;

  /** Whether a task was seen that has completed. */
  private boolean completed;

  /** Whether one was seen that was cancelled. */
  private boolean cancelled;

  /** How many submissions the owner is in, of which each may run its body. */
  private int submitting;

  /** How many forks, joins and bodies the owner is in: what runs there may not fork. */
  private int amid;

  private long forks;
  private long nextLook = FEW;

  private TaskGroup(WorkerPool pool, boolean failureEnds, boolean successEnds, long nanos) {
    this.pool = pool;
    this.failureEnds = failureEnds;
    this.successEnds = successEnds;
    this.nanos = nanos;
    canceller = persistent(this::cancelRest);
    expirer = persistent(this::expire);
  }

  /**
   * Opens a group, owned by the calling thread, of which no outcome cancels the rest.
   *
   * @param pool runs the tasks; closing it is not the group's
   * @return a group without tasks
   * @throws NullPointerException if {@code pool} is null
   */
  public static TaskGroup on(WorkerPool pool) {
    return new TaskGroup(Checks.nonNull(pool, "pool"), false, false, NO_DEADLINE);
  }

  /**
   * Returns a group as this one, in which the first task that fails cancels the rest, and no
   * success does; a deadline stays.
   *
   * @return a group in the place of this one, which stays as it is
   * @throws IllegalStateException if something was forked here, the group is closed, or the calling
   *     thread is not the owner
   */
  public TaskGroup cancelOnFailure() {
    return replaced(true, false, nanos);
  }

  /**
   * Returns a group as this one, in which the first task that completes cancels the rest, and no
   * failure does; a deadline stays. Its {@link #join} throws only if none has completed.
   *
   * @return a group in the place of this one, which stays as it is
   * @throws IllegalStateException if something was forked here, the group is closed, or the calling
   *     thread is not the owner
   */
  public TaskGroup cancelOnSuccess() {
    return replaced(false, true, nanos);
  }

  /**
   * Returns a group as this one, of which what is left is cancelled when the time is over; {@link
   * #join} then throws an {@code ExecutionException} whose cause is a {@code TimeoutException}. A
   * daemon thread does the cancelling, so the deadline also holds while the owner does not wait;
   * but not for a body that the owner runs itself, as {@link SaturationPolicy#callerRuns()} has it,
   * which nothing cancels. Where nothing was left to be cancelled, {@code join} does not throw for
   * it.
   *
   * @param time how long, from the first fork on; zero cancels at once
   * @return a group in the place of this one, which stays as it is
   * @throws IllegalArgumentException if {@code time} is negative
   * @throws IllegalStateException if something was forked here, the group is closed, or the calling
   *     thread is not the owner
   * @throws NullPointerException if {@code time} is null
   */
  public TaskGroup deadline(Duration time) {
    return replaced(failureEnds, successEnds, Checks.nonNegativeNanos(time, "time"));
  }

  private TaskGroup replaced(boolean onFailure, boolean onSuccess, long newNanos) {
    refuseUnlessOpen();
    if (forks > 0) {
      throw new IllegalStateException("A group is configured before its first fork");
    }
    return new TaskGroup(pool, onFailure, onSuccess, newNanos);
  }

  /**
   * Submits a task that returns a result. Waits for room where the pool's policy does.
   *
   * @param <T> the type of the result
   * @param body the body
   * @return the task's handle; if the group is over, it is cancelled or, where a worker was faster,
   *     has failed with a {@link CancellationException}
   * @throws IllegalStateException if the group is closed, or the calling thread is not the owner,
   *     or is amid a call of {@code fork} or {@link #join}: in a body of the group, say, which
   *     another thread might as well run
   * @throws NullPointerException if {@code body} is null
   * @throws RejectedTaskException if the pool refuses it
   */
  public <T> Task<T> fork(Callable<T> body) {
    Checks.nonNull(body, "body");
    refuseUnlessOpen();
    if (amid > 0) {
      throw new IllegalStateException(
          "A group is not forked into by its own tasks, nor by what a fork or a join runs");
    }
    amid++;
    try {
      return forkHere(body);
    } finally {
      amid--;
    }
  }

  private <T> Task<T> forkHere(Callable<T> body) {
    startTimer();
    letGo();
    Task<T> task = submit(body);
    try {
      tasks.add(task);
    } catch (Throwable noMemory) {
      task.cancel(true); // Nobody else will, where it does not stand there.
      throw noMemory;
    }
    if (failureEnds || successEnds) {
      var unused = task.whenComplete((result, thrown) -> note(failure(task)));
    }
    if (over.get() != null) {
      cancel(task);
    }
    return task;
  }

  private <T> Task<T> submit(Callable<T> body) {
    submitting++;
    try {
      return pool.submit(() -> begin(body));
    } finally {
      submitting--;
    }
  }

  /**
   * Submits a task without a result. Waits for room where the pool's policy does.
   *
   * @param body the body
   * @return the task's handle, whose result is null
   * @throws IllegalStateException as by {@link #fork(Callable)}
   * @throws NullPointerException if {@code body} is null
   * @throws RejectedTaskException if the pool refuses it
   */
  public Task<?> fork(Runnable body) {
    return fork(Executors.callable(Checks.nonNull(body, "body")));
  }

  private <T> T begin(Callable<T> body) throws Exception {
    Object why = over.get();
    if (why != null) {
      cut = true;
      throw new CancellationException("Not begun: " + why);
    }
    if (Thread.currentThread() != owner) {
      return body.call();
    }
    amid++;
    try {
      return body.call();
    } finally {
      amid--;
    }
  }

  /**
   * Waits until every task has its outcome; called by a body of the pool, runs those that have not
   * started. Bodies that were cancelled may still run when it returns, until {@link #close}. More
   * may be forked and joined afterwards.
   *
   * @throws ExecutionException if a task has failed, under {@code cancelOnSuccess} if none has
   *     completed: its cause is what the body has thrown, the {@link TaskAbortedException}, or,
   *     under {@code cancelOnSuccess}, the {@link CancellationException} of one that was cancelled,
   *     of the task that failed first under {@code cancelOnFailure}, else of the one forked first;
   *     or if the deadline has passed, with a {@link TimeoutException} as its cause
   * @throws InterruptedException if the calling thread is interrupted before or while it waits; the
   *     tasks go on
   * @throws IllegalStateException if the group is closed, or the calling thread is not the owner;
   *     or if it runs the body of an unfinished task of the group
   */
  public void join() throws InterruptedException, ExecutionException {
    refuseUnlessOpen();
    refuseInBody();
    amid++;
    try {
      joinAll();
    } finally {
      amid--;
    }
  }

  private void joinAll() throws InterruptedException, ExecutionException {
    Throwable first = null;
    for (Task<?> task : tasks) {
      Checks.notInterrupted();
      try {
        task.get();
      } catch (ExecutionException | CancellationException settled) {
        // Asked for below.
      }
      Throwable failure = see(task);
      first = first == null ? failure : first;
    }
    Object why = over.get();
    boolean late = why != null && why == expiry;
    if (why instanceof Throwable decisive && (!late || (cut && cancelled))) {
      first = decisive; // A deadline that has come when all was done is none.
    }
    if (first != null && !(successEnds && completed)) {
      throw new ExecutionException(first);
    }
  }

  /** Takes note of a settled task, should a stage of the user's hold up the group's own. */
  private @Nullable Throwable see(Task<?> task) {
    Throwable failure = failure(task);
    completed |= failure == null && !task.isCancelled();
    cancelled |= task.isCancelled() || failure instanceof CancellationException;
    note(failure);
    return failure;
  }

  /**
   * Cancels what is left and waits until every body has left its thread, also that of a handle
   * which the user has settled, and which is not interrupted. Calling it again does no harm. An
   * interrupt does not end the wait, and stays set.
   *
   * @throws IllegalStateException if the pool was aborted and has reported, at the end of its
   *     grace, a body of the group that still runs; if the calling thread is not the owner; or if
   *     it runs the body of a task of the group
   */
  @Override
  public void close() {
    refuseOthers();
    refuseInBody();
    Leaving.refuseInBody(tasks); // Of those that this thread runs while it joins.
    closed = true;
    try {
      end(CLOSED);
      if (timer != null) {
        timer.cancel(false);
      }
    } finally {
      Leaving.await(pool, tasks::descendingIterator);
    }
  }

  private void refuseOthers() {
    if (Thread.currentThread() != owner) {
      throw new IllegalStateException(
          "The group belongs to thread " + owner.getName() + ", which alone may use it");
    }
  }

  private void refuseUnlessOpen() {
    refuseOthers();
    if (closed) {
      throw new IllegalStateException("The group is closed");
    }
  }

  /** The bodies below on the stack are known by their handles, but for those not yet submitted. */
  private void refuseInBody() {
    if (submitting > 0) {
      throw new IllegalStateException(
          "The calling thread is amid a fork of the group: in the body of a task, or a decorator");
    }
  }

  private void startTimer() {
    if (nanos == 0) {
      expire();
    } else if (nanos != NO_DEADLINE && timer == null) {
      CompletableFuture<Void> begun = new CompletableFuture<>();
      var unused = begun.thenRun(this::expireOnDaemon);
      timer = begun.completeOnTimeout(null, nanos, TimeUnit.NANOSECONDS);
    }
  }

  private void expire() {
    if (over.get() == null) {
      expiry =
          new TimeoutException("The deadline of the group has passed: " + Duration.ofNanos(nanos));
    }
    if (expiry != null) {
      end(expiry); // Again, should that have been broken off.
    }
  }

  /** Cancelling may run user code, which is not to hold up the JDK's timer. */
  private void expireOnDaemon() {
    try {
      startDaemon(expirer, "deadline");
    } catch (OutOfMemoryError | InternalError noThread) {
      expire();
    }
  }

  private void startDaemon(Runnable body, String name) {
    Thread thread = new Thread(null, body, pool.name() + "-" + name, 0, false);
    thread.setDaemon(true);
    thread.start();
  }

  /** Does it again where it lacked memory. */
  private static Runnable persistent(Runnable body) {
    return () -> {
      for (long nanos = 1_000_000; ; nanos = Math.min(LONGEST_PAUSE_NANOS, 2 * nanos)) {
        try {
          body.run();
          return;
        } catch (VirtualMachineError lacking) {
          LockSupport.parkNanos(nanos);
        }
      }
    };
  }

  /**
   * Lets go of the handles that have nothing more to say, whenever there may be twice as many as
   * have; of those that have failed the first one has.
   */
  private void letGo() {
    if (forks++ < nextLook) {
      return;
    }
    long kept = 0;
    boolean failed = false;
    for (Iterator<Task<?>> all = tasks.iterator(); all.hasNext(); ) {
      Task<?> task = all.next();
      boolean left = Leaving.hasLeft(task);
      boolean first = left && see(task) != null && !failed;
      failed |= first;
      if (left && !first) {
        all.remove();
      } else {
        kept++;
      }
    }
    nextLook = forks + Math.max(FEW, kept);
  }

  /** Takes note of an outcome: null for a success. Again does no harm. */
  private void note(@Nullable Throwable failure) {
    if (failure == null ? successEnds : failureEnds) {
      end(failure == null ? SUCCEEDED : failure);
    }
  }

  /** Cancels the rest, unless that was done before. */
  private void end(Object why) {
    if (over.compareAndSet(null, why) || brokenOff) {
      brokenOff = false;
      try {
        cancelRest();
      } catch (Throwable lacking) { // The owner may be waiting for what is to be cancelled.
        brokenOff = true; // For who comes next, should there be no thread for it.
        startDaemon(canceller, "canceller");
      }
    }
  }

  /** The newest first. Where user code holds that up, another thread goes on with the others. */
  private void cancelRest() {
    AtomicReference<@Nullable Task<?>> current = new AtomicReference<>();
    boolean watched = false;
    for (Iterator<Task<?>> rest = tasks.descendingIterator(); rest.hasNext(); ) {
      Task<?> task = rest.next();
      if (!task.isDone()) {
        current.set(task);
        if (!watched) {
          watched = true;
          watch(current, task);
        }
        cancel(task);
      }
    }
    current.set(null);
  }

  /** Where the thread that cancels is at the same task a while later, another one takes over. */
  private void watch(AtomicReference<@Nullable Task<?>> current, Task<?> seen) {
    try {
      var unused =
          new CompletableFuture<Void>()
              .completeOnTimeout(null, HELD_UP_MILLIS, TimeUnit.MILLISECONDS)
              .thenRun(() -> takeOver(current, seen));
    } catch (Throwable noThreadOrMemory) {
      // Then it goes on by itself, as long as that takes.
    }
  }

  /** On the JDK's timer thread, which is not to be held up. */
  private void takeOver(AtomicReference<@Nullable Task<?>> current, Task<?> seen) {
    Task<?> now = current.get();
    if (now == seen) {
      startDaemon(canceller, "canceller");
    } else if (now != null) {
      watch(current, now);
    }
  }

  private void cancel(Task<?> task) {
    if (!task.isDone()) {
      cut = true;
      task.cancel(true);
    }
  }

  /** What a settled task has failed with, in the sense of the group, or null. */
  private @Nullable Throwable failure(Task<?> task) {
    if (!task.isCompletedExceptionally()) {
      return null;
    }
    try {
      task.join();
      return null;
    } catch (CompletionException e) {
      return e.getCause() == null ? e : e.getCause(); // A user may have given it without one.
    } catch (TaskAbortedException e) {
      return e;
    } catch (CancellationException e) {
      return successEnds ? e : null;
    }
  }
}
