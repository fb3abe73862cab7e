package io.threadpool;

import static org.junit.jupiter.api.Assertions.assertTrue;

import io.threadpool.internal.Timers;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Who waits for idleness wakes now and then, to help; an instant in between counts as well. */
@Timeout(60)
class IdleInstantTest extends EndRig {

  @Test
  void anInstantBetweenTwoLooksOfTheWaiterCounts() throws InterruptedException {
    PoolCore core =
        new PoolCore(WorkerPool.builder().size(1).config()) {
          @Override
          Timers newTimers() {
            return new DeniedTimers();
          }
        };
    WorkerPool pool = open(core);
    CountDownLatch first = new CountDownLatch(1);
    pool.execute(() -> uninterruptibly(first));
    CountDownLatch busyAgain = new CountDownLatch(1);
    core.timers.schedule(
        new Timers.Entry() {
          @Override
          public void run() {
            first.countDown();
            Awaitility.await().until(() -> pool.stats().completed() == 1 && core.crew.isAsleep());
            pool.execute(
                () -> {
                  busyAgain.countDown();
                  uninterruptibly(end);
                });
            uninterruptibly(busyAgain);
          }
        },
        0);

    assertTrue(pool.awaitIdle(Duration.ofSeconds(5)), "it was idle since the call");
  }
}
