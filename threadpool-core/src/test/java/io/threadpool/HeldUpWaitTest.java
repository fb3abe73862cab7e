package io.threadpool;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.threadpool.internal.RaceTeam;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Waits that memory is too short for, and joins while stages hold up who tells the handle. */
@Timeout(120)
class HeldUpWaitTest extends EndRig {

  private static void until(Callable<Boolean> condition) {
    Awaitility.await().atMost(LONG).pollInterval(Duration.ofMillis(1)).until(condition);
  }

  // A waiter that could not register.

  /** Waits where the stack ends, and further outwards until a wait has been given up in order. */
  private static final class AtTheEndOfTheStack {
    private final Callable<Boolean> wait;
    private int lacked;
    private boolean waited;

    /**
     * Of a wait.
     *
     * @param wait returns, within a short time, true where it was given up
     */
    AtTheEndOfTheStack(Callable<Boolean> wait) {
      this.wait = wait;
    }

    /** Returns how often there was no stack for it, once it has been linked. */
    int lacked() throws Exception {
      assertTrue(wait.call());
      descend();
      return waited ? lacked : 0;
    }

    @SuppressWarnings("InfiniteRecursion") // It ends with the stack.
    private void descend() throws Exception {
      try {
        descend();
      } catch (StackOverflowError end) {
        // From here on outwards.
      }
      if (!waited) {
        try {
          waited = wait.call();
        } catch (StackOverflowError lack) {
          lacked++;
        }
      }
    }
  }

  private static boolean givesUpGet(Task<?> task) throws Exception {
    Thread.currentThread().interrupt();
    try {
      task.get();
      return false;
    } catch (InterruptedException asItShouldBe) {
      return true;
    } finally {
      Thread.interrupted();
    }
  }

  private static boolean givesUpTimedGet(Task<?> task) throws Exception {
    try {
      task.get(1, TimeUnit.MICROSECONDS);
      return false;
    } catch (TimeoutException asItShouldBe) {
      return true;
    }
  }

  private static boolean givesUpAwaitStopped(Task<?> task) throws Exception {
    return !task.awaitStopped(Duration.ofNanos(1_000));
  }

  private static boolean givesUpAwaitTermination(WorkerPool pool) throws Exception {
    return !pool.awaitTermination(Duration.ofNanos(1_000));
  }

  /** Each wait is tried where there is too little stack, then where there is enough. */
  @Test
  void aWaitThatCouldNotBeginLeavesNothingBroken() throws Exception {
    WorkerPool pool = fixed(1);
    Task<?> task = pool.submit(() -> uninterruptibly(end));
    var unused = task.thenRun(() -> {});
    pool.shutdown();
    CompletableFuture<List<Integer>> lacked = new CompletableFuture<>();
    FutureTask<String> waits =
        new FutureTask<>(
            () -> {
              int gets = new AtTheEndOfTheStack(() -> givesUpGet(task)).lacked();
              int timed = new AtTheEndOfTheStack(() -> givesUpTimedGet(task)).lacked();
              int stopped = new AtTheEndOfTheStack(() -> givesUpAwaitStopped(task)).lacked();
              int ended = new AtTheEndOfTheStack(() -> givesUpAwaitTermination(pool)).lacked();
              lacked.complete(List.of(gets, timed, stopped, ended));
              task.join();
              assertTrue(task.awaitStopped(LONG));
              assertTrue(pool.awaitTermination(LONG));
              return "answered";
            });
    started(waits);
    assertFalse(lacked.get(LONG.toSeconds(), TimeUnit.SECONDS).contains(0), "there was stack");
    end.countDown();
    assertEquals("answered", waits.get(LONG.toSeconds(), TimeUnit.SECONDS));
  }

  /** Nor do stages of waits that were given up stay. */
  @Test
  void aWaitThatIsGivenUpLeavesNoStage() throws Exception {
    WorkerPool pool = fixed(1);
    Task<?> task = pool.submit(() -> uninterruptibly(end));
    for (int i = 0; i < 100; i++) {
      assertTrue(givesUpTimedGet(task));
      assertTrue(givesUpGet(task));
    }
    assertEquals(0, task.getNumberOfDependents());
  }

  private void holdUntilEnd(CountDownLatch running) {
    running.countDown();
    uninterruptibly(end);
  }

  /** Who waits for idleness is counted, too. */
  @Test
  void aWaitForIdlenessThatLackedMemoryIsCountedOut() throws Exception {
    AtomicInteger looksToLack = new AtomicInteger();
    PoolCore core =
        new PoolCore(WorkerPool.builder().size(1).config()) {
          @Override
          Ledger newLedger() {
            return new Ledger(config().max(), queue) {
              @Override
              Counts counts() {
                if (looksToLack.get() > 0 && looksToLack.decrementAndGet() == 0) {
                  throw new OutOfMemoryError("new Counts() (for the test)");
                }
                return super.counts();
              }
            };
          }
        };
    WorkerPool pool = open(core);
    CountDownLatch running = new CountDownLatch(1);
    pool.execute(() -> holdUntilEnd(running));
    running.await();
    looksToLack.set(2); // The first comes before it is counted.
    assertThrows(OutOfMemoryError.class, () -> pool.awaitIdle(LONG));
    assertFalse(core.quiescence.isAwaited(), "still counted");
    end.countDown();
    assertTrue(pool.awaitIdle(LONG));
    pool.shutdown();
    assertTrue(pool.awaitTermination(LONG));
  }

  // Joins whose tasks are decided, and told late.

