package io.threadpool;

import io.threadpool.internal.Latches;
import io.threadpool.internal.Timers;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** When the watch over what runs has a timer, which is this pool's alone. */
@Timeout(60)
class WatchTimerTest {

  @Test
  void anIdlePoolHasNoTimer(Pools pools) {
    AtomicReference<Thread> keeper = new AtomicReference<>();
    Timers own =
        new Timers() {
          @Override
          protected Thread newThread(Runnable body) {
            Thread thread = super.newThread(body);
            keeper.set(thread);
            return thread;
          }
        };
    PoolCore core =
        new PoolCore(WorkerPool.builder().size(2).config()) {
          @Override
          Timers newTimers() {
            return own;
          }
        };
    core.start(null);
    WorkerPool pool = pools.add(WorkerPoolBuilder.open(core));
    pool.submit(() -> 1).join();
    Awaitility.await()
        .atMost(20, TimeUnit.SECONDS)
        .until(() -> keeper.get() != null && !keeper.get().isAlive());
    CountDownLatch release = new CountDownLatch(1);
    pool.execute(() -> Latches.uninterruptibly(release));
    Awaitility.await().atMost(20, TimeUnit.SECONDS).until(() -> keeper.get().isAlive());
    release.countDown();
  }
}
