package io.threadpool;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.AppenderBase;
import java.time.Duration;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.atomic.AtomicReferenceArray;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;

/** The warning that all workers wait for tasks of their own pool. */
class JoinsTest {

  private final Logger logger = (Logger) LoggerFactory.getLogger("io.threadpool.WorkerPool");
  private final Queue<String> warnings = new ConcurrentLinkedQueue<>();
  private final AppenderBase<ILoggingEvent> appender =
      new AppenderBase<>() {
        @Override
        protected void append(ILoggingEvent event) {
          if (event.getLevel() == Level.WARN) {
            warnings.add(event.getFormattedMessage());
          }
        }
      };

  @BeforeEach
  void capture() {
    logger.setLevel(Level.WARN);
    logger.setAdditive(false);
    appender.start();
    logger.addAppender(appender);
  }

  @AfterEach
  void release() {
    logger.detachAppender(appender);
    logger.setAdditive(true);
    logger.setLevel(null);
  }

  /** Two started tasks that wait for each other, until one is cancelled. */
  private static Task<?>[] deadlock(WorkerPool pool) {
    AtomicReferenceArray<Task<?>> tasks = new AtomicReferenceArray<>(2);
    CyclicBarrier bothStarted = new CyclicBarrier(2);
    CountDownLatch known = new CountDownLatch(1);
    for (int i = 0; i < 2; i++) {
      int other = 1 - i;
      tasks.set(
          i,
          pool.submit(
              () -> {
                bothStarted.await();
                known.await();
                return tasks.get(other).get();
              }));
    }
    known.countDown();
    return new Task<?>[] {tasks.get(0), tasks.get(1)};
  }

  @Test
  void aDeadlockIsToldOnceWithTheWorkersStacks(Pools pools) {
    WorkerPool pool =
        pools.build(WorkerPool.builder().size(2).name("stuck").joinWarning(Duration.ofMillis(20)));
    Task<?>[] first = deadlock(pool);
    Awaitility.await().until(() -> !warnings.isEmpty());
    String warning = warnings.peek();
    assertTrue(warning.contains("stuck-0") && warning.contains("stuck-1"), warning);
    assertTrue(warning.contains("JoinsTest"), warning);
    first[0].cancel(true);
    first[1].handle((result, failure) -> null).join();
    assertEquals(1, warnings.size());
  }

  @Test
  void aWorkerThatIsFreeIsEnoughForSilence(Pools pools) {
    WorkerPool pool = pools.build(WorkerPool.builder().size(3).joinWarning(Duration.ofMillis(20)));
    Task<?>[] tasks = deadlock(pool);
    for (int i = 0; i < 100; i++) {
      assertEquals(i, pool.submit(new Constant(i)).join().intValue());
    }
    tasks[0].cancel(true);
    tasks[1].handle((result, failure) -> null).join();
    assertEquals(0, warnings.size());
  }

  private record Constant(int value) implements java.util.concurrent.Callable<Integer> {
    @Override
    public Integer call() {
      return value;
    }
  }
}
