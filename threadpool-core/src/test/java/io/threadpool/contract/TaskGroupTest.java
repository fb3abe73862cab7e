package io.threadpool.contract;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.threadpool.RejectedTaskException;
import io.threadpool.SaturationPolicy;
import io.threadpool.Task;
import io.threadpool.TaskAbortedException;
import io.threadpool.TaskGroup;
import io.threadpool.WorkerPool;
import java.lang.ref.WeakReference;
import java.lang.reflect.InvocationHandler;
import java.lang.reflect.Proxy;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Tasks that do not outlive the block that they belong to. */
class TaskGroupTest {

  @RegisterExtension final TestPools pools = new TestPools();

  private final IllegalStateException thrown = new IllegalStateException("for the test");

  /** What has run, by whatever thread. */
  private final List<String> ran = Collections.synchronizedList(new ArrayList<>());

  private Callable<String> named(String name) {
    return () -> {
      ran.add(name);
      return name;
    };
  }

  private Callable<String> failingOnceReleased(Held held) {
    return () -> {
      held.run();
      throw thrown;
    };
  }

  private static Throwable failureOf(TaskGroup group) {
    return assertThrows(ExecutionException.class, group::join).getCause();
  }

  private static <T> T result(Task<T> task) throws Exception {
    return task.get(TestPools.LONG.toSeconds(), TimeUnit.SECONDS);
  }

  // Joining.

  @Test
  void aJoinWaitsForAllOfThem() throws Exception {
    WorkerPool pool = pools.fixed(2);
    Held held = pools.held();
    Caller<List<String>> caller =
        pools.call(
            () -> {
              try (TaskGroup group = TaskGroup.on(pool)) {
                Task<String> one = group.fork(named("one"));
                Task<?> two = group.fork(held);
                Task<String> three = group.fork(named("three"));
                group.join();
                assertTrue(two.isDone());
                return List.of(one.resultNow(), three.resultNow());
              }
            });
    held.awaitStarted();
    caller.awaitBlocked();
    held.release();
    assertEquals(List.of("one", "three"), caller.get());
  }

  @Test
  void anEmptyGroupJoinsAtOnce() throws Exception {
    WorkerPool pool = pools.fixed(1);
    for (TaskGroup group :
        List.of(
            TaskGroup.on(pool),
            TaskGroup.on(pool).cancelOnFailure(),
            TaskGroup.on(pool).cancelOnSuccess(),
            TaskGroup.on(pool).deadline(Duration.ZERO))) {
      try (group) {
        group.join();
      }
    }
  }

  @Test
  void theFailureOfTheOneForkedFirstIsThrownWhenAllAreDone() throws Exception {
    WorkerPool pool = pools.fixed(3);
    Held first = pools.held();
    IllegalArgumentException earlier = new IllegalArgumentException();
    try (TaskGroup group = TaskGroup.on(pool)) {
      group.fork(failingOnceReleased(first));
      Task<?> second =
          group.fork(
              () -> {
                throw earlier;
              });
      Task<String> third = group.fork(named("third"));
      assertSame(earlier, assertThrows(CompletionException.class, second::join).getCause());
      assertEquals("third", result(third));
      first.release();
      assertSame(thrown, failureOf(group));
      assertSame(thrown, failureOf(group)); // Again, for who asks again.
    }
  }

  @Test
  void moreIsForkedAndJoinedAfterAJoin() throws Exception {
    WorkerPool pool = pools.fixed(1);
    try (TaskGroup group = TaskGroup.on(pool)) {
      for (int i = 0; i < 500; i++) {
        Task<Integer> task = group.fork(() -> 1);
        group.join();
        assertEquals(1, task.resultNow());
      }
    }
  }

  @Test
  void whatTheUserCancelsIsNoFailure() throws Exception {
    WorkerPool pool = pools.fixed(2);
    Held held = pools.held();
    Held other = pools.held();
    try (TaskGroup group = TaskGroup.on(pool).cancelOnFailure()) {
      Task<?> cancelled = group.fork(held);
      Task<?> goesOn = group.fork(other);
      held.awaitStarted();
      other.awaitStarted();
      cancelled.cancel(true);
      held.awaitEnded();
      assertFalse(goesOn.isDone());
      other.release();
      group.join();
    }
    assertFalse(other.wasInterrupted());
  }

  // The rest is cancelled.

