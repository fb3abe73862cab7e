package io.threadpool;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Thread factories whose threads do not run what they were given. */
@Timeout(60)
class DeadWorkerTest {

  @RepeatedTest(10) // The threads end while somebody looks which of them have.
  void closingEndsWhereNoThreadRanItsWorker() {
    WorkerPool pool =
        WorkerPool.builder().size(2).threadFactory(worker -> new Thread(() -> {})).build();
    Task<String> task = pool.submit(() -> "never");
    pool.close();
    TaskAbortedException aborted = assertThrows(TaskAbortedException.class, task::join);
    assertEquals(TaskAbortedException.Reason.NO_WORKER, aborted.reason());
    assertTrue(pool.isTerminated());
    Pools.assertLaw(pool);
  }

  @Test
  void theOthersDrainWhereOneThreadDidNotRunItsWorker() {
    AtomicInteger made = new AtomicInteger();
    WorkerPool pool =
        WorkerPool.builder()
            .size(2)
            .threadFactory(
                worker -> made.getAndIncrement() == 0 ? new Thread(() -> {}) : new Thread(worker))
            .build();
    Task<String> task = pool.submit(() -> "done");
    pool.close();
    assertEquals("done", task.join());
    assertTrue(pool.isTerminated());
    Pools.assertLaw(pool);
  }
}
