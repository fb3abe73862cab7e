package io.threadpool;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.threadpool.internal.Latches;
import io.threadpool.internal.TaskQueue;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.awaitility.Awaitility;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Submissions at the end of a stack, amid which the only worker leaves. */
class CautiousCoreTest {

  private static final int COMPILED = 40;
  private static final int BEYOND_EDGE = 10;
  private static final int STEP = 3;
  private static final int ENOUGH = 20;

  /** Whether the next claim is to have the worker leave, and to wait for that. */
  private volatile boolean armed;

  private volatile boolean mayLeave;

  private CautiousCore core(boolean leavesAfterTheLook) {
    WorkerPoolBuilder builder = WorkerPool.builder().size(0, 1).keepAlive(Duration.ZERO);
    int segmentSize = leavesAfterTheLook ? 1 : 1_024;
    CautiousCore core =
        new CautiousCore(builder.config()) {
          @Override
          TaskQueue newQueue(long roughLimit) {
            return new CautiousQueue(segmentSize, roughLimit) {
              @Override
              public void onClaim(long index) {
                if (leavesAfterTheLook) {
                  super.onClaim(index);
                }
                haveWorkerLeave();
                if (!leavesAfterTheLook) {
                  super.onClaim(index);
                }
              }
            };
          }

          private void haveWorkerLeave() {
            if (armed) {
              armed = false;
              mayLeave = true;
              while (crew.alive() != 0) {
                Thread.onSpinWait();
              }
            }
          }
        };
    core.start(null);
    return core;
  }

  /**
   * What was accepted runs, though nobody waits, or submits anything else: the worker had seen
   * neither the slot nor, where the segment was not there yet, the claim.
   */
  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void whatIsAcceptedWhileTheLastWorkerLeavesRuns(boolean leavesAfterTheLook, Pools pools)
      throws Exception {
    CautiousCore core = core(leavesAfterTheLook);
    WorkerPool pool = pools.add(WorkerPoolBuilder.open(core));
    AtomicReference<Throwable> broken = new AtomicReference<>();
    Thread caller = new Thread(null, () -> submitNearTheEdge(core, pool, broken), "small", 200_000);
    caller.start();
    caller.join();
    if (broken.get() != null) {
      throw new AssertionError(broken.get());
    }
  }

  private void submitNearTheEdge(
      CautiousCore core, WorkerPool pool, AtomicReference<Throwable> broken) {
    try {
      int edge = 0;
      for (int i = 0; i < COMPILED; i++) {
        edge = Math.max(edge, StackRow.edge()); // It is deeper once it is compiled.
      }
      int inARow = 0;
      for (int depth = edge + BEYOND_EDGE; depth > 0 && inARow < ENOUGH; depth -= STEP) {
        inARow = isAcceptedAt(depth, core, pool) ? inARow + 1 : 0;
      }
      assertEquals(ENOUGH, inARow);
    } catch (Throwable thrown) {
      broken.set(thrown);
    }
  }

  private boolean isAcceptedAt(int depth, CautiousCore core, WorkerPool pool) throws Exception {
    CountDownLatch begun = new CountDownLatch(1);
    mayLeave = false;
    pool.execute(
        () -> {
          begun.countDown();
          while (!mayLeave) {
            Thread.onSpinWait();
          }
        });
    Latches.uninterruptibly(begun);
    CountDownLatch ran = new CountDownLatch(1);
    Runnable task = ran::countDown;
    armed = true;
    boolean accepted = false;
    try {
      StackRow.descend(depth, () -> pool.execute(task));
      accepted = true;
    } catch (StackOverflowError refused) {
      // Nothing was accepted.
    }
    armed = false;
    mayLeave = true;
    assertTrue(!accepted || ran.await(20, TimeUnit.SECONDS), "accepted, and never run");
    Awaitility.await().until(() -> core.crew.alive() == 0);
    return accepted;
  }
}
