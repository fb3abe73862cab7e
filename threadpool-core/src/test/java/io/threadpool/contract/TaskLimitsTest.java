package io.threadpool.contract;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.threadpool.SaturationPolicy;
import io.threadpool.ScheduledTask;
import io.threadpool.Task;
import io.threadpool.TaskAbortedException;
import io.threadpool.TaskAbortedException.Reason;
import io.threadpool.TaskOptions;
import io.threadpool.WorkerPool;
import io.threadpool.WorkerPoolBuilder;
import java.time.Duration;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executor;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What the limits of a task do, given with its submission or for all tasks of a pool. */
class TaskLimitsTest {

  private static final Duration SHORT = Duration.ofMillis(20);
  private static final Duration NEVER = Duration.ofDays(1);

  @RegisterExtension final TestPools pools = new TestPools();

  /** Each kind of pool, with the limits given for one submission and for all. */
  static Stream<Limited> limited() {
    return Configuration.all()
        .filter(each -> !each.name().contains("block") && !each.name().contains("discard"))
        .flatMap(each -> Stream.of(new Limited(each, false), new Limited(each, true)));
  }

  /** Where limits stand. */
  record Limited(Configuration configuration, boolean forAll) {
    WorkerPool build(TestPools pools, int size, TaskOptions options) {
      var builder = configuration.builder(size);
      return pools.build(forAll ? builder.taskOptions(options) : builder);
    }

    <T> Task<T> submit(WorkerPool pool, Callable<T> body, TaskOptions options) {
      return forAll ? pool.submit(body) : pool.submit(body, options);
    }

    void execute(WorkerPool pool, Runnable command, TaskOptions options) {
      if (forAll) {
        pool.execute(command);
      } else {
        pool.execute(command, options);
      }
    }

    @Override
    public String toString() {
      return configuration + (forAll ? ", for all" : ", for one");
    }
  }

  private static void assertEndedFor(Reason reason, Task<?> task) {
    for (int i = 0; i < 2; i++) { // The second time it has been told.
      TaskAbortedException asked =
          assertThrows(
              TaskAbortedException.class,
              () -> task.get(TestPools.LONG.toSeconds(), TimeUnit.SECONDS));
      assertEquals(reason, asked.reason());
      assertInstanceOf(TimeoutException.class, asked.getCause());
      TaskAbortedException joined = assertThrows(TaskAbortedException.class, task::join);
      assertEquals(reason, joined.reason());
      assertTrue(task.isDone() && task.isCancelled() && task.isCompletedExceptionally());
    }
    TaskAbortedException staged =
        assertInstanceOf(TaskAbortedException.class, task.handle((x, failure) -> failure).join());
    assertEquals(reason, staged.reason());
    assertInstanceOf(TimeoutException.class, staged.getCause());
  }

  @ParameterizedTest
  @MethodSource("limited")
  void whatIsTooLateNeverStarts(Limited limited) throws Exception {
    TaskOptions options = TaskOptions.startingWithin(SHORT);
    WorkerPool pool = limited.build(pools, 1, options);
    Held held = pools.held();
    pool.submit(held, TaskOptions.startingWithin(NEVER));
    held.awaitStarted();
    AtomicInteger ran = new AtomicInteger();
    Task<Integer> late = limited.submit(pool, ran::incrementAndGet, options);
    assertEndedFor(Reason.START_TIMEOUT, late);
    assertTrue(late.awaitStopped(Duration.ZERO));
    assertEquals(0, pool.stats().queued());
    held.release();
    assertEquals(1, pool.submit(() -> 1, TaskOptions.startingWithin(NEVER)).join());
    assertEquals(0, ran.get());
    pool.close();
    assertEquals(1, pool.stats().aborted());
  }

  /** It is settled when the submission returns, not a moment later. */
  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void whatGetsItsRoomTooLateHasEnded(boolean forAll) throws Exception {
    TaskOptions options = TaskOptions.startingWithin(SHORT);
    WorkerPoolBuilder builder =
        WorkerPool.builder().size(1).queueCapacity(1).saturationPolicy(SaturationPolicy.block());
    WorkerPool pool = pools.build(forAll ? builder.taskOptions(options) : builder);
    Held first = pools.held();
    Held second = pools.held();
    pool.submit(first, TaskOptions.startingWithin(NEVER));
    first.awaitStarted();
    pool.submit(second, TaskOptions.startingWithin(NEVER));
    AtomicReference<Task<?>> late = new AtomicReference<>();
    Caller<Boolean> caller =
        new Caller<>(
                () -> {
                  Task<?> task = forAll ? pool.submit(() -> 1) : pool.submit(() -> 1, options);
                  boolean done = task.isDone();
                  late.set(task);
                  return done;
                })
            .start()
            .awaitBlocked();
    long start = System.nanoTime();
    while (System.nanoTime() - start < SHORT.toNanos()) {
      Thread.onSpinWait();
    }
    first.release();
    assertTrue(caller.get());
    assertEndedFor(Reason.START_TIMEOUT, late.get());
    second.release();
  }

