package io.threadpool.contract;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.threadpool.WorkerPool;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Bodies of two pools in turns on one stack. */
class NestedPoolsTest {

  @RegisterExtension final TestPools pools = new TestPools();

  /** The innermost of three gets it, then the outermost; the one between is of another pool. */
  @Test
  void anAbortInterruptsNoBodyOfTheOtherPoolThatStandsBetween() throws Exception {
    WorkerPool aborted = pools.fullOfCallerRuns();
    WorkerPool other = pools.fullOfCallerRuns();
    AtomicReference<Boolean> between = new AtomicReference<>();
    AtomicReference<Boolean> outermost = new AtomicReference<>();
    Runnable inner =
        () -> {
          var unused = pools.call(aborted::shutdownNow);
          while (!Thread.currentThread().isInterrupted()) {
            Thread.onSpinWait();
          }
        };
    Runnable middle =
        () -> {
          aborted.execute(inner);
          between.set(Thread.currentThread().isInterrupted());
        };
    aborted.execute(
        () -> {
          other.execute(middle);
          outermost.set(Thread.currentThread().isInterrupted());
        });
    assertFalse(between.get(), "the abort's reaches the other pool's body");
    assertTrue(outermost.get());
    assertFalse(Thread.interrupted());
  }
}
