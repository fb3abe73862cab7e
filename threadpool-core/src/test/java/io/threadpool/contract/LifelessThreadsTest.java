package io.threadpool.contract;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ch.qos.logback.classic.Level;
import io.threadpool.RejectedTaskException;
import io.threadpool.SaturationPolicy;
import io.threadpool.Task;
import io.threadpool.TaskAbortedException;
import io.threadpool.TerminationReport;
import io.threadpool.WorkerPool;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Factories whose threads never run the worker that they were given: that is noticed while the pool
 * is open, told, and its tasks are settled, or go to the workers that live.
 */
class LifelessThreadsTest {

  @RegisterExtension final TestPools pools = new TestPools();

  /** What such threads do instead. */
  enum Form {
    /** The classic slip: the factory forgets its argument. */
    FORGETS {
      @Override
      Thread thread(Runnable worker) {
        return new Thread("forgetful");
      }
    },
    /** The thread sets something up first, which throws. */
    SETS_UP {
      @Override
      Thread thread(Runnable worker) {
        AtomicBoolean attached = new AtomicBoolean();
        Thread thread =
            new Thread(
                () -> {
                  if (!attached.get()) {
                    throw new SecurityException("attach failed");
                  }
                  worker.run();
                },
                "attaching");
        thread.setUncaughtExceptionHandler((t, e) -> {});
        return thread;
      }
    },
    /** The thread has another run it. */
    PASSES_ON {
      @Override
      Thread thread(Runnable worker) {
        return new Thread(
            () -> {
              Thread other = new Thread(worker);
              other.setDaemon(true);
              other.start();
            },
            "passing on");
      }
    };

    abstract Thread thread(Runnable worker);

    /** Threads of this form, which are dead when they have been waited for. */
    ThreadFactory factory(List<Thread> made) {
      return worker -> {
        Thread thread = thread(worker);
        thread.setDaemon(true);
        made.add(thread);
        return thread;
      };
    }
  }

  /** The ways to find out. */
  enum Wait {
    GET {
      @Override
      void on(WorkerPool pool, Task<?> task) throws Exception {
        task.get();
      }
    },
    TIMED_GET {
      @Override
      void on(WorkerPool pool, Task<?> task) throws Exception {
        task.get(1, TimeUnit.HOURS);
      }
    },
    JOIN {
      @Override
      void on(WorkerPool pool, Task<?> task) {
        task.join();
      }
    },
    IDLE {
      @Override
      void on(WorkerPool pool, Task<?> task) throws Exception {
        assertTrue(pool.awaitIdle(Duration.ofHours(1)));
        task.getNow(null);
      }
    },
    STOPPED {
      @Override
      void on(WorkerPool pool, Task<?> task) throws Exception {
        assertTrue(task.awaitStopped(Duration.ofHours(1)));
        task.join();
      }
    },
    /** Nobody waits in the pool. */
    NONE {
      @Override
      void on(WorkerPool pool, Task<?> task) {
        TestPools.eventually().until(task::isDone);
        task.getNow(null);
      }
    };

    abstract void on(WorkerPool pool, Task<?> task) throws Exception;
  }

  static Stream<Arguments> formsAndWaits() {
    return Stream.of(Form.values())
        .flatMap(form -> Stream.of(Wait.values()).map(wait -> Arguments.of(form, wait)));
  }

  private WorkerPool lifeless(Form form, int size) throws InterruptedException {
    List<Thread> made = new ArrayList<>();
    WorkerPool pool =
        pools.build(WorkerPool.builder().size(size).threadFactory(form.factory(made)));
    for (Thread thread : made) {
      thread.join();
    }
    return pool;
  }

  private static void assertNoWorker(Throwable thrown) {
    TaskAbortedException aborted = assertInstanceOf(TaskAbortedException.class, thrown);
    assertEquals("NO_WORKER", aborted.reason().name());
    assertTrue(
        aborted.getMessage().contains("no worker thread of the pool was alive to run it"),
        aborted::getMessage);
  }

