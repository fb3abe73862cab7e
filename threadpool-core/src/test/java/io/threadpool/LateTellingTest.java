package io.threadpool;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.threadpool.internal.Gate;
import java.time.Duration;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Tasks that somebody cancels who has decided and counted that, and comes on after the end. */
@Timeout(60)
class LateTellingTest extends EndRig {

  private final CountDownLatch counted = new CountDownLatch(1);
  private final CountDownLatch began = new CountDownLatch(1);
  private volatile DefaultWorkerPool pool;
  private final AtomicLong goesOnAt = new AtomicLong();

  /** Holds who cancels up until the pool has ended. */
  private void openHeldUp() {
    PoolCore core =
        new PoolCore(WorkerPool.builder().size(1).config()) {
          @Override
          Ledger newLedger() {
            return new Ledger(1, queue) {
              @Override
              void count(Outcome outcome, Tally tally) {
                super.count(outcome, tally);
                if (outcome == Outcome.CANCELLED) {
                  awaitEnded();
                }
              }
            };
          }
        };
    pool = (DefaultWorkerPool) open(core);
  }

  private void awaitEnded() {
    counted.countDown();
    while (!(pool.host() instanceof EndedPool)) {
      Gate.pause();
    }
    goesOnAt.set(System.nanoTime());
  }

  private void bodyUntilCounted() {
    began.countDown();
    uninterruptibly(counted);
  }

  /** So none keeps the JVM from its exit, whatever stands in a stage. */
  @Test
  void aDaemonOfNobodysGoesOnWithTheStages() throws Exception {
    openHeldUp();
    BlockingQueue<Thread> threads = new LinkedBlockingQueue<>();
    AtomicBoolean blocks = new AtomicBoolean(true);
    Task<?> task = pool.submit(this::bodyUntilCounted);
    for (int i = 0; i < 2; i++) {
      var unused =
          task.whenComplete(
              (result, failure) -> {
                threads.add(Thread.currentThread());
                if (blocks.getAndSet(false)) {
                  uninterruptibly(end);
                }
              });
    }
    began.await();
    pool.shutdown();
    Thread canceller = started(() -> task.cancel(false));
    assertEquals(canceller, threads.poll(20, TimeUnit.SECONDS));
    Thread goesOn = threads.poll(20, TimeUnit.SECONDS);
    assertNotNull(goesOn, "the second stage");
    assertTrue(goesOn.isDaemon(), goesOn::toString);
    assertNull(goesOn.getContextClassLoader());
  }

  @Test
  void whoWaitsForTheStopIsToldAtOnce() throws Exception {
    openHeldUp();
    pool.execute(this::bodyUntilCounted);
    began.await();
    Task<?> queued = pool.submit(() -> {});
    pool.shutdown();
    AtomicLong toldAt = new AtomicLong();
    Thread waiter =
        started(
            () -> {
              try {
                assertTrue(queued.awaitStopped(Duration.ofSeconds(20)));
              } catch (InterruptedException e) {
                throw new AssertionError(e);
              }
              toldAt.set(System.nanoTime());
            });
    while (waiter.getState() != Thread.State.TIMED_WAITING) {
      Gate.pause();
    }
    queued.cancel(false);
    waiter.join();
    long late = toldAt.get() - goesOnAt.get();
    assertTrue(late < 500_000_000, () -> "told after " + late + " ns");
  }
}
