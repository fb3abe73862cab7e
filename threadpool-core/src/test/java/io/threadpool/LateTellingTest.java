package io.threadpool;

import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.threadpool.internal.Gate;
import io.threadpool.internal.LookAgain;
import java.time.Duration;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Tasks that somebody cancels who has decided and counted that, and comes on after the end. */
@Timeout(60)
class LateTellingTest extends EndRig {

  private final CountDownLatch counted = new CountDownLatch(1);
  private final CountDownLatch began = new CountDownLatch(1);
  private volatile DefaultWorkerPool pool;

  /** Holds who cancels up until the pool has ended. */
  private void openHeldUp() {
    PoolCore core =
        counted(
            outcome -> {
              if (outcome == Outcome.CANCELLED) {
                awaitEnded();
              }
            });
    pool = (DefaultWorkerPool) open(core);
  }

  private void awaitEnded() {
    counted.countDown();
    while (!(pool.host() instanceof EndedPool)) {
      Gate.pause();
    }
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

  /** Who is not told finds out by itself, a second after its wait began, each time, but here. */
  @Test
  void whoWaitsForTheStopIsTold() throws Exception {
    LookAgain.off();
    try {
      openHeldUp();
      pool.execute(this::bodyUntilCounted);
      began.await();
      Task<?> queued = pool.submit(() -> {});
      pool.shutdown();
      AtomicBoolean told = new AtomicBoolean();
      Thread waiter =
          started(
              () -> {
                try {
                  told.set(queued.awaitStopped(Duration.ofDays(1)));
                } catch (InterruptedException e) {
                  throw new AssertionError(e);
                }
              });
      while (waiter.isAlive() && waiter.getState() != Thread.State.TIMED_WAITING) {
        Gate.pause();
      }
      queued.cancel(false);
      waiter.join();
      assertTrue(told.get());
    } finally {
      LookAgain.on();
    }
  }
}