  /** How it is decided. */
  enum Decision {
    CANCEL {
      @Override
      void decide(WorkerPool pool, Task<?> task) {
        started(() -> task.cancel(false)); // It stands in the stage.
      }
    },
    INTERRUPT {
      @Override
      void decide(WorkerPool pool, Task<?> task) {
        started(() -> task.cancel(true));
      }
    },
    ABORT {
      @Override
      void decide(WorkerPool pool, Task<?> task) {
        pool.shutdown(ShutdownPolicy.abort());
      }
    };

    abstract void decide(WorkerPool pool, Task<?> task);
  }

  /** Has one worker join a task that another runs; returns the task when it waits for good. */
  private Task<?> join(WorkerPool pool, CountDownLatch held, CountDownLatch over) throws Exception {
    CountDownLatch running = new CountDownLatch(1);
    Task<?> task =
        pool.submit(
            () -> {
              running.countDown();
              uninterruptibly(held);
            });
    running.await();
    AtomicReference<Thread> joiner = new AtomicReference<>();
    pool.execute(
        () -> {
          joiner.set(Thread.currentThread());
          try {
            task.join();
          } catch (CancellationException dropped) {
            // As it should be, where it was.
          }
          over.countDown();
        });
    until(() -> joiner.get() != null && joiner.get().getState() == Thread.State.WAITING);
    return task;
  }

  /** A stage that came later stands above the join, and blocks whoever tells. */
  @ParameterizedTest
  @EnumSource
  void aJoinIsAnsweredThoughAStageBlocks(Decision decision) throws Exception {
    WorkerPool pool =
        open(new PoolCore(WorkerPool.builder().size(2).abortGrace(Duration.ofMillis(50)).config()));
    CountDownLatch held = new CountDownLatch(1);
    CountDownLatch over = new CountDownLatch(1);
    Task<?> task = join(pool, held, over);
    CountDownLatch inStage = new CountDownLatch(1);
    var unused = task.whenComplete((result, failure) -> holdUntilEnd(inStage));
    decision.decide(pool, task);
    assertTrue(over.await(LONG.toSeconds(), TimeUnit.SECONDS), "the join is not answered");
    inStage.await();
    held.countDown();
    if (decision != Decision.ABORT) {
      CountDownLatch again = new CountDownLatch(1);
      CountDownLatch second = new CountDownLatch(1);
      join(pool, again, second); // The other worker runs a body, and does not join.
      again.countDown();
      assertTrue(second.await(LONG.toSeconds(), TimeUnit.SECONDS));
    }
  }

  /** The worker completes the task, and stands in a stage above who waits: there is a result. */
  @Test
  void aTimedGetThatIsHeldUpLooksAtTheEndOfItsTime() throws Exception {
    int millis = 200;
    while (!looksAtTheEndOf(millis)) {
      millis *= 4;
    }
  }

  /** False where the time had run out before the wait was held up. */
  private boolean looksAtTheEndOf(int millis) throws Exception {
    WorkerPool pool = fixed(1);
    CountDownLatch held = new CountDownLatch(1);
    Task<String> task =
        pool.submit(
            () -> {
              uninterruptibly(held);
              return "a result";
            });
    FutureTask<String> waiter = new FutureTask<>(() -> task.get(millis, TimeUnit.MILLISECONDS));
    long start = System.nanoTime();
    started(waiter);
    until(() -> task.getNumberOfDependents() == 1 || waiter.isDone());
    CountDownLatch inStage = new CountDownLatch(1);
    var unused = task.whenComplete((result, failure) -> holdUntilEnd(inStage));
    held.countDown();
    inStage.await();
    if (System.nanoTime() - start >= TimeUnit.MILLISECONDS.toNanos(millis)) {
      return false;
    }
    assertEquals("a result", waiter.get(LONG.toSeconds(), TimeUnit.SECONDS));
    return true;
  }

  /** Stages come as the join begins, so that some stand below it: it runs none of them. */
  @Test
  void aJoinRunsNoStageThatCameAsItBegan() throws Exception {
    AtomicInteger joins = new AtomicInteger();
    WorkerPool pool =
        open(
            new PoolCore(WorkerPool.builder().size(1).config()) {
              @Override
              void beforeWaiting() {
                joins.incrementAndGet();
                super.beforeWaiting();
              }
            });
    for (int round = 0; round < RaceTeam.rounds(50); round++) {
      joins.set(0);
      joinAgainstStages(joins, pool);
    }
  }

  private void joinAgainstStages(AtomicInteger joins, WorkerPool pool) throws Exception {
    CountDownLatch ready = new CountDownLatch(1);
    CountDownLatch running = new CountDownLatch(1);
    CountDownLatch held = new CountDownLatch(1);
    CountDownLatch over = new CountDownLatch(1);
    AtomicReference<Task<?>> joined = new AtomicReference<>();
    pool.execute(
        () -> {
          ready.countDown();
          while (joined.get() == null) {
            Thread.onSpinWait();
          }
          assertThrows(CancellationException.class, joined.get()::join);
          over.countDown();
        });
    ready.await();
    Task<?> task =
        pool.submit(
            () -> {
              running.countDown();
              uninterruptibly(held);
            });
    Thread guest = started(task::run);
    running.await();
    joined.set(task);
    while (joins.get() == 0) {
      Thread.onSpinWait();
    }
    RaceTeam.jitter(50_000); // It yields a while before it waits.
    var unused1 = task.whenComplete((result, failure) -> uninterruptibly(held));
    var unused2 = task.whenComplete((result, failure) -> uninterruptibly(held));
    Thread canceller = started(() -> task.cancel(false));
    boolean answered = over.await(LONG.toSeconds(), TimeUnit.SECONDS);
    held.countDown();
    guest.join();
    canceller.join();
    over.await();
    assertTrue(answered, "the join runs a stage of somebody else's");
  }
}
