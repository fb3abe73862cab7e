package io.threadpool.contract;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.threadpool.Task;
import io.threadpool.WorkerPool;
import java.net.URL;
import java.net.URLClassLoader;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Nothing leaks to the next task: no interrupt, no thread name, no context class loader. */
class IsolationTest {

  @RegisterExtension final TestPools pools = new TestPools();

  /** What a body finds on its thread. */
  private record Found(boolean interrupted, String name, ClassLoader loader) {
    static Found here() {
      Thread self = Thread.currentThread();
      return new Found(self.isInterrupted(), self.getName(), self.getContextClassLoader());
    }
  }

  private static void disturb() {
    Thread self = Thread.currentThread();
    self.setName("disturbed");
    self.setContextClassLoader(new URLClassLoader(new URL[0]));
    self.interrupt();
  }

  @Test
  void theNextTaskFindsTheThreadAsItWas() throws Exception {
    WorkerPool pool = pools.build(WorkerPool.builder().size(1).name("clean"));
    Found before = pool.submit(Found::here).get();
    assertEquals("clean-0", before.name());
    assertFalse(before.interrupted());
    pool.execute(IsolationTest::disturb);
    assertEquals(before, pool.submit(Found::here).get());
    pool.submit(IsolationTest::disturb).get();
    assertEquals(before, pool.submit(Found::here).get());
    pool.execute(
        () -> {
          disturb();
          throw new IllegalStateException();
        });
    assertEquals(before, pool.submit(Found::here).get());
    Task<?> task =
        pool.submit(
            () -> {
              disturb();
              Thread.currentThread().setContextClassLoader(null);
            });
    task.get();
    assertEquals(before, pool.submit(Found::here).get());
  }

  @Test
  void anInterruptFromOutsideReachesTheTaskThatRunsAndNoOther() throws Exception {
    WorkerPool pool = pools.fixed(1);
    Held held = pools.occupy(pool);
    held.thread().interrupt();
    held.awaitInterrupted();
    assertFalse(pool.submit(() -> Thread.currentThread().isInterrupted()).get());
  }

  @Test
  void aLateCancelDoesNotReachTheNextTask() throws Exception {
    WorkerPool pool = pools.fixed(1);
    AtomicInteger leaked = new AtomicInteger();
    for (int round = 0; round < 300; round++) {
      CountDownLatch started = new CountDownLatch(1);
      Task<?> first = pool.submit(started::countDown);
      Task<?> next =
          pool.submit(
              () -> {
                for (int i = 0; i < 50; i++) {
                  Thread.onSpinWait();
                }
                if (Thread.currentThread().isInterrupted()) {
                  leaked.incrementAndGet();
                }
              });
      Held.await(started, "started");
      first.cancel(true);
      next.get();
    }
    assertEquals(0, leaked.get());
  }

  @Test
  void whatAnInlineTaskChangesIsPutBack() throws Exception {
    WorkerPool pool = pools.build(WorkerPool.builder().size(1).name("clean"));
    ClassLoader own = new URLClassLoader(new URL[0]);
    Task<?> outer =
        pool.submit(
            () -> {
              Thread.currentThread().setName("outer");
              Thread.currentThread().setContextClassLoader(own);
              Task<?> inner = pool.submit(IsolationTest::disturb);
              inner.join();
              assertEquals(new Found(false, "outer", own), Found.here());
              Task<?> failing =
                  pool.submit(
                      () -> {
                        disturb();
                        throw new IllegalStateException();
                      });
              failing.handle((x, e) -> x);
              try {
                failing.join();
              } catch (CompletionException expected) {
                assertTrue(expected.getCause() instanceof IllegalStateException);
              }
              assertEquals(new Found(false, "outer", own), Found.here());
            });
    outer.get();
    Found after = pool.submit(Found::here).get();
    assertEquals("clean-0", after.name());
    assertNotSame(own, after.loader());
  }

  @Test
  void anInterruptOfTheOuterTaskIsKeptFromTheInnerAndPutBack() throws Exception {
    WorkerPool pool = pools.fixed(1);
    Task<?> outer =
        pool.submit(
            () -> {
              Task<Boolean> inner = pool.submit(() -> Thread.currentThread().isInterrupted());
              Thread.currentThread().interrupt();
              assertFalse(inner.join());
              assertTrue(Thread.interrupted());
            });
    outer.get();
  }

