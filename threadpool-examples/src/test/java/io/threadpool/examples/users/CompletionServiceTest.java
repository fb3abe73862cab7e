package io.threadpool.examples.users;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.threadpool.WorkerPool;
import java.util.HashSet;
import java.util.Set;
import java.util.concurrent.CompletionService;
import java.util.concurrent.ExecutorCompletionService;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/** The JDK's completion service, which wraps each task in a {@code FutureTask} of its own. */
@Timeout(120)
class CompletionServiceTest {

  @RegisterExtension final UserPools pools = new UserPools();
  private final Held held = new Held();

  @AfterEach
  void release() {
    held.release();
  }

  @Test
  void resultsComeAsTheyAreReady() throws Exception {
    WorkerPool pool = pools.fixed(4);
    CompletionService<Integer> service = new ExecutorCompletionService<>(pool);
    Future<Integer> slow = service.submit(held, -1);
    held.awaitStarted(1);
    Set<Integer> expected = new HashSet<>();
    for (int i = 0; i < 1_000; i++) {
      int n = i;
      expected.add(n);
      service.submit(() -> n);
    }
    Set<Integer> taken = new HashSet<>();
    for (int i = 0; i < 1_000; i++) {
      taken.add(service.take().get());
    }
    assertEquals(expected, taken);
    assertNull(service.poll());

    held.release();
    assertSame(slow, service.take());
    pool.close();
    assertEquals(1_001, pool.report().orElseThrow().completed());
  }

  @Test
  void cancelInterruptsTheBodyAndNotTheNextTaskAndThePoolCountsItAsCompleted() throws Exception {
    WorkerPool pool = pools.fixed(1);
    CompletionService<Boolean> service = new ExecutorCompletionService<>(pool);
    Future<Boolean> cancelled = service.submit(held, true);
    held.awaitStarted(1);
    Future<Boolean> next = service.submit(() -> Thread.currentThread().isInterrupted());

    assertTrue(cancelled.cancel(true));
    held.awaitInterrupted();
    assertSame(cancelled, service.take());
    assertSame(next, service.take());
    assertFalse(next.get());

    pool.close();
    assertEquals(2, pool.report().orElseThrow().completed());
  }

  /**
   * An abort cancels the wrapper, which then puts the task that never ran into the line of the
   * completed: look at {@code isDone} before {@code get}. Which of the two comes first is nobody's
   * promise, as the running one ends at its interrupt, which the abort sends before it settles the
   * rest. (With {@code ThreadPoolExecutor} the other would never come, and {@code take} would wait
   * for it without end.)
   */
  @Test
  void anAbortPutsWhatNeverRanIntoTheLine() throws Exception {
    WorkerPool pool = pools.fixed(1);
    CompletionService<Integer> service = new ExecutorCompletionService<>(pool);
    Future<Integer> running = service.submit(held, 1);
    held.awaitStarted(1);
    Future<Integer> unstarted = service.submit(() -> 2);

    pool.shutdownNow();
    pool.close();

    assertEquals(Set.of(running, unstarted), Set.of(service.take(), service.take()));
    assertFalse(unstarted.isDone());
    assertEquals(1, running.get());
    assertEquals(1, pool.report().orElseThrow().aborted());
  }
}