  @ParameterizedTest
  @MethodSource("limited")
  void whatRunsForTooLongIsInterruptedAndNothingElse(Limited limited) throws Exception {
    TaskOptions options = TaskOptions.runningWithin(SHORT);
    WorkerPool pool = limited.build(pools, 1, options);
    Held held = pools.held();
    Task<?> slow = limited.submit(pool, () -> run(held), options);
    AtomicBoolean interrupted = new AtomicBoolean();
    Task<?> next =
        pool.submit(
            () -> {
              interrupted.set(Thread.currentThread().isInterrupted());
            },
            TaskOptions.runningWithin(NEVER));
    held.awaitStarted();
    assertEndedFor(Reason.RUN_TIMEOUT, slow);
    held.awaitInterrupted();
    next.join();
    assertFalse(interrupted.get());
    assertTrue(slow.awaitStopped(TestPools.LONG));
    pool.close();
    assertEquals(1, pool.stats().aborted());
    assertEquals(1, pool.stats().completed());
  }

  private static Object run(Runnable body) {
    body.run();
    return body;
  }

  @ParameterizedTest
  @MethodSource("limited")
  void aBodyThatIsDeafToItKeepsItsWorkerAndNoOutcome(Limited limited) throws Exception {
    TaskOptions options = TaskOptions.runningWithin(SHORT);
    WorkerPool pool = limited.build(pools, 1, options);
    Held deaf = pools.deaf();
    Task<?> slow = limited.submit(pool, () -> run(deaf), options);
    deaf.awaitInterrupted();
    assertEndedFor(Reason.RUN_TIMEOUT, slow);
    assertFalse(slow.awaitStopped(Duration.ZERO));
    assertEquals(1, pool.stats().active());
    deaf.release();
    assertTrue(slow.awaitStopped(TestPools.LONG));
    pool.close();
    assertEquals(0, pool.stats().completed());
    assertEquals(1, pool.stats().aborted());
  }

  @ParameterizedTest
  @MethodSource("limited")
  void whatIsInTimeIsAsIfThereWereNoLimits(Limited limited) throws Exception {
    TaskOptions options = TaskOptions.named("all").startWithin(NEVER).runWithin(NEVER);
    WorkerPool pool = limited.build(pools, 2, options);
    Task<Integer> task = limited.submit(pool, () -> 42, options);
    assertEquals(42, task.join());
    Task<Integer> failed =
        limited.submit(
            pool,
            () -> {
              throw new IllegalStateException("why");
            },
            options);
    assertEquals("why", failed.handle((x, failure) -> failure).join().getMessage());
    Task<Integer> outer =
        limited.submit(pool, () -> limited.submit(pool, () -> 6 * 7, options).get() + 1, options);
    assertEquals(43, outer.get());
    assertEquals(44, outer.thenApplyAsync(x -> x + 1).join());
    CountDownLatch ran = new CountDownLatch(1);
    limited.execute(pool, ran::countDown, options);
    Held.await(ran, "ran");
    pool.close();
    assertEquals(0, pool.stats().aborted());
    assertEquals(1, pool.stats().failed());
  }

  /** Nobody runs it, also not who would run it at once. */
  @ParameterizedTest
  @MethodSource("limited")
  void aJoinerDoesNotRunWhatIsTooLate(Limited limited) throws Exception {
    TaskOptions options = TaskOptions.startingWithin(SHORT);
    WorkerPool pool = limited.build(pools, 1, options);
    AtomicInteger ran = new AtomicInteger();
    Task<?> outer =
        pool.submit(
            () -> {
              Task<?> late = limited.submit(pool, ran::incrementAndGet, options);
              long start = System.nanoTime();
              while (System.nanoTime() - start < SHORT.toNanos()) {
                Thread.onSpinWait();
              }
              late.run();
              assertEndedFor(Reason.START_TIMEOUT, late);
            },
            TaskOptions.startingWithin(NEVER));
    outer.join();
    assertEquals(0, ran.get());
  }

