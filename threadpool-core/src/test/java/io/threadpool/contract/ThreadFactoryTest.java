package io.threadpool.contract;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ch.qos.logback.classic.Level;
import io.threadpool.Task;
import io.threadpool.WorkerPool;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.Named;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Thread factories that fail in every way, for all workers and for some. */
class ThreadFactoryTest {

  @RegisterExtension final TestPools pools = new TestPools();

  /** A thread that cannot be started. */
  private static final class Unstartable extends Thread {
    Unstartable(Runnable body) {
      super(body, "unstartable");
    }

    @Override
    public void start() {
      throw new OutOfMemoryError("unable to create native thread");
    }
  }

  static Stream<Arguments> failing() {
    return Stream.of(
        factory("null", body -> null),
        factory(
            "throws",
            body -> {
              throw new IllegalStateException("factory");
            }),
        factory(
            "throws an error",
            body -> {
              throw new OutOfMemoryError("factory");
            }),
        factory(
            "started",
            body -> {
              Thread thread = new Thread(body, "started");
              thread.start();
              return thread;
            }),
        factory("unstartable", Unstartable::new));
  }

  private static Arguments factory(String name, ThreadFactory factory) {
    return Arguments.of(Named.of(name, factory));
  }

  @ParameterizedTest
  @MethodSource("failing")
  void withoutAnyWorkerBuildFailsWithTheCauseAndLeavesNoThread(ThreadFactory failing) {
    List<Thread> made = new ArrayList<>();
    ThreadFactory factory =
        body -> {
          Thread thread = failing.newThread(body);
          if (thread != null) {
            made.add(thread);
          }
          return thread;
        };
    IllegalStateException failure =
        assertThrows(
            IllegalStateException.class,
            () -> WorkerPool.builder().size(3).threadFactory(factory).build());
    assertTrue(failure.getCause() != null, "has a cause");
    for (Thread thread : made) {
      TestPools.eventually().until(() -> !thread.isAlive());
    }
  }

  @ParameterizedTest
  @MethodSource("failing")
  void withOneWorkerThePoolGoesOnAndSaysSo(ThreadFactory failing) throws Exception {
    try (LogCapture log = LogCapture.at(Level.WARN)) {
      AtomicInteger asked = new AtomicInteger();
      ThreadFactory factory =
          body -> asked.getAndIncrement() == 1 ? new Thread(body) : failing.newThread(body);
      WorkerPool pool = pools.build(WorkerPool.builder().size(3).threadFactory(factory));
      assertEquals(3, asked.get());
      assertEquals(3, pool.stats().size());
      TestPools.eventually().until(() -> pool.stats().workers() == 1); // It counts itself.
      assertEquals(2, log.events(Level.WARN).size(), () -> log.messages().toString());
      Held held = pools.occupy(pool);
      Task<Integer> queued = pool.submit(() -> 1);
      assertEquals(1, pool.stats().active());
      held.release();
      assertEquals(1, queued.get());
      assertTrue(pool.awaitIdle(TestPools.LONG));
      pool.close();
      assertTrue(pool.isTerminated());
      assertEquals(1, pool.report().orElseThrow().size());
      assertEquals(2, pool.report().orElseThrow().completed());
    }
  }

  @Test
  void theSameThreadTwiceIsOneWorker() throws Exception {
    Thread[] only = new Thread[1];
    ThreadFactory factory = body -> only[0] = only[0] == null ? new Thread(body) : only[0];
    WorkerPool pool = pools.build(WorkerPool.builder().size(2).threadFactory(factory));
    TestPools.eventually().until(() -> pool.stats().workers() == 1); // It counts itself.
    assertSame(only[0], pool.submit(Thread::currentThread).get());
    pool.close();
    TestPools.eventually().until(() -> !only[0].isAlive());
  }

  @Test
  void theFactoryIsAskedInBuildOnItsThread() {
    List<Thread> askers = new ArrayList<>();
    WorkerPool pool =
        pools.build(
            WorkerPool.builder()
                .size(4)
                .threadFactory(
                    body -> {
                      askers.add(Thread.currentThread());
                      return new Thread(body);
                    }));
    assertEquals(List.of(1, 1, 1, 1), askers.stream().map(x -> 1).toList());
    assertTrue(askers.stream().allMatch(thread -> thread == Thread.currentThread()));
    assertEquals(4, pool.stats().size());
  }

  @Test
  void aWorkersBodyRunByAnotherThreadDoesNothing() throws Exception {
    List<Runnable> bodies = new ArrayList<>();
    WorkerPool pool =
        pools.build(
            WorkerPool.builder()
                .size(1)
                .threadFactory(
                    body -> {
                      bodies.add(body);
                      return new Thread(body);
                    }));
    bodies.get(0).run();
    assertEquals(1, pool.submit(() -> 1).get());
  }

  @Test
  void whatTheFactoryPutsAroundTheWorkerRuns() throws Exception {
    CountDownLatch entered = new CountDownLatch(2);
    CountDownLatch left = new CountDownLatch(2);
    WorkerPool pool =
        pools.build(
            WorkerPool.builder()
                .size(2)
                .threadFactory(
                    body ->
                        new Thread(
                            () -> {
                              entered.countDown();
                              body.run();
                              left.countDown();
                            })));
    Held.await(entered, "entered");
    pool.close();
    Held.await(left, "left");
  }

  @Test
  void aThreadThatLeftItsWorkerIsNotInterruptedByALaterAbort() throws Exception {
    CountDownLatch left = new CountDownLatch(1);
    CountDownLatch aborted = new CountDownLatch(1);
    boolean[] interrupted = new boolean[1];
    CountDownLatch looked = new CountDownLatch(1);
    WorkerPool pool =
        pools.build(
            WorkerPool.builder()
                .size(1)
                .threadFactory(
                    body ->
                        new Thread(
                            () -> {
                              body.run();
                              left.countDown();
                              try {
                                aborted.await();
                              } catch (InterruptedException e) {
                                interrupted[0] = true;
                              }
                              interrupted[0] |= Thread.interrupted();
                              looked.countDown();
                            })));
    pool.shutdown();
    Held.await(left, "left");
    pool.shutdownNow();
    aborted.countDown();
    Held.await(looked, "looked");
    assertFalse(interrupted[0]);
  }
}