  @Test
  void theFirstFailureCancelsTheRestByChoice() throws Exception {
    WorkerPool pool = pools.fixed(2);
    Held running = pools.held();
    Held failing = pools.held();
    try (TaskGroup group = TaskGroup.on(pool).cancelOnFailure()) {
      Task<?> one = group.fork(running);
      group.fork(failingOnceReleased(failing));
      Task<String> queued = group.fork(named("queued"));
      running.awaitStarted();
      failing.awaitStarted();
      failing.release();
      running.awaitInterrupted();
      assertSame(thrown, failureOf(group));
      assertTrue(one.isCancelled());
      assertTrue(queued.isCancelled());
    }
    assertEquals(List.of(), ran);
  }

  @Test
  void theFirstSuccessCancelsTheRestByChoice() throws Exception {
    WorkerPool pool = pools.fixed(3);
    Held running = pools.held();
    Held failing = pools.held();
    Held winning = pools.held();
    try (TaskGroup group = TaskGroup.on(pool).cancelOnSuccess()) {
      Task<?> one = group.fork(running);
      Task<String> two = group.fork(failingOnceReleased(failing));
      Task<?> three = group.fork(winning);
      Task<?> four = group.fork(pools.held());
      running.awaitStarted();
      winning.awaitStarted();
      failing.release();
      assertThrows(ExecutionException.class, () -> result(two));
      four.cancel(true);
      assertFalse(one.isDone());
      winning.release();
      running.awaitInterrupted();
      group.join();
      assertNull(three.resultNow());
      assertTrue(one.isCancelled());
    }
  }

  @Test
  void withoutASuccessTheFailureIsThrown() throws Exception {
    WorkerPool pool = pools.fixed(1);
    try (TaskGroup group = TaskGroup.on(pool).cancelOnSuccess()) {
      group.fork(failingOnceReleased(release(pools.held())));
      group.fork(failingOnceReleased(release(pools.held())));
      assertSame(thrown, failureOf(group));
      group.fork(named("late"));
      group.join();
    }
    assertEquals(List.of("late"), ran);
  }

  private static Held release(Held held) {
    held.release();
    return held;
  }

  @Test
  void whatIsForkedAfterTheEndDoesNotBegin() throws Exception {
    WorkerPool pool = pools.fixed(2);
    try (TaskGroup group = TaskGroup.on(pool).cancelOnSuccess()) {
      group.fork(named("first"));
      group.join();
      for (int i = 0; i < 100; i++) {
        Task<String> late = group.fork(named("late"));
        assertThrows(RuntimeException.class, late::join);
      }
      group.join(); // Still a success.
    }
    assertEquals(List.of("first"), ran);
  }

  /** The rest is cancelled when the pool has taken the task, and the group has no handle yet. */
  @Test
  void whatIsBeingForkedAtTheEndIsCancelled() throws Exception {
    Held failing = pools.held();
    Held running = pools.held();
    Held late = pools.held();
    AtomicInteger submitted = new AtomicInteger();
    WorkerPool pool =
        watched(
            pools.fixed(3),
            "submit",
            () -> {
              if (submitted.incrementAndGet() == 3) {
                late.awaitStarted();
                failing.release();
                running.awaitInterrupted();
              }
            });
    try (TaskGroup group = TaskGroup.on(pool).cancelOnFailure()) {
      group.fork(running);
      group.fork(failingOnceReleased(failing));
      running.awaitStarted();
      assertTrue(group.fork(late).isCancelled());
      late.awaitInterrupted();
      assertSame(thrown, failureOf(group));
    }
  }

  /** A worker takes it while who cancels the rest is still at the one behind it. */
  @Test
  void whatAWorkerTakesAmidTheEndDoesNotBegin() throws Exception {
    WorkerPool pool = pools.fixed(2);
    Held running = pools.deaf();
    Held failing = pools.held();
    try (TaskGroup group = TaskGroup.on(pool).cancelOnFailure()) {
      group.fork(running);
      group.fork(failingOnceReleased(failing));
      running.awaitStarted();
      failing.awaitStarted();
      Task<String> queued = group.fork(named("queued"));
      Task<String> newest = group.fork(named("newest"));
      CountDownLatch seen = new CountDownLatch(1);
      var unused =
          newest.whenComplete(
              (result, failure) -> {
                running.release();
                TestPools.eventually().until(queued::isDone);
                seen.countDown();
              });
      failing.release();
      Held.await(seen, "seen");
      assertSame(thrown, failureOf(group));
    }
    assertEquals(List.of(), ran);
  }

