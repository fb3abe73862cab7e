package io.threadpool;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.threadpool.RejectedTaskException.Reason;
import io.threadpool.internal.Errands;
import io.threadpool.internal.Explorer;
import io.threadpool.internal.ModelThread;
import io.threadpool.internal.Permits;
import io.threadpool.internal.Starter;
import io.threadpool.internal.TaskQueue;
import io.threadpool.internal.Timers;
import java.lang.reflect.Field;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongConsumer;
import org.slf4j.helpers.NOPLogger;

/** The real engine of a pool, with a queue of small segments and without a log. */
final class Engine {

  final PoolCore core;
  final PoolHandle pool;

  /** An engine whose queue has no limit. */
  Engine(int workers) {
    this(workers, 0, SaturationPolicy.reject());
  }

  Engine(int workers, int capacity, SaturationPolicy saturationPolicy) {
    this(workers, capacity, saturationPolicy, index -> {});
  }

  /** An engine that calls the hook between the claim of an index and its fill. */
  Engine(int workers, LongConsumer onClaim) {
    this(workers, 0, SaturationPolicy.reject(), onClaim);
  }

  private Engine(
      int workers, int capacity, SaturationPolicy saturationPolicy, LongConsumer onClaim) {
    this(workers, workers, false, capacity, saturationPolicy, onClaim);
  }

  /** An engine whose workers leave as soon as they sleep, down to the least number. */
  static Engine elastic(int least, int most) {
    return new Engine(least, most, false, 0, SaturationPolicy.reject(), index -> {});
  }

  /** An engine with a thread for each task, as one of virtual threads has it. */
  static Engine threadEach(int most) {
    return new Engine(most, most, true, 0, SaturationPolicy.reject(), index -> {});
  }

  private Engine(
      int least,
      int most,
      boolean virtual,
      int capacity,
      SaturationPolicy saturationPolicy,
      LongConsumer onClaim) {
    PoolConfig config =
        new PoolConfig(
            "model",
            least,
            most,
            Duration.ZERO,
            virtual,
            true,
            ShutdownPolicy.drain(),
            Duration.ofHours(1),
            null,
            capacity,
            Long.MAX_VALUE,
            saturationPolicy,
            null,
            null,
            new Patience(TaskOptions.NONE, 0, 0),
            false,
            null);
    core =
        new PoolCore(config, NOPLogger.NOP_LOGGER) {
          @Override
          Timers newTimers() {
            return new Rehearsal.NoTimers();
          }

          @Override
          Errands newErrands() {
            return new Rehearsal.ErrandsHere();
          }

          @Override
          Starter newStarter(Starter.Work work) {
            return new Starter(work, "model", true) {
              @Override
              public void want() {
                work.startOne();
              }
            };
          }

          @Override
          ThreadFactory newRunFactory() {
            return ModelThread::new;
          }

          @Override
          TaskQueue newQueue(long roughLimit) {
            return new TaskQueue(2, roughLimit) {
              @Override
              public void onClaim(long index) {
                onClaim.accept(index);
              }
            };
          }
        };
    pool = new DefaultWorkerPool(core, null);
  }

  /** Starts the workers. */
  Engine start() {
    return start(ModelThread::new);
  }

  /** Starts the workers on threads of a factory, which the caller keeps. */
  Engine start(ThreadFactory factory) {
    core.start(factory);
    return this;
  }

  Task<?> task(Runnable body) {
    return new Task<>(pool, body, false);
  }

  /** Submits a task; returns why it was refused, or null. */
  Reason submit(Task<?> task) {
    try {
      core.accept(task);
      return null;
    } catch (RejectedTaskException refused) {
      return refused.reason();
    }
  }

  /** Submits a command; returns why it was refused, or null. */
  Reason execute(Runnable command) {
    try {
      core.execute(command);
      return null;
    } catch (RejectedTaskException refused) {
      return refused.reason();
    }
  }

  void shutdown() {
    core.shutdown(ShutdownPolicy.drain());
  }

  List<Runnable> shutdownNow() {
    return core.shutdown(ShutdownPolicy.abort());
  }

  void awaitTermination() throws InterruptedException {
    core.lifecycle.awaitEnd(Explorer.FOREVER, false);
  }

  /** Ends the pool, and checks that its books are in order. */
  void end() throws InterruptedException {
    shutdown();
    awaitTermination();
    assertBooks();
  }

  /** The law: each accepted task has one outcome. Of a pool that is quiet. */
  Counts assertBooks() {
    Counts counts = core.ledger.counts();
    assertEquals(
        counts.accepted(),
        counts.completed() + counts.failed() + counts.cancelled() + counts.aborted(),
        counts::toString);
    assertEquals(0, core.backlog.queued(), "queued");
    assertEquals(0, active(), "active");
    return counts;
  }

  /** Not by the statistics, whose loops over the times Lincheck takes for endless ones. */
  int active() {
    return core.guests.active() + core.crew.active();
  }

  /** Each permit was given back, once. Of a pool that is quiet. */
  void assertAllRoom() throws ReflectiveOperationException {
    Object permits = core.backlog.permits;
    AtomicLong free = (AtomicLong) read(Permits.class, permits, "free");
    assertEquals(core.config().capacity(), free.get(), "permits");
  }

  private static Object read(Class<?> type, Object object, String name)
      throws ReflectiveOperationException {
    Field field = type.getDeclaredField(name);
    field.setAccessible(true);
    return field.get(object);
  }
}
