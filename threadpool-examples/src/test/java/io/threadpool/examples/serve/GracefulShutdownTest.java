package io.threadpool.examples.serve;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.locks.LockSupport;
import org.jboss.threads.EnhancedQueueExecutor;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.slf4j.helpers.NOPLogger;

class GracefulShutdownTest {

  /** JBoss's parks once, which an old permit of the caller's ends at once. */
  @ParameterizedTest
  @CsvSource({"jboss, ", "jboss, PT1M", "jdk, ", "jdk, PT1M"})
  void whoMayDrainIsNotInterruptedWhereAWaitEndsEarly(String kind, @Nullable Duration drain)
      throws Exception {
    ExecutorService pool =
        kind.equals("jboss")
            ? new EnhancedQueueExecutor.Builder().setRegisterMBean(false).build()
            : Executors.newFixedThreadPool(1);
    Thread closer = Thread.currentThread();
    Future<Boolean> body =
        pool.submit(
            () -> {
              while (!pool.isShutdown() || closer.getState() != Thread.State.TIMED_WAITING) {
                Thread.yield();
              }
              return Thread.currentThread().isInterrupted();
            });
    LockSupport.unpark(closer);

    GracefulShutdown.close(pool, drain, Set.of(), NOPLogger.NOP_LOGGER);

    assertTrue(pool.isTerminated());
    assertEquals(false, body.get());
  }
}
