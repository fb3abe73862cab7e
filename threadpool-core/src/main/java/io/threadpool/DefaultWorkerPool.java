package io.threadpool;

import java.lang.ref.Cleaner;
import java.lang.ref.Reference;
import java.lang.ref.WeakReference;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * What the user holds: a thin facade over the {@link PoolCore}, so that a pool that became
 * unreachable is noticed. A raw command does not hold it; so every method keeps it reachable to its
 * end.
 */
final class DefaultWorkerPool extends PoolHandle implements WorkerPool {

  private static final Cleaner CLEANER = Cleaner.create();

  DefaultWorkerPool(PoolCore core) {
    super(core);
    Cleaner.Cleanable cleanable = CLEANER.register(this, core::drop);
    WeakReference<PoolHandle> handle = new WeakReference<>(this);
    core.onTerminated(
        () -> {
          cleanable.clean();
          ExitHook.remove(core);
          PoolHandle held = handle.get();
          if (held != null) {
            held.letGo();
          }
        });
  }

  @Override
  public void execute(Runnable command) {
    try {
      core().execute(Checks.nonNull(command, "command"));
    } finally {
      Reference.reachabilityFence(this);
    }
  }

  @Override
  public <T> Task<T> submit(Callable<T> task) {
    return accept(newTask(task));
  }

  @Override
  public <T> Task<T> submit(Runnable task, T result) {
    return accept(newTask(Executors.callable(Checks.nonNull(task, "task"), result)));
  }

  @Override
  public Task<?> submit(Runnable task) {
    Object body = core().bodyFor(Checks.nonNull(task, "task"), false);
    return accept(new Task<>(this, body, body instanceof DecoratedBody));
  }

  /** A task that is not submitted yet. */
  <T> Task<T> newTask(Callable<T> task) {
    return new Task<>(this, core().bodyFor(Checks.nonNull(task, "task"), true), true);
  }

  private <T> Task<T> accept(Task<T> task) {
    core().accept(task);
    return task; // Which holds the facade.
  }

  @Override
  public <T> List<Future<T>> invokeAll(Collection<? extends Callable<T>> tasks)
      throws InterruptedException {
    return new BulkCall(this, Long.MAX_VALUE).invokeAll(tasks);
  }

  @Override
  public <T> List<Future<T>> invokeAll(
      Collection<? extends Callable<T>> tasks, long timeout, TimeUnit unit)
      throws InterruptedException {
    return new BulkCall(this, Checks.nonNull(unit, "unit").toNanos(timeout)).invokeAll(tasks);
  }

  @Override
  public <T> T invokeAny(Collection<? extends Callable<T>> tasks)
      throws InterruptedException, ExecutionException {
    try {
      return new BulkCall(this, Long.MAX_VALUE).invokeAny(tasks);
    } catch (TimeoutException impossible) {
      throw new AssertionError("timed out without a time limit", impossible);
    }
  }

  @Override
  public <T> T invokeAny(Collection<? extends Callable<T>> tasks, long timeout, TimeUnit unit)
      throws InterruptedException, ExecutionException, TimeoutException {
    return new BulkCall(this, Checks.nonNull(unit, "unit").toNanos(timeout)).invokeAny(tasks);
  }

  @Override
  public String name() {
    return core().name();
  }

  @Override
  public void shutdown() {
    shutdown(core().shutdownPolicy());
  }

  @Override
  public void shutdown(ShutdownPolicy policy) {
    try {
      core().shutdown(Checks.nonNull(policy, "policy"));
    } finally {
      Reference.reachabilityFence(this);
    }
  }

  @Override
  public List<Runnable> shutdownNow() {
    try {
      return core().shutdownNow();
    } finally {
      Reference.reachabilityFence(this);
    }
  }

  @Override
  public void close() {
    try {
      Closing.close(core());
    } finally {
      Reference.reachabilityFence(this);
    }
  }

  @Override
  public boolean awaitTermination(long timeout, TimeUnit unit) throws InterruptedException {
    return awaitTermination(Checks.nonNull(unit, "unit").toNanos(timeout));
  }

  @Override
  public boolean awaitTermination(Duration timeout) throws InterruptedException {
    return awaitTermination(Checks.saturatedNanos(Checks.nonNull(timeout, "timeout")));
  }

  private boolean awaitTermination(long nanos) throws InterruptedException {
    try {
      core().refuseSelfWait("awaitTermination");
      return core().lifecycle.awaitTermination(Math.max(0, nanos)); // The least long would wrap.
    } finally {
      Reference.reachabilityFence(this);
    }
  }

  @Override
  public boolean awaitIdle(Duration timeout) throws InterruptedException {
    try {
      long nanos = Checks.saturatedNanos(Checks.nonNull(timeout, "timeout"));
      core().refuseSelfWait("awaitIdle");
      return core().quiescence().await(nanos);
    } finally {
      Reference.reachabilityFence(this);
    }
  }

  @Override
  public boolean isShutdown() {
    return core().queue.isClosed();
  }

  @Override
  public boolean isTerminated() {
    return core().lifecycle.isTerminated();
  }

  @Override
  public Optional<TerminationReport> report() {
    return core().lifecycle.report();
  }

  @Override
  public PoolStats stats() {
    return core().stats();
  }

  /** Returns the pool's name and what {@link #stats()} shows. */
  @Override
  public String toString() {
    String phase = isTerminated() ? "terminated" : isShutdown() ? "shutting down" : "running";
    return "WorkerPool[" + name() + ", " + phase + ", " + stats() + "]";
  }
}
