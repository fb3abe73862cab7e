package io.threadpool;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.threadpool.internal.RaceTeam;
import io.threadpool.internal.Timers;
import java.lang.reflect.Field;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * The end of a pool whose threads come late, whose bodies stand on one another, or whose handles
 * are told late.
 */
@Timeout(120)
class LateEndTest extends EndRig {

  private static final int ROUNDS = 10_000;

  private static AtomicInteger counter(Object owner, String name) throws Exception {
    Field field = owner.getClass().getDeclaredField(name);
    field.setAccessible(true);
    return (AtomicInteger) field.get(owner);
  }

  private static void until(Callable<Boolean> condition) {
    Awaitility.await().atMost(LONG).pollInterval(Duration.ofMillis(1)).until(condition);
  }

  private static void assertBalanced(WorkerPool pool, long accepted, long aborted) {
    TerminationReport r = pool.report().orElseThrow();
    assertEquals(accepted, r.accepted(), r::toString);
    assertEquals(accepted, r.completed() + r.failed() + r.cancelled() + r.aborted(), r::toString);
    assertEquals(aborted, r.aborted(), r::toString);
  }

  // Threads that come late.

  /** Who aborts does not wait for it, nobody takes it for late, and it does what was posted. */
  @Test
  void anErrandThreadThatComesLateIsNotReplacedOverAndOver() throws Exception {
    AtomicInteger looks = new AtomicInteger();
    AtomicInteger made = new AtomicInteger();
    CountDownLatch come = new CountDownLatch(1);
    Timers counting =
        new Timers() {
          @Override
          public boolean schedule(Entry entry, long nanos) {
            looks.incrementAndGet();
            return super.schedule(entry, nanos);
          }
        };
    WorkerPool pool =
        open(
            core(
                WorkerPool.builder().size(1).abortGrace(Duration.ofMinutes(10)),
                counting,
                run -> {
                  made.incrementAndGet();
                  return daemon(
                      () -> {
                        uninterruptibly(come);
                        run.run();
                      });
                }));
    CountDownLatch begun = new CountDownLatch(1);
    AtomicInteger interrupts = new AtomicInteger();
    pool.execute(
        () -> {
          begun.countDown();
          try {
            end.await();
          } catch (InterruptedException asItShouldBe) {
            interrupts.incrementAndGet();
          }
        });
    begun.await();
    Task<?> queued = pool.submit(() -> {});
    CompletableFuture<String> told = queued.handle((result, failure) -> "told");
    Thread aborter = started(pool::shutdownNow);
    aborter.join(LONG.toMillis());
    assertFalse(aborter.isAlive(), "shutdownNow() waits for a thread that has yet to come");
    int before = looks.get();
    until(() -> looks.get() >= before + 20);
    assertEquals(1, made.get(), "threads in the place of one that has yet to come");
    assertTrue(queued.isDone());
    assertFalse(told.isDone());
    come.countDown();
    assertEquals("told", told.get(LONG.toSeconds(), TimeUnit.SECONDS));
    assertTrue(pool.awaitTermination(LONG));
    assertEquals(1, interrupts.get());
  }

  /** A thread whose start does nothing; it comes when it is told to. */
  private static class LateThread extends Thread {
    LateThread(Runnable worker) {
      super(worker);
      setDaemon(true);
    }

    @Override
    public void start() {
      // Later.
    }

    void come() {
      super.start();
    }

    void awaitEnd() throws InterruptedException {
      join(LONG.toMillis());
      assertFalse(isAlive(), "it does not leave");
    }
  }

  /** The worker was counted out; another is there. */
  @Test
  void aBuriedWorkerWhoseThreadComesLeaves() throws Exception {
    PoolCore core = new PoolCore(WorkerPool.builder().size(2).config());
    AtomicReference<LateThread> late = new AtomicReference<>();
    WorkerPool pool =
        open(
            core,
            worker -> {
              if (late.get() != null) {
                return daemon(worker);
              }
              late.set(new LateThread(worker));
              return late.get();
            });
    until(
        () -> {
          core.crew.look();
          return Crews.of(core).workers[0].isGone();
        });
    AtomicInteger bodies = counter(core.count, "bodies");
    assertEquals(2, bodies.get(), "the other worker, and the pool itself");
    late.get().come();
    late.get().awaitEnd();
    assertEquals(2, bodies.get());
    AtomicInteger runs = new AtomicInteger();
    pool.submit(runs::incrementAndGet).get(LONG.toSeconds(), TimeUnit.SECONDS);
    pool.close();
    assertEquals(1, runs.get());
    assertTrue(pool.isTerminated());
    assertBalanced(pool, 1, 0);
  }

