package io.threadpool;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.threadpool.internal.Latches;
import java.lang.ref.WeakReference;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;

/** A batch that is cancelled behind a busy worker, with nothing submitted afterwards. */
class CancelledBatchTest {

  private static final int BATCH = 20_000;

  @Test
  void itsHandlesAreLetGo(Pools pools) throws Exception {
    WorkerPool pool = pools.fixed(1);
    CountDownLatch release = new CountDownLatch(1);
    CountDownLatch busy = new CountDownLatch(1);
    pool.execute(
        () -> {
          busy.countDown();
          Latches.uninterruptibly(release);
        });
    busy.await();
    List<WeakReference<Task<?>>> handles = cancelledBatch(pool);
    assertEquals(0, pool.stats().queued());
    Awaitility.await()
        .atMost(Duration.ofMinutes(1))
        .untilAsserted(
            () -> {
              System.gc();
              long kept = handles.stream().filter(handle -> handle.get() != null).count();
              assertTrue(kept < BATCH / 2, () -> kept + " kept");
            });
    release.countDown();
  }

  private static List<WeakReference<Task<?>>> cancelledBatch(WorkerPool pool) {
    List<Task<?>> tasks = new ArrayList<>();
    for (int i = 0; i < BATCH; i++) {
      tasks.add(pool.submit(() -> {}));
    }
    tasks.forEach(task -> assertTrue(task.cancel(false)));
    List<WeakReference<Task<?>>> handles = new ArrayList<>();
    tasks.forEach(task -> handles.add(new WeakReference<>(task)));
    return handles;
  }
}