  @Test
  void whatThePoolDiscardsHasFailed() throws Exception {
    WorkerPool pool =
        pools.build(
            WorkerPool.builder()
                .size(1)
                .queueCapacity(1)
                .saturationPolicy(SaturationPolicy.discardOldest()));
    Held running = pools.held();
    try (TaskGroup group = TaskGroup.on(pool).cancelOnFailure()) {
      group.fork(running);
      running.awaitStarted();
      Task<String> discarded = group.fork(named("discarded"));
      Task<Integer> others = pool.submit(() -> 1);
      running.awaitInterrupted();
      assertSame(
          TaskAbortedException.Reason.DISCARDED,
          assertInstanceOf(TaskAbortedException.class, failureOf(group)).reason());
      assertTrue(discarded.isCancelled());
      assertEquals(1, result(others));
    }
  }

  /** The user's stage stands before the group's own; the owner comes to the failure himself. */
  @Test
  void aStageThatBlocksKeepsTheFailureFromNobody() throws Exception {
    WorkerPool pool = pools.fixed(2);
    Held failing = pools.held();
    Held stage = pools.deaf();
    Held running = pools.held();
    Caller<Throwable> owner =
        pools.call(
            () -> {
              try (TaskGroup group = TaskGroup.on(pool).cancelOnFailure()) {
                Task<String> task = group.fork(failingOnceReleased(failing));
                group.fork(running);
                var unused = task.whenComplete((result, failure) -> stage.run());
                running.awaitStarted();
                failing.release();
                stage.awaitStarted();
                return failureOf(group);
              }
            });
    assertSame(thrown, owner.get());
    running.awaitInterrupted();
    assertFalse(stage.wasInterrupted());
  }

  /** The stage blocks who cancels the rest; that is on the way to the older one. */
  @Test
  void aStageThatBlocksDoesNotKeepTheRestFromBeingCancelled() throws Exception {
    WorkerPool pool = pools.fixed(3);
    Held failing = pools.held();
    Held stage = pools.deaf();
    Held older = pools.held();
    Held newer = pools.held();
    Caller<Throwable> owner =
        pools.call(
            () -> {
              try (TaskGroup group = TaskGroup.on(pool).cancelOnFailure()) {
                group.fork(older);
                Task<?> task = group.fork(newer);
                var unused = task.whenComplete((result, failure) -> stage.run());
                group.fork(failingOnceReleased(failing));
                older.awaitStarted();
                newer.awaitStarted();
                failing.awaitStarted().release();
                return failureOf(group);
              }
            });
    older.awaitInterrupted();
    stage.awaitStarted();
    assertSame(thrown, owner.get());
  }

  /** Who settles a task at the end of his stack has just enough left for that. */
  @Test
  void whoHasNoStackToCancelTheRestHasItCancelled() throws Exception {
    WorkerPool pool = pools.fixed(2);
    Held held = pools.held();
    Held other = pools.deaf();
    Caller<Throwable> owner =
        pools.call(
            () -> {
              try (TaskGroup group = TaskGroup.on(pool).cancelOnFailure()) {
                group.fork(held);
                Task<?> task = group.fork(other);
                held.awaitStarted();
                other.awaitStarted();
                Thread deep = new Thread(null, () -> failDeep(task), "deep", 256 << 10);
                deep.start();
                deep.join();
                other.release();
                return failureOf(group);
              }
            });
    held.awaitInterrupted();
    assertSame(thrown, owner.get());
  }

  private void failDeep(Task<?> task) {
    try {
      if (!task.isDone()) {
        failDeep(task);
      }
    } catch (StackOverflowError end) {
      // Now it goes up again, until that can be done.
    }
    try {
      if (!task.isDone()) {
        task.completeExceptionally(thrown);
      }
    } catch (StackOverflowError again) {
      // Further up.
    }
  }

  /** The handles of what it has cut were let go of, by a fork that is refused. */
  @Test
  void aDeadlineIsToldThoughNothingOfWhatItCutIsListed() throws Exception {
    WorkerPool pool = pools.fixed(1);
    Caller<Throwable> owner =
        pools.call(
            () -> {
              List<Task<?>> forked = new ArrayList<>();
              try (TaskGroup group = TaskGroup.on(pool).deadline(Duration.ofMillis(10))) {
                for (int i = 0; i < 64; i++) {
                  forked.add(group.fork(pools.held()));
                }
                for (Task<?> task : forked) {
                  assertTrue(task.awaitStopped(TestPools.LONG));
                }
                pool.shutdown();
                assertThrows(RejectedTaskException.class, () -> group.fork(() -> 1));
                return failureOf(group);
              }
            });
    assertInstanceOf(TimeoutException.class, owner.get());
  }

