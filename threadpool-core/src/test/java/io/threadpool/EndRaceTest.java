package io.threadpool;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.threadpool.internal.Errands;
import io.threadpool.internal.TaskQueue;
import io.threadpool.internal.Timers;
import java.lang.reflect.Field;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * The end of a pool, and who waits for it, where something comes at a moment at which nobody
 * expects it: a lack of memory or of threads, a second abort, a thread that dies.
 */
@Timeout(120)
class EndRaceTest extends EndRig {

  /** Who polls two handles in turns. */
  @Test
  void pollingTwoHandlesLeavesNothingBehind() throws Exception {
    WorkerPool pool = fixed(2);
    Task<?> one = pool.submit(() -> uninterruptibly(end));
    Task<?> other = pool.submit(() -> uninterruptibly(end));
    var unused1 = one.thenRun(() -> {});
    var unused2 = other.thenRun(() -> {});
    for (int i = 0; i < 200; i++) {
      assertThrows(TimeoutException.class, () -> one.get(1, TimeUnit.MICROSECONDS));
      assertThrows(TimeoutException.class, () -> other.get(1, TimeUnit.MICROSECONDS));
    }
    int left = one.getNumberOfDependents();
    end.countDown();
    pool.shutdown();
    assertTrue(left < 10, () -> "stages left behind: " + left);
  }

  /** No errand thread can be had; who waits for the end has the body interrupted. */
  @Test
  void whoWaitsForTheEndRunsStrandedErrands() throws Exception {
    WorkerPool pool =
        open(
            core(
                WorkerPool.builder().size(1).abortGrace(Duration.ofMinutes(10)),
                Timers.SHARED,
                EndRig::none));
    CountDownLatch begun = new CountDownLatch(1);
    pool.submit(
        () -> {
          begun.countDown();
          new CountDownLatch(1).await();
          return null;
        });
    begun.await();
    pool.shutdown(ShutdownPolicy.abort());
    assertTrue(pool.awaitTermination(LONG), "its body was never interrupted");
  }

  /** One worker; whoever posts an errand does that first. */
  private static PoolCore beforeEachPost(Runnable hook) {
    return new PoolCore(WorkerPool.builder().size(1).config()) {
      @Override
      Errands newErrands() {
        return new Errands(timers, EndRig::daemon) {
          @Override
          protected void post(Errand errand, boolean before) {
            hook.run();
            super.post(errand, before);
          }
        };
      }
    };
  }

  /** No memory for the line about a dead worker, once. */
  @Test
  void aDeadWorkerIsCountedOutThoughMemoryIsShort() throws Exception {
    AtomicBoolean lacking = new AtomicBoolean();
    PoolCore core =
        beforeEachPost(
            () -> {
              if (lacking.getAndSet(false)) {
                throw new OutOfMemoryError("new Runner() (for the test)");
              }
            });
    core.start(run -> new Thread(() -> {}));
    WorkerPool pool = WorkerPoolBuilder.open(core);
    Awaitility.await().until(() -> Crews.of(core).workers[0].isDead());
    lacking.set(true);
    pool.shutdown();
    assertTrue(pool.awaitTermination(LONG), "never terminated");
  }

  /** A queue that has no memory to say its length where a test says so. */
  private static TaskQueue shortOfMemory(Runnable lack) {
    return new TaskQueue(TaskQueue.DEFAULT_SEGMENT_SIZE, Long.MAX_VALUE) {
      @Override
      public long length() {
        lack.run();
        return super.length();
      }
    };
  }

  /** No timer; a waiter ends the grace and runs out of memory. */
  @Test
  void aWaiterThatFailedToSettleTheStuckTriesAgain() throws Exception {
    AtomicBoolean due = new AtomicBoolean();
    AtomicInteger failed = new AtomicInteger();
    PoolCore core =
        new PoolCore(WorkerPool.builder().size(1).abortGrace(Duration.ofMillis(50)).config()) {
          @Override
          Timers newTimers() {
            return new Dead();
          }

          @Override
          Errands newErrands() {
            return new Errands(timers, EndRig::none);
          }

          @Override
          TaskQueue newQueue(long roughLimit) {
            return shortOfMemory(
                () -> {
                  if (due.getAndSet(false)) {
                    failed.incrementAndGet();
                    throw new OutOfMemoryError("new Block() (for the test)");
                  }
                });
          }
        };
    WorkerPool pool = open(core);
    CountDownLatch begun = new CountDownLatch(1);
    pool.submit(
        () -> {
          begun.countDown();
          uninterruptibly(end);
        });
    begun.await();
    due.set(true);
    pool.shutdown(ShutdownPolicy.abort());
    Thread closing = started(pool::close);
    closing.join(LONG.toMillis());
    assertEquals(1, failed.get(), "memory was not short");
    assertTrue(pool.report().isPresent(), "never reported");
    assertFalse(closing.isAlive(), "close() never returned");
  }