  @Test
  void whatACallerRunsIsPutBackOnItsThread() throws Exception {
    WorkerPool pool = pools.fullOfCallerRuns();
    Caller<Boolean> caller =
        pools.call(
            () -> {
              Found before = Found.here();
              pool.execute(
                  () -> {
                    disturb();
                    Thread.interrupted();
                  });
              assertEquals(before, Found.here());
              pool.submit(
                      () -> {
                        disturb();
                        Thread.interrupted();
                      })
                  .get();
              assertEquals(before, Found.here());
              return true;
            });
    assertTrue(caller.get());
  }

  @Test
  void aCancelOfTheOuterTaskReachesItOnItsWayOutAndNotTheInner() throws Exception {
    WorkerPool pool = pools.fixed(1);
    Held inner = pools.held();
    boolean[] interrupted = new boolean[1];
    Task<?> outer =
        pool.submit(
            () -> {
              pool.submit(inner).join();
              interrupted[0] = Thread.currentThread().isInterrupted();
            });
    inner.awaitStarted();
    assertTrue(outer.cancel(true));
    assertFalse(outer.awaitStopped(Duration.ofMillis(5)));
    assertFalse(inner.wasInterrupted());
    inner.release();
    assertTrue(outer.awaitStopped(TestPools.LONG));
    assertTrue(interrupted[0]);
    assertFalse(inner.wasInterrupted());
    assertFalse(pool.submit(() -> Thread.currentThread().isInterrupted()).get());
  }

  @Test
  void aCancelOfTheInnerTaskDoesNotReachTheOuter() throws Exception {
    WorkerPool pool = pools.fixed(1);
    Held held = pools.held();
    Task<?>[] inner = new Task<?>[1];
    Task<Boolean> outer =
        pool.submit(
            () -> {
              inner[0] = pool.submit(held);
              try {
                inner[0].join();
              } catch (CancellationException expected) {
                // It was cancelled below.
              }
              return Thread.currentThread().isInterrupted();
            });
    held.awaitStarted();
    assertTrue(inner[0].cancel(true));
    held.awaitInterrupted();
    assertFalse(outer.get());
    assertFalse(pool.submit(() -> Thread.currentThread().isInterrupted()).get());
  }

  @Test
  void aCancelOfTheOutermostOfThreeWaitsForBoth() throws Exception {
    WorkerPool pool = pools.fixed(1);
    Held held = pools.held();
    boolean[] interrupted = new boolean[2];
    Task<?> outermost =
        pool.submit(
            () -> {
              pool.submit(
                      () -> {
                        pool.submit(held).join();
                        interrupted[0] = Thread.currentThread().isInterrupted();
                      })
                  .join();
              interrupted[1] = Thread.currentThread().isInterrupted();
            });
    held.awaitStarted();
    outermost.cancel(true);
    held.release();
    assertTrue(outermost.awaitStopped(TestPools.LONG));
    assertFalse(interrupted[0]);
    assertTrue(interrupted[1]);
  }

  @Test
  void theWorkersOfADefaultPoolAreNamedAfterIt() throws Exception {
    WorkerPool pool = pools.build(WorkerPool.builder().size(3).name("named").daemon(true));
    CountDownLatch all = new CountDownLatch(3);
    Set<String> names = ConcurrentHashMap.newKeySet();
    for (int i = 0; i < 3; i++) {
      pool.execute(
          () -> {
            assertTrue(Thread.currentThread().isDaemon());
            names.add(Thread.currentThread().getName());
            all.countDown();
            try {
              all.await();
            } catch (InterruptedException e) {
              Thread.currentThread().interrupt();
            }
          });
    }
    Held.await(all, "all started");
    assertEquals(Set.of("named-0", "named-1", "named-2"), names);
    assertEquals("named", pool.name());
    WorkerPool other = pools.fixed(1);
    assertEquals(other.name() + "-0", other.submit(() -> Thread.currentThread().getName()).get());
    assertFalse(other.submit(() -> Thread.currentThread().isDaemon()).get());
    assertEquals(
        Thread.NORM_PRIORITY, other.submit(() -> Thread.currentThread().getPriority()).get());
  }
}
