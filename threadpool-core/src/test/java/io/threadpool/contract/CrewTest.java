package io.threadpool.contract;

import static io.threadpool.contract.TestPools.LONG;
import static io.threadpool.contract.TestPools.eventually;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ch.qos.logback.classic.Level;
import io.threadpool.ShutdownPolicy;
import io.threadpool.Task;
import io.threadpool.TaskAbortedException;
import io.threadpool.WorkerPool;
import io.threadpool.WorkerPoolBuilder;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Pools whose workers come and go, and whose size is changed while they run. */
class CrewTest {

  private static final Duration SHORT = Duration.ofMillis(1);

  @RegisterExtension final TestPools pools = new TestPools();

  private static WorkerPoolBuilder elastic(int min, int max) {
    return WorkerPool.builder().size(min, max).keepAlive(SHORT);
  }

  private List<Held> hold(WorkerPool pool, int number) throws InterruptedException {
    List<Held> all = new ArrayList<>();
    for (int i = 0; i < number; i++) {
      Held held = pools.held();
      pool.execute(held);
      all.add(held);
    }
    for (Held held : all) {
      held.awaitStarted();
    }
    return all;
  }

  // Growing and shrinking.

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 3})
  void growsWhileItsWorkersWaitAndShrinksWhenTheyHaveNothingToDo(int min) throws Exception {
    WorkerPool pool = pools.build(elastic(min, 3));
    for (int round = 0; round < 3; round++) {
      List<Held> held = hold(pool, 3);
      eventually().until(() -> pool.stats().workers() == 3); // Too few while one more is tried.
      Task<?> queued = pool.submit(() -> {});
      assertEquals(3, pool.stats().active());
      assertFalse(queued.isDone());
      held.forEach(Held::release);
      queued.get();
      eventually().until(() -> pool.stats().workers() == min);
    }
    assertEquals(3, pool.stats().size());
    assertEquals(3, pool.stats().largest());
  }

  @Test
  void startsNobodyWithoutATask() {
    AtomicInteger made = new AtomicInteger();
    WorkerPool pool =
        pools.build(
            elastic(0, 5)
                .threadFactory(
                    body -> {
                      made.incrementAndGet();
                      return new Thread(body);
                    }));
    pool.close();
    assertEquals(0, made.get());
    assertEquals(0, pool.stats().largest());
    assertTrue(pool.isTerminated());
  }

  /** However long the first thread takes to come. */
  @Test
  void oneTaskIsNotAskedASecondRunFor() throws Exception {
    AtomicInteger asked = new AtomicInteger();
    CountDownLatch made = new CountDownLatch(1);
    CountDownLatch looked = new CountDownLatch(1);
    WorkerPool pool =
        pools.build(
            elastic(0, 100)
                .threadFactory(
                    body -> {
                      asked.incrementAndGet();
                      made.countDown();
                      TestPools.uninterruptibly(() -> looked.await(1, TimeUnit.MINUTES));
                      return new Thread(body);
                    }));
    Task<?> task = pool.submit(() -> {});
    made.await();
    for (int i = 0; i < 50; i++) {
      assertFalse(pool.awaitIdle(Duration.ofMillis(2))); // Who waits looks, as does a tick.
      assertEquals(0, pool.stats().workers(), "there is no thread yet");
    }
    pool.resize(0, 1); // Else another may be asked for when it has come and not taken the task.
    looked.countDown();
    task.get();
    pool.close();
    assertEquals(1, asked.get());
    assertEquals(1, pool.stats().largest());
  }

  /** What is queued has its outcome, though nobody will ever run it. */
  @Test
  void aClosedPoolGivesUpAFactoryThatIsBrokenForGood() {
    WorkerPool pool =
        pools.build(
            elastic(0, 2)
                .threadFactory(
                    body -> {
                      throw new IllegalStateException("for the test");
                    }));
    Task<?> task = pool.submit(() -> {});
    pool.close();
    TaskAbortedException aborted = assertThrows(TaskAbortedException.class, task::join);
    assertEquals(TaskAbortedException.Reason.NO_WORKER, aborted.reason());
    assertEquals(0, pool.stats().largest());
  }

  @Test
  void growsThoughItsWorkersDoNotTellThatTheyWait() throws Exception {
    class Secretive extends Thread {
      Secretive(Runnable body) {
        super(body);
      }

      @Override
      public State getState() {
        return super.getState() == State.NEW ? State.NEW : State.RUNNABLE;
      }
    }
    WorkerPool pool = pools.build(elastic(0, 4).threadFactory(Secretive::new));
    hold(pool, 4);
  }

  @Test
  void keepsTheOrder() throws Exception {
    WorkerPool pool = pools.build(elastic(0, 1));
    List<Integer> order = new ArrayList<>();
    for (int i = 0; i < 1_000; i++) {
      int number = i;
      pool.execute(() -> order.add(number)); // By one worker after the other.
      if (i % 100 == 0) {
        eventually().until(() -> pool.stats().workers() == 0);
      }
    }
    assertTrue(pool.awaitIdle(LONG));
    for (int i = 0; i < 1_000; i++) {
      assertEquals(i, order.get(i));
    }
  }

  // A pool of none.

  @Test
  void aPoolOfNoneIsIdleAndEnds() throws Exception {
    WorkerPool pool = pools.build(elastic(0, 2));
    assertTrue(pool.awaitIdle(Duration.ZERO));
    assertFalse(pool.awaitTermination(Duration.ZERO));
    pool.shutdown();
    assertTrue(pool.isTerminated());
    assertTrue(pool.awaitTermination(Duration.ZERO));
    assertEquals(0, pool.report().orElseThrow().accepted());
  }

  @Test
  void aPoolOfNoneAborts() throws Exception {
    WorkerPool pool = pools.build(elastic(0, 2));
    pool.submit(() -> {}).get();
    eventually().until(() -> pool.stats().workers() == 0);
    assertEquals(List.of(), pool.shutdownNow());
    assertTrue(pool.awaitTermination(LONG));
    assertEquals(1, pool.report().orElseThrow().completed());
  }

  @Test
  void whatIsQueuedAtTheCloseOfAPoolThatStartsItsFirstWorkerRuns() throws Exception {
    for (int i = 0; i < 200; i++) {
      WorkerPool pool = pools.build(elastic(0, 2));
      Task<Integer> task = pool.submit(() -> 1);
      pool.close();
      assertEquals(1, task.get());
      assertTrue(pool.isTerminated());
    }
  }

  @Test
  void aForgottenPoolOfNoneRunsWhatIsQueuedAndSaysSo() throws Exception {
    try (LogCapture log = LogCapture.at(Level.WARN)) {
      CountDownLatch ran = new CountDownLatch(2);
      useAndForget(ran);
      Held.await(ran, "ran");
      eventually()
          .pollInterval(Duration.ofMillis(20))
          .until(
              () -> {
                System.gc();
                return forgotten(log).size() == 2;
              });
      assertTrue(forgotten(log).get(0).contains("CrewTest.java"), () -> log.messages().toString());
    }
  }

  private static List<String> forgotten(LogCapture log) {
    return log.messages().stream().filter(text -> text.startsWith("Pool forgotten ")).toList();
  }

  /** One with nobody left when it is forgotten, one whose only worker has yet to come. */
  private static void useAndForget(CountDownLatch ran) {
    WorkerPool first = elastic(0, 2).name("forgotten").build();
    first.execute(ran::countDown);
    eventually().until(() -> first.stats().workers() == 0);
    elastic(0, 2).name("forgotten").build().execute(ran::countDown);
  }

  // The factory.

  @Test
  void aFactoryIsNotCalledBySubmittersAndInheritsNothingFromThem() throws Exception {
    InheritableThreadLocal<String> secret = new InheritableThreadLocal<>();
    ClassLoader builders = Thread.currentThread().getContextClassLoader();
    AtomicReference<Thread> made = new AtomicReference<>();
    AtomicReference<String> inherited = new AtomicReference<>("not run");
    AtomicReference<ClassLoader> loader = new AtomicReference<>();
    WorkerPool pool =
        pools.build(
            elastic(0, 1)
                .threadFactory(
                    body -> {
                      made.set(new Thread(body));
                      return made.get();
                    }));
    Thread submitter =
        new Thread(
            () -> {
              secret.set("the submitter's");
              pool.execute(
                  () -> {
                    inherited.set(secret.get());
                    loader.set(Thread.currentThread().getContextClassLoader());
                  });
            });
    submitter.setDaemon(true);
    submitter.setPriority(Thread.MIN_PRIORITY);
    submitter.setContextClassLoader(new ClassLoader() {});
    submitter.start();
    submitter.join();
    assertTrue(pool.awaitIdle(LONG));
    assertNull(inherited.get());
    assertSame(builders, loader.get());
    assertFalse(made.get().isDaemon());
    assertEquals(Thread.NORM_PRIORITY, made.get().getPriority());
  }

  @Test
  void aFactoryThatBlocksHoldsUpNobodyElse() throws Exception {
    CountDownLatch blocked = new CountDownLatch(1);
    CountDownLatch goOn = new CountDownLatch(1);
    AtomicInteger calls = new AtomicInteger();
    ThreadFactory factory =
        body -> {
          if (calls.getAndIncrement() == 1) {
            blocked.countDown();
            TestPools.uninterruptibly(
                () -> {
                  goOn.await();
                  return null;
                });
          }
          return new Thread(body);
        };
    WorkerPool pool = pools.build(elastic(1, 4).threadFactory(factory));
    try {
      Held first = pools.occupy(pool);
      Task<Integer> second = pool.submit(() -> 2);
      Held.await(blocked, "asked for another thread");
      Task<Integer> third = pool.submit(() -> 3);
      WorkerPool other = pools.fixed(1);
      Held deaf = pools.deaf();
      other.execute(deaf);
      deaf.awaitStarted();
      other.shutdown(ShutdownPolicy.drainFor(SHORT));
      deaf.awaitInterrupted(); // By the timer that all pools share.
      deaf.release();
      first.release();
      assertEquals(2, second.get());
      assertEquals(3, third.get());
    } finally {
      goOn.countDown();
    }
  }

  @Test
  void aFactoryMaySubmitToItsPoolAndWait() throws Exception {
    AtomicReference<WorkerPool> own = new AtomicReference<>();
    List<Integer> results = new ArrayList<>();
    ThreadFactory factory =
        body -> {
          WorkerPool pool = own.get();
          if (pool != null && !pool.isShutdown() && results.isEmpty()) {
            results.add(TestPools.uninterruptibly(() -> pool.submit(() -> 7).get()));
          }
          return new Thread(body);
        };
    WorkerPool pool = pools.build(elastic(2, 4).threadFactory(factory));
    own.set(pool);
    Held first = pools.occupy(pool);
    Held second = pools.occupy(pool);
    Task<Integer> third = pool.submit(() -> 3);
    first.release();
    assertEquals(3, third.get());
    second.release();
    assertTrue(pool.awaitIdle(LONG));
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1})
  void aThreadThatCannotBeStartedIsTriedAgain(int min) throws Exception {
    AtomicInteger calls = new AtomicInteger();
    ThreadFactory factory =
        body -> {
          int call = calls.getAndIncrement();
          if (call >= min && call < min + 3) {
            throw new OutOfMemoryError("no thread (for the test)");
          }
          return new Thread(body);
        };
    try (LogCapture log = LogCapture.at(Level.WARN)) {
      WorkerPool pool = pools.build(elastic(min, 2).threadFactory(factory));
      for (int i = 0; i < min; i++) {
        pool.submit(() -> {}).get(); // A worker that comes ends what was told.
      }
      hold(pool, min + 1);
      eventually().until(() -> !log.events().isEmpty());
      assertEquals(1, log.events().size(), () -> log.messages().toString());
      assertTrue(log.messages().get(0).contains("could not start another worker"));
    }
  }

  // The size.

  @Test
  void moreWorkersComeWhenThereIsSomethingToDo() throws Exception {
    WorkerPool pool = pools.fixed(1);
    pools.occupy(pool);
    Held second = pools.held();
    Held third = pools.held();
    pool.execute(second);
    pool.execute(third);
    pool.resize(3);
    second.awaitStarted();
    third.awaitStarted();
    assertEquals(3, pool.stats().size());
    eventually().until(() -> pool.stats().workers() == 3);
  }

  @Test
  void whatIsTooMuchLeavesAfterItsTask() throws Exception {
    WorkerPool pool = pools.fixed(3);
    List<Held> held = hold(pool, 3);
    pool.resize(1);
    assertEquals(3, pool.stats().workers());
    AtomicInteger running = new AtomicInteger();
    AtomicInteger most = new AtomicInteger();
    held.get(0).release();
    held.get(1).release();
    eventually().until(() -> pool.stats().workers() == 1);
    held.get(2).release();
    for (int i = 0; i < 100; i++) {
      pool.execute(
          () -> {
            most.accumulateAndGet(running.incrementAndGet(), Math::max);
            running.decrementAndGet();
          });
    }
    assertTrue(pool.awaitIdle(LONG));
    assertEquals(1, most.get());
    assertEquals(1, pool.stats().size());
    assertEquals(3, pool.stats().largest());
  }

  @Test
  void sleepersThatAreTooManyLeaveAtOnce() {
    WorkerPool pool = pools.fixed(8);
    pool.resize(2);
    eventually().until(() -> pool.stats().workers() == 2);
    pool.resize(0, 2);
    assertEquals(2, pool.stats().size());
  }

  @Test
  void aFixedPoolThatMayShrinkDoes() {
    WorkerPool pool = pools.build(WorkerPool.builder().size(4).keepAlive(SHORT));
    pool.resize(0, 4);
    eventually().until(() -> pool.stats().workers() == 0);
  }

  @Test
  void resizingAtRandomWhileItRunsLosesNothing() throws Exception {
    WorkerPool pool = pools.build(elastic(0, 4));
    AtomicInteger runs = new AtomicInteger();
    CountDownLatch resized = new CountDownLatch(1);
    Caller<?> resizer =
        pools.call(
            () -> {
              for (int n = 0; runs.get() < 20_000; n++) {
                pool.resize(n % 3, 1 + Math.max(n % 3, n % 7));
                resized.countDown();
              }
              return null;
            });
    Held.await(resized, "resized");
    for (int i = 0; i < 20_000; i++) {
      pool.execute(runs::incrementAndGet);
    }
    assertTrue(pool.awaitIdle(LONG));
    assertEquals(20_000, runs.get());
    assertNull(resizer.get());
  }

  @ParameterizedTest
  @CsvSource({
    "0, 0, max, 0",
    "-1, 2, min, -1",
    "3, 2, min, 3",
    "1, 32768, max, 32768",
    "-2147483648, 1, min, -2147483648"
  })
  void aResizeThatMakesNoSenseChangesNothing(int min, int max, String name, String value) {
    WorkerPool pool = pools.fixed(2);
    String message =
        assertThrows(IllegalArgumentException.class, () -> pool.resize(min, max)).getMessage();
    assertTrue(message.startsWith(name) && message.endsWith(value), message);
    message = assertThrows(IllegalArgumentException.class, () -> pool.resize(0)).getMessage();
    assertTrue(message.startsWith("size") && message.endsWith("0"), message);
    message =
        assertThrows(
                IllegalArgumentException.class, () -> WorkerPool.builder().size(1).size(min, max))
            .getMessage();
    assertTrue(message.startsWith(name) && message.endsWith(value), message);
    assertEquals(2, pool.stats().size());
    eventually().until(() -> pool.stats().workers() == 2); // Each counts itself, or is counted.
    pool.close();
    String afterwards =
        assertThrows(IllegalArgumentException.class, () -> pool.resize(min, max)).getMessage();
    assertTrue(afterwards.startsWith(name) && afterwards.endsWith(value), afterwards);
  }

  @Test
  void aNegativeKeepAliveIsRefused() {
    String message =
        assertThrows(
                IllegalArgumentException.class,
                () -> WorkerPool.builder().keepAlive(Duration.ofNanos(-1)))
            .getMessage();
    assertTrue(message.startsWith("keepAlive"), message);
  }

  @Test
  void aClosedPoolIgnoresAResize() throws Exception {
    WorkerPool pool = pools.fixed(1);
    Held held = pools.occupy(pool);
    pool.shutdown();
    pool.resize(5);
    assertEquals(1, pool.stats().size());
    held.release();
    assertTrue(pool.awaitTermination(LONG));
    pool.resize(5);
    assertEquals(1, pool.stats().size());
    assertEquals(0, pool.stats().workers());
    assertEquals(1, pool.stats().largest());
  }

  /** No other thread does that is no daemon. */
  @Test
  void whoStartsARunStaysWhileThatFailsAndATaskIsDelayed() throws Exception {
    List<Thread> starters = Collections.synchronizedList(new ArrayList<>());
    WorkerPool pool =
        pools.build(
            WorkerPool.builder()
                .size(0, 1)
                .threadFactory(
                    run -> {
                      starters.add(Thread.currentThread());
                      if (starters.size() < 5) {
                        throw new IllegalStateException("for the test");
                      }
                      return new Thread(run);
                    }));
    pool.schedule(() -> {}, Duration.ofMillis(300)).get();
    assertEquals(1, Set.copyOf(starters).size(), starters::toString);
    assertFalse(starters.get(0).isDaemon());
  }
}
