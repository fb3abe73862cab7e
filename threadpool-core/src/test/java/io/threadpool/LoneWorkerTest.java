package io.threadpool;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.threadpool.internal.Latches;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A worker beside which nobody takes anything. */
class LoneWorkerTest {

  private static final int REGIONS = 30;
  private static final int SHORT_TASKS = 64;
  private static final int DEAD_TASKS = 5_000;

  private final CountDownLatch busy = new CountDownLatch(2);

  private void hold(CountDownLatch end) {
    busy.countDown();
    Latches.uninterruptibly(end);
  }

  /** They make the head move fast, as if others took what it passes. */
  @Test
  @Timeout(120)
  void doesNotStandDownWhereItPassesSweptSlots(Pools pools) throws Exception {
    PoolCore core = new PoolCore(WorkerPool.builder().size(2).unboundedQueue().config());
    core.start(Crews.daemons(core.name()));
    WorkerPool pool = pools.add(WorkerPoolBuilder.open(core));
    CountDownLatch begin = new CountDownLatch(1);
    CountDownLatch end = new CountDownLatch(1);
    AtomicInteger ran = new AtomicInteger();
    try {
      pool.execute(() -> hold(end));
      pool.execute(() -> hold(begin));
      busy.await();
      List<Task<?>> dead = new ArrayList<>();
      CountDownLatch last = new CountDownLatch(1);
      for (int region = 0; region < REGIONS; region++) {
        for (int i = 0; i < SHORT_TASKS; i++) {
          pool.execute(ran::incrementAndGet);
        }
        for (int i = 0; i < DEAD_TASKS; i++) {
          dead.add(pool.submit(() -> {}));
        }
      }
      pool.execute(last::countDown);
      dead.forEach(task -> task.cancel(false));
      long before = core.idle.trials();
      begin.countDown();
      last.await();
      assertEquals(REGIONS * SHORT_TASKS, ran.get());
      assertEquals(before, core.idle.trials(), "it stood down, alone");
    } finally {
      begin.countDown();
      end.countDown();
    }
  }
}
