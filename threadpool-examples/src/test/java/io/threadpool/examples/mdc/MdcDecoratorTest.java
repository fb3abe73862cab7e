package io.threadpool.examples.mdc;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.threadpool.SaturationPolicy;
import io.threadpool.Task;
import io.threadpool.WorkerPool;
import io.threadpool.WorkerPoolBuilder;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.slf4j.MDC;

class MdcDecoratorTest {

  @AfterEach
  void clear() {
    MDC.clear();
  }

  private static WorkerPoolBuilder builder() {
    return WorkerPool.builder().size(1).taskDecorator(new MdcDecorator());
  }

  private static String user() {
    return MDC.get("user");
  }

  @Test
  void aTaskSeesTheContextOfItsSubmitterAndNotThatOfTheTaskBefore() {
    try (WorkerPool pool = builder().build()) {
      MDC.put("user", "ann");
      Task<String> first = pool.submit(MdcDecoratorTest::user);
      MDC.put("user", "bob");
      Task<String> second = pool.submit(MdcDecoratorTest::user);
      MDC.clear();
      Task<String> third = pool.submit(MdcDecoratorTest::user);
      assertEquals("ann", first.join());
      assertEquals("bob", second.join());
      assertNull(third.join());
    }
  }

  @Test
  void whatATaskPutsThereDoesNotLeakToTheNext() {
    try (WorkerPool pool = builder().build()) {
      Task<?> leaky =
          pool.submit(
              () -> {
                MDC.put("user", "eve");
                throw new IllegalStateException("after leaking");
              });
      assertThrows(CompletionException.class, leaky::join);
      assertNull(pool.submit(MdcDecoratorTest::user).join());
    }
  }

  @Test
  void anInlineJoinPutsBackWhatTheJoinerHad() {
    try (WorkerPool pool = builder().build()) {
      MDC.put("user", "ann");
      Task<String> outer =
          pool.submit(
              () -> {
                MDC.put("user", "inner");
                Task<String> inner = pool.submit(MdcDecoratorTest::user);
                MDC.put("user", "outer");
                return inner.join() + " then " + user(); // On a pool of one, joining runs it here.
              });
      assertEquals("inner then outer", outer.join());
      assertEquals("ann", user());
    }
  }

  @Test
  void aTaskRunByItsCallerLeavesTheCallersContext() {
    CountDownLatch release = new CountDownLatch(1);
    WorkerPoolBuilder builder =
        builder().queueCapacity(1).saturationPolicy(SaturationPolicy.callerRuns());
    try (WorkerPool pool = builder.build()) {
      CountDownLatch busy = new CountDownLatch(1);
      pool.execute(
          () -> {
            busy.countDown();
            await(release);
          });
      await(busy);
      pool.execute(() -> {}); // The queue is full now.
      MDC.put("user", "ann");
      Thread caller = Thread.currentThread();
      Task<Boolean> here =
          pool.submit(
              () -> {
                MDC.put("user", "eve");
                return Thread.currentThread() == caller;
              });
      assertEquals(true, here.join());
      assertEquals("ann", user());
      release.countDown();
    } finally {
      release.countDown();
    }
  }

  private static void await(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