  /** No memory to list a task that is stuck; then its body leaves before that is tried again. */
  @Test
  void aStuckTaskIsToldThoughItLeavesBeforeTheNextTry() throws Exception {
    AtomicBoolean due = new AtomicBoolean();
    AtomicReference<PoolCore> own = new AtomicReference<>();
    PoolCore core =
        new PoolCore(WorkerPool.builder().size(1).abortGrace(Duration.ofMillis(50)).config()) {
          @Override
          TaskQueue newQueue(long roughLimit) {
            return shortOfMemory(
                () -> {
                  if (due.getAndSet(false)) {
                    end.countDown();
                    Awaitility.await().until(() -> Crews.of(own.get()).workers[0].isGone());
                    throw new OutOfMemoryError("new Block() (for the test)");
                  }
                });
          }
        };
    own.set(core);
    WorkerPool pool = open(core);
    CountDownLatch begun = new CountDownLatch(1);
    Task<?> task =
        pool.submit(
            () -> {
              begun.countDown();
              uninterruptibly(end);
            });
    begun.await();
    CompletableFuture<String> told = task.handle((result, failure) -> "told");
    Thread waiter = started(task::join);
    Awaitility.await().until(() -> task.getNumberOfDependents() == 2);
    due.set(true);
    pool.shutdown(ShutdownPolicy.abort());
    assertTrue(pool.awaitTermination(LONG));
    assertFalse(due.get(), "memory was not short");
    assertTrue(task.isDone());
    assertFalse(task.isCancelled(), "it had left before it was decided");
    assertEquals("told", told.get(LONG.toSeconds(), TimeUnit.SECONDS));
    waiter.join(LONG.toMillis());
    assertFalse(waiter.isAlive());
  }

  /** Two bodies abort, the second before the first one's interrupts were delivered. */
  @Test
  void aBodyThatAbortsAsWellIsInterruptedByTheFirst() throws Exception {
    CountDownLatch errands = new CountDownLatch(1);
    PoolCore core =
        core(
            WorkerPool.builder().size(2).abortGrace(Duration.ofMinutes(10)),
            Timers.SHARED,
            run ->
                daemon(
                    () -> {
                      uninterruptibly(errands);
                      run.run();
                    }));
    WorkerPool pool = open(core);
    CountDownLatch both = new CountDownLatch(2);
    CountDownLatch first = new CountDownLatch(1);
    CountDownLatch second = new CountDownLatch(1);
    AtomicBoolean secondInterrupted = new AtomicBoolean();
    pool.execute(
        () -> {
          both.countDown();
          uninterruptibly(both);
          pool.shutdownNow();
          first.countDown();
        });
    pool.execute(
        () -> {
          both.countDown();
          uninterruptibly(first);
          pool.shutdownNow();
          second.countDown();
          try {
            end.await();
          } catch (InterruptedException byTheFirst) {
            secondInterrupted.set(true);
          }
        });
    second.await();
    errands.countDown();
    boolean terminated = pool.awaitTermination(LONG);
    end.countDown();
    assertTrue(terminated, "the second body was not interrupted for the first one's abort");
    assertTrue(secondInterrupted.get());
  }

  /** A thread's own class ends it before it looks for tasks. */
  @Test
  void aWorkerThatDiesBeforeItsLoopIsNoticed() throws Exception {
    PoolCore core = new PoolCore(WorkerPool.builder().size(1).config());
    core.start(
        run -> {
          Thread thread =
              new Thread(run) {
                @Override
                public ClassLoader getContextClassLoader() {
                  if (Thread.currentThread() == this) {
                    throw new IllegalStateException("for the test");
                  }
                  return super.getContextClassLoader();
                }
              };
          thread.setUncaughtExceptionHandler((dead, cause) -> {});
          return thread;
        });
    Awaitility.await().until(() -> !Crews.of(core).workers[0].frame().thread.isAlive());
    WorkerPool pool = WorkerPoolBuilder.open(core);
    Task<?> task = pool.submit(() -> {});
    Awaitility.await().atMost(LONG).until(task::isDone);
  }

