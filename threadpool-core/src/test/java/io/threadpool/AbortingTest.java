package io.threadpool;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.threadpool.internal.Errands;
import io.threadpool.internal.Latches;
import io.threadpool.internal.Threads;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What begins, what is interrupted and what is told while a pool is being aborted. */
@Timeout(60)
class AbortingTest {

  private static final Duration LONG = Duration.ofSeconds(20);

  private final CountDownLatch begun = new CountDownLatch(1);
  private final CountDownLatch end = new CountDownLatch(1);
  private final AtomicInteger ran = new AtomicInteger();

  private void hold() {
    begun.countDown();
    boolean over = false;
    while (!over) {
      try {
        end.await();
        over = true;
      } catch (InterruptedException ignored) {
        // It goes on, as a body may.
      }
    }
  }

  /**
   * The aborter comes late: between the decision to abort and the taking of what is queued, the
   * body that ran ends, and its worker could go on with what is queued.
   */
  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void nothingBeginsThatHadNotStarted(boolean raw, Pools pools) throws Exception {
    AtomicBoolean early = new AtomicBoolean();
    PoolCore core =
        new PoolCore(Pools.patient(1).config()) {
          @Override
          Abort newAbort() {
            return new Abort(floor, crew, guests) {
              @Override
              boolean claim() {
                end.countDown();
                Thread worker = Crews.threads(crew).get(0);
                Awaitility.await()
                    .until(() -> ran.get() > 0 || worker.getState() == Thread.State.TERMINATED);
                early.set(lifecycle.isTerminated());
                return super.claim();
              }
            };
          }
        };
    WorkerPool pool = open(pools, core);
    pool.execute(this::hold);
    begun.await();
    for (int i = 0; i < 3; i++) {
      if (raw) {
        pool.execute(ran::incrementAndGet);
      } else {
        pool.submit(ran::incrementAndGet);
      }
    }

    List<Runnable> unstarted = pool.shutdownNow();

    assertEquals(3, unstarted.size());
    assertFalse(early.get(), "terminated before what was queued was decided");
    assertTrue(pool.awaitTermination(LONG));
    assertEquals(0, ran.get());
    TerminationReport report = pool.report().orElseThrow();
    assertEquals(1, report.completed());
    assertEquals(3, report.aborted());
  }

  /** The last worker has left, and those that are to tell the handles have not begun. */
  @Test
  void notTerminatedBeforeAllIsTold(Pools pools) throws Exception {
    CountDownLatch mayTell = new CountDownLatch(1);
    PoolCore core =
        new PoolCore(Pools.patient(1).config()) {
          @Override
          Errands newErrands() {
            return new Errands(
                timers,
                teller ->
                    Threads.daemon(
                        "errand",
                        () -> {
                          Latches.uninterruptibly(mayTell);
                          teller.run();
                        },
                        null));
          }
        };
    WorkerPool pool = open(pools, core);
    pool.execute(this::hold);
    begun.await();
    CompletableFuture<Object> told = pool.submit(() -> {}).handle((result, failure) -> failure);
    pool.shutdownNow();
    Thread worker = Crews.threads(core.crew).get(0);
    end.countDown();
    worker.join();

    assertFalse(pool.isTerminated(), "terminated before all was told");
    mayTell.countDown();
    assertTrue(pool.awaitTermination(LONG));
    assertTrue(told.get(20, TimeUnit.SECONDS) instanceof TaskAbortedException);
  }

  /** The joined task is about to be aborted, so the joiner waits for that and does not run it. */
  @Test
  void aJoinerBeginsNothingEither(Pools pools) throws Exception {
    CountDownLatch aborting = new CountDownLatch(1);
    PoolCore core =
        new PoolCore(Pools.patient(1).config()) {
          @Override
          Abort newAbort() {
            return new Abort(floor, crew, guests) {
              @Override
              boolean claim() {
                aborting.countDown();
                Thread worker = Crews.threads(crew).get(0);
                Awaitility.await().until(() -> ran.get() > 0 || isJoining(worker));
                return super.claim();
              }
            };
          }
        };
    WorkerPool pool = open(pools, core);
    Task<String> joiner =
        pool.submit(
            () -> {
              Task<?> inner = pool.submit(ran::incrementAndGet);
              begun.countDown();
              aborting.await();
              return assertThrows(TaskAbortedException.class, inner::join).reason().name();
            });
    begun.await();

    assertEquals(1, pool.shutdownNow().size());

    assertEquals("SHUTDOWN", joiner.get(20, TimeUnit.SECONDS));
    assertEquals(0, ran.get());
  }

  private static boolean isJoining(Thread thread) {
    return Stream.of(thread.getStackTrace()).anyMatch(call -> call.getMethodName().equals("join"));
  }

