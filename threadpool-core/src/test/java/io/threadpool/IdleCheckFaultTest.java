package io.threadpool;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Who ends a body, or settles a queued task, looks whether the pool is idle if somebody waits for
 * that. The look needs memory and stack; where it lacks them, what it stands amid is finished all
 * the same.
 */
@Timeout(60)
class IdleCheckFaultTest {

  private static final Duration LONG = Duration.ofSeconds(20);

  private final CountDownLatch end = new CountDownLatch(1);
  private final AtomicInteger failed = new AtomicInteger();
  private volatile Thread shortOfStack;
  private WorkerPool pool;
  private Task<String> queued;

  /**
   * A pool whose worker is busy, with one task queued, and somebody who waits for it to be idle.
   */
  @BeforeEach
  void keepBusyAndWait(Pools pools) throws Exception {
    PoolCore core =
        new PoolCore(WorkerPool.builder().size(1).config()) {
          @Override
          Ledger newLedger() {
            return new Ledger(config().max(), queue) {
              @Override
              Counts counts() {
                if (Thread.currentThread() == shortOfStack) {
                  failed.incrementAndGet();
                  throw new StackOverflowError("for the test"); // JUnit ends at a lack of memory.
                }
                return super.counts();
              }
            };
          }
        };
    core.start(null);
    pool = pools.add(WorkerPoolBuilder.open(core));
    CountDownLatch begun = new CountDownLatch(1);
    pool.submit(
        () -> {
          begun.countDown();
          end.await();
          return null;
        });
    begun.await();
    queued = pool.submit(() -> "a result");
    Thread idler = new Thread(() -> assertDoesNotThrow(() -> pool.awaitIdle(LONG)));
    idler.setDaemon(true);
    idler.start();
    Awaitility.await().until(() -> idler.getState() == Thread.State.TIMED_WAITING);
  }

  private void endAndTerminate() throws InterruptedException {
    shortOfStack = null;
    assertTrue(failed.get() > 0, "nobody has looked");
    end.countDown();
    pool.shutdown();
    assertTrue(pool.awaitTermination(LONG));
  }

  @Test
  void aCancelledTaskIsTold() throws Exception {
    shortOfStack = Thread.currentThread();
    assertTrue(queued.cancel(false));
    assertTrue(queued.isDone());
    endAndTerminate();
  }

  @Test
  void aCompletedTaskIsTold() throws Exception {
    shortOfStack = Thread.currentThread();
    assertTrue(queued.complete("another"));
    assertEquals("another", queued.getNow("none"));
    endAndTerminate();
  }

  @Test
  void aFailedTaskIsTold() throws Exception {
    shortOfStack = Thread.currentThread();
    assertTrue(queued.completeExceptionally(new IllegalStateException("for the test")));
    assertTrue(queued.isCompletedExceptionally());
    endAndTerminate();
  }

  @Test
  void aGuestIsCountedOut() throws Exception {
    shortOfStack = Thread.currentThread();
    queued.run();
    assertEquals("a result", queued.getNow("none"));
    assertFalse(pool.isTerminated());
    endAndTerminate();
  }
}
