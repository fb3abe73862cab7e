package io.threadpool.contract;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.threadpool.Task;
import io.threadpool.WorkerPool;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** What the javadoc says of the end, and of failures, beyond what the JDK's interfaces say. */
class DocumentedTest {

  @RegisterExtension final TestPools pools = new TestPools();

  /** The body has ended, its handle is done, and a stage still holds the worker. */
  @Test
  void aPoolHasTerminatedOnceTheLastWorkerHasLeft() throws Exception {
    WorkerPool pool = pools.fixed(2);
    Held body = pools.held();
    Held stage = pools.deaf();
    Task<?> task = pool.submit(body);
    task.whenComplete((x, e) -> stage.run());
    body.release();
    stage.awaitStarted();
    pool.shutdown();
    assertTrue(task.isDone());
    assertEquals(1, pool.stats().completed());
    assertFalse(pool.isTerminated());
    assertFalse(pool.awaitTermination(1, TimeUnit.MILLISECONDS));
    stage.release();
    assertTrue(pool.awaitTermination(TestPools.LONG));
    assertTrue(pool.isTerminated());
  }

  @Test
  void aStageOfATaskSeesTheFailureItselfAndAStageOfThatStageSeesItWrapped() throws Exception {
    WorkerPool pool = pools.fixed(1);
    IllegalStateException thrown = new IllegalStateException();
    Held held = pools.held();
    Task<?> task =
        pool.submit(
            () -> {
              held.run();
              throw thrown;
            });
    AtomicReference<Throwable> direct = new AtomicReference<>();
    AtomicReference<Throwable> derived = new AtomicReference<>();
    AtomicReference<Throwable> late = new AtomicReference<>();
    task.whenComplete((x, e) -> direct.set(e));
    task.thenApply(x -> x).whenComplete((x, e) -> derived.set(e));
    held.release();
    pool.close();
    task.whenComplete((x, e) -> late.set(e));
    assertSame(thrown, direct.get());
    assertSame(thrown, late.get());
    assertSame(CompletionException.class, derived.get().getClass());
    assertSame(thrown, derived.get().getCause());
    ExecutionException got = assertThrows(ExecutionException.class, task::get);
    assertSame(thrown, got.getCause());
  }
}