  /** Submits, unless the pool has noticed before anything was. */
  private static Task<Integer> submitOrNull(WorkerPool pool) {
    try {
      return pool.submit(() -> 1);
    } catch (RejectedTaskException noticed) {
      assertEquals(RejectedTaskException.Reason.SHUTDOWN, noticed.reason());
      return null;
    }
  }

  @ParameterizedTest
  @MethodSource("formsAndWaits")
  void whatNobodyCanRunIsSettledWhileThePoolIsOpen(Form form, Wait wait) throws Exception {
    WorkerPool pool = lifeless(form, 2);
    Task<Integer> task = submitOrNull(pool);
    if (task != null) {
      Caller<Object> waiter =
          pools.call(
              () -> {
                wait.on(pool, task);
                return null;
              });
      assertNoWorker(assertThrows(ExecutionException.class, waiter::get).getCause());
    }
    TestPools.eventually().until(pool::isShutdown);
    assertThrows(RejectedTaskException.class, () -> pool.submit(() -> 1));
    assertThrows(RejectedTaskException.class, () -> pool.execute(() -> {}));
  }

  @ParameterizedTest
  @EnumSource
  void itIsToldAndThePoolEnds(Form form) throws Exception {
    try (LogCapture log = LogCapture.at(Level.WARN)) {
      WorkerPool pool = lifeless(form, 2);
      Task<Integer> task = submitOrNull(pool);
      awaitTold(log, pool);
      TestPools.eventually().until(() -> pool.report().isPresent());
      TestPools.eventually().until(pool::isTerminated);
      TerminationReport report = pool.report().orElseThrow();
      assertEquals(task == null ? 0 : 1, report.aborted());
      assertEquals(List.of(), report.stuck());
      pools
          .call(
              () -> {
                pool.close();
                return null;
              })
          .get();
    }
  }

  @ParameterizedTest
  @EnumSource
  void rawCommandsAreAbortedAndFuturesAmongThemCancelled(Form form) throws Exception {
    WorkerPool pool = lifeless(form, 1);
    FutureTask<Integer> future = new FutureTask<>(() -> 1);
    AtomicInteger runs = new AtomicInteger();
    try {
      pool.execute(future);
      pool.execute(runs::incrementAndGet);
    } catch (RejectedTaskException noticed) {
      TestPools.eventually().until(pool::isShutdown);
    }
    TestPools.eventually().until(pool::isTerminated);
    assertEquals(pool.stats().accepted(), pool.stats().aborted());
    assertEquals(0, runs.get());
    if (pool.stats().accepted() > 0) {
      Caller<Integer> waiter = pools.call(future::get);
      assertInstanceOf(
          CancellationException.class,
          assertThrows(ExecutionException.class, waiter::get).getCause());
    }
  }

  /** The threads end only when tasks have been accepted. */
  @Test
  void threadsThatEndLaterAreNoticedToo() throws Exception {
    CountDownLatch end = new CountDownLatch(1);
    WorkerPool pool =
        pools.build(
            WorkerPool.builder()
                .size(2)
                .threadFactory(
                    worker -> {
                      Thread thread =
                          new Thread(() -> TestPools.uninterruptibly(() -> await(end)), "later");
                      thread.setDaemon(true);
                      return thread;
                    }));
    List<Task<Integer>> tasks = new ArrayList<>();
    try {
      for (int i = 0; i < 10; i++) {
        tasks.add(pool.submit(() -> 1));
      }
      Caller<Integer> waiter = pools.call(() -> tasks.get(0).get()).awaitBlocked();
      assertFalse(pool.isShutdown());
      end.countDown();
      assertNoWorker(assertThrows(ExecutionException.class, waiter::get).getCause());
      for (Task<Integer> task : tasks) {
        TestPools.eventually().until(task::isDone);
        assertNoWorker(assertThrows(TaskAbortedException.class, task::join));
      }
    } finally {
      end.countDown();
    }
  }

  private static boolean await(CountDownLatch latch) throws InterruptedException {
    latch.await();
    return true;
  }

