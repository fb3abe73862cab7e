package io.threadpool.contract;

import static io.threadpool.contract.TestPools.LONG;
import static io.threadpool.contract.TestPools.eventually;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.threadpool.SaturationPolicy;
import io.threadpool.Task;
import io.threadpool.TaskAbortedException;
import io.threadpool.WorkerPool;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledForJreRange;
import org.junit.jupiter.api.condition.JRE;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Pools that run each task on a virtual thread of its own. */
@EnabledForJreRange(min = JRE.JAVA_21)
class VirtualWorkersTest {

  private static final ThreadLocal<String> LEFT_BEHIND = new ThreadLocal<>();

  @RegisterExtension final TestPools pools = new TestPools();

  private WorkerPool virtual(int max) {
    return pools.add(WorkerPool.virtual(max));
  }

  private static boolean isVirtual(Thread thread) throws ReflectiveOperationException {
    return (boolean) Thread.class.getMethod("isVirtual").invoke(thread);
  }

  @Test
  void eachTaskHasAThreadOfItsOwnThatInheritsNothing() throws Exception {
    InheritableThreadLocal<String> secret = new InheritableThreadLocal<>();
    secret.set("the submitter's");
    WorkerPool pool = pools.build(WorkerPool.builder().size(1).virtualThreads().name("light"));
    List<Thread> threads = new ArrayList<>();
    for (int i = 0; i < 10; i++) {
      threads.add(
          pool.submit(
                  () -> {
                    assertNull(secret.get());
                    assertNull(LEFT_BEHIND.get());
                    LEFT_BEHIND.set("by the task before");
                    return Thread.currentThread();
                  })
              .get());
    }
    assertEquals(10, threads.stream().distinct().count());
    assertEquals("light-0", threads.get(0).getName());
    int last = -1;
    for (Thread thread : threads) {
      assertTrue(isVirtual(thread));
      assertTrue(thread.getName().startsWith("light-"), thread::getName);
      int number = Integer.parseInt(thread.getName().substring("light-".length()));
      assertTrue(number > last, thread::getName); // One that has found nothing had one, too.
      last = number;
    }
    assertSame(
        Thread.currentThread().getContextClassLoader(),
        pool.submit(() -> Thread.currentThread().getContextClassLoader()).get());
    eventually().until(() -> pool.stats().workers() == 0);
    assertEquals(1, pool.stats().largest());
  }

  @Test
  void atMostSoManyRunAtOnceInTheOrderOfAcceptance() throws Exception {
    WorkerPool pool = virtual(3);
    List<Held> held = new ArrayList<>();
    for (int i = 0; i < 6; i++) {
      Held each = pools.held();
      held.add(each);
      pool.execute(each);
    }
    for (int i = 0; i < 3; i++) {
      held.get(i).awaitStarted();
    }
    assertEquals(3, pool.stats().active());
    assertEquals(3, pool.stats().queued());
    for (int i = 0; i < 3; i++) {
      held.get(i).release();
      held.get(i + 3).awaitStarted();
    }
    assertEquals(3, pool.stats().largest());
  }

  @Test
  void oneWorkerKeepsTheOrder() throws Exception {
    WorkerPool pool = virtual(1);
    List<Integer> order = new ArrayList<>();
    for (int i = 0; i < 10_000; i++) {
      int number = i;
      pool.execute(() -> order.add(number)); // By one thread after the other.
    }
    assertTrue(pool.awaitIdle(LONG));
    for (int i = 0; i < 10_000; i++) {
      assertEquals(i, order.get(i));
    }
  }

  @Test
  void tenThousandThatWaitDoNotNeedTenThousandThreads() throws Exception {
    int threadsBefore = Thread.getAllStackTraces().size();
    WorkerPool pool = virtual(10_000);
    CountDownLatch started = new CountDownLatch(10_000);
    CountDownLatch released = new CountDownLatch(1);
    for (int i = 0; i < 10_000; i++) {
      pool.execute(
          () -> {
            started.countDown();
            TestPools.uninterruptibly(
                () -> {
                  released.await();
                  return null;
                });
          });
    }
    Held.await(started, "started");
    assertEquals(10_000, pool.stats().active());
    assertTrue(Thread.getAllStackTraces().size() < threadsBefore + 500);
    released.countDown();
    assertTrue(pool.awaitIdle(LONG));
    assertEquals(10_000, pool.stats().completed());
  }