  /** A look that lets handles go comes between a success and the group's own stage. */
  @Test
  void aSuccessIsNotForgottenBehindAStageThatBlocks() throws Exception {
    WorkerPool pool = pools.fixed(3);
    Held succeeding = pools.held();
    Held stage = pools.deaf();
    Held running = pools.held();
    Caller<String> owner =
        pools.call(
            () -> {
              try (TaskGroup group = TaskGroup.on(pool).cancelOnSuccess()) {
                Task<?> task = group.fork(succeeding);
                var unused = task.whenComplete((result, failure) -> stage.run());
                group.fork(running);
                running.awaitStarted();
                succeeding.awaitStarted().release();
                stage.awaitStarted();
                for (int i = 0; i < 1_000; i++) {
                  group.fork(
                      () -> {
                        throw thrown;
                      });
                }
                group.join();
                return "joined";
              }
            });
    assertEquals("joined", owner.get());
    running.awaitInterrupted();
  }

  // The deadline.

  /** Each round has longer, until the task was cancelled before the deadline. */
  @Test
  void aDeadlineThatComesAfterTheUsersOwnCancelChangesNothing() throws Exception {
    boolean inTime = false;
    for (int millis = 20; !inTime; millis *= 2) {
      assertTrue(millis < 10_000, "the deadline is thrown, though it cut nothing off");
      CountDownLatch asked = new CountDownLatch(1); // For its name, by the timer.
      WorkerPool pool = watched(pools.fixed(1), "name", asked::countDown);
      Held held = pools.held();
      pool.execute(held);
      try (TaskGroup group = TaskGroup.on(pool).deadline(Duration.ofMillis(millis))) {
        group.fork(named("cancelled")).cancel(true);
        Held.await(asked, "asked");
        String name = pool.name() + "-deadline";
        TestPools.eventually()
            .until(
                () ->
                    Thread.getAllStackTraces().keySet().stream()
                        .noneMatch(thread -> thread.getName().equals(name)));
        group.join();
        inTime = true;
      } catch (ExecutionException cutOff) {
        assertInstanceOf(TimeoutException.class, cutOff.getCause());
      }
      held.release();
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 10})
  void atTheDeadlineWhatIsLeftIsCancelled(int millis) throws Exception {
    WorkerPool pool = pools.fixed(1);
    Held held = pools.held();
    try (TaskGroup group = TaskGroup.on(pool).deadline(Duration.ofMillis(millis))) {
      Task<?> first = group.fork(held);
      group.fork(named("queued"));
      assertInstanceOf(TimeoutException.class, failureOf(group));
      assertTrue(first.isDone());
    }
    assertEquals(List.of(), ran);
  }

  /** The owner itself runs the body, and waits for nothing. */
  @Test
  void theDeadlineHoldsForWhatTheOwnerRuns() throws Exception {
    WorkerPool pool = pools.fixed(1);
    Held held = pools.held();
    Task<Throwable> outer =
        pool.submit(
            () -> {
              try (TaskGroup group = TaskGroup.on(pool).deadline(Duration.ofMillis(10))) {
                group.fork(held);
                Throwable failure = failureOf(group);
                assertFalse(Thread.currentThread().isInterrupted());
                return failure;
              }
            });
    assertInstanceOf(TimeoutException.class, result(outer));
  }

  @Test
  void aDeadlineThatDoesNotComeChangesNothing() throws Exception {
    WorkerPool pool = pools.fixed(1);
    Duration ever = Duration.ofSeconds(Long.MAX_VALUE);
    try (TaskGroup group = TaskGroup.on(pool).cancelOnFailure().deadline(ever)) {
      assertEquals("one", result(group.fork(named("one"))));
      group.join();
    }
  }

  /** Each round has longer, until one has its task done in time. */
  @Test
  void aDeadlineThatComesWhenAllIsDoneChangesNothing() throws Exception {
    boolean inTime = false;
    for (int millis = 20; !inTime; millis *= 2) {
      CountDownLatch asked = new CountDownLatch(1); // For its name, by the timer.
      WorkerPool pool = watched(pools.fixed(1), "name", asked::countDown);
      try (TaskGroup group = TaskGroup.on(pool).deadline(Duration.ofMillis(millis))) {
        Task<Integer> task = group.fork(() -> 1);
        Held.await(asked, "asked");
        String name = pool.name() + "-deadline";
        TestPools.eventually()
            .until(
                () ->
                    Thread.getAllStackTraces().keySet().stream()
                        .noneMatch(thread -> thread.getName().equals(name)));
        inTime = task.isDone() && !task.isCompletedExceptionally();
        if (inTime) {
          group.join();
        }
      }
    }
  }

