package io.threadpool.contract;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.threadpool.Batch;
import io.threadpool.RunningTask;
import io.threadpool.Task;
import io.threadpool.TaskGroup;
import io.threadpool.WorkerPool;
import java.lang.ref.WeakReference;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ForkJoinPool;
import java.util.concurrent.Semaphore;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** What runs, as a pool and a handle tell it. */
class RunningTasksTest {

  @RegisterExtension final TestPools pools = new TestPools();

  private static void hold(Held body) {
    body.run();
  }

  private RunningTask only(WorkerPool pool) {
    List<RunningTask> running = pool.runningTasks();
    assertEquals(1, running.size(), running::toString);
    return running.get(0);
  }

  /** That each says where it runs, since when, and what. */
  private static void assertHolds(RunningTask running, Held held, String method) {
    assertEquals(held.thread().getName(), running.worker());
    assertFalse(running.age().isNegative());
    assertTrue(running.age().compareTo(TestPools.LONG) < 0, running::toString);
    assertEquals(RunningTasksTest.class.getName() + "." + method, running.task());
    TestPools.eventually() // It says that it has started, then waits.
        .until(
            () -> running.stack().stream().anyMatch(line -> line.getMethodName().equals("await")));
    List<StackTraceElement> stack = running.stack();
    assertEquals(method, stack.get(stack.size() - 1).getMethodName(), stack::toString);
    assertTrue(running.toString().startsWith(running.worker() + " for PT"), running::toString);
    assertTrue(running.toString().endsWith(running.task()), running::toString);
  }

  @Test
  void aCommandAndATaskAreNamedByWhatTheyBeganWith() throws Exception {
    WorkerPool pool = pools.fixed(2);
    assertEquals(List.of(), pool.runningTasks());
    Held command = pools.held();
    pool.execute(() -> hold(command));
    command.awaitStarted();
    RunningTask first = only(pool);
    String lambda = first.task().substring(first.task().lastIndexOf('.') + 1);
    assertHolds(first, command, lambda);
    assertTrue(lambda.startsWith("lambda$"), lambda);
    command.release();
    assertTrue(pool.awaitIdle(TestPools.LONG));
    assertEquals(List.of(), first.stack());
    assertEquals("", first.task());

    Held body = pools.held();
    pool.submit(
        new Runnable() {
          @Override
          public void run() {
            body.run();
          }
        });
    body.awaitStarted();
    RunningTask second = only(pool);
    assertTrue(second.task().matches(".*RunningTasksTest\\$\\d+\\.run"), second::task);
    body.release();
    pool.close();
    assertEquals(List.of(), pool.runningTasks());
    assertEquals(List.of(), second.stack());
  }

  /** What the JDK and the library put around a body is not what it began with. */
  @Test
  void aBodyOfTheJdksIsNamedAndWhatIsAroundABodyIsNot() throws Exception {
    WorkerPool pool = pools.fixed(1);
    Semaphore turns = new Semaphore(0);
    pool.execute(turns::acquireUninterruptibly);
    TestPools.eventually().until(turns::hasQueuedThreads);
    assertEquals("java.util.concurrent.Semaphore.acquireUninterruptibly", only(pool).task());
    turns.release();
    assertTrue(pool.awaitIdle(TestPools.LONG));

    Held body = pools.held();
    CompletableFuture<Void> stage = CompletableFuture.runAsync(() -> hold(body), pool);
    body.awaitStarted();
    assertTrue(only(pool).task().startsWith(RunningTasksTest.class.getName()), only(pool)::task);
    body.release();
    stage.get();

    Held step = pools.held();
    Batch batch = Batch.on(pool);
    CompletableFuture<Void> steps =
        CompletableFuture.runAsync(
            () -> {
              try {
                batch.forEach(List.of(step).iterator(), RunningTasksTest::hold);
              } catch (InterruptedException | ExecutionException e) {
                throw new AssertionError(e);
              }
            });
    step.awaitStarted();
    assertEquals(RunningTasksTest.class.getName() + ".hold", only(pool).task());
    step.release();
    steps.get();
  }

  /** Nor are what stands for it where a group, a handle or the pool runs it. */
  @Test
  void whatAGroupOrAHandleRunsIsNamedByWhatTheUserGave() throws Exception {
    WorkerPool pool = pools.fixed(1);
    String own = RunningTasksTest.class.getName() + ".";
    try (TaskGroup group = TaskGroup.on(pool)) {
      for (boolean command : new boolean[] {true, false}) {
        Held forked = pools.held();
        if (command) {
          group.fork(() -> hold(forked));
        } else {
          group.fork(() -> holdAndReturn(forked));
        }
        forked.awaitStarted();
        assertTrue(only(pool).task().startsWith(own), only(pool)::task);
        forked.release();
        group.join();
        assertTrue(pool.awaitIdle(TestPools.LONG));
      }
    }
  }

  @Test
  void aHandleThatIsRunAsACommandIsNamedByItsBodyAndAStepByTheUsers() throws Exception {
    WorkerPool pool = pools.fixed(1);
    WorkerPool other = pools.fixed(1);
    Held holder = pools.occupy(pool);
    String own = RunningTasksTest.class.getName() + ".";
    Held body = pools.held();
    Task<Integer> run = pool.submit(() -> holdAndReturn(body));
    other.execute(run);
    body.awaitStarted();
    assertTrue(only(other).task().startsWith(own), only(other)::task);
    body.release();
    assertEquals(1, run.get());

    Held step = pools.held();
    Task<Integer> completed = pool.submit(() -> 2);
    completed.completeAsync(() -> holdAndReturn(step), other);
    step.awaitStarted();
    assertTrue(only(other).task().startsWith(own), only(other)::task);
    step.release();
    assertEquals(1, completed.get());
    holder.release();
  }