  @ParameterizedTest
  @MethodSource("limited")
  void ofACommandTheHandlerHearsOnce(Limited limited) throws Exception {
    Queue<Throwable> told = new ConcurrentLinkedQueue<>();
    TaskOptions options = TaskOptions.named("mail").startWithin(SHORT).runWithin(SHORT);
    var builder =
        limited.configuration.builder(1).uncaughtHandler((thread, thrown) -> told.add(thrown));
    WorkerPool pool = pools.build(limited.forAll ? builder.taskOptions(options) : builder);
    Held held = pools.deaf();
    limited.execute(pool, held, options.startWithin(NEVER));
    TestPools.eventually().until(() -> told.size() == 1); // Else the next may be told first.
    if (!held.hasStarted()) {
      return; // The machine stood still for the whole of the limit.
    }
    FutureTask<Integer> late = new FutureTask<>(() -> 1);
    limited.execute(pool, late, options);
    TestPools.eventually().until(() -> told.size() == 2 && late.isCancelled());
    held.release();
    pool.execute(
        () -> {
          throw new IllegalStateException("why");
        },
        TaskOptions.named("third").startWithin(NEVER).runWithin(NEVER));
    pool.close();
    assertEquals(3, told.size(), told::toString);
    List<Throwable> all = List.copyOf(told);
    assertEquals(Reason.RUN_TIMEOUT, ((TaskAbortedException) all.get(0)).reason());
    assertTrue(all.get(0).getMessage().startsWith("Task mail aborted by pool "), all::toString);
    assertEquals(Reason.START_TIMEOUT, ((TaskAbortedException) all.get(1)).reason());
    assertEquals("not started within PT0.02S", all.get(1).getCause().getMessage());
    assertEquals("why", all.get(2).getMessage());
    assertEquals(2, pool.stats().aborted());
    assertEquals(1, pool.stats().failed());
  }

  @ParameterizedTest
  @MethodSource("limited")
  void anAbortReturnsCommandsAsTheyWereGiven(Limited limited) throws Exception {
    TaskOptions options = TaskOptions.startingWithin(NEVER).runWithin(NEVER);
    WorkerPool pool = limited.build(pools, 1, options);
    pools.occupy(pool);
    FutureTask<Integer> future = new FutureTask<>(() -> 1);
    Runnable command = () -> {};
    limited.execute(pool, command, options);
    limited.execute(pool, future, options);
    Task<Integer> task = limited.submit(pool, () -> 1, options);
    List<Runnable> unstarted = pool.shutdownNow();
    assertEquals(3, unstarted.size());
    assertSame(command, unstarted.get(0));
    assertSame(future, unstarted.get(1));
    assertSame(task, unstarted.get(2));
    TestPools.eventually().until(future::isCancelled);
    assertTrue(pool.awaitTermination(TestPools.LONG));
    assertEquals(3, pool.stats().aborted());
  }

  /** A period has a handle, but who looks at that? */
  @Test
  void aPeriodThatALimitEndsReachesTheHandler() throws Exception {
    Queue<Throwable> told = new ConcurrentLinkedQueue<>();
    WorkerPool pool =
        pools.build(
            WorkerPool.builder()
                .size(1)
                .taskOptions(TaskOptions.named("beat").runWithin(SHORT))
                .uncaughtHandler((thread, thrown) -> told.add(thrown)));
    Held held = pools.held();
    ScheduledTask<?> period = pool.scheduleAtFixedRate(held, Duration.ZERO, SHORT);
    held.awaitInterrupted();
    assertEndedFor(Reason.RUN_TIMEOUT, period.toCompletableFuture());
    TestPools.eventually().until(() -> !told.isEmpty());
    pool.close();
    assertEquals(1, told.size(), told::toString);
    assertEquals(Reason.RUN_TIMEOUT, ((TaskAbortedException) told.remove()).reason());
    assertEquals(1, pool.stats().aborted());
  }

  @Test
  void aDecoratorWrapsACommandWithOptionsAsAnyOther() throws Exception {
    AtomicInteger decorated = new AtomicInteger();
    WorkerPool pool =
        pools.build(
            WorkerPool.builder()
                .size(1)
                .taskDecorator(
                    body ->
                        () -> {
                          decorated.incrementAndGet();
                          body.run();
                        }));
    CountDownLatch ran = new CountDownLatch(1);
    pool.execute(ran::countDown, TaskOptions.named("command"));
    Held.await(ran, "ran");
    assertEquals(1, pool.submit(() -> 1, TaskOptions.runningWithin(NEVER)).join());
    assertEquals(2, decorated.get());
  }

  /** Else its stage would stay open: nobody outside the JDK could settle it. */
  @Test
  void aStepOfAStageHasNoLimitForItsStart() throws Exception {
    WorkerPool pool =
        pools.build(
            WorkerPool.builder()
                .size(1)
                .taskOptions(TaskOptions.startingWithin(Duration.ofNanos(1))));
    CompletableFuture<Integer> step = CompletableFuture.supplyAsync(() -> 1, pool);
    assertEquals(1, step.get(TestPools.LONG.toSeconds(), TimeUnit.SECONDS));
  }

  @Test
  void theExecutorOfItsStagesIsThePool() {
    WorkerPool pool = pools.fixed(1);
    Executor executor = pool.submit(() -> 1, TaskOptions.named("one")).defaultExecutor();
    assertSame(pool, executor);
  }

