package io.threadpool;

import io.threadpool.internal.DueHeap;
import io.threadpool.internal.StackProbe;
import java.lang.ref.Cleaner;
import java.lang.ref.Reference;
import java.lang.ref.WeakReference;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture.AsynchronousCompletionTask;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * What the user holds: a thin facade over the {@link PoolEngine}, so that a pool that became
 * unreachable is noticed. A raw command does not hold it; so a method that does more than look
 * keeps it reachable to its end, or to where it throws, after which it has nothing to do.
 */
@SuppressWarnings("ReachabilityFenceUsage") // Which wants a finally.
class DefaultWorkerPool extends PoolHandle implements WorkerPool {

  /** Not made with the class, which would be broken for good where no thread is to be had. */
  private static @Nullable Cleaner cleaner;

  /** Once it has terminated, what remains of it. Written by who terminates the pool. */
  private volatile PoolEngine engine;

  /** The user's, for workers that are still to come; the engine holds it weakly. */
  @SuppressWarnings("unused") // It is held.
  private volatile @Nullable ThreadFactory factory;

  /** That of a pool that nobody else is to know. */
  DefaultWorkerPool(PoolCore core, @Nullable ThreadFactory factory) {
    engine = core;
    this.factory = factory;
  }

  /** The facade of a pool, which is listed as one. */
  static DefaultWorkerPool of(PoolCore core, @Nullable ThreadFactory factory) {
    TaskOptions options = core.config().patience().options();
    DefaultWorkerPool pool =
        options.equals(TaskOptions.NONE)
            ? new DefaultWorkerPool(core, factory)
            : new WithOptions(core, factory, options);
    Cleaner.Cleanable cleanable = cleaner().register(pool, core);
    PoolView view = WorkerPools.add(core);
    core.whenTerminated(ending(core, cleanable, new WeakReference<>(pool), view));
    return pool;
  }

  private static synchronized Cleaner cleaner() {
    Cleaner own = cleaner;
    if (own == null) {
      own = Cleaner.create();
      cleaner = own;
    }
    return own;
  }

  /** That of a pool with options for all tasks; the others do not pay for it. */
  private static final class WithOptions extends DefaultWorkerPool {
    private final TaskOptions options;

    WithOptions(PoolCore core, @Nullable ThreadFactory factory, TaskOptions options) {
      super(core, factory);
      this.options = options;
    }

    @Override
    TaskOptions options() {
      return options;
    }

    @Override
    public void execute(Runnable command) {
      execute(command, TaskOptions.NONE);
    }

    @Override
    <T> Task<T> task(Object body, boolean callable) {
      return options.startNanos == 0
          ? super.task(body, callable)
          : new Task<>(new Terms(this, options, null), body, callable);
    }
  }

  /** What is done when the pool has terminated. Holds no facade. */
  private static Runnable ending(
      PoolCore core,
      Cleaner.Cleanable cleanable,
      WeakReference<DefaultWorkerPool> handle,
      PoolView view) {
    return new Runnable() { // No lambda: the first ones of a JVM take a millisecond each.
      @Override
      public void run() {
        cleanable.clean();
        if (core.config().exitPolicy() != null) { // Else its class would be initialised here.
          ExitHook.remove(core);
        }
        EndedPool remains = core.remains();
        DefaultWorkerPool held = handle.get();
        if (held != null) {
          held.engine = remains;
          held.factory = null;
        }
        WorkerPools.remove(view, remains);
        if (core.config().jmx()) {
          core.errands.post(() -> PoolBean.unregister(view));
        }
      }
    };
  }

  @Override
  PoolEngine host() {
    return engine;
  }

  @Override
  public void execute(Runnable command) {
    engine.execute(Checks.nonNull(command, "command"));
    Reference.reachabilityFence(this);
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
    Object body = engine.bodyFor(Checks.nonNull(task, "task"), false);
    return accept(task(body, body != task)); // A decorated one has a result.
  }

  /** A task that is not submitted yet. */
  <T> Task<T> newTask(Callable<T> task) {
    return task(engine.bodyFor(Checks.nonNull(task, "task"), true), true);
  }

  /** A task with the options of all. */
  <T> Task<T> task(Object body, boolean callable) {
    return new Task<>(this, body, callable);
  }

  @Override
  public <T> Task<T> submit(Callable<T> task, TaskOptions options) {
    return accept(engine.bodyFor(Checks.nonNull(task, "task"), true), true, null, options);
  }

  @Override
  public Task<?> submit(Runnable task, TaskOptions options) {
    Object body = engine.bodyFor(Checks.nonNull(task, "task"), false);
    return accept(body, body != task, null, options);
  }

  @Override
  public void execute(Runnable command, TaskOptions options) {
    Object body = engine.decorated(Checks.nonNull(command, "command"));
    var unused = accept(body, false, command, options);
  }

  /** Submits a task with options of its own, or a command, which becomes one. */
  @SuppressWarnings("unchecked") // As is the body.
  private <T> Task<T> accept(
      Object body, boolean callable, @Nullable Runnable command, TaskOptions own) {
    boolean limited = Checks.nonNull(own, "options").haveLimit();
    TaskOptions all = own.or(options());
    boolean step = command instanceof AsynchronousCompletionTask; // Nobody could settle its stage.
    Terms terms = new Terms(this, step ? all.withoutStart() : all, command);
    if (!limited) {
      return accept(new Task<T>(terms, body, callable));
    }
    Limit limit = new Limit(terms, body, callable);
    StackProbe.ensure(); // What was accepted is to be armed.
    Task<?> task = accept(limit.task);
    limit.arm();
    return (Task<T>) task;
  }