  /** It comes between the look that finds it dead and the burial: it was not. */
  @Test
  void aWorkerWhoseThreadComesAsItIsBuriedIsCountedOutOnce() throws Exception {
    CountDownLatch entering = new CountDownLatch(1);
    CountDownLatch looked = new CountDownLatch(1);
    AtomicReference<LateThread> late = new AtomicReference<>();
    PoolCore core = core(WorkerPool.builder().size(1), new Dead(), EndRig::none);
    WorkerPool pool =
        open(
            core,
            worker -> {
              late.set(
                  new LateThread(worker) {
                    @Override
                    public ClassLoader getContextClassLoader() {
                      if (Thread.currentThread() == this) {
                        entering.countDown();
                        uninterruptibly(looked);
                      }
                      return super.getContextClassLoader();
                    }
                  });
              return late.get();
            });
    Worker worker = Crews.of(core).workers[0];
    assertTrue(worker.isDead());
    late.get().come();
    uninterruptibly(entering);
    boolean buried = worker.bury();
    looked.countDown();
    pool.shutdown();
    late.get().awaitEnd();
    assertFalse(buried, "counted out while it was about to look for tasks");
    assertTrue(pool.awaitTermination(LONG));
    assertEquals(0, counter(core.count, "bodies").get());
    assertEquals(0, Crews.missing(core));
  }

  /** It finds the pool aborting, and is counted out once, by itself. */
  @Test
  void aThreadThatComesAfterTheAbortRunsNothing() throws Exception {
    AtomicReference<LateThread> late = new AtomicReference<>();
    PoolCore core = core(WorkerPool.builder().size(1), new Dead(), EndRig::none);
    WorkerPool pool =
        open(
            core,
            worker -> {
              late.set(new LateThread(worker));
              return late.get();
            });
    AtomicInteger runs = new AtomicInteger();
    Task<?> task = pool.submit(runs::incrementAndGet);
    pool.execute(runs::incrementAndGet);
    core.shutdown(ShutdownPolicy.abort());
    late.get().come();
    late.get().awaitEnd();
    core.crew.look();
    assertTrue(pool.awaitTermination(LONG));
    assertEquals(0, counter(core.count, "bodies").get());
    assertEquals(0, runs.get());
    assertThrows(TaskAbortedException.class, task::join);
    assertBalanced(pool, 2, 2);
  }

  // Bodies that stand on one another.

  /** A command on a worker hands another to its full pool, which it runs itself: both are stuck. */
  @Test
  void twoStuckCommandsOnOneStackAreOneStuckThread() throws Exception {
    PoolCore core =
        new PoolCore(
            WorkerPool.builder()
                .size(1)
                .queueCapacity(1)
                .saturationPolicy(SaturationPolicy.callerRuns())
                .abortGrace(Duration.ofMillis(50))
                .config());
    WorkerPool pool = open(core);
    CountDownLatch inside = new CountDownLatch(1);
    pool.execute(
        () -> {
          pool.execute(() -> {}); // Fills the queue.
          pool.execute(
              () -> {
                inside.countDown();
                uninterruptibly(end);
              });
        });
    inside.await();
    pool.shutdown(ShutdownPolicy.abort());
    pool.close();
    assertEquals(2, core.abort.openCommands);
    try (RaceTeam team = new RaceTeam(2)) { // Who waits looks beside the errand that is to do it.
      for (int i = 0; i < ROUNDS; i++) {
        team.race(core.abort::settleStuck, core.abort::settleStuck);
        assertEquals(2, core.abort.openCommands);
      }
    }
    assertBalanced(pool, 3, 3);
    List<StuckTask> stuck = pool.report().orElseThrow().stuck();
    assertEquals(1, stuck.size(), stuck::toString);
    assertEquals(Crews.threads(core.crew).get(0).getName(), stuck.get(0).worker());
    end.countDown();
    assertTrue(pool.awaitTermination(LONG));
    assertBalanced(pool, 3, 3);
  }

  /** A body that runs on a worker of one pool runs those of another, and joins one of its own. */
  @Test
  void eachPoolReportsTheStuckThreadThatRunsBodiesOfBoth() throws Exception {
    PoolCore outerCore =
        new PoolCore(WorkerPool.builder().size(1).abortGrace(Duration.ofMillis(50)).config());
    PoolCore innerCore =
        new PoolCore(
            WorkerPool.builder()
                .size(1)
                .queueCapacity(1)
                .saturationPolicy(SaturationPolicy.callerRuns())
                .abortGrace(Duration.ofMillis(50))
                .config());
    WorkerPool outer = open(outerCore);
    WorkerPool inner = open(innerCore);
    occupy(inner);
    inner.execute(() -> {}); // Fills the queue.
    CountDownLatch inside = new CountDownLatch(1);
    AtomicReference<Task<?>> joined = new AtomicReference<>();
    Task<?> bottom =
        outer.submit(
            () -> {
              joined.set(
                  outer.submit(
                      () ->
                          inner.execute(
                              () -> {
                                inside.countDown();
                                uninterruptibly(end);
                              })));
              joined.get().join(); // Runs it here.
            });
    inside.await();
    outer.shutdown(ShutdownPolicy.abort());
    inner.shutdown(ShutdownPolicy.abort());
    outer.close();
    inner.close();
    String thread = Crews.threads(outerCore.crew).get(0).getName();
    assertEquals(
        List.of(thread),
        outer.report().orElseThrow().stuck().stream().map(StuckTask::worker).toList());
    assertEquals(
        List.of(Crews.threads(innerCore.crew).get(0).getName(), thread),
        inner.report().orElseThrow().stuck().stream().map(StuckTask::worker).toList());
    assertBalanced(outer, 2, 2);
    assertBalanced(inner, 3, 3);
    assertThrows(TaskAbortedException.class, bottom::join);
    assertThrows(TaskAbortedException.class, joined.get()::join);
  }

