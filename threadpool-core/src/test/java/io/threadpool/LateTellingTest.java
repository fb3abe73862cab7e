package io.threadpool;

import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNotSame;
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
    Thread first = threads.poll(20, TimeUnit.SECONDS);
    Thread second = threads.poll(20, TimeUnit.SECONDS);
    assertNotNull(second, "the second stage");
    assertNotSame(first, second);
    Thread goesOn = first == canceller ? second : first; // Who begins hangs on 10 ms.
    assertTrue(goesOn.isDaemon(), goesOn::toString);
    assertNull(goesOn.getContextClassLoader());
  }

  /** Who is not told finds out by itself, a second after its wait began, each time. */
  @Test
  void whoWaitsForTheStopIsToldAtOnce() throws Exception {
    long least = Long.MAX_VALUE;
    for (int i = 0; i < 5 && least >= 500_000_000; i++) { // A busy machine may be late, too.
      LateTellingTest once = new LateTellingTest();
      try {
        least = Math.min(least, once.lateness());
      } finally {
        once.release();
      }
    }
    assertTrue(least < 500_000_000, "told late, each time");
  }

  private long lateness() throws Exception {
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
    while (waiter.isAlive() && waiter.getState() != Thread.State.TIMED_WAITING) {
      Gate.pause();
    }
    queued.cancel(false);
    waiter.join();
    return toldAt.get() - goesOnAt.get();
  }
}
