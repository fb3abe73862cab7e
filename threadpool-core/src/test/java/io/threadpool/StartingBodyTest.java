package io.threadpool;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.threadpool.internal.Latches;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.slf4j.Marker;
import org.slf4j.event.Level;
import org.slf4j.helpers.LegacyAbstractLogger;

/** A body that a worker has taken, and not begun yet, when its pool is aborted, or is full. */
class StartingBodyTest {

  private static final Duration LONG = Duration.ofSeconds(20);

  /** Calls something when a worker says that it has a task, which is just before it begins it. */
  private static final class GotJob extends LegacyAbstractLogger {
    private static final long serialVersionUID = 1L;

    private final transient Runnable action;

    GotJob(Runnable action) {
      this.action = action;
    }

    @Override
    protected void handleNormalizedLoggingCall(
        Level level, Marker marker, String message, Object[] arguments, Throwable thrown) {
      if (message.contains("got a job")) {
        action.run();
      }
    }

    @Override
    protected String getFullyQualifiedCallerName() {
      return null;
    }

    @Override
    public boolean isTraceEnabled() {
      return true;
    }

    @Override
    public boolean isDebugEnabled() {
      return true;
    }

    @Override
    public boolean isInfoEnabled() {
      return true;
    }

    @Override
    public boolean isWarnEnabled() {
      return true;
    }

    @Override
    public boolean isErrorEnabled() {
      return true;
    }
  }

  /** Tells that a worker has a task, and holds it back. */
  private static GotJob holdBack(CountDownLatch taken, CountDownLatch until) {
    return new GotJob(
        () -> {
          taken.countDown();
          Latches.uninterruptibly(until);
        });
  }

  /** The abort's interrupt came too early for the body, which gets one of its own. */
  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void isInterrupted(boolean raw, Pools pools) throws Exception {
    CompletableFuture<WorkerPool> opened = new CompletableFuture<>();
    CompletableFuture<List<Runnable>> unstarted = new CompletableFuture<>();
    AtomicBoolean once = new AtomicBoolean();
    GotJob abort =
        new GotJob(
            () -> {
              if (once.compareAndSet(false, true)) {
                WorkerPool pool = opened.join();
                Thread aborter = new Thread(() -> unstarted.complete(pool.shutdownNow()));
                aborter.start();
                unstarted.join();
              }
            });
    PoolCore core =
        new PoolCore(WorkerPool.builder().size(1).abortGrace(LONG.multipliedBy(2)).config(), abort);
    core.start(null);
    WorkerPool pool = pools.add(WorkerPoolBuilder.open(core));
    opened.complete(pool);
    CountDownLatch interrupted = new CountDownLatch(1);
    CountDownLatch end = new CountDownLatch(1);
    Runnable body =
        () -> {
          try {
            end.await();
          } catch (InterruptedException expected) {
            interrupted.countDown();
          }
        };
    if (raw) {
      pool.execute(body);
    } else {
      pool.submit(body);
    }
    try {
      assertEquals(List.of(), unstarted.get(20, TimeUnit.SECONDS));
      assertTrue(
          interrupted.await(LONG.toSeconds(), TimeUnit.SECONDS),
          "begun amid the abort, not interrupted");
    } finally {
      end.countDown();
    }
    assertTrue(pool.awaitTermination(LONG));
    assertEquals(1, pool.report().orElseThrow().completed());
  }

  /** What holds the worker before the body begins outlasts the grace, so the body never begins. */
  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void isGivenUpWhenTheGraceEnds(boolean raw, Pools pools) throws Exception {
    CountDownLatch taken = new CountDownLatch(1);
    CountDownLatch closed = new CountDownLatch(1);
    GotJob hold = holdBack(taken, closed);
    PoolConfig config = WorkerPool.builder().size(1).abortGrace(Duration.ofMillis(1)).config();
    PoolCore core = new PoolCore(config, hold);
    core.start(null);
    WorkerPool pool = pools.add(WorkerPoolBuilder.open(core));
    AtomicBoolean ran = new AtomicBoolean();
    Task<?> task = null;
    if (raw) {
      pool.execute(() -> ran.set(true));
    } else {
      task = pool.submit(() -> ran.set(true));
    }
    taken.await();

    pool.shutdownNow();
    pool.close();

    TerminationReport report = pool.report().orElseThrow();
    assertTrue(raw || task.isDone(), "the handle is open");
    assertEquals(1, report.aborted());
    assertEquals(1, report.accepted());
    assertEquals(1, report.stuck().size());
    closed.countDown();
    assertTrue(pool.awaitTermination(LONG));
    assertFalse(ran.get());
  }

  /** A future that was given to execute is cancelled; and a stage is counted as open. */
  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void leavesNobodyWaitingWhenTheGraceEnds(boolean step, Pools pools) throws Exception {
    CountDownLatch taken = new CountDownLatch(1);
    CountDownLatch closed = new CountDownLatch(1);
    PoolConfig config = WorkerPool.builder().size(1).abortGrace(Duration.ofMillis(1)).config();
    PoolCore core = new PoolCore(config, holdBack(taken, closed));
    core.start(null);
    WorkerPool pool = pools.add(WorkerPoolBuilder.open(core));
    FutureTask<Integer> future = new FutureTask<>(() -> 1);
    if (step) {
      var unused = CompletableFuture.runAsync(future, pool);
    } else {
      pool.execute(future);
    }
    taken.await();

    pool.shutdownNow();
    pool.close();

    closed.countDown();
    assertEquals(step ? 1 : 0, pool.report().orElseThrow().openStages());
    if (!step) {
      assertThrows(CancellationException.class, () -> future.get(20, TimeUnit.SECONDS));
    }
  }

  /**
   * Its permit is not given back yet, so the next submission finds no room, and none to discard.
   */
  @Test
  void isNotMadeRoomForByDiscardingWhatWasJustSubmitted(Pools pools) throws Exception {
    CountDownLatch taken = new CountDownLatch(1);
    CountDownLatch go = new CountDownLatch(1);
    GotJob hold = holdBack(taken, go);
    SaturationPolicy policy = SaturationPolicy.discardOldest();
    PoolCore core =
        new PoolCore(
            WorkerPool.builder().size(1).queueCapacity(1).saturationPolicy(policy).config(), hold);
    core.start(null);
    WorkerPool pool = pools.add(WorkerPoolBuilder.open(core));
    Task<String> first = pool.submit(() -> "first");
    taken.await();
    Task<String> own = pool.submit(() -> "own");
    go.countDown();

    assertEquals("own", own.get(20, TimeUnit.SECONDS));
    assertEquals("first", first.get());
    assertEquals(0, pool.stats().aborted());
  }
}
