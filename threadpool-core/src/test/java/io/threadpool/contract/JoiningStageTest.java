package io.threadpool.contract;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.threadpool.RunningTask;
import io.threadpool.ShutdownPolicy;
import io.threadpool.Task;
import io.threadpool.TaskOptions;
import io.threadpool.WorkerPool;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/**
 * A stage of a task that ran too long joins one that has not started, and so runs it, on a thread
 * of the pool's that is no worker: a body as any other.
 */
class JoiningStageTest {

  private static final TaskOptions BRIEF = TaskOptions.runningWithin(Duration.ofMillis(10));

  @RegisterExtension final TestPools pools = new TestPools();

  /** Has a stage run a body, while another holds the worker. */
  private Held joinedBody(WorkerPool pool, Held holding) throws InterruptedException {
    Held first = pools.occupy(pool);
    Held joined = pools.held();
    Task<?> slow = pool.submit(holding, BRIEF);
    Task<?> fallback = pool.submit(joined);
    var unused =
        slow.whenComplete(
            (result, late) -> {
              fallback.join();
            });
    first.release(); // Only now: once the limit has passed, the stage would be this thread's.
    return joined.awaitStarted();
  }

  @Test
  void theEndWaitsForTheBody() throws Exception {
    WorkerPool pool = pools.fixed(1);
    Held holding = pools.deaf();
    Held joined = joinedBody(pool, holding);
    List<RunningTask> running = pool.runningTasks();
    assertEquals(2, running.size(), running::toString);
    assertEquals(joined.thread().getName(), running.get(1).worker());

    holding.release();
    pool.shutdown(ShutdownPolicy.drain());
    assertFalse(pool.awaitTermination(Duration.ofMillis(1_500)), "ended amid a body");
    joined.release();
    assertTrue(pool.awaitTermination(TestPools.LONG));
    assertEquals(2, pool.report().orElseThrow().completed());
  }

  @Test
  void anAbortInterruptsTheBody() throws Exception {
    WorkerPool pool = pools.fixed(1);
    Held joined = joinedBody(pool, pools.deaf());
    pool.shutdownNow();
    joined.awaitInterrupted();
  }

  @Test
  void noInterruptIsLeftToTheNextStage() throws Exception {
    WorkerPool pool = pools.fixed(1);
    Held first = pools.occupy(pool);
    Task<?> slow = pool.submit(pools.deaf(), BRIEF);
    Task<?> inner = pool.submit(() -> Thread.currentThread().interrupt());
    CompletableFuture<Boolean> interrupted = new CompletableFuture<>();
    var unused =
        slow.whenComplete(
            (result, late) -> {
              inner.join();
              interrupted.complete(Thread.currentThread().isInterrupted());
            });
    first.release(); // Only now, as above.
    assertFalse(interrupted.join());
  }

  private static String threadNow() {
    Thread own = Thread.currentThread();
    return List.of(own.isInterrupted(), own.getPriority(), own.getName()).toString()
        + own.getContextClassLoader();
  }

  @Test
  void nothingOfAStageIsLeftToThatOfTheNextAbortedTask() throws Exception {
    WorkerPool pool = pools.fixed(1);
    pools.occupy(pool);
    CompletableFuture<String> before = new CompletableFuture<>();
    CompletableFuture<String> after = new CompletableFuture<>();
    var first =
        pool.submit(() -> {})
            .whenComplete(
                (result, end) -> {
                  before.complete(threadNow());
                  Thread own = Thread.currentThread();
                  own.setName("left behind");
                  own.setPriority(Thread.MIN_PRIORITY);
                  own.setContextClassLoader(new ClassLoader(null) {});
                  own.interrupt();
                });
    var second = pool.submit(() -> {}).whenComplete((result, end) -> after.complete(threadNow()));
    pool.shutdownNow();
    assertEquals(before.join(), after.join());
    assertTrue(first.isCompletedExceptionally() && second.isCompletedExceptionally());
  }
}
