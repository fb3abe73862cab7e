package io.threadpool;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.threadpool.internal.Timers;
import java.util.List;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A call of shutdownNow() that finds an abort begun, and what was queued not settled yet. */
@Timeout(60)
class SecondAbortTest extends EndRig {

  private Runnable beforeClaim = () -> {};

  /** A pool that does something, once, before its abort takes what is queued. */
  private WorkerPool open() throws InterruptedException {
    WorkerPool pool =
        open(
            new PoolCore(WorkerPool.builder().size(1).config()) {
              @Override
              Timers newTimers() {
                return new Dead(); // Who waits for the end would do what is overdue.
              }

              @Override
              Abort newAbort() {
                return new Abort(floor, crew, guests) {
                  @Override
                  boolean claim() {
                    Runnable first = beforeClaim;
                    beforeClaim = () -> {};
                    first.run();
                    return super.claim();
                  }
                };
              }
            });
    occupy(pool);
    return pool;
  }

  @Test
  void waitsUntilThatIsSettled() throws Exception {
    WorkerPool pool = open();
    Task<?> queued = pool.submit(() -> {});
    FutureTask<Boolean> second =
        new FutureTask<>(
            () -> {
              assertEquals(List.of(), pool.shutdownNow());
              return queued.isDone();
            });
    beforeClaim =
        () -> {
          Thread thread = started(second);
          Awaitility.await()
              .until(() -> second.isDone() || thread.getState() == Thread.State.TIMED_WAITING);
        };

    assertEquals(List.of(queued), pool.shutdownNow());

    assertTrue(second.get(20, TimeUnit.SECONDS), "returned before that was settled");
  }

  @Test
  void settlesItWhereTheFirstHasFailed() throws Exception {
    WorkerPool pool = open();
    Task<?> queued = pool.submit(() -> {});
    beforeClaim =
        () -> {
          throw new OutOfMemoryError("for the test");
        };
    assertThrows(OutOfMemoryError.class, pool::shutdownNow);

    assertEquals(List.of(), pool.shutdownNow());

    assertTrue(queued.isDone());
  }
}