  /** Two tasks are aborted together, and a stage of the first one waits for the second. */
  @Test
  void aStageOfAnAbortedTaskMayJoinAnother(Pools pools) throws Exception {
    WorkerPool pool = pools.add(WorkerPool.fixed(1));
    pool.execute(this::hold);
    begun.await();
    CompletableFuture<Task<?>> other = new CompletableFuture<>();
    CompletableFuture<String> told =
        pool.submit(() -> {})
            .handle(
                (result, failure) ->
                    assertThrows(TaskAbortedException.class, () -> other.join().join())
                        .reason()
                        .name());
    other.complete(pool.submit(() -> {}));

    assertEquals(2, pool.shutdownNow().size());

    assertEquals("SHUTDOWN", told.get(20, TimeUnit.SECONDS));
    end.countDown();
  }

  /** A task is not interrupted by its own call, but by somebody else's that follows. */
  @Test
  void anAbortFromElsewhereInterruptsWhoAbortedFirst(Pools pools) throws Exception {
    WorkerPool pool = pools.build(Pools.patient(1));
    Task<Boolean> aborter =
        pool.submit(
            () -> {
              pool.shutdownNow();
              boolean byItself = Thread.currentThread().isInterrupted();
              begun.countDown();
              assertThrows(InterruptedException.class, end::await);
              return byItself;
            });
    begun.await();

    pool.shutdownNow();

    assertFalse(aborter.get(20, TimeUnit.SECONDS));
    assertTrue(pool.awaitTermination(LONG));
    assertEquals(1, pool.report().orElseThrow().completed());
  }

  /**
   * A body joins a task that is about to be aborted, and a stage of another one that is told before
   * it joins the body.
   */
  @Test
  void aJoinerDoesNotWaitForItsTurnToBeTold(Pools pools) throws Exception {
    CountDownLatch aborting = new CountDownLatch(1);
    WorkerPool pool =
        open(
            pools,
            new PoolCore(Pools.patient(1).config()) {
              @Override
              Abort newAbort() {
                return new Abort(floor, crew, guests) {
                  @Override
                  boolean claim() {
                    aborting.countDown();
                    return super.claim();
                  }
                };
              }
            });
    CompletableFuture<Task<?>> second = new CompletableFuture<>();
    Task<String> joiner =
        pool.submit(
            () -> {
              Task<?> joined = second.join();
              begun.countDown();
              while (aborting.getCount() > 0) {
                Thread.onSpinWait();
              }
              return assertThrows(TaskAbortedException.class, joined::join).reason().name();
            });
    CompletableFuture<String> told =
        pool.submit(() -> {}).handle((result, failure) -> joiner.join());
    second.complete(pool.submit(ran::incrementAndGet));
    begun.await();

    pool.shutdownNow();

    assertEquals("SHUTDOWN", told.get(20, TimeUnit.SECONDS));
    assertEquals(0, ran.get());
  }

  /** With a time limit, too: a task that is decided does not keep who asks for it waiting. */
  @Test
  void aStageOfAnAbortedTaskMayAskForAnother(Pools pools) throws Exception {
    WorkerPool pool = pools.add(WorkerPool.fixed(1));
    pool.execute(this::hold);
    begun.await();
    CompletableFuture<Task<?>> other = new CompletableFuture<>();
    CompletableFuture<String> told =
        pool.submit(() -> {})
            .handle(
                (result, failure) ->
                    assertThrows(
                            TaskAbortedException.class, () -> other.join().get(1, TimeUnit.HOURS))
                        .reason()
                        .name());
    other.complete(pool.submit(() -> {}));

    pool.shutdownNow();

    assertEquals("SHUTDOWN", told.get(20, TimeUnit.SECONDS));
    end.countDown();
  }

  /** A body that cleans up after the abort's interrupt is not interrupted by the close as well. */
  @Test
  void aCloseAfterAnAbortDoesNotInterruptAgain(Pools pools) throws Exception {
    CountDownLatch cleaning = new CountDownLatch(1);
    WorkerPool pool =
        pools.add(
            WorkerPool.builder()
                .size(1)
                .shutdownPolicy(ShutdownPolicy.abort())
                .abortGrace(Duration.ofMinutes(1))
                .build());
    Task<Boolean> body =
        pool.submit(
            () -> {
              begun.countDown();
              assertThrows(InterruptedException.class, end::await);
              cleaning.countDown();
              while (!pool.isShutdown() || end.getCount() > 0) {
                Thread.onSpinWait();
              }
              return Thread.currentThread().isInterrupted();
            });
    begun.await();
    pool.shutdown();
    cleaning.await();
    pool.shutdown();
    Thread closing = new Thread(pool::close);
    closing.start();
    Awaitility.await().until(() -> closing.getState() == Thread.State.TIMED_WAITING);
    end.countDown();

    assertFalse(body.get(20, TimeUnit.SECONDS));
    closing.join();
  }

