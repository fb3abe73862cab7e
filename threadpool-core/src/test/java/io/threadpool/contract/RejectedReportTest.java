package io.threadpool.contract;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.threadpool.RejectedTaskException;
import io.threadpool.ShutdownPolicy;
import io.threadpool.TerminationReport;
import io.threadpool.WorkerPool;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** The report says how much work was refused, which is lost though nothing else shows it. */
class RejectedReportTest {

  @RegisterExtension final TestPools pools = new TestPools();

  private static long rejected(TerminationReport report) throws ReflectiveOperationException {
    return (long) TerminationReport.class.getMethod("rejected").invoke(report);
  }

  private static void assertRefused(WorkerPool pool, int times) {
    for (int i = 0; i < times; i++) {
      assertThrows(RejectedTaskException.class, () -> pool.execute(() -> {}));
    }
  }

  @Test
  void whatWasRefusedIsInTheReport() throws Exception {
    WorkerPool pool = pools.build(WorkerPool.builder().size(1).queueCapacity(1));
    Held held = pools.occupy(pool);
    pool.execute(() -> {});
    assertRefused(pool, 2); // It is full.
    pool.shutdown();
    assertRefused(pool, 3); // It is closed.
    held.release();
    assertTrue(pool.awaitTermination(TestPools.LONG));
    TerminationReport report = pool.report().orElseThrow();
    assertEquals(5, rejected(report));
    assertEquals(2, report.accepted());
    assertEquals(2, report.completed());
    assertEquals(5, pool.stats().rejected());
    assertTrue(report.toString().contains("rejected"), report::toString);
  }

  @Test
  void noneIsZero() throws Exception {
    WorkerPool pool = pools.fixed(1);
    pool.submit(() -> 1).get();
    pool.close();
    assertEquals(0, rejected(pool.report().orElseThrow()));
  }

  @Test
  void theReportDoesNotChangeAfterwards() throws Exception {
    WorkerPool pool =
        pools.build(
            WorkerPool.builder()
                .size(1)
                .abortGrace(Duration.ofMillis(10))
                .shutdownPolicy(ShutdownPolicy.abort()));
    Held held = pools.deaf();
    pool.execute(held);
    held.awaitStarted();
    pool.shutdown();
    TestPools.eventually().until(() -> pool.report().isPresent());
    TerminationReport report = pool.report().orElseThrow();
    assertRefused(pool, 2);
    assertEquals(0, rejected(report));
    held.release();
    assertTrue(pool.awaitTermination(TestPools.LONG));
    assertRefused(pool, 1);
    assertEquals(0, rejected(pool.report().orElseThrow()));
    assertEquals(3, pool.stats().rejected());
  }
}
