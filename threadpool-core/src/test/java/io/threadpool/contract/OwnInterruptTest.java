package io.threadpool.contract;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.threadpool.Task;
import io.threadpool.WorkerPool;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A thread interrupts itself for its own body, and its class has a pool run something on it. */
class OwnInterruptTest {

  @RegisterExtension final TestPools pools = new TestPools();

  private final AtomicInteger told = new AtomicInteger();
  private final AtomicBoolean interrupted = new AtomicBoolean();
  private final CountDownLatch back = new CountDownLatch(1);

  /** Tells a pool, which runs that on the caller, of the first interrupt by the thread itself. */
  private final class Audited extends Thread {
    private final WorkerPool audit;
    private boolean first = true;

    Audited(WorkerPool audit, Runnable body) {
      super(body);
      this.audit = audit;
      setDaemon(true);
    }

    @Override
    public void interrupt() {
      super.interrupt();
      if (first && Thread.currentThread() == this) {
        first = false;
        audit.execute(told::incrementAndGet);
      }
    }
  }

  private void assertInterruptedAndTold() throws InterruptedException {
    Held.await(back, "back in the body");
    assertTrue(interrupted.get());
    assertEquals(1, told.get());
  }

  private void goOn() {
    interrupted.set(Thread.currentThread().isInterrupted());
    back.countDown();
  }

  /** A caller whose class throws from where the thread says so. */
  private static final class Refusing extends Thread {
    private boolean refuses;

    Refusing(Runnable body) {
      super(body);
    }

    private void refuse() {
      if (refuses) {
        throw new LinkageError("for the test");
      }
    }

    @Override
    public void interrupt() {
      super.interrupt();
      refuse();
    }

    @Override
    public void setContextClassLoader(ClassLoader loader) {
      super.setContextClassLoader(loader);
      refuse();
    }
  }

  /** What the class of a caller's thread throws is no outcome of what has run on it. */
  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void whatCannotBePutBackIsNotWhatRan(boolean changesLoader) throws Exception {
    WorkerPool pool = pools.fullOfCallerRuns();
    Runnable command =
        () -> {
          told.incrementAndGet();
          Refusing own = (Refusing) Thread.currentThread();
          own.setContextClassLoader(changesLoader ? null : own.getContextClassLoader());
          own.refuses = true;
        };
    new Refusing(
            () -> {
              Thread.currentThread().interrupt();
              pool.execute(command);
              goOn();
            })
        .start();
    assertInterruptedAndTold();
  }

  @Test
  void aBodyMayCancelItself() throws Exception {
    WorkerPool audit = pools.fullOfCallerRuns();
    WorkerPool pool =
        pools.build(
            WorkerPool.builder().size(1).threadFactory(worker -> new Audited(audit, worker)));
    CompletableFuture<Task<?>> own = new CompletableFuture<>();
    own.complete(
        pool.submit(
            () -> {
              own.join().cancel(true);
              goOn();
            }));
    assertInterruptedAndTold();
  }

  /** The abort's interrupt waits until the other pool's body on top of this one has ended. */
  @Test
  void anAbortMayComeAmidAnotherPoolsBody() throws Exception {
    WorkerPool pool = pools.fullOfCallerRuns();
    WorkerPool audit = pools.fullOfCallerRuns();
    Runnable abort =
        () -> {
          Thread aborter = new Thread(pool::shutdownNow);
          aborter.start();
          TestPools.uninterruptibly(
              () -> {
                aborter.join();
                return null;
              });
        };
    Runnable body =
        () -> {
          audit.execute(abort);
          goOn();
        };
    new Audited(audit, () -> pool.execute(body)).start();
    assertInterruptedAndTold();
  }
}