  /** A pool that does something more when one of its methods has been called. */
  private static WorkerPool watched(WorkerPool pool, String name, Executable afterwards) {
    InvocationHandler handler =
        (proxy, method, arguments) -> {
          Object result = method.invoke(pool, arguments);
          if (method.getName().equals(name)) {
            afterwards.execute();
          }
          return result;
        };
    Class<?>[] types = {WorkerPool.class};
    return (WorkerPool) Proxy.newProxyInstance(WorkerPool.class.getClassLoader(), types, handler);
  }

  /** The timer does not keep what ended before its time. */
  @Test
  void aClosedGroupIsNotKeptUntilItsDeadline() throws Exception {
    WorkerPool pool = pools.fixed(1);
    WeakReference<TaskGroup> closed = new WeakReference<>(closedBeforeItsDeadline(pool));
    TestPools.eventually()
        .until(
            () -> {
              System.gc();
              return closed.get() == null;
            });
  }

  private static TaskGroup closedBeforeItsDeadline(WorkerPool pool) throws Exception {
    try (TaskGroup group = TaskGroup.on(pool).deadline(Duration.ofDays(1))) {
      group.fork(() -> 1);
      group.join();
      return group;
    }
  }

  // The close.

  @Test
  void theCloseCancelsWhatIsLeftAndWaitsUntilItHasLeft() throws Exception {
    WorkerPool pool = pools.fixed(1);
    Held deaf = pools.deaf();
    Caller<Boolean> owner =
        pools.call(
            () -> {
              try (TaskGroup group = TaskGroup.on(pool)) {
                group.fork(deaf);
                group.fork(named("queued"));
                deaf.awaitStarted();
              }
              return Thread.interrupted();
            });
    deaf.awaitInterrupted();
    owner.awaitBlocked();
    owner.interrupt(); // It waits on.
    TestPools.eventually().until(() -> Caller.isWaiting(owner.thread()));
    assertFalse(owner.isDone());
    deaf.release();
    assertTrue(owner.get());
    assertEquals(List.of(), ran);
  }

  @Test
  void theCloseGivesUpWhatThePoolReportsAsStuck() throws Exception {
    WorkerPool pool =
        pools.build(WorkerPool.builder().size(2).abortGrace(Duration.ofMillis(20)).daemon(true));
    Held deaf = pools.deaf();
    Held good = pools.held();
    TaskGroup[] opened = new TaskGroup[1];
    Caller<Object> owner =
        pools.call(
            () -> {
              try (TaskGroup group = TaskGroup.on(pool)) {
                opened[0] = group;
                group.fork(deaf);
                group.fork(good);
                deaf.awaitStarted();
                good.awaitStarted();
              }
              return "left";
            });
    owner.awaitBlocked();
    good.awaitEnded(); // The close of the group has interrupted it.
    TestPools.eventually().until(() -> pool.stats().active() == 1); // And it has left its thread.
    pool.shutdownNow();
    Throwable stuck = assertThrows(ExecutionException.class, owner::get).getCause();
    assertInstanceOf(IllegalStateException.class, stuck);
    assertTrue(stuck.getMessage().startsWith("1 of the tasks"), stuck.getMessage());
    deaf.release();
  }

  @Test
  void aCloseAfterThePoolsEndReturns() throws Exception {
    WorkerPool pool = pools.fixed(1);
    try (TaskGroup group = TaskGroup.on(pool)) {
      Task<Integer> task = group.fork(() -> 1);
      pool.close();
      assertEquals(1, task.join());
      assertThrows(RejectedTaskException.class, () -> group.fork(() -> 2));
      group.join();
    }
  }

  // Who may.