  /** A body's join stands behind a stage that blocks. */
  @Test
  void aBodysJoinRunsNoStage() throws Exception {
    WorkerPool pool = fixed(1);
    CountDownLatch ready = new CountDownLatch(1);
    CountDownLatch running = new CountDownLatch(1);
    CompletableFuture<Task<?>> joined = new CompletableFuture<>();
    CountDownLatch over = new CountDownLatch(1);
    pool.execute(
        () -> {
          ready.countDown();
          Task<?> other = joined.join();
          try {
            var unused = other.join();
          } catch (RuntimeException cancelled) {
            over.countDown();
          }
        });
    ready.await();
    Task<?> task =
        pool.submit(
            () -> {
              running.countDown();
              uninterruptibly(end);
            });
    var unused1 = task.whenComplete((r, f) -> uninterruptibly(end));
    var unused2 = task.whenComplete((r, f) -> uninterruptibly(end));
    started(task::run); // A guest's.
    running.await();
    joined.complete(task);
    Awaitility.await().until(() -> task.getNumberOfDependents() == 3);
    started(() -> task.cancel(false));
    assertTrue(
        over.await(LONG.toSeconds(), TimeUnit.SECONDS), "the join runs a stage of somebody else's");
  }

  /** Who shuts the pool down is held up amid what it drops, and another aborts it. */
  @Test
  void whatAShutdownHasYetToDropAnAbortSettles() throws Exception {
    CountDownLatch dropping = new CountDownLatch(1);
    AtomicReference<Thread> dropper = new AtomicReference<>();
    PoolCore core =
        beforeEachPost(
            () -> {
              if (Thread.currentThread() == dropper.get()) {
                dropping.countDown();
                uninterruptibly(end);
              }
            });
    WorkerPool pool = open(core);
    List<ScheduledTask<?>> tasks = new ArrayList<>();
    for (int i = 0; i < 3; i++) {
      tasks.add(pool.scheduleAtFixedRate(() -> {}, 1, 1, TimeUnit.HOURS));
    }
    Thread shuttingDown = daemon(pool::shutdown);
    dropper.set(shuttingDown);
    shuttingDown.start();
    assertTrue(dropping.await(LONG.toSeconds(), TimeUnit.SECONDS), "it drops nothing");
    pool.shutdownNow();
    for (ScheduledTask<?> task : tasks) {
      assertTrue(task.isDone());
    }
  }

  /** Two errand threads tell at the same time. */
  @Test
  void eachFutureIsCancelledThoughTwoTell() throws Exception {
    int missed = 0;
    for (int round = 0; round < 200 && missed == 0; round++) {
      AtomicReference<Runnable> nothing = new AtomicReference<>();
      PoolCore core =
          new PoolCore(WorkerPool.builder().size(1).config()) {
            @Override
            Errands newErrands() {
              return new Errands(timers, run -> daemon(() -> {})) {
                @Override
                protected void start(Runner started, Runner before) {
                  // Nobody but the two below.
                }
              };
            }
          };
      WorkerPool pool = open(core);
      CountDownLatch begun = new CountDownLatch(1);
      CountDownLatch over = new CountDownLatch(1);
      pool.execute(
          () -> {
            begun.countDown();
            uninterruptibly(over);
          });
      begun.await();
      List<FutureTask<?>> futures = new ArrayList<>();
      for (int i = 0; i < 5_000; i++) {
        FutureTask<?> future = new FutureTask<>(() -> null);
        futures.add(future);
        pool.execute(future);
      }
      pool.shutdown(ShutdownPolicy.abort());
      Field telling = Abort.class.getDeclaredField("telling");
      telling.setAccessible(true);
      Errands.Errand errand = (Errands.Errand) telling.get(core.abort);
      Runnable tell =
          () -> {
            while (errand.next()) {
              nothing.get();
            }
          };
      Thread one = started(tell);
      tell.run();
      one.join();
      missed = (int) futures.stream().filter(future -> !future.isCancelled()).count();
      over.countDown();
    }
    assertEquals(0, missed);
  }

  /** The only errand thread is blocked, and no second one can be had. */
  @Test
  void whoWaitsTakesOverWhereNoSecondThreadCanBeHad() throws Exception {
    AtomicInteger threads = new AtomicInteger();
    Errands errands =
        new Errands(
            Timers.SHARED,
            run -> {
              if (threads.incrementAndGet() > 1) {
                throw new OutOfMemoryError("for the test");
              }
              return daemon(run);
            });
    CountDownLatch ran = new CountDownLatch(1);
    errands.post(() -> uninterruptibly(end));
    errands.post(ran::countDown);
    started(() -> errands.awaitQuiet(LONG.toNanos(), LONG.toNanos()));
    assertTrue(ran.await(LONG.toSeconds(), TimeUnit.SECONDS), "nobody takes over");
  }

  /** Dead threads, a drain, and nobody that waits. */
  @Test
  void aPoolOfDeadThreadsTerminatesByItself() throws Exception {
    PoolCore core = new PoolCore(WorkerPool.builder().size(1).config());
    core.start(run -> new Thread(() -> {}));
    WorkerPool pool = WorkerPoolBuilder.open(core);
    pool.shutdown();
    Awaitility.await().atMost(LONG).until(pool::isTerminated);
  }

