package io.threadpool;

import io.threadpool.internal.DueHeap;
import java.util.concurrent.Callable;
import java.util.concurrent.Delayed;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * One scheduled task: what is due at a time, the body of a {@link Task}, and the handle of both.
 *
 * <p>Implementation note. When the next beat is due is decided by the thread that runs one, before
 * the task is delayed again; while it is in the heap nothing else writes that.
 *
 * @param <V> the type of the result
 */
final class Delay<V> extends DueHeap.Entry implements ScheduledTask<V>, Callable<@Nullable Object> {

  final Task<V> task;
  private final PoolHandle pool;
  private final boolean callable;

  /** From beat to beat; negative: from the end of one to the beginning of the next; 0: once. */
  private final long period;

  private final boolean persistent;

  /** The user's, or what decorates that; null when it will not run any more. */
  private volatile @Nullable Object body;

  /** Its neighbours in the line of what is due; that is guarded by its owner's monitor. */
  @Nullable Delay<?> before;

  @Nullable Delay<?> after;
  boolean inLine;

  /** One whose body has a result if it is {@code callable}, and is a {@code Runnable} otherwise. */
  Delay(PoolHandle pool, Object body, boolean callable, long period, boolean persistent) {
    this.pool = pool;
    this.body = body;
    this.callable = callable;
    this.period = period;
    this.persistent = persistent;
    task = Task.delayed(pool, this, repeats());
  }

  boolean repeats() {
    return period != 0;
  }

  /** What the user gave; the delay itself where that is not needed any more. */
  Object given() {
    Object own = body;
    return own == null ? this : DecoratedBody.given(own);
  }

  /** What the user gave is not needed any more. */
  void dropBody() {
    body = null;
  }

  // The body.

  @Override
  public @Nullable Object call() throws Exception {
    Object given = Checks.nonNull(body, "body");
    if (!repeats()) {
      dropBody();
      return DecoratedBody.callOrRun(given, callable);
    }
    if (period > 0) {
      long now = pool.host().nanoTime();
      due = now - (now - due) % period; // The latest beat: those before it were missed.
    }
    try {
      var unused = DecoratedBody.callOrRun(given, callable);
    } catch (Throwable thrown) {
      if (!persistent) {
        dropBody();
        throw thrown; // To the task, which tells it.
      }
      if (!task.isDecided()) { // Else it was cancelled, and this comes of that.
        pool.host().delays().failed(thrown, null);
      }
    }
    due = period > 0 ? due + period : pool.host().nanoTime() - period;
    return TaskState.AGAIN;
  }

  // The handle.

  @Override
  public Task<V> toCompletableFuture() {
    return task;
  }

  @Override
  public long getDelay(TimeUnit unit) {
    return Checks.nonNull(unit, "unit").convert(due - pool.host().nanoTime(), TimeUnit.NANOSECONDS);
  }

  @Override
  public int compareTo(Delayed other) {
    return other instanceof Delay<?> that
        ? Long.signum(due - that.due)
        : Long.compare(getDelay(TimeUnit.NANOSECONDS), other.getDelay(TimeUnit.NANOSECONDS));
  }

  @Override
  public boolean cancel(boolean mayInterruptIfRunning) {
    return task.cancel(mayInterruptIfRunning);
  }

  @Override
  public boolean isCancelled() {
    return task.isCancelled();
  }

  @Override
  public boolean isDone() {
    return task.isDone();
  }

  @Override
  public V get() throws InterruptedException, ExecutionException {
    return task.get();
  }

  @Override
  public V get(long timeout, TimeUnit unit)
      throws InterruptedException, ExecutionException, TimeoutException {
    return task.get(timeout, unit);
  }

  /** Returns what that of the task does. */
  @Override
  public String toString() {
    return task.toString();
  }
}
