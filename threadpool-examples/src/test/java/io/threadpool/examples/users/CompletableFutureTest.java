package io.threadpool.examples.users;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.threadpool.RejectedTaskException;
import io.threadpool.Task;
import io.threadpool.TaskAbortedException;
import io.threadpool.WorkerPool;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/** The JDK's futures, which hand their steps to the executor and know nothing more of it. */
@Timeout(120)
class CompletableFutureTest {

  @RegisterExtension final UserPools pools = new UserPools();
  private final Held held = new Held();

  @AfterEach
  void release() {
    held.release();
  }

  private static String here() {
    return Thread.currentThread().getName().replaceAll("-\\d+$", "");
  }

  @Test
  void eachStepIsATask() {
    WorkerPool pool = pools.build(WorkerPool.builder().size(4).name("steps"));
    List<CompletableFuture<String>> chains =
        IntStream.range(0, 1_000)
            .mapToObj(
                i ->
                    CompletableFuture.supplyAsync(() -> i, pool)
                        .thenApplyAsync(n -> n + " " + here(), pool))
            .toList();
    for (int i = 0; i < chains.size(); i++) {
      assertEquals(i + " steps", chains.get(i).join());
    }
    pool.close();
    assertEquals(2_000, pool.report().orElseThrow().completed());
  }

  @Test
  void whatAStepThrowsIsItsStagesAndCountsAsCompleted() {
    WorkerPool pool = pools.fixed(1);
    CompletableFuture<Void> body =
        CompletableFuture.runAsync(
            () -> {
              throw new IllegalStateException("meant");
            },
            pool);
    CompletableFuture<Void> step =
        CompletableFuture.completedFuture(1)
            .thenAcceptAsync(
                n -> {
                  throw new IllegalStateException("meant");
                },
                pool);
    assertThrows(CompletionException.class, body::join);
    assertThrows(CompletionException.class, step::join);
    pool.close();
    assertEquals(2, pool.stats().completed());
    assertEquals(0, pool.stats().failed());
  }

  @Test
  void cancelLeavesTheBodyAloneWhereThatOfATaskInterruptsIt() throws Exception {
    WorkerPool pool = pools.fixed(1);
    CompletableFuture<Void> plain = CompletableFuture.runAsync(held, pool);
    held.awaitStarted(1);
    assertTrue(plain.cancel(true));
    assertEquals(1, pool.stats().active(), "the body has not ended");
    held.release();

    Held interrupted = new Held();
    Task<?> task = pool.submit(interrupted);
    interrupted.awaitStarted(1);
    assertTrue(task.cancel(true));
    interrupted.awaitInterrupted();

    pool.close();
    assertEquals(1, pool.report().orElseThrow().completed(), "of the future whose body went on");
    assertEquals(1, pool.report().orElseThrow().cancelled());
  }

  @Test
  void aClosedPoolRefusesTheFirstStepByThrowingAndALaterOneInItsStage() throws Exception {
    WorkerPool pool = pools.fixed(1);
    CompletableFuture<Void> first = CompletableFuture.runAsync(held, pool);
    CompletableFuture<Void> second = first.thenRunAsync(() -> {}, pool);
    held.awaitStarted(1);
    pool.shutdown();
    held.release();
    pool.close();

    first.join();
    Throwable late = assertThrows(CompletionException.class, second::join);
    assertInstanceOf(RejectedTaskException.class, late.getCause());
    assertThrows(RejectedTaskException.class, () -> CompletableFuture.runAsync(() -> {}, pool));
  }

  @Test
  void anAbortLeavesAStepThatHadNotStartedOpenAndSaysSo() throws Exception {
    WorkerPool pool = pools.fixed(1);
    CompletableFuture<Void> running = CompletableFuture.runAsync(held, pool);
    held.awaitStarted(1);
    CompletableFuture<Void> open = CompletableFuture.runAsync(() -> {}, pool);
    Task<?> settled = pool.submit(() -> {});

    List<Runnable> unstarted = pool.shutdownNow();
    pool.close();

    running.join();
    assertFalse(open.isDone());
    assertThrows(TaskAbortedException.class, settled::join);
    assertEquals(1, pool.report().orElseThrow().openStages());
    assertInstanceOf(CompletableFuture.AsynchronousCompletionTask.class, unstarted.get(0));
    unstarted.get(0).run(); // Whoever aborts may still run it.
    assertTrue(open.isDone());
  }

  /** What a library gets that asks for a stage and not for an executor. */
  @Test
  void aTaskIsAStageWhoseStepsStayOnThePool() {
    WorkerPool pool = pools.build(WorkerPool.builder().size(2).name("steps"));
    CompletionStage<String> stage =
        pool.submit(() -> 1).thenApplyAsync(n -> n + 1).thenApplyAsync(n -> n + " " + here());
    assertEquals("2 steps", stage.toCompletableFuture().join());
    pool.close();
  }
}