  // Handles that are told late.

  /** Each of many handles has a stage that blocks. */
  @Test
  void closingEndsThoughTheStagesOfAllHandlesBlock() throws Exception {
    WorkerPool pool =
        open(
            new PoolCore(
                WorkerPool.builder()
                    .size(1)
                    .shutdownPolicy(ShutdownPolicy.abort())
                    .abortGrace(Duration.ofMillis(200))
                    .config()));
    occupy(pool);
    List<Task<?>> tasks = new ArrayList<>();
    CountDownLatch inStage = new CountDownLatch(50);
    for (int i = 0; i < 50; i++) {
      Task<?> task = pool.submit(() -> {});
      tasks.add(task);
      var unused =
          task.whenComplete(
              (result, failure) -> {
                inStage.countDown();
                uninterruptibly(end);
              });
    }
    Thread closing = started(pool::close);
    for (Task<?> task : tasks) {
      assertThrows(TaskAbortedException.class, () -> task.get(LONG.toSeconds(), TimeUnit.SECONDS));
      assertTrue(task.isDone());
    }
    closing.join(LONG.toMillis());
    assertFalse(closing.isAlive(), "close() stands in a stage, or waits for one");
    assertBalanced(pool, 51, 51);
    assertTrue(inStage.await(LONG.toSeconds(), TimeUnit.SECONDS), "stages that nobody ran");
  }

  /** The user obtrudes a value between the decision and the telling, which do not replace it. */
  @Test
  void anObtrudedValueIsKeptThoughTheAbortIsToldLater() throws Exception {
    CountDownLatch tell = new CountDownLatch(1);
    PoolCore core =
        core(
            Pools.patient(1),
            Timers.SHARED,
            run ->
                daemon(
                    () -> {
                      uninterruptibly(tell);
                      run.run();
                    }));
    WorkerPool pool = open(core);
    occupy(pool);
    Task<String> task = pool.submit(() -> "body");
    pool.shutdown(ShutdownPolicy.abort());
    assertTrue(task.isCancelled());
    task.obtrudeValue("user");
    assertEquals("user", task.get());
    tell.countDown();
    end.countDown();
    assertTrue(pool.awaitTermination(LONG));
    assertEquals("user", task.thenApply(value -> value).get(LONG.toSeconds(), TimeUnit.SECONDS));
    assertEquals("user", task.join());
    assertFalse(task.isCancelled());
    assertBalanced(pool, 2, 1); // The counts keep what was decided.
  }

  /** The same amid the exchange of the exception that aborted handles share. */
  @Test
  void anObtrudedValueIsKeptThoughAStageHasTheExceptionExchanged() throws Exception {
    AtomicReference<Runnable> atTheExchange = new AtomicReference<>(() -> {});
    PoolCore core =
        new PoolCore(WorkerPool.builder().size(1).config()) {
          @Override
          TaskAbortedException aborted(TaskAbortedException.Reason reason) {
            TaskAbortedException shared = super.aborted(reason);
            atTheExchange.getAndSet(() -> {}).run();
            return shared;
          }
        };
    WorkerPool pool = open(core);
    occupy(pool);
    List<Task<String>> tasks = new ArrayList<>();
    for (int i = 0; i < RaceTeam.rounds(2_000); i++) {
      tasks.add(pool.submit(() -> "body"));
    }
    pool.shutdownNow();
    until(() -> tasks.stream().allMatch(Task::isTold));
    atTheExchange.set(() -> tasks.get(0).obtrudeValue("user"));
    try (RaceTeam team = new RaceTeam(2)) {
      for (Task<String> task : tasks) {
        team.race(
            () -> {
              RaceTeam.jitter(3_000);
              task.obtrudeValue("user");
            },
            () -> {
              RaceTeam.jitter(3_000);
              var unused = task.handle((result, failure) -> "stage");
            });
        assertEquals("user", task.get());
      }
    }
  }
}