  @ParameterizedTest
  @EnumSource
  void whoWaitsForRoomComesBack(Form form) throws Exception {
    List<Thread> made = new ArrayList<>();
    WorkerPool pool =
        pools.build(
            WorkerPool.builder()
                .size(1)
                .queueCapacity(1)
                .saturationPolicy(SaturationPolicy.block())
                .threadFactory(form.factory(made)));
    for (Thread thread : made) {
      thread.join();
    }
    Callable<Object> submissions =
        () -> {
          pool.execute(() -> {});
          pool.execute(() -> {});
          return null;
        };
    Caller<Object> submitter = pools.call(submissions);
    Throwable thrown = assertThrows(ExecutionException.class, submitter::get).getCause();
    assertInstanceOf(RejectedTaskException.class, thrown);
  }

  @ParameterizedTest
  @EnumSource
  void aBulkCallComesBack(Form form) throws Exception {
    WorkerPool pool = lifeless(form, 2);
    Caller<Object> caller =
        pools.call(
            () -> {
              try {
                return pool.invokeAll(List.of(() -> 1, () -> 2)).stream()
                    .allMatch(future -> future.isCancelled());
              } catch (RejectedTaskException noticed) {
                return true;
              }
            });
    assertEquals(true, caller.get());
  }

  static Stream<Arguments> formsAndTheOneThatLives() {
    return Stream.of(Form.values())
        .flatMap(form -> Stream.of(0, 1, 2).map(lives -> Arguments.of(form, lives)));
  }

  /** A pool of three whose threads are dead, but for one. */
  private WorkerPool withOneThatLives(Form form, int lives) throws InterruptedException {
    List<Thread> dead = new ArrayList<>();
    ThreadFactory lifeless = form.factory(dead);
    AtomicInteger made = new AtomicInteger();
    WorkerPool pool =
        pools.build(
            WorkerPool.builder()
                .size(3)
                .threadFactory(
                    worker ->
                        made.getAndIncrement() == lives
                            ? new Thread(worker)
                            : lifeless.newThread(worker)));
    for (Thread thread : dead) {
      thread.join();
    }
    return pool;
  }

  private static void awaitTold(LogCapture log, WorkerPool pool) {
    TestPools.eventually()
        .until(
            () ->
                log.events(Level.WARN).stream()
                    .anyMatch(event -> event.getFormattedMessage().contains(pool.name())));
  }

  @ParameterizedTest
  @MethodSource("formsAndTheOneThatLives")
  void withOneThreadThatLivesAllTasksRun(Form form, int lives) throws Exception {
    try (LogCapture log = LogCapture.at(Level.WARN)) {
      WorkerPool pool = withOneThatLives(form, lives);
      for (int i = 0; i < 50; i++) {
        assertEquals(1, pools.call(() -> pool.submit(() -> 1).get()).get());
      }
      List<Task<Integer>> tasks = new ArrayList<>();
      for (int i = 0; i < 50; i++) {
        tasks.add(pool.submit(() -> 1));
      }
      for (Task<Integer> task : tasks) {
        assertEquals(1, pools.call(task::get).get());
      }
      assertFalse(pool.isShutdown());
      assertTrue(pool.awaitIdle(TestPools.LONG));
      pool.close();
      assertTrue(pool.isTerminated());
      assertEquals(100, pool.report().orElseThrow().completed());
      awaitTold(log, pool);
    }
  }

  /** Its one worker that lives is busy, and a task waits. */
  @ParameterizedTest
  @MethodSource("formsAndTheOneThatLives")
  void theOthersAreToldWhileATaskWaits(Form form, int lives) throws Exception {
    try (LogCapture log = LogCapture.at(Level.WARN)) {
      WorkerPool pool = withOneThatLives(form, lives);
      Held held = pools.occupy(pool);
      Task<Integer> task = pool.submit(() -> 1);
      Caller<Integer> waiter = pools.call(task::get);
      awaitTold(log, pool);
      assertFalse(pool.isShutdown());
      held.release();
      assertEquals(1, waiter.get());
    }
  }
}