  private <T> Task<T> accept(Task<T> task) {
    engine.accept(task);
    return task; // Which holds the facade.
  }

  @Override
  public ScheduledTask<?> schedule(Runnable command, long delay, TimeUnit unit) {
    Checks.nonNull(command, "command");
    return delay(command, false, Checks.nonNull(unit, "unit").toNanos(delay), 0);
  }

  @Override
  public ScheduledTask<?> schedule(Runnable command, Duration delay) {
    Checks.nonNull(command, "command");
    return delay(command, false, Checks.saturatedNanos(Checks.nonNull(delay, "delay")), 0);
  }

  @Override
  public <V> ScheduledTask<V> schedule(Callable<V> callable, long delay, TimeUnit unit) {
    Checks.nonNull(callable, "callable");
    return delay(callable, true, Checks.nonNull(unit, "unit").toNanos(delay), 0);
  }

  @Override
  public <V> ScheduledTask<V> schedule(Callable<V> callable, Duration delay) {
    Checks.nonNull(callable, "callable");
    return delay(callable, true, Checks.saturatedNanos(Checks.nonNull(delay, "delay")), 0);
  }

  @Override
  public ScheduledTask<?> scheduleAtFixedRate(
      Runnable command, long initialDelay, long period, TimeUnit unit) {
    Checks.nonNull(unit, "unit");
    Checks.positive(period, period, "period");
    return repeat(command, unit.toNanos(initialDelay), unit.toNanos(period));
  }

  @Override
  public ScheduledTask<?> scheduleAtFixedRate(
      Runnable command, Duration initialDelay, Duration period) {
    long initialNanos = Checks.saturatedNanos(Checks.nonNull(initialDelay, "initialDelay"));
    return repeat(command, initialNanos, Checks.positiveNanos(period, "period"));
  }

  @Override
  public ScheduledTask<?> scheduleWithFixedDelay(
      Runnable command, long initialDelay, long delay, TimeUnit unit) {
    Checks.nonNull(unit, "unit");
    Checks.positive(delay, delay, "delay");
    return repeat(command, unit.toNanos(initialDelay), -unit.toNanos(delay));
  }

  @Override
  public ScheduledTask<?> scheduleWithFixedDelay(
      Runnable command, Duration initialDelay, Duration delay) {
    long initialNanos = Checks.saturatedNanos(Checks.nonNull(initialDelay, "initialDelay"));
    return repeat(command, initialNanos, -Checks.positiveNanos(delay, "delay"));
  }

  private ScheduledTask<?> repeat(Runnable command, long nanos, long period) {
    long beat = Math.max(-DueHeap.LONGEST_NANOS, Math.min(period, DueHeap.LONGEST_NANOS));
    return delay(Checks.nonNull(command, "command"), false, nanos, beat);
  }

  /** Schedules what the pool runs; the type of its result is the caller's. */
  private <V> ScheduledTask<V> delay(Object given, boolean callable, long nanos, long beat) {
    Object body = engine.bodyFor(given, callable);
    boolean hasResult = callable || body != given;
    Delay<V> delay = new Delay<>(this, body, hasResult, beat, given instanceof Persistent);
    if (!engine.tryDelay(delay, nanos)) {
      throw engine.rejection(RejectedTaskException.Reason.SHUTDOWN);
    }
    return delay; // Which holds the facade.
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
    return engine.name();
  }

  @Override
  public void shutdown() {
    engine.shutdown();
    Reference.reachabilityFence(this);
  }

  @Override
  public void shutdown(ShutdownPolicy policy) {
    engine.shutdown(Checks.nonNull(policy, "policy"));
    Reference.reachabilityFence(this);
  }

  @Override
  public List<Runnable> shutdownNow() {
    List<Runnable> unstarted = engine.shutdownNow();
    Reference.reachabilityFence(this);
    return unstarted;
  }

  @Override
  public void close() {
    engine.close();
    Reference.reachabilityFence(this);
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
    boolean over = engine.awaitTermination(Math.max(0, nanos)); // The least long would wrap.
    Reference.reachabilityFence(this);
    return over;
  }

  @Override
  public boolean awaitIdle(Duration timeout) throws InterruptedException {
    boolean idle = engine.awaitIdle(Checks.saturatedNanos(Checks.nonNull(timeout, "timeout")));
    Reference.reachabilityFence(this);
    return idle;
  }

  @Override
  public boolean isShutdown() {
    return engine.isShutdown();
  }

  @Override
  public boolean isTerminated() {
    return engine.isTerminated();
  }

  @Override
  public Optional<TerminationReport> report() {
    return engine.report();
  }

  @Override
  public PoolStats stats() {
    return engine.stats();
  }

  @Override
  public void resize(int size) {
    Checks.inRange(size, 1, engine.largestSize(), "size");
    engine.resize(size, size);
    Reference.reachabilityFence(this);
  }

  @Override
  public void resize(int min, int max) {
    Checks.inRange(max, 1, engine.largestSize(), "max");
    engine.resize(Checks.inRange(min, 0, max, "min"), max);
    Reference.reachabilityFence(this);
  }

  @Override
  public List<RunningTask> runningTasks() {
    return engine.runningTasks();
  }

  /** Returns the pool's name and what {@link #stats()} shows. */
  @Override
  public String toString() {
    String phase = isTerminated() ? "terminated" : isShutdown() ? "shutting down" : "running";
    return "WorkerPool[" + name() + ", " + phase + ", " + stats() + "]";
  }
}
