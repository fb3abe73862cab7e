package io.threadpool;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.threadpool.internal.Latches;
import io.threadpool.internal.Pace;
import io.threadpool.internal.TaskQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/** Who submits looks how far ahead it is, now and then; a body of the pool does not. */
class SubmitterPaceTest {

  private static final int MANY = 2_000;

  /** How often whoever submits so many asks whether a sweep is due, and so for the length. */
  private static final long SWEEPS = MANY / TaskQueue.DEFAULT_SEGMENT_SIZE;

  private volatile Thread submitter;
  private final AtomicInteger looks = new AtomicInteger();
  private final CountDownLatch gate = new CountDownLatch(1);

  private WorkerPool pool(Pools pools) {
    return pools.add(
        RaceQueues.pool(
            WorkerPool.builder().size(1),
            () ->
                new TaskQueue(TaskQueue.DEFAULT_SEGMENT_SIZE, 1_000_000) {
                  @Override
                  public long length() {
                    if (Thread.currentThread() == submitter) {
                      looks.incrementAndGet();
                    }
                    return super.length();
                  }
                }));
  }

  private void submitMany(WorkerPool pool) {
    submitter = Thread.currentThread();
    for (int i = 0; i < MANY; i++) {
      pool.execute(() -> {});
    }
    submitter = null;
  }

  @Test
  void aSubmitterLooksNowAndThen(Pools pools) {
    WorkerPool pool = pool(pools);
    pool.execute(() -> Latches.uninterruptibly(gate));
    submitMany(pool);
    assertTrue(
        looks.get() > SWEEPS && looks.get() <= SWEEPS + MANY / Pace.EVERY, () -> "looks: " + looks);
    gate.countDown();
  }

  @Test
  void aBodyDoesNot(Pools pools) throws Exception {
    WorkerPool pool = pool(pools);
    pool.submit(() -> submitMany(pool)).get();
    assertEquals(SWEEPS, looks.get());
  }
}