  @Test
  void othersAreRefused() throws Exception {
    WorkerPool pool = pools.fixed(2);
    try (TaskGroup group = TaskGroup.on(pool)) {
      List<Executable> calls =
          List.of(
              () -> group.fork(named("other")),
              () -> group.fork(() -> {}),
              group::join,
              group::close,
              group::cancelOnFailure,
              group::cancelOnSuccess,
              () -> group.deadline(Duration.ZERO));
      for (Executable call : calls) {
        Callable<Throwable> refused = () -> assertThrows(IllegalStateException.class, call);
        String message = pools.call(refused).get().getMessage();
        assertTrue(message.contains(Thread.currentThread().getName()), message);
        result(group.fork(refused)); // Nor a task of its own.
      }
      group.join();
    }
    assertEquals(List.of(), ran);
  }

  @Test
  void afterTheCloseNothingIsForked() {
    WorkerPool pool = pools.fixed(1);
    TaskGroup group = TaskGroup.on(pool);
    group.close();
    group.close();
    for (Executable call :
        List.<Executable>of(
            () -> group.fork(named("late")), group::join, () -> group.cancelOnFailure())) {
      String message = assertThrows(IllegalStateException.class, call).getMessage();
      assertTrue(message.contains("closed"), message);
    }
    assertEquals(0, pool.stats().accepted());
  }

  @Test
  void afterAForkNothingIsConfigured() throws Exception {
    WorkerPool pool = pools.fixed(1);
    List<UnaryOperator<TaskGroup>> settings =
        List.of(
            TaskGroup::cancelOnFailure,
            TaskGroup::cancelOnSuccess,
            group -> group.deadline(Duration.ofDays(1)));
    try (TaskGroup group = TaskGroup.on(pool)) {
      group.fork(() -> 1);
      for (UnaryOperator<TaskGroup> setting : settings) {
        assertThrows(IllegalStateException.class, () -> setting.apply(group));
      }
    }
  }

  @Test
  void badArgumentsAreNamed() {
    WorkerPool pool = pools.fixed(1);
    assertThrows(NullPointerException.class, () -> TaskGroup.on(null));
    try (TaskGroup group = TaskGroup.on(pool)) {
      assertThrows(NullPointerException.class, () -> group.fork((Callable<?>) null));
      assertThrows(NullPointerException.class, () -> group.fork((Runnable) null));
      assertThrows(NullPointerException.class, () -> group.deadline(null));
      Duration negative = Duration.ofMillis(-1);
      assertThrows(IllegalArgumentException.class, () -> group.deadline(negative));
    }
  }

  // The owner is interrupted.

  @Test
  void anInterruptEndsTheJoinAndTheCloseCancels() throws Exception {
    WorkerPool pool = pools.fixed(1);
    Held held = pools.held();
    Caller<Object> owner =
        pools.call(
            () -> {
              try (TaskGroup group = TaskGroup.on(pool)) {
                group.fork(held);
                group.join();
                return "joined";
              }
            });
    held.awaitStarted();
    owner.awaitBlocked();
    owner.interrupt();
    Throwable end = assertThrows(ExecutionException.class, owner::get).getCause();
    assertInstanceOf(InterruptedException.class, end);
    held.awaitInterrupted();
  }

  @Test
  void anInterruptedBodyRunsNothingThatItJoins() throws Exception {
    WorkerPool pool = pools.fixed(1);
    Task<Integer> outer =
        pool.submit(
            () -> {
              try (TaskGroup group = TaskGroup.on(pool)) {
                group.fork(named("one"));
                group.fork(named("two"));
                Thread.currentThread().interrupt();
                assertThrows(InterruptedException.class, group::join);
                return ran.size();
              }
            });
    assertEquals(0, result(outer));
    assertTrue(pool.awaitIdle(TestPools.LONG));
    assertEquals(List.of(), ran);
  }

  // In bodies of the pool.

  private static int sum(WorkerPool pool, int from, int to) throws Exception {
    if (to - from == 1) {
      return from;
    }
    int middle = (from + to) / 2;
    try (TaskGroup group = TaskGroup.on(pool).cancelOnFailure()) {
      Task<Integer> left = group.fork(() -> sum(pool, from, middle));
      Task<Integer> right = group.fork(() -> sum(pool, middle, to));
      group.join();
      return left.join() + right.join();
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 4})
  void groupsInGroupsEndOnAPoolOfAnySize(int size) throws Exception {
    WorkerPool pool = pools.fixed(size);
    assertEquals(499_500, result(pool.submit(() -> sum(pool, 0, 1_000))));
  }