  /** Who aborts is the last body out, and the logger blocks. */
  @Test
  void shutdownNowReturnsThoughTheLoggerBlocks() throws Exception {
    AtomicReference<Thread> blocked = new AtomicReference<>();
    PoolCore core =
        new PoolCore(WorkerPool.builder().size(1).config(), blockingOn("terminated", blocked)) {
          @Override
          Abort newAbort() {
            return new Abort(floor, crew, guests) {
              @Override
              boolean claim() {
                Awaitility.await().until(() -> !Crews.threads(crew).get(0).isAlive());
                return super.claim();
              }
            };
          }
        };
    WorkerPool pool = open(core);
    Thread aborter = started(pool::shutdownNow);
    aborter.join(LONG.toMillis());
    assertFalse(aborter.isAlive(), () -> "shutdownNow() stands in the logger");
  }

  /** The first time no timer thread could be started. */
  @Test
  void theTimerIsAskedAgainWhereItHadNoThread() throws Exception {
    AtomicInteger refusals = new AtomicInteger();
    Timers flaky =
        new Timers() {
          @Override
          public boolean schedule(Entry entry, long nanos) {
            return refusals.getAndIncrement() > 0 && super.schedule(entry, nanos);
          }
        };
    PoolCore core =
        new PoolCore(WorkerPool.builder().size(1).config()) {
          @Override
          Timers newTimers() {
            return flaky;
          }
        };
    core.start(run -> new Thread(() -> {}));
    WorkerPool pool = WorkerPoolBuilder.open(core);
    Task<?> task = pool.submit(() -> {});
    assertEquals(1, refusals.get());
    pool.execute(() -> {}); // Finds nobody either, and now there is a thread to be had.
    Awaitility.await().atMost(LONG).until(task::isDone);
  }

  /** The body leaves, and what follows the termination lacks memory, amid the end of the grace. */
  @Test
  void whatFollowsTheTerminationIsDoneThoughTheGraceEndsLate() throws Exception {
    AtomicInteger failed = new AtomicInteger();
    AtomicBoolean followed = new AtomicBoolean();
    AtomicBoolean held = new AtomicBoolean(true); // The worker comes to that step as well.
    PoolCore core =
        new PoolCore(WorkerPool.builder().size(1).abortGrace(Duration.ofMillis(1)).config()) {
          @Override
          Timers newTimers() {
            return new Dead();
          }

          @Override
          Abort newAbort() {
            return new Abort(floor, crew, guests) {
              @Override
              void tellStuck(List<StuckTask> told) {
                if (held.getAndSet(false)) {
                  end.countDown();
                  Awaitility.await().until(() -> failed.get() == 1);
                }
                super.tellStuck(told);
              }
            };
          }

          @Override
          public void onTerminated() {
            if (failed.getAndIncrement() == 0) {
              throw new OutOfMemoryError("for the test");
            }
            super.onTerminated();
            followed.set(true);
          }
        };
    WorkerPool pool = open(core);
    occupy(pool);
    pool.shutdown(ShutdownPolicy.abort());
    Awaitility.await()
        .atMost(LONG)
        .until(() -> pool.awaitTermination(Duration.ofMillis(50)) && followed.get());
  }

  /** The workers of an idle pool leave, the last one out, before the abort has begun. */
  @Test
  void nothingIsDueOfAPoolThatTerminatesAsItsAbortBegins() throws Exception {
    AtomicReference<PoolCore> own = new AtomicReference<>();
    AtomicInteger scheduled = new AtomicInteger();
    AtomicInteger followed = new AtomicInteger();
    PoolCore core =
        new PoolCore(WorkerPool.builder().size(2).abortGrace(Duration.ofMillis(20)).config()) {
          @Override
          Timers newTimers() {
            return new Timers() {
              @Override
              public boolean schedule(Entry entry, long nanos) {
                if (own.get().isTerminated() && !(entry instanceof Watch)) {
                  scheduled.incrementAndGet();
                }
                return super.schedule(entry, nanos);
              }
            };
          }

          @Override
          public void onShutdown() {
            Awaitility.await().until(this::isTerminated);
          }

          @Override
          public void onTerminated() {
            followed.incrementAndGet();
            super.onTerminated();
          }
        };
    own.set(core);
    WorkerPool pool = open(core);
    Awaitility.await().until(() -> Crews.missing(core) == 0);
    assertEquals(List.of(), pool.shutdownNow());
    Awaitility.await().until(() -> followed.get() > 0);
    assertEquals(0, scheduled.get(), "something is due");
    assertEquals(1, followed.get());
  }
}
