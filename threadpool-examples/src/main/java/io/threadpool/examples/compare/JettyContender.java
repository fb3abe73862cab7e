package io.threadpool.examples.compare;

import io.threadpool.examples.VirtualThreads;
import io.threadpool.examples.compare.Plan.Saturation;
import io.threadpool.examples.mdc.MdcDecorator;
import java.io.Closeable;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.FutureTask;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.UnaryOperator;
import org.eclipse.jetty.util.thread.MonitoredQueuedThreadPool;
import org.eclipse.jetty.util.thread.QueuedThreadPool;
import org.eclipse.jetty.util.thread.ShutdownThread;
import org.jspecify.annotations.Nullable;

/** The {@link QueuedThreadPool} of Jetty. It has no handles: they are {@link FutureTask}s. */
final class JettyContender implements Contender {

  @Override
  public String name() {
    return "jetty";
  }

  @Override
  public String description() {
    return "QueuedThreadPool, org.eclipse.jetty:jetty-util";
  }

  @Override
  public OpenPool open(Plan plan, Trial trial) {
    if (plan.saturation != Saturation.REFUSE) {
      throw new MissingException("a full queue refuses");
    }
    if (plan.lastInFirstOut) {
      throw new NoException("its queue is first in, first out");
    }
    if (plan.virtual() && VirtualThreads.available()) {
      trial.note("as a VirtualThreadPool, of the same package, from Java 21 on");
      return new ExecutorPool(new JettyVirtualThreads(plan.size), trial);
    }
    if (plan.mdc) {
      trial.note("execute overridden, to decorate each task");
    }
    int least = plan.elastic || plan.endsWhenDropped ? 0 : plan.size;
    QueuedThreadPool pool = new Hooked(plan, least, queue(plan, trial));
    if (plan.counted) {
      trial.note("as a MonitoredQueuedThreadPool, its subclass");
      pool =
          new MonitoredQueuedThreadPool(plan.size, plan.size, 60_000, new LinkedBlockingQueue<>());
    }
    if (plan.elastic || plan.endsWhenDropped) {
      trial.note("minThreads 0, a short idle timeout, and a high maxEvictCount");
      pool.setMaxEvictCount(plan.size);
    }
    pool.setReservedThreads(0); // Nothing here hands a task to a particular thread.
    pool.setStopTimeout(TimeUnit.MINUTES.toMillis(10));
    return new JettyPool(start(pool), trial);
  }

  private static @Nullable BlockingQueue<Runnable> queue(Plan plan, Trial trial) {
    if (plan.priorities) {
      trial.note("a PriorityBlockingQueue as its queue");
      return Priorities.queue();
    }
    return plan.capacity == 0 ? null : new ArrayBlockingQueue<>(plan.capacity);
  }

  private static QueuedThreadPool start(QueuedThreadPool pool) {
    try {
      pool.start();
      return pool;
    } catch (RuntimeException | Error e) {
      throw e;
    } catch (Exception e) {
      throw new IllegalStateException(e);
    }
  }

  /** With the hooks that the plan wants. */
  private static final class Hooked extends QueuedThreadPool {
    private final Plan plan;
    private final @Nullable UnaryOperator<Runnable> decorator;

    Hooked(Plan plan, int least, @Nullable BlockingQueue<Runnable> queue) {
      super(plan.size, least, least == 0 ? 100 : 60_000, 0, queue, null, new Threads(plan));
      this.plan = plan;
      decorator = plan.mdc ? new MdcDecorator() : null;
    }

    @Override
    public void execute(Runnable task) {
      super.execute(decorator == null ? task : decorator.apply(task));
    }

    @Override
    protected void onJobFailure(Throwable thrown) {
      if (plan.handler == null) {
        super.onJobFailure(thrown);
      } else {
        plan.handler.uncaughtException(Thread.currentThread(), thrown);
      }
    }
  }

  /** A handle that is cancelled when the pool drops it: Jetty closes what it drops. */
  private static final class Job<T> extends FutureTask<T> implements Closeable {
    Job(Callable<T> task) {
      super(task);
    }

    @Override
    public void close() {
      cancel(false);
    }
  }

  /** Stopping is Jetty's shutdown; it waits, so whoever must not wait lets another thread do it. */
  private static final class JettyPool extends OpenPool {
    private final QueuedThreadPool pool;
    private volatile @Nullable CompletableFuture<Boolean> stopping;

    JettyPool(QueuedThreadPool pool, Trial trial) {
      super(trial);
      this.pool = pool;
    }

    @Override
    void execute(Runnable task) {
      pool.execute(task);
    }

    @Override
    <T> Future<T> submit(Callable<T> task) {
      Job<T> job = new Job<>(task);
      pool.execute(job);
      return job;
    }

    @Override
    void shutdown() {
      CompletableFuture<Boolean> started = trial.start(this::stop);
      while (pool.getThreads() > 0 && !started.isDone()) {
        Thread.onSpinWait();
      }
      stopping = started;
    }

    private boolean stop() throws Exception {
      pool.stop();
      return true;
    }

    @Override
    List<Runnable> abort() {
      pool.setStopTimeout(200); // half of it without interrupting, half of it with
      shutdown();
      return List.of();
    }

    @Override
    List<Runnable> abortAndTell() {
      trial.note("tasks that are Closeable, which stop() closes when it drops them");
      return abort();
    }

    @Override
    boolean isTerminated() {
      return pool.isStopped();
    }

    @Override
    boolean awaitTermination(Duration timeout) throws InterruptedException {
      CompletableFuture<Boolean> started = stopping;
      if (started == null) {
        return false;
      }
      try {
        return started.get(timeout.toNanos(), TimeUnit.NANOSECONDS);
      } catch (TimeoutException e) {
        return false;
      } catch (ExecutionException e) {
        throw new IllegalStateException(e);
      }
    }

    @Override
    void shutdownAndAwait() throws Exception {
      pool.stop();
    }

    @Override
    void close() throws Exception {
      pool.setStopTimeout(400);
      pool.stop();
    }

    @Override
    boolean closeWithin(Duration drain, Duration grace) {
      trial.note("setStopTimeout; the first half passes without an interrupt");
      pool.setStopTimeout(2 * drain.toMillis());
      try {
        pool.stop();
      } catch (Exception e) {
        throw new IllegalStateException(e);
      }
      return pool.isStopped();
    }

    @Override
    boolean drains() {
      return false;
    }

    @Override
    long finished() {
      return pool instanceof MonitoredQueuedThreadPool counting
          ? counting.getTasks()
          : super.finished();
    }

    @Override
    void resize(int size) {
      pool.setMaxThreads(size);
      pool.setMinThreads(size);
    }

    @Override
    void drainAtExit() {
      trial.note("ShutdownThread.register");
      ShutdownThread.register(pool);
    }
  }
}