  @Test
  void aGroupThatIsNotJoinedClosesOnAPoolOfOne() throws Exception {
    WorkerPool pool = pools.fixed(1);
    Task<Integer> outer =
        pool.submit(
            () -> {
              try (TaskGroup group = TaskGroup.on(pool)) {
                group.fork(named("one"));
                group.fork(named("two"));
              }
              return 1;
            });
    assertEquals(1, result(outer));
    assertEquals(List.of(), ran);
    assertTrue(pool.awaitIdle(TestPools.LONG));
    assertEquals(2, pool.stats().cancelled());
  }

  /** The inner owner's join is interrupted, and its close passes the cancellation on. */
  @Test
  void aCancelledGroupTakesTheGroupsOfItsTasksWithIt() throws Exception {
    WorkerPool pool = pools.fixed(3);
    Held inner = pools.held();
    Held failing = pools.held();
    try (TaskGroup group = TaskGroup.on(pool).cancelOnFailure()) {
      Task<String> outer =
          group.fork(
              () -> {
                try (TaskGroup nested = TaskGroup.on(pool)) {
                  nested.fork(inner);
                  inner.awaitStarted();
                  nested.join();
                }
                return "";
              });
      group.fork(failingOnceReleased(failing));
      inner.awaitStarted();
      TestPools.eventually().until(() -> pool.stats().active() == 3);
      failing.release();
      assertSame(thrown, failureOf(group));
      assertTrue(outer.isCancelled());
    }
    assertTrue(inner.wasInterrupted());
    inner.awaitEnded();
  }

  /** What a body does with a group of its own. */
  private interface Use {
    void of(TaskGroup group) throws Exception;
  }

  /** Has a body of a pool of one worker own a group. */
  private void inABody(WorkerPool pool, Use use) throws Exception {
    Callable<?> owner =
        () -> {
          try (TaskGroup group = TaskGroup.on(pool)) {
            use.of(group);
          }
          return null;
        };
    result(pool.submit(owner));
    assertTrue(pool.awaitIdle(TestPools.LONG));
    assertFalse(ran.contains("never"));
  }

  /** Else a join that runs it on the owner's thread would have to wait for more and more. */
  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void aTaskDoesNotForkIntoItsGroup(boolean byCaller) throws Exception {
    WorkerPool pool =
        pools.build(
            WorkerPool.builder()
                .size(1)
                .queueCapacity(1)
                .saturationPolicy(SaturationPolicy.callerRuns()));
    inABody(
        pool,
        group -> {
          if (byCaller) {
            pool.submit(named("fills the queue"));
          }
          Callable<?> forks = () -> group.fork(named("never"));
          Task<?> task = group.fork(forks);
          assertInstanceOf(IllegalStateException.class, failureOf(group));
          assertInstanceOf(IllegalStateException.class, task.exceptionNow());
          assertEquals("after", group.fork(named("after")).get());
        });
  }

  /** Nor where its owner runs it by its handle, beside any join. */
  @Test
  void aTaskThatItsOwnerRunsDoesNotForkIntoItsGroup() throws Exception {
    inABody(
        pools.fixed(1),
        group -> {
          Callable<?> forks = () -> group.fork(named("never"));
          Task<?> got = group.fork(forks);
          assertThrows(ExecutionException.class, got::get);
          assertInstanceOf(IllegalStateException.class, got.exceptionNow());
          Task<?> run = group.fork(forks);
          run.run();
          assertInstanceOf(IllegalStateException.class, run.exceptionNow());
        });
    assertEquals(List.of(), ran);
  }

  @Test
  void aStageThatAJoinRunsDoesNotForkIntoTheGroup() throws Exception {
    inABody(
        pools.fixed(1),
        group -> {
          CompletableFuture<?> stage =
              group.fork(named("one")).thenRun(() -> group.fork(named("never")));
          group.join();
          assertInstanceOf(
              IllegalStateException.class,
              assertThrows(CompletionException.class, stage::join).getCause());
        });
    assertEquals(List.of("one"), ran);
  }

  /** A user may have settled a handle so. */
  @Test
  void aFailureWithoutACauseIsOne() throws Exception {
    CompletionException failure = new CompletionException((Throwable) null);
    for (boolean success : new boolean[] {false, true}) {
      WorkerPool pool = pools.fixed(1);
      Held held = pools.occupy(pool);
      TaskGroup plain = TaskGroup.on(pool);
      try (TaskGroup group = success ? plain.cancelOnSuccess() : plain.cancelOnFailure()) {
        group.fork(named("one")).completeExceptionally(failure);
        assertSame(failure, failureOf(group));
      }
      held.release();
    }
  }