  private static int holdAndReturn(Held body) {
    body.run();
    return 1;
  }

  /** One that took the same place in the pool's eyes, a moment later, is another. */
  @Test
  void theSameCommandRunAgainIsAnotherOne() throws Exception {
    WorkerPool pool = pools.fixed(1);
    Held held = pools.held();
    Runnable command = held::run;
    pool.execute(command);
    held.awaitStarted();
    RunningTask first = only(pool);
    assertFalse(first.stack().isEmpty());
    Held second = pools.held();
    pool.execute(second);
    held.release();
    second.awaitStarted();
    assertEquals(List.of(), first.stack());
    assertFalse(only(pool).stack().isEmpty());
  }

  @Test
  void aDecoratedBodyIsTheDecorators() throws Exception {
    WorkerPool pool =
        pools.build(WorkerPool.builder().size(1).taskDecorator(RunningTasksTest::decorated));
    Held held = pools.held();
    pool.submit(held);
    held.awaitStarted();
    assertTrue(only(pool).task().contains("lambda$decorated"), only(pool)::task);
  }

  private static Runnable decorated(Runnable body) {
    return () -> body.run();
  }

  @Test
  void anInlineTaskStandsAfterTheOneThatJoinsIt() throws Exception {
    WorkerPool pool = pools.fixed(1);
    Held inner = pools.held();
    Task<?> outer = pool.submit(() -> outer(pool, inner));
    inner.awaitStarted();
    List<RunningTask> running = pool.runningTasks();
    assertEquals(2, running.size(), running::toString);
    assertEquals(running.get(0).worker(), running.get(1).worker());
    assertTrue(running.get(0).task().contains("anInlineTask"), running::toString);
    assertEquals(Held.class.getName() + ".run", running.get(1).task());
    int below = running.get(0).stack().size();
    assertTrue(below > running.get(1).stack().size(), running::toString);
    assertTrue(outer.toString().contains("[Running for PT"), outer::toString);
    inner.release();
    outer.join();
  }

  private static void outer(WorkerPool pool, Held inner) {
    pool.submit(inner).join();
  }

  @Test
  void aTaskOnTopOfAnotherPoolsIsFoundByEach() throws Exception {
    WorkerPool below = pools.fixed(1);
    WorkerPool above = pools.fullOfCallerRuns();
    Held guest = pools.held();
    below.execute(() -> above.execute(guest));
    guest.awaitStarted();
    RunningTask lower = only(below);
    assertTrue(lower.task().contains("lambda$aTaskOnTop"), lower::task);
    List<RunningTask> running = above.runningTasks();
    assertEquals(2, running.size(), running::toString);
    RunningTask upper = running.get(1);
    assertEquals(lower.worker(), upper.worker());
    assertEquals(Held.class.getName() + ".run", upper.task());
  }

  @Test
  void aHandleSaysHowFarItIs() throws Exception {
    WorkerPool pool = pools.fixed(1);
    Held held = pools.held();
    Task<?> running = pool.submit(held);
    held.awaitStarted();
    Task<?> queued = pool.submit(() -> {});
    assertTrue(queued.toString().endsWith("[Queued]"), queued::toString);
    assertTrue(running.toString().matches(".*\\[Running for PT[0-9.]+S]"), running::toString);
    queued.cancel(true);
    assertTrue(queued.toString().endsWith("[Cancelled]"), queued::toString);
    held.release();
    running.join();
    assertTrue(running.toString().contains("Completed normally"), running::toString);
    Task<?> failed =
        pool.submit(
            () -> {
              throw new IllegalStateException("why");
            });
    assertTrue(pool.awaitIdle(TestPools.LONG));
    assertTrue(failed.toString().contains("IllegalStateException"), failed::toString);
    Held stuck = pools.held();
    Task<?> interrupted = pool.submit(stuck);
    stuck.awaitStarted();
    Task<?> aborted = pool.submit(() -> {});
    pool.shutdownNow();
    assertTrue(aborted.toString().endsWith("[Aborted: SHUTDOWN]"), aborted::toString);
    assertTrue(pool.awaitTermination(Duration.ofSeconds(20)));
    assertTrue(interrupted.toString().contains("Completed normally"), interrupted::toString);
    aborted.obtrudeException(new CancellationException("given"));
    assertTrue(aborted.toString().contains("CancellationException"), aborted::toString);
  }

  @Test
  void aTaskRunByItsHoldersThreadIsThere() throws Exception {
    WorkerPool pool = pools.fixed(1);
    pools.occupy(pool);
    Held held = pools.held();
    Task<?> task = pool.submit(held);
    ForkJoinPool.commonPool().execute(task::run);
    held.awaitStarted();
    List<RunningTask> running = pool.runningTasks();
    assertEquals(2, running.size(), running::toString);
    assertEquals(held.thread().getName(), running.get(1).worker());
    assertTrue(task.toString().contains("[Running for PT"), task::toString);
    held.release();
    held.awaitEnded();
  }

  @Test
  void aViewOfABodyThatRanInlineKeepsNothingOfTheOneBelow() throws Exception {
    WorkerPool pool = pools.fixed(1);
    Held inner = pools.held();
    RunningTask[] view = new RunningTask[1];
    WeakReference<Object> below = new WeakReference<>(viewed(pool, inner, view));
    TestPools.eventually()
        .until(
            () -> {
              System.gc();
              return below.get() == null;
            });
    assertEquals("", view[0].task());
  }

  private static Task<?> viewed(WorkerPool pool, Held inner, RunningTask[] view)
      throws InterruptedException {
    Task<?> outer = pool.submit(() -> outer(pool, inner));
    inner.awaitStarted();
    view[0] = pool.runningTasks().get(1);
    inner.release();
    outer.join();
    return outer;
  }
}
