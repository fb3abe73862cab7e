package io.threadpool;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.threadpool.internal.Parker;
import java.lang.reflect.Field;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * A worker whose loop breaks between its registration among those that sleep and the look that
 * follows: who enters the loop again looks, since nobody was there to be woken before.
 */
@Timeout(60)
class BrokenSleepTest extends EndRig {

  private final CountDownLatch began = new CountDownLatch(1);
  private final CountDownLatch prepared = new CountDownLatch(1);
  private final AtomicInteger loops = new AtomicInteger();

  /** The first worker that loops registers, once the test is prepared, and looks no more. */
  private PoolCore breaking(WorkerPoolBuilder builder) {
    return new PoolCore(builder.config()) {
      @Override
      Floor.Seam newSeam() {
        return new Floor.Seam() {
          @Override
          void onLoop(int worker) {
            breakAmidTheSleep(worker);
          }
        };
      }

      private void breakAmidTheSleep(int id) {
        if (loops.getAndIncrement() > 0) {
          return;
        }
        began.countDown();
        uninterruptibly(prepared);
        Worker worker = Crews.of(this).workers[id];
        worker.rest.registers();
        idle.register(placeOf(worker), false);
        throw new IllegalStateException("for the test");
      }
    };
  }

  private static Parker placeOf(Worker worker) {
    try {
      Field place = Worker.class.getDeclaredField("parker");
      place.setAccessible(true);
      return (Parker) place.get(worker);
    } catch (ReflectiveOperationException e) {
      throw new AssertionError(e);
    }
  }

  private void findsTheTask(WorkerPoolBuilder builder) throws Exception {
    WorkerPool pool = open(breaking(builder));
    began.await();
    Task<Integer> task = pool.submit(() -> 1);
    prepared.countDown();
    assertEquals(1, task.get(20, TimeUnit.SECONDS));
  }

  @Test
  void aLoneWorkerFindsTheTask() throws Exception {
    findsTheTask(WorkerPool.builder().size(1));
  }

  @Test
  void aWorkerThatNeverStandsDownFindsTheTask() throws Exception {
    findsTheTask(
        WorkerPool.builder()
            .size(1)
            .queueCapacity(5)
            .saturationPolicy(SaturationPolicy.discardOldest()));
  }

  @Test
  void aLoneWorkerFindsTheQueueClosed() throws Exception {
    WorkerPool pool = open(breaking(WorkerPool.builder().size(1)));
    began.await();
    pool.shutdown();
    prepared.countDown();
    assertTrue(pool.awaitTermination(Duration.ofSeconds(20)));
  }

  /** The watch has ceased to look meanwhile, and who begins a body asks for it again. */
  @Test
  void whatItRunsThenIsWatched() throws Exception {
    WorkerPool pool =
        open(
            breaking(
                WorkerPool.builder()
                    .size(1)
                    .taskOptions(TaskOptions.runningWithin(Duration.ofMillis(100)))));
    began.await();
    PoolCore core = opened.get(0);
    prepared.countDown();
    Awaitility.await().until(core.crew::isAsleep);
    Awaitility.await().until(() -> !core.bodies.watched.get());
    CountDownLatch never = new CountDownLatch(1);
    Task<?> task =
        pool.submit(
            () -> {
              never.await();
              return null;
            });
    assertThrows(TaskAbortedException.class, () -> task.get(20, TimeUnit.SECONDS));
  }
}
