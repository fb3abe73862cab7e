package io.threadpool.contract;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.threadpool.RejectedTaskException;
import io.threadpool.SaturationPolicy;
import io.threadpool.Task;
import io.threadpool.WorkerPool;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/**
 * User code runs under no lock of the library, so that from each place where the library calls it
 * another thread can use the pool, and what it throws there breaks nothing.
 */
class UserCodeTest {

  @RegisterExtension final TestPools pools = new TestPools();

  /** Uses every part of the pool from another thread, and waits for that. */
  private void useElsewhere(WorkerPool pool, AtomicInteger used) {
    Caller<Object> caller =
        pools.call(
            () -> {
              try {
                pool.submit(() -> 1).cancel(true);
              } catch (RejectedTaskException closed) {
                assertTrue(pool.isShutdown());
              }
              pool.stats();
              pool.shutdown();
              pool.shutdownNow();
              pool.awaitTermination(1, TimeUnit.NANOSECONDS);
              pool.awaitIdle(Duration.ZERO);
              pool.report();
              return null;
            });
    // The abort above may interrupt this thread.
    TestPools.uninterruptibly(caller::get);
    used.incrementAndGet();
  }

  @Test
  void aStageOfAnAbortedTask() throws Exception {
    WorkerPool pool = pools.fixed(1);
    pools.occupy(pool);
    AtomicInteger used = new AtomicInteger();
    pool.submit(() -> 1).whenComplete((x, e) -> useElsewhere(pool, used));
    pool.shutdownNow();
    TestPools.eventually().until(() -> used.get() == 1);
  }

  @Test
  void aStageOfADiscardedTask() throws Exception {
    WorkerPool pool =
        pools.build(
            WorkerPool.builder()
                .size(1)
                .queueCapacity(1)
                .saturationPolicy(SaturationPolicy.discardOldest()));
    pools.occupy(pool);
    AtomicInteger used = new AtomicInteger();
    pool.submit(() -> 1).whenComplete((x, e) -> useElsewhere(pool, used));
    pool.submit(() -> 2);
    assertEquals(1, used.get());
  }

  @Test
  void aStageOfACancelledTask() throws Exception {
    WorkerPool pool = pools.fixed(1);
    pools.occupy(pool);
    AtomicInteger used = new AtomicInteger();
    Task<Integer> task = pool.submit(() -> 1);
    task.whenComplete((x, e) -> useElsewhere(pool, used));
    task.cancel(true);
    assertEquals(1, used.get());
  }

  @Test
  void aStageOfAStuckTaskDoesNotHoldUpTheReport() throws Exception {
    WorkerPool pool = pools.build(WorkerPool.builder().size(1).abortGrace(Duration.ofMillis(10)));
    Held held = pools.deaf();
    Task<?> task = pool.submit(held);
    Held stage = pools.deaf();
    AtomicInteger used = new AtomicInteger();
    task.whenComplete((x, e) -> useElsewhere(pool, used));
    task.whenComplete((x, e) -> stage.run());
    held.awaitStarted();
    pool.shutdownNow();
    TestPools.eventually().until(() -> pool.report().isPresent());
    stage.awaitStarted();
    stage.release();
    held.release();
    assertTrue(pool.awaitTermination(TestPools.LONG));
    TestPools.eventually().until(() -> used.get() == 1);
  }

  @Test
  void aStageOfACompletedTaskOnTheWorker() throws Exception {
    WorkerPool pool = pools.fixed(2);
    Held held = pools.held();
    AtomicInteger used = new AtomicInteger();
    pool.submit(held).whenComplete((x, e) -> useElsewhere(pool, used));
    held.release();
    assertTrue(pool.awaitTermination(TestPools.LONG));
    assertEquals(1, used.get());
  }

  @Test
  void aHandler() throws Exception {
    AtomicInteger used = new AtomicInteger();
    WorkerPool[] pool = new WorkerPool[1];
    pool[0] =
        pools.build(
            WorkerPool.builder()
                .size(1)
                .uncaughtHandler((thread, thrown) -> useElsewhere(pool[0], used)));
    pool[0].execute(
        () -> {
          throw new IllegalStateException();
        });
    assertTrue(pool[0].awaitTermination(TestPools.LONG));
    assertEquals(1, used.get());
  }

  @Test
  void aDecorator() throws Exception {
    AtomicInteger used = new AtomicInteger();
    WorkerPool[] pool = new WorkerPool[1];
    pool[0] =
        pools.build(
            WorkerPool.builder()
                .size(1)
                .taskDecorator(
                    body -> {
                      if (used.compareAndSet(0, 1)) {
                        useElsewhere(pool[0], used);
                      }
                      return body;
                    }));
    try {
      pool[0].execute(() -> {});
    } catch (RejectedTaskException closedByTheDecorator) {
      assertEquals(RejectedTaskException.Reason.SHUTDOWN, closedByTheDecorator.reason());
    }
    assertEquals(2, used.get());
  }

  /** A raw command that is a future whose cancelling calls the user. */
  private static final class Hooked extends FutureTask<Integer> {
    private final Runnable hook;

    Hooked(Runnable hook) {
      super(() -> 1);
      this.hook = hook;
    }

    @Override
    public boolean cancel(boolean mayInterruptIfRunning) {
      hook.run();
      return super.cancel(mayInterruptIfRunning);
    }
  }

  @Test
  void theCancelOfARawFuture() throws Exception {
    WorkerPool pool = pools.fixed(1);
    pools.occupy(pool);
    AtomicInteger used = new AtomicInteger();
    Runnable first = new Hooked(() -> useElsewhere(pool, used));
    Runnable second =
        new Hooked(
            () -> {
              throw new IllegalStateException("cancel");
            });
    Runnable third = new Hooked(used::incrementAndGet);
    pool.execute(first);
    pool.execute(second);
    pool.execute(third);
    List<Runnable> unstarted = pool.shutdownNow();
    assertEquals(List.of(first, second, third), unstarted);
    TestPools.eventually().until(() -> used.get() == 2);
  }

  @Test
  void aStageThatThrowsAnythingBreaksNoAbort() throws Exception {
    WorkerPool pool = pools.fixed(1);
    Held held = pools.occupy(pool);
    AtomicInteger told = new AtomicInteger();
    for (int i = 0; i < 4; i++) {
      Task<Integer> task = pool.submit(() -> 1);
      task.whenComplete(
          (x, e) -> {
            throw new LinkageError("stage");
          });
      task.whenComplete((x, e) -> told.incrementAndGet());
    }
    assertEquals(4, pool.shutdownNow().size());
    TestPools.eventually().until(() -> told.get() == 4);
    held.awaitInterrupted();
  }
}
