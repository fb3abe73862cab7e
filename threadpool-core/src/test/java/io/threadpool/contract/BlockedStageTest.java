package io.threadpool.contract;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.threadpool.ShutdownPolicy;
import io.threadpool.Task;
import io.threadpool.TaskAbortedException;
import io.threadpool.TaskAbortedException.Reason;
import io.threadpool.WorkerPool;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * The handle of an aborted or cancelled task answers from the decision on, and who waits for it
 * already comes back, though a stage of it, or the interrupt of its body, blocks.
 */
class BlockedStageTest {

  @RegisterExtension final TestPools pools = new TestPools();

  /** The ways to wait for a handle. */
  enum Wait {
    GET {
      @Override
      Object on(Task<?> task) throws Exception {
        return task.get();
      }
    },
    TIMED_GET {
      @Override
      Object on(Task<?> task) throws Exception {
        return task.get(1, TimeUnit.HOURS);
      }
    },
    JOIN {
      @Override
      Object on(Task<?> task) {
        return task.join();
      }
    };

    abstract Object on(Task<?> task) throws Exception;
  }

  private Caller<Object> waitFor(Task<?> task, Wait wait) {
    return pools.call(() -> wait.on(task)).awaitBlocked();
  }

  private Held block(Task<?> task) {
    Held stage = pools.deaf();
    task.whenComplete((x, e) -> stage.run());
    return stage;
  }

  private static <X extends Throwable> X assertThrown(Class<X> type, Caller<?> waiter) {
    Throwable thrown = assertThrows(ExecutionException.class, waiter::get).getCause();
    return assertInstanceOf(type, thrown);
  }

  private static void assertAborted(Reason reason, Caller<?> waiter) {
    assertEquals(reason, assertThrown(TaskAbortedException.class, waiter).reason());
  }

  private Caller<?> onItsOwnThread(Runnable call) {
    return pools.call(
        () -> {
          call.run();
          return null;
        });
  }

  // An abort.

  @ParameterizedTest
  @EnumSource
  void whoWaitsBehindAStageThatWasAddedLaterComesBack(Wait wait) throws Exception {
    WorkerPool pool = pools.fixed(1);
    pools.occupy(pool);
    Task<?> task = pool.submit(() -> 1);
    Caller<?> waiter = waitFor(task, wait);
    Held stage = block(task);
    Caller<?> aborter = onItsOwnThread(pool::shutdownNow);
    stage.awaitStarted();
    assertAborted(Reason.SHUTDOWN, waiter);
    assertNull(aborter.get());
  }

  @ParameterizedTest
  @EnumSource
  void whoWaitsBesideAStageThatWasAddedBeforeComesBack(Wait wait) throws Exception {
    WorkerPool pool = pools.fixed(1);
    pools.occupy(pool);
    Task<?> task = pool.submit(() -> 1);
    Held stage = block(task);
    Caller<?> waiter = waitFor(task, wait);
    Caller<?> aborter = onItsOwnThread(pool::shutdownNow);
    stage.awaitStarted();
    assertAborted(Reason.SHUTDOWN, waiter);
    assertNull(aborter.get());
  }

  @Test
  void waitersAmongManySuchStagesComeBack() throws Exception {
    WorkerPool pool =
        pools.build(
            WorkerPool.builder()
                .size(1)
                .abortGrace(Duration.ofSeconds(2))
                .shutdownPolicy(ShutdownPolicy.drainFor(Duration.ofMillis(20))));
    pools.occupy(pool);
    List<Held> stages = new ArrayList<>();
    List<Caller<?>> waiters = new ArrayList<>();
    for (int i = 0; i < 4; i++) {
      Task<?> task = pool.submit(() -> 1);
      for (Wait wait : Wait.values()) {
        stages.add(block(task));
        waiters.add(waitFor(task, wait));
        stages.add(block(task));
      }
    }
    pool.shutdown();
    for (Caller<?> waiter : waiters) {
      assertAborted(Reason.SHUTDOWN, waiter);
    }
    for (Held stage : stages) {
      stage.awaitStarted();
    }
  }

  /** The stages of a stuck task block, and others wait for that task. */
  @ParameterizedTest
  @EnumSource
  void whoWaitsForAStuckTaskComesBack(Wait wait) throws Exception {
    WorkerPool pool = pools.build(WorkerPool.builder().size(2).abortGrace(Duration.ofMillis(100)));
    List<Caller<?>> waiters = new ArrayList<>();
    List<Held> stages = new ArrayList<>();
    for (int i = 0; i < 2; i++) {
      Held held = pools.deaf();
      Task<?> task = pool.submit(held);
      held.awaitStarted();
      waiters.add(waitFor(task, wait));
      stages.add(block(task));
    }
    onItsOwnThread(pool::shutdownNow).get();
    for (Caller<?> waiter : waiters) {
      assertAborted(Reason.STUCK, waiter);
    }
    TestPools.eventually().until(() -> pool.report().isPresent());
    assertEquals(2, pool.report().orElseThrow().stuck().size());
  }

