package io.threadpool;

import io.threadpool.RejectedTaskException.Reason;
import io.threadpool.internal.Gate;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.Callable;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * One call of {@code invokeAll} or {@code invokeAny}.
 *
 * <p>It submits as {@code submit} does, under the pool's policy; a timed one waits for room no
 * longer than its time. Where a submission is refused, what was submitted before is cancelled. A
 * body of the pool, which may not wait for room, runs tasks of its own call to make some. Used by
 * the calling thread.
 */
final class BulkCall {

  private final DefaultWorkerPool pool;
  private final PoolEngine engine;
  private final boolean fromBody;
  private final long startedAt = System.nanoTime();
  private final long nanos;

  /**
   * What has been submitted, in order. Added to by the caller, read by who wins {@code invokeAny}.
   */
  private final Queue<Task<?>> submitted = new ConcurrentLinkedQueue<>();

  /**
   * A call that starts now.
   *
   * @param nanos how long it may take; {@code Long.MAX_VALUE}: without end
   */
  BulkCall(DefaultWorkerPool pool, long nanos) {
    this.pool = pool;
    this.nanos = Math.max(0, nanos); // The least long would wrap.
    engine = pool.host();
    fromBody = engine.isOnThisStack();
  }

  /** How much of the time is left, not below zero. */
  private long left() {
    return Math.max(0, nanos - (System.nanoTime() - startedAt));
  }

  private void cancelAll() {
    for (Task<?> task : submitted) {
      task.cancel(true);
    }
  }

  /**
   * Submits a task.
   *
   * @throws TimeoutException if the time of the call ran out before there was room
   * @throws RejectedTaskException if the pool refuses it
   */
  private void submit(Task<?> task) throws InterruptedException, TimeoutException {
    Reason refused;
    do {
      refused = engine.tryAccept(task, left());
    } while (refused == Reason.SATURATED && fromBody && engine.waitsForRoom() && makeRoom());
    if (refused == null) {
      try {
        submitted.add(task); // Only now, since who wins cancels what stands here.
      } catch (Throwable noMemory) {
        task.cancel(true);
        throw noMemory;
      }
      return;
    }
    if (refused == Reason.INTERRUPTED) {
      Thread.interrupted();
      throw new InterruptedException();
    }
    if (refused == Reason.TIMEOUT && left() == 0) {
      throw new TimeoutException();
    }
    throw engine.rejection(refused);
  }

  /** Runs the first task of this call that has not started; false where there is none. */
  private boolean makeRoom() throws InterruptedException {
    Checks.notInterrupted();
    for (Task<?> task : submitted) {
      if (task.isQueued()) {
        engine.help(task);
        return true;
      }
    }
    return false;
  }

  <T> List<Future<T>> invokeAll(Collection<? extends Callable<T>> tasks)
      throws InterruptedException {
    List<Callable<T>> callables = checked(tasks);
    List<Future<T>> handles = new ArrayList<>(callables.size());
    boolean ended = false;
    try {
      for (Callable<T> callable : callables) {
        Task<T> task = pool.newTask(callable);
        submit(task);
        handles.add(task);
      }
      for (Task<?> task : submitted) {
        await(task);
      }
      ended = true;
    } catch (TimeoutException late) {
      // What has not ended is cancelled below; what was not submitted is cancelled from the start.
      while (handles.size() < callables.size()) {
        CompletableFuture<T> unsubmitted = new CompletableFuture<>();
        unsubmitted.cancel(false);
        handles.add(unsubmitted);
      }
    } finally {
      if (!ended) {
        cancelAll();
      }
    }
    for (Task<?> task : submitted) {
      awaitTold(task);
    }
    return handles;
  }

  /** Of a task that is decided, whose handle may be told in a moment. */
  private static void awaitTold(Task<?> task) {
    for (int turn = 0; !task.isDone(); turn++) {
      Gate.pause(turn);
    }
  }

  private void await(Task<?> task) throws InterruptedException, TimeoutException {
    if (task.isDone()) {
      return;
    }
    Checks.notInterrupted();
    try {
      if (nanos == Long.MAX_VALUE) {
        task.get(); // Which is quicker where the task has almost ended.
        return;
      }
      if (fromBody && left() > 0) {
        engine.help(task);
      }
      task.get(left(), TimeUnit.NANOSECONDS);
    } catch (ExecutionException | CancellationException settled) {
      // The handle says so.
    }
  }

  <T> T invokeAny(Collection<? extends Callable<T>> tasks)
      throws InterruptedException, ExecutionException, TimeoutException {
    List<Callable<T>> callables = checked(tasks);
    if (callables.isEmpty()) {
      throw new IllegalArgumentException("tasks must not be empty");
    }
    CompletableFuture<T> first = new CompletableFuture<>();
    AtomicInteger unsettled = new AtomicInteger(callables.size());
    var unused1 = first.whenComplete((result, failure) -> cancelAll());
    try {
      for (Callable<T> callable : callables) {
        if (first.isDone()) {
          break;
        }
        Task<T> task = pool.newTask(callable);
        var unused2 = task.whenComplete((r, failure) -> settled(first, unsettled, r, failure));
        submit(task);
      }
      if (fromBody) {
        help(first);
      }
      return awaitFirst(first);
    } finally {
      cancelAll();
    }
  }

  /** In turns, in which it does what the timer, or a starter, has no thread for. */
  private <T> T awaitFirst(CompletableFuture<T> first)
      throws InterruptedException, ExecutionException, TimeoutException {
    for (; ; ) {
      engine.beforeWaiting();
      try {
        return first.get(Math.min(left(), engine.timers().helpNanos()), TimeUnit.NANOSECONDS);
      } catch (TimeoutException over) {
        if (left() == 0) {
          throw over;
        }
        for (Task<?> task : submitted) {
          if (task.isCancelled()) {
            task.cancel(false); // Tells what is decided, should there be no thread for that.
          }
        }
      }
    }
  }

  private static <T> void settled(
      CompletableFuture<T> first, AtomicInteger unsettled, T result, Throwable failure) {
    if (failure == null) {
      first.complete(result);
    } else if (unsettled.decrementAndGet() == 0) {
      Throwable cause = failure instanceof CompletionException ? failure.getCause() : failure;
      first.completeExceptionally(new CompletionException("no task completed", cause));
    }
  }

  /** Runs what has not started, while nothing has completed and there is time. */
  private void help(CompletableFuture<?> first) throws InterruptedException {
    for (Task<?> task : submitted) {
      if (first.isDone() || left() == 0) {
        return;
      }
      Checks.notInterrupted();
      engine.help(task);
    }
  }

  private static <T> List<Callable<T>> checked(Collection<? extends Callable<T>> tasks) {
    List<Callable<T>> callables = new ArrayList<>(Checks.nonNull(tasks, "tasks"));
    for (Callable<T> callable : callables) {
      Checks.nonNull(callable, "task");
    }
    return callables;
  }
}