  // Joins.

  private static int nest(WorkerPool pool, int depth) {
    return depth == 0 ? 0 : 1 + pool.submit(() -> nest(pool, depth - 1)).join();
  }

  @Test
  void joinsNestDeeperThanThereAreWorkers() throws Exception {
    WorkerPool pool = virtual(2);
    assertEquals(100, pool.submit(() -> nest(pool, 100)).get());
    List<Task<Integer>> all = new ArrayList<>();
    for (int i = 0; i < 20; i++) {
      all.add(pool.submit(() -> nest(pool, 20)));
    }
    for (Task<Integer> each : all) {
      assertEquals(20, each.get());
    }
    assertTrue(pool.awaitIdle(LONG));
    // A run whose task another has taken may still come to see so.
    eventually().until(() -> pool.stats().active() == 0);
  }

  @Test
  void aTaskThatIsJoinedHasAThreadOfItsOwn() throws Exception {
    WorkerPool pool = virtual(1);
    Task<Thread> outer =
        pool.submit(
            () -> {
              LEFT_BEHIND.set("by the joiner");
              Thread inner =
                  pool.submit(
                          () -> {
                            assertNull(LEFT_BEHIND.get());
                            LEFT_BEHIND.set("by the joined");
                            return Thread.currentThread();
                          })
                      .join();
              assertEquals("by the joiner", LEFT_BEHIND.get());
              assertNotSame(Thread.currentThread(), inner);
              return inner;
            });
    assertTrue(isVirtual(outer.get()));
  }

  /** As on a thread, where the body lies on the joiner's stack. */
  @Test
  void aJoinerGoesOnWhenTheBodyHasLeftThoughItsHandleIsDecidedBefore() throws Exception {
    WorkerPool pool = virtual(1);
    Held held = pools.held();
    AtomicReference<Task<?>> inner = new AtomicReference<>();
    Task<Boolean> outer =
        pool.submit(
            () -> {
              inner.set(pool.submit(held));
              try {
                inner.get().get();
              } catch (CancellationException cancelled) {
                return inner.get().awaitStopped(Duration.ZERO);
              }
              return false;
            });
    held.awaitStarted();
    assertTrue(inner.get().cancel(false));
    Held next = pools.held();
    pool.execute(next);
    assertEquals(2, pool.stats().active()); // The joiner, and what it waits for.
    assertEquals(1, pool.stats().queued());
    held.release();
    assertTrue(outer.get());
    next.awaitStarted();
  }

  @Test
  void aTaskMayNotWaitForOneThatWaitsForIt() throws Exception {
    WorkerPool pool = virtual(1);
    AtomicReference<Task<?>> outer = new AtomicReference<>();
    CountDownLatch known = new CountDownLatch(1);
    outer.set(
        pool.submit(
            () -> {
              known.await();
              return pool.submit(() -> pool.submit(() -> outer.get().join()).join()).join();
            }));
    known.countDown();
    ExecutionException failed = assertThrows(ExecutionException.class, () -> outer.get().get());
    Throwable cause = failed;
    while (cause.getCause() != null) {
      cause = cause.getCause();
    }
    assertInstanceOf(IllegalStateException.class, cause);
  }

  @Test
  void bulkCallsFromABodyNeedNoOtherWorker() throws Exception {
    WorkerPool pool =
        pools.build(
            WorkerPool.builder()
                .size(1)
                .virtualThreads()
                .queueCapacity(2)
                .saturationPolicy(SaturationPolicy.block()));
    List<Callable<Integer>> calls = new ArrayList<>();
    for (int i = 0; i < 10; i++) {
      int number = i;
      calls.add(() -> number);
    }
    Task<Integer> sum =
        pool.submit(
            () -> {
              int total = 0;
              for (var each : pool.invokeAll(calls)) {
                total += each.get();
              }
              return total;
            });
    assertEquals(45, sum.get());
    assertTrue(pool.submit(() -> pool.invokeAny(calls)).get() < 10);
  }