  /** One body joins another that is stuck, and hears no interrupt while it does. */
  @Test
  void aBodyThatWaitsForAStuckTaskComesBack() throws Exception {
    WorkerPool pool = pools.build(WorkerPool.builder().size(2).abortGrace(Duration.ofMillis(100)));
    Held held = pools.deaf();
    Task<?> stuck = pool.submit(held);
    held.awaitStarted();
    Held cameBack = pools.deaf();
    AtomicReference<Thread> joiner = new AtomicReference<>();
    pool.execute(
        () -> {
          joiner.set(Thread.currentThread());
          try {
            stuck.join();
          } catch (TaskAbortedException expected) {
            cameBack.run();
          }
        });
    TestPools.eventually().until(() -> joiner.get() != null && Caller.isWaiting(joiner.get()));
    Held stage = block(stuck);
    onItsOwnThread(pool::shutdownNow).get();
    cameBack.awaitStarted();
  }

  // A cancel.

  private void assertAnswersAsCancelled(Task<?> task) {
    TestPools.eventually().until(task::isDone);
    assertTrue(task.isCancelled());
    assertTrue(task.isCompletedExceptionally());
    List<Callable<Object>> questions =
        List.of(task::get, () -> task.get(1, TimeUnit.HOURS), task::join, () -> task.getNow(null));
    for (Callable<Object> question : questions) {
      CancellationException cancelled =
          assertThrown(CancellationException.class, pools.call(question));
      assertFalse(cancelled instanceof TaskAbortedException, cancelled::toString);
    }
  }

  @ParameterizedTest
  @EnumSource
  void aCancelledTaskAnswersThoughAStageBlocks(Wait wait) throws Exception {
    WorkerPool pool = pools.fixed(1);
    pools.occupy(pool);
    Task<?> task = pool.submit(() -> 1);
    Caller<?> waiter = waitFor(task, wait);
    Held stage = block(task);
    Caller<?> canceller = pools.call(() -> task.cancel(true));
    stage.awaitStarted();
    assertAnswersAsCancelled(task);
    assertThrown(CancellationException.class, waiter);
    stage.release();
    assertEquals(true, canceller.get());
  }

  @Test
  void aSecondCancelOfSuchATaskReturns() throws Exception {
    WorkerPool pool = pools.fixed(1);
    pools.occupy(pool);
    Task<?> task = pool.submit(() -> 1);
    Held stage = block(task);
    pools.call(() -> task.cancel(true));
    stage.awaitStarted();
    assertEquals(true, pools.call(() -> task.cancel(true)).get());
  }

  /** A thread whose interrupt blocks. */
  private WorkerPool withBlockingInterrupts(Held interrupt) {
    return pools.build(
        WorkerPool.builder()
            .size(1)
            .abortGrace(Duration.ofMillis(100))
            .threadFactory(
                body -> {
                  Thread thread = new Place.Own(body, interrupt);
                  thread.setDaemon(true);
                  return thread;
                }));
  }

  @Test
  void aCancelledTaskAnswersThoughTheInterruptOfItsBodyBlocks() throws Exception {
    Held interrupt = pools.deaf();
    WorkerPool pool = withBlockingInterrupts(interrupt);
    Held held = pools.held();
    Task<?> task = pool.submit(held);
    held.awaitStarted();
    Caller<?> canceller = pools.call(() -> task.cancel(true));
    interrupt.awaitStarted();
    assertAnswersAsCancelled(task);
    interrupt.release();
    assertEquals(true, canceller.get());
    held.awaitInterrupted();
  }

  @ParameterizedTest
  @EnumSource
  void whoWaitsForItComesBackThoughTheInterruptOfItsBodyBlocks(Wait wait) throws Exception {
    Held interrupt = pools.deaf();
    WorkerPool pool = withBlockingInterrupts(interrupt);
    Held held = pools.held();
    Task<?> task = pool.submit(held);
    held.awaitStarted();
    Caller<?> waiter = waitFor(task, wait);
    Caller<?> canceller = pools.call(() -> task.cancel(true));
    interrupt.awaitStarted();
    assertThrown(CancellationException.class, waiter);
    interrupt.release();
    assertEquals(true, canceller.get());
  }

  /** The pool ends though a thread of a user's is in such a cancel. */
  @Test
  void aCancelWhoseInterruptBlocksDoesNotHoldUpTheEnd() throws Exception {
    Held interrupt = pools.deaf();
    WorkerPool pool = withBlockingInterrupts(interrupt);
    Held held = pools.held();
    Task<?> task = pool.submit(held);
    held.awaitStarted();
    Task<?> queued = pool.submit(() -> 1);
    pools.call(() -> task.cancel(true));
    interrupt.awaitStarted();
    onItsOwnThread(pool::shutdownNow).get();
    assertTrue(queued.isDone());
    onItsOwnThread(pool::close).get();
    assertTrue(pool.report().isPresent());
  }
}