  @Test
  void aTaskMayNotEndTheGroupThatWaitsForIt() throws Exception {
    WorkerPool pool = pools.fixed(1);
    Task<List<String>> outer =
        pool.submit(
            () -> {
              try (TaskGroup group = TaskGroup.on(pool)) {
                group.fork(
                    () -> { // Runs on the owner's thread.
                      assertThrows(IllegalStateException.class, group::join);
                      assertThrows(IllegalStateException.class, group::close);
                      ran.add("refused");
                    });
                group.join();
              }
              return ran;
            });
    assertEquals(List.of("refused"), result(outer));
  }

  /** On the owner's thread, but before its handle is there. */
  @Test
  void aTaskThatItsForkRunsMayNotEndTheGroup() throws Exception {
    WorkerPool pool =
        pools.build(
            WorkerPool.builder()
                .size(1)
                .queueCapacity(1)
                .saturationPolicy(SaturationPolicy.callerRuns()));
    Held running = pools.held();
    try (TaskGroup group = TaskGroup.on(pool)) {
      group.fork(running);
      running.awaitStarted();
      group.fork(named("queued"));
      Task<?> refused =
          group.fork(
              () -> {
                assertThrows(IllegalStateException.class, group::join);
                assertThrows(IllegalStateException.class, group::close);
              });
      assertNull(refused.getNow(null));
      running.release();
      group.join();
    }
    assertEquals(List.of("queued"), ran);
  }

  /** On the owner's thread, which joins. */
  @Test
  void aTaskThatItsJoinRunsMayNotEndTheGroup() throws Exception {
    WorkerPool pool = pools.fixed(1);
    pool.submit(
            () -> {
              try (TaskGroup group = TaskGroup.on(pool)) {
                group.fork(() -> assertThrows(IllegalStateException.class, group::close));
                group.fork(named("second"));
                group.join();
                group.fork(named("third"));
                group.join();
              }
              return null;
            })
        .get();
    assertEquals(List.of("second", "third"), ran);
  }

  @Test
  void aGroupUnderCallerRunsForksOnTheOwnersThread() throws Exception {
    WorkerPool pool =
        pools.build(
            WorkerPool.builder()
                .size(1)
                .queueCapacity(1)
                .saturationPolicy(SaturationPolicy.callerRuns()));
    Held running = pools.held();
    try (TaskGroup group = TaskGroup.on(pool).cancelOnFailure()) {
      group.fork(running);
      running.awaitStarted();
      group.fork(named("queued"));
      group.fork(
          () -> {
            ran.add(Thread.currentThread().getName());
            throw thrown;
          });
      assertEquals(List.of(Thread.currentThread().getName()), ran);
      running.awaitInterrupted();
      assertSame(thrown, failureOf(group));
    }
    assertEquals(1, ran.size());
  }

  // Memory.

  /** An owner that forks for ever, behind one that takes as long. */
  @Test
  void whatHasEndedIsNotKept() throws Exception {
    WorkerPool pool = pools.fixed(2);
    Held held = pools.held();
    try (TaskGroup group = TaskGroup.on(pool)) {
      group.fork(held);
      held.awaitStarted();
      List<WeakReference<Object>> results = new ArrayList<>();
      for (int i = 0; i < 1_000; i++) {
        results.add(new WeakReference<>(result(group.fork(() -> new Object()))));
      }
      TestPools.eventually()
          .until(
              () -> {
                System.gc();
                return results.stream().filter(kept -> kept.get() != null).count() < 200;
              });
    }
  }

  @Test
  void theFirstFailureIsNotForgotten() throws Exception {
    WorkerPool pool = pools.fixed(1);
    try (TaskGroup group = TaskGroup.on(pool)) {
      group.fork(() -> 1);
      group.fork(failingOnceReleased(release(pools.held())));
      for (int i = 0; i < 1_000; i++) {
        group.fork(
            () -> {
              throw new IllegalArgumentException();
            });
      }
      assertSame(thrown, failureOf(group));
    }
  }

  @Test
  void aDeadlineOfZeroCancelsAtOnce() throws Exception {
    WorkerPool pool = pools.fixed(2);
    AtomicInteger ran = new AtomicInteger();
    for (int i = 0; i < 100; i++) {
      try (TaskGroup group = TaskGroup.on(pool).deadline(Duration.ZERO)) {
        group.fork(ran::incrementAndGet);
        assertThrows(ExecutionException.class, group::join);
      }
    }
    assertEquals(0, ran.get());
  }
}