  @Test
  void manyBodiesMayWaitInsideTheLibraryAtOnce() throws Exception {
    WorkerPool pool = virtual(600);
    Held held = pools.occupy(pool);
    Task<?> awaited = pool.submit(pools.held());
    CountDownLatch waiting = new CountDownLatch(500);
    List<Task<Boolean>> waiters = new ArrayList<>();
    for (int i = 0; i < 500; i++) {
      waiters.add(
          pool.submit(
              () -> {
                waiting.countDown();
                return awaited.awaitStopped(LONG);
              }));
    }
    Held.await(waiting, "waiting");
    assertEquals(1, pool.submit(() -> 1).get());
    pools.releaseAll();
    for (Task<Boolean> waiter : waiters) {
      assertTrue(waiter.get());
    }
    held.awaitEnded();
  }

  // The end.

  @Test
  void anAbortInterruptsWhatRunsAndSettlesWhatIsQueued() throws Exception {
    WorkerPool pool = virtual(2);
    Held first = pools.occupy(pool);
    Held second = pools.occupy(pool);
    Task<Integer> queued = pool.submit(() -> 1);
    assertEquals(List.of(queued), pool.shutdownNow());
    assertTrue(queued.isCancelled());
    first.awaitInterrupted();
    second.awaitInterrupted();
    assertTrue(pool.awaitTermination(LONG));
    assertEquals(1, pool.report().orElseThrow().aborted());
  }

  @Test
  void aStuckTaskIsReportedWithItsStack() throws Exception {
    WorkerPool pool =
        pools.build(
            WorkerPool.builder().size(2).virtualThreads().name("v").abortGrace(Duration.ZERO));
    Held deaf = pools.deaf();
    Task<?> task = pool.submit(deaf);
    deaf.awaitStarted();
    pool.shutdownNow();
    eventually().until(() -> pool.report().isPresent());
    var stuck = pool.report().orElseThrow().stuck();
    assertEquals(1, stuck.size());
    assertEquals("v-0", stuck.get(0).worker());
    assertTrue(
        stuck.get(0).stack().stream()
            .anyMatch(line -> line.getClassName().equals(Held.class.getName())));
    assertEquals(
        TaskAbortedException.Reason.STUCK,
        assertThrows(TaskAbortedException.class, task::join).reason());
    deaf.release();
    assertTrue(pool.awaitTermination(LONG));
  }

  @Test
  void cancelInterruptsTheBodyAndItAlone() throws Exception {
    WorkerPool pool = virtual(1);
    for (int i = 0; i < 100; i++) {
      Held held = pools.held();
      Task<?> task = pool.submit(held);
      held.awaitStarted();
      assertTrue(task.cancel(true));
      held.awaitInterrupted();
      assertFalse(pool.submit(() -> Thread.currentThread().isInterrupted()).get());
    }
  }

  @Test
  void theSizeCanBeChanged() throws Exception {
    WorkerPool pool = virtual(1);
    pools.occupy(pool);
    List<Held> more = new ArrayList<>();
    for (int i = 0; i < 4; i++) {
      Held held = pools.held();
      more.add(held);
      pool.execute(held);
    }
    pool.resize(5);
    for (Held held : more) {
      held.awaitStarted();
    }
    pool.resize(0, 1);
    more.forEach(Held::release);
    Task<Integer> queued = pool.submit(() -> 1);
    eventually().until(() -> pool.stats().workers() == 1);
    assertFalse(queued.isDone());
    pools.releaseAll();
    assertEquals(1, queued.get());
    assertEquals(5, pool.stats().largest());
    pool.resize(1_048_575);
    assertEquals(1_048_575, pool.stats().size());
    assertThrows(IllegalArgumentException.class, () -> pool.resize(1_048_576));
  }

  @Test
  void whatCommandsThrowIsHeardOf() throws Exception {
    AtomicInteger heard = new AtomicInteger();
    WorkerPool pool =
        pools.build(
            WorkerPool.builder()
                .size(2)
                .virtualThreads()
                .uncaughtHandler((thread, thrown) -> heard.incrementAndGet()));
    for (int i = 0; i < 10; i++) {
      pool.execute(
          () -> {
            throw new IllegalStateException("for the test");
          });
    }
    assertTrue(pool.awaitIdle(LONG));
    assertEquals(10, heard.get());
    assertEquals(10, pool.stats().failed());
  }
}
