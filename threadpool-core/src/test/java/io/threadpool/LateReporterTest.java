package io.threadpool;

import static org.junit.jupiter.api.Assertions.assertTrue;

import io.threadpool.internal.Gate;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Who has reported what is stuck, and comes on when that has ended after all and what follows the
 * termination has failed for want of memory: it leaves that due.
 */
@Timeout(60)
class LateReporterTest extends EndRig {

  private final CountDownLatch release = new CountDownLatch(1);
  private final AtomicBoolean full = new AtomicBoolean(true);

  private final class Core extends PoolCore {
    Core() {
      super(WorkerPool.builder().size(1).abortGrace(Duration.ofMillis(50)).config());
    }

    @Override
    public void onTerminated() {
      if (full.getAndSet(false)) {
        throw new OutOfMemoryError("for the test");
      }
      super.onTerminated();
    }

    @Override
    Abort newAbort() {
      return new Abort(floor, crew, guests) {
        @Override
        void tellStuck(List<StuckTask> told) {
          super.tellStuck(told);
          release.countDown();
          while (Crews.threads(crew).stream()
              .anyMatch(thread -> thread != Thread.currentThread() && thread.isAlive())) {
            Gate.pause();
          }
        }
      };
    }
  }

  @Test
  void leavesTheRestOfTheEndDue() throws Exception {
    DefaultWorkerPool pool = (DefaultWorkerPool) open(new Core());
    CountDownLatch began = new CountDownLatch(1);
    pool.execute(
        () -> {
          began.countDown();
          uninterruptibly(release);
        });
    began.await();
    pool.shutdown(ShutdownPolicy.abort());
    assertTrue(pool.awaitTermination(Duration.ofSeconds(20)));
    long start = System.nanoTime();
    while (!(pool.host() instanceof EndedPool) && System.nanoTime() - start < 10_000_000_000L) {
      Gate.pause();
    }
    assertTrue(pool.host() instanceof EndedPool, "the handle keeps the engine");
  }
}
