package io.threadpool.contract;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.threadpool.Task;
import io.threadpool.WorkerPool;
import java.util.concurrent.CancellationException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Exceptions that throw when they are printed. */
class UnprintableTest {

  @RegisterExtension final TestPools pools = new TestPools();

  private static final class EvilCancellation extends CancellationException {
    private static final long serialVersionUID = 1L;

    @Override
    public String toString() {
      throw new IllegalStateException("for the test");
    }
  }

  private static final class EvilError extends Error {
    private static final long serialVersionUID = 1L;

    @Override
    public String toString() {
      throw new IllegalStateException("for the test");
    }
  }

  /** The JDK would print it amid the completion, so the handle has another in its place. */
  @Test
  void booksAndHandleAgreeThatTheHandleIsCancelled() {
    WorkerPool pool = pools.fixed(1);
    Task<?> task = pool.submit(pools.held());
    assertTrue(task.completeExceptionally(new EvilCancellation()));
    assertTrue(task.isCancelled());
    assertThrows(CancellationException.class, task::join);
    assertEquals(0, pool.stats().failed());
    assertEquals(1, pool.stats().cancelled());
    pool.shutdownNow();
  }

  @Test
  void aFactoryThatThrowsOneFailsTheBuildWithTheCause() {
    EvilError evil = new EvilError();
    IllegalStateException failed =
        assertThrows(
            IllegalStateException.class,
            () ->
                WorkerPool.builder()
                    .size(2)
                    .threadFactory(
                        worker -> {
                          throw evil;
                        })
                    .build());
    assertSame(evil, failed.getCause());
  }
}