  @Test
  void whatASubmissionLeavesOpenIsAsForAll() throws Exception {
    WorkerPool pool =
        pools.build(
            WorkerPool.builder()
                .size(1)
                .taskOptions(TaskOptions.named("all").runWithin(Duration.ofNanos(1))));
    Held longer = pools.held();
    Task<?> own = pool.submit(longer, TaskOptions.runningWithin(NEVER));
    longer.awaitStarted();
    assertTrue(own.toString().contains("[all: Running for PT"), own::toString);
    longer.release();
    own.join();
    Held deaf = pools.deaf();
    Task<?> named = pool.submit(deaf, TaskOptions.named("one"));
    deaf.awaitInterrupted();
    assertEndedFor(Reason.RUN_TIMEOUT, named);
    assertTrue(named.toString().contains("[one: "), named::toString);
    deaf.release();
  }

  @Test
  void namesShowWhereverATaskDoes() throws Exception {
    WorkerPool pool =
        pools.build(WorkerPool.builder().size(1).abortGrace(Duration.ofMillis(1)).name("p"));
    Held deaf = pools.deaf();
    Task<?> page = pool.submit(deaf, TaskOptions.named("page $1"));
    Task<?> queued = pool.submit(() -> 1, TaskOptions.named("next"));
    deaf.awaitStarted();
    assertTrue(page.toString().matches(".*\\[page \\$1: Running for PT.*]"), page::toString);
    assertTrue(queued.toString().endsWith("[next: Queued]"), queued::toString);
    assertEquals("page $1", pool.runningTasks().get(0).name());
    String shown = pool.runningTasks().get(0).toString();
    assertTrue(shown.endsWith(" with page $1"), shown);
    pool.shutdownNow();
    TestPools.eventually().until(() -> pool.report().isPresent());
    assertEquals("page $1", pool.report().orElseThrow().stuck().get(0).name());
    String stuck = pool.report().orElseThrow().stuck().get(0).toString();
    assertTrue(stuck.contains(" with page $1"), stuck);
    TaskAbortedException why = assertThrows(TaskAbortedException.class, queued::join);
    assertTrue(why.getMessage().startsWith("Task next aborted by pool p: "), why::getMessage);
    deaf.release();
  }

  @Test
  void badInputIsNamed() {
    WorkerPool pool = pools.fixed(1);
    TaskOptions options = TaskOptions.named("one");
    assertNames("limit must be positive, but was PT0S", () -> options.runWithin(Duration.ZERO));
    assertNames(
        "limit must be positive, but was PT-1S", () -> options.startWithin(Duration.ofSeconds(-1)));
    assertNames("name must not be blank, but was \" \"", () -> TaskOptions.named(" "));
    assertNull("limit", () -> TaskOptions.startingWithin(null));
    assertNull("name", () -> TaskOptions.named(null));
    assertNull("options", () -> pool.execute(() -> {}, null));
    assertNull("options", () -> pool.submit(() -> 1, (TaskOptions) null));
    assertNull("task", () -> pool.submit((Runnable) null, options));
    assertNull("task", () -> pool.submit((Callable<?>) null, options));
    assertNull("command", () -> pool.execute(null, options));
    assertNull("taskOptions", () -> WorkerPool.builder().taskOptions(null));
    assertEquals(0, pool.stats().accepted());
    assertEquals(options, TaskOptions.named("one"));
    assertEquals(options.hashCode(), TaskOptions.named("one").hashCode());
    assertEquals(
        "TaskOptions[name=one startWithin=PT1S runWithin=PT2S]",
        options.startWithin(Duration.ofSeconds(1)).runWithin(Duration.ofSeconds(2)).toString());
  }

  private static void assertNames(String message, Runnable call) {
    assertEquals(message, assertThrows(IllegalArgumentException.class, call::run).getMessage());
  }

  private static void assertNull(String name, Runnable call) {
    assertEquals(name, assertThrows(NullPointerException.class, call::run).getMessage());
  }

  /** What throws reaches that of the thread factory where the pool has none; so does this. */
  @Test
  void aPeriodThatALimitEndsReachesTheHandlerOfTheFactory() throws Exception {
    Queue<Throwable> told = new ConcurrentLinkedQueue<>();
    WorkerPool pool =
        pools.build(
            WorkerPool.builder()
                .size(1)
                .taskOptions(TaskOptions.named("beat").runWithin(SHORT))
                .threadFactory(
                    run -> {
                      Thread thread = new Thread(run);
                      thread.setUncaughtExceptionHandler((on, thrown) -> told.add(thrown));
                      return thread;
                    }));
    pool.scheduleAtFixedRate(pools.held(), Duration.ZERO, SHORT);
    TestPools.eventually().until(() -> !told.isEmpty());
    assertEquals(Reason.RUN_TIMEOUT, ((TaskAbortedException) told.remove()).reason());
  }
}