  /** The grace is over at once, and whoever tells the handles is held up by a stage. */
  @Test
  void whoHasClosedFindsEveryHandleSettled(Pools pools) throws Exception {
    WorkerPool pool = pools.build(WorkerPool.builder().size(1).abortGrace(Duration.ZERO));
    pool.execute(this::hold);
    begun.await();
    Task<?> first = pool.submit(() -> {});
    var unused = first.whenComplete((result, failure) -> hold());
    Task<?> second = pool.submit(() -> {});
    pool.shutdown(ShutdownPolicy.drainFor(Duration.ofNanos(1)));
    pool.close();

    assertTrue(first.isCancelled());
    assertTrue(second.isCancelled());
    assertEquals(1, pool.report().orElseThrow().stuck().size());
    assertEquals(2 + 1, pool.report().orElseThrow().aborted());
    end.countDown();
  }

  /** Somebody's shutdown() comes between the steps of shutdownNow(), whose caller gets the list. */
  @Test
  void whoAbortsIsGivenWhatDidNotStart(Pools pools) throws Exception {
    AtomicReference<Runnable> meanwhile = new AtomicReference<>(() -> {});
    WorkerPool pool =
        open(
            pools,
            new PoolCore(Pools.patient(1).config()) {
              @Override
              public void onShutdown() {
                meanwhile.getAndSet(() -> {}).run();
              }
            });
    pool.execute(this::hold);
    begun.await();
    List<Runnable> queued = List.of(pool.submit(() -> {}), pool.submit(() -> {}));
    meanwhile.set(pool::shutdown);

    assertEquals(queued, pool.shutdownNow());
    end.countDown();
  }

  private static WorkerPool open(Pools pools, PoolCore core) {
    core.start(null);
    return pools.add(WorkerPoolBuilder.open(core));
  }

  /** What lacks memory, once, on the thread that aborts. */
  enum Lack {
    LOG,
    COUNTS,
    ERRANDS
  }

  /** The queue is settled all the same, if need be by the next call. */
  @ParameterizedTest
  @EnumSource
  void settlesWhatIsQueuedHoweverShortMemoryIs(Lack lack, Pools pools) throws Exception {
    AtomicReference<Thread> aborter = new AtomicReference<>();
    AtomicBoolean due = new AtomicBoolean(true);
    WorkerPool pool =
        open(
            pools,
            new PoolCore(Pools.patient(1).config()) {
              private void lack(Lack here) {
                boolean aborts = Thread.currentThread() == aborter.get();
                if (here == lack && aborts && due.getAndSet(false)) {
                  throw new OutOfMemoryError("for the test");
                }
              }

              @Override
              public void onShutdown() {
                lack(Lack.LOG);
              }

              @Override
              Ledger newLedger() {
                return new Ledger(config().max(), queue) {
                  @Override
                  Counts counts() {
                    lack(Lack.COUNTS);
                    return super.counts();
                  }
                };
              }

              @Override
              Errands newErrands() {
                return new Errands(
                    timers,
                    errand -> {
                      lack(Lack.ERRANDS);
                      return Threads.daemon("errand", errand, null);
                    });
              }
            });
    pool.execute(this::hold);
    begun.await();
    List<Task<?>> tasks = List.of(pool.submit(() -> {}), pool.submit(() -> {}));
    Thread idler = new Thread(() -> assertDoesNotThrow(() -> pool.awaitIdle(LONG)));
    idler.start(); // So that who settles a task looks whether the pool is idle.
    Awaitility.await().until(() -> idler.getState() == Thread.State.TIMED_WAITING);

    aborter.set(Thread.currentThread());
    try {
      pool.shutdownNow();
    } catch (OutOfMemoryError expected) {
      assertEquals(Lack.LOG, lack);
    }
    pool.shutdownNow();
    aborter.set(null);

    assertFalse(due.get(), "memory was not short");
    assertTrue(tasks.stream().allMatch(Task::isDone));
    end.countDown();
    assertTrue(pool.awaitTermination(LONG));
    assertEquals(2, pool.report().orElseThrow().aborted());
    idler.join();
  }

  /** However deep the joins, the message says what failed first. */
  @Test
  void aFailureThroughJoinsSaysWhatFailedFirst(Pools pools) {
    WorkerPool pool = pools.add(WorkerPool.fixed(1));
    Task<?> outer =
        pool.submit(
            () ->
                pool.submit(
                        () ->
                            pool.submit(
                                    () -> {
                                      throw new IllegalArgumentException("root");
                                    })
                                .join())
                    .join());

    assertEquals(
        "java.lang.IllegalArgumentException: root",
        assertThrows(CompletionException.class, outer::join).getMessage());
    end.countDown();
  }
}
