package io.threadpool;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;

/**
 * A task's one field for its body and its runner, where the body or the result is a thread itself.
 */
class TaskPayloadTest {

  private static final Duration LONG = Duration.ofMinutes(1);

  @Test
  void aThreadMayBeABodyAndIsNotInterruptedInTheRunnersPlace(Pools pools) throws Exception {
    WorkerPool pool = pools.fixed(1);
    CountDownLatch started = new CountDownLatch(1);
    AtomicBoolean interrupted = new AtomicBoolean();
    Thread body =
        new Thread(
            () -> {
              started.countDown();
              try {
                new CountDownLatch(1).await();
              } catch (InterruptedException e) {
                interrupted.set(true);
              }
            });
    Task<?> task = pool.submit(body);
    started.await();
    assertTrue(task.cancel(true));
    assertTrue(task.awaitStopped(LONG));
    assertTrue(interrupted.get());
    assertFalse(body.isInterrupted());
  }

  private static final class CallableThread extends Thread implements Callable<String> {
    @Override
    public String call() {
      return "called";
    }
  }

  @Test
  void aThreadMayBeACallableBody(Pools pools) {
    assertEquals("called", pools.fixed(1).submit((Callable<String>) new CallableThread()).join());
  }

  @Test
  void aThreadMayBeAResult(Pools pools) {
    Thread thread = new Thread();
    assertSame(thread, pools.fixed(1).submit(() -> thread).join());
  }

  @Test
  void aCancelledBodyKeepsNothing(Pools pools) throws Exception {
    WorkerPool pool = pools.fixed(1);
    CountDownLatch release = new CountDownLatch(1);
    pool.execute(
        () -> {
          try {
            release.await();
          } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
          }
        });
    Task<String> queued = pool.submit(() -> "never");
    assertTrue(queued.cancel(false));
    assertThrows(CancellationException.class, queued::join);
    release.countDown();
    assertTrue(pool.awaitIdle(LONG));
    assertEquals(1, pool.stats().cancelled());
  }
}
