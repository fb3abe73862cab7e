package io.threadpool.contract;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.threadpool.PoolStats;
import io.threadpool.RejectedTaskException;
import io.threadpool.SaturationPolicy;
import io.threadpool.ShutdownPolicy;
import io.threadpool.Task;
import io.threadpool.WorkerPool;
import io.threadpool.WorkerPoolBuilder;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * What the public methods say to null, zero, negative and overlong arguments: the error names
 * argument and value, and nothing is changed.
 */
class BadInputTest {

  private static final Duration OVERLONG = Duration.ofSeconds(Long.MAX_VALUE, 999_999_999);

  @RegisterExtension final TestPools pools = new TestPools();

  private static void assertNames(String name, Object value, Executable call) {
    Class<? extends Exception> type =
        value == null ? NullPointerException.class : IllegalArgumentException.class;
    String message = String.valueOf(assertThrows(type, call).getMessage());
    assertTrue(message.contains(name), message);
    assertTrue(value == null || message.contains(String.valueOf(value)), message);
  }

  // The builder.

  @ParameterizedTest
  @ValueSource(ints = {0, -1, 1_048_576, Integer.MAX_VALUE, Integer.MIN_VALUE})
  void aSizeOutOfRange(int size) {
    WorkerPoolBuilder builder = WorkerPool.builder().size(2);
    assertNames("size", size, () -> builder.size(size));
    assertNames("size", size, () -> WorkerPool.fixed(size));
    assertEquals(2, pools.build(builder).stats().size());
  }

  /** Virtual threads may be more: whether they are asked for is known when the pool is built. */
  @Test
  void aSizeForVirtualThreadsAlone() {
    assertNames("size", 32_768, () -> WorkerPool.fixed(32_768));
    WorkerPoolBuilder builder = WorkerPool.builder().size(32_768);
    String message = assertThrows(IllegalStateException.class, builder::build).getMessage();
    assertTrue(message.contains("size (32768) is more than 32767"), message);
  }

  @ParameterizedTest
  @ValueSource(ints = {0, -1, Integer.MIN_VALUE})
  void aCapacityOutOfRange(int capacity) throws Exception {
    WorkerPoolBuilder builder = WorkerPool.builder().size(1).queueCapacity(1);
    assertNames("queueCapacity", capacity, () -> builder.queueCapacity(capacity));
    WorkerPool pool = pools.build(builder);
    pools.occupy(pool);
    pool.execute(() -> {});
    assertThrows(RejectedTaskException.class, () -> pool.execute(() -> {}));
  }

  static Stream<Duration> negative() {
    return Stream.of(Duration.ofNanos(-1), Duration.ofDays(-1), Duration.ofSeconds(Long.MIN_VALUE));
  }

  @ParameterizedTest
  @MethodSource("negative")
  void aNegativeDuration(Duration negative) {
    assertNames("abortGrace", negative, () -> WorkerPool.builder().abortGrace(negative));
    assertNames("deadline", negative, () -> ShutdownPolicy.drainFor(negative));
    assertNames("timeout", negative, () -> SaturationPolicy.block(negative));
  }

  @Test
  void nullsToTheBuilder() {
    WorkerPoolBuilder builder = WorkerPool.builder().size(1);
    assertNames("name", null, () -> builder.name(null));
    assertNames("threadFactory", null, () -> builder.threadFactory(null));
    assertNames("shutdownPolicy", null, () -> builder.shutdownPolicy(null));
    assertNames("abortGrace", null, () -> builder.abortGrace(null));
    assertNames("uncaughtHandler", null, () -> builder.uncaughtHandler(null));
    assertNames("saturationPolicy", null, () -> builder.saturationPolicy(null));
    assertNames("taskDecorator", null, () -> builder.taskDecorator(null));
    assertNames("exitPolicy", null, () -> builder.onJvmExit(null));
    assertNames("deadline", null, () -> ShutdownPolicy.drainFor(null));
    assertNames("timeout", null, () -> SaturationPolicy.block(null));
    assertEquals(1, pools.build(builder).stats().size());
  }

  @ParameterizedTest
  @ValueSource(strings = {"", " ", "\t\n"})
  void aBlankName(String name) {
    WorkerPoolBuilder builder = WorkerPool.builder().size(1).name("kept");
    assertNames("name", "\"" + name + "\"", () -> builder.name(name));
    assertEquals("kept", pools.build(builder).name());
  }

  @Test
  void anExitPolicyWithoutADeadline() {
    assertNames(
        "exitPolicy",
        ShutdownPolicy.drain(),
        () -> WorkerPool.builder().onJvmExit(ShutdownPolicy.drain()));
  }

  static Stream<Arguments> conflicts() {
    return Stream.of(
        Arguments.of(WorkerPool.builder(), List.of("size")),
        Arguments.of(
            WorkerPool.builder().size(1).queueCapacity(3).unboundedQueue(),
            List.of("queueCapacity", "3", "unboundedQueue")),
        Arguments.of(
            WorkerPool.builder().size(1).unboundedQueue().queueCapacity(3),
            List.of("queueCapacity", "3", "unboundedQueue")),
        Arguments.of(
            WorkerPool.builder().size(1).name("mine").threadFactory(Thread::new),
            List.of("name", "mine", "threadFactory")),
        Arguments.of(
            WorkerPool.builder().size(1).daemon(false).threadFactory(Thread::new),
            List.of("daemon", "false", "threadFactory")),
        Arguments.of(
            WorkerPool.builder()
                .name("mine")
                .daemon(true)
                .threadFactory(Thread::new)
                .queueCapacity(3)
                .unboundedQueue(),
            List.of(
                "size",
                "name",
                "mine",
                "daemon",
                "true",
                "threadFactory",
                "queueCapacity",
                "unboundedQueue")));
  }

  @ParameterizedTest
  @MethodSource("conflicts")
  void whatDoesNotGoTogetherIsReportedAllAtOnce(WorkerPoolBuilder builder, List<String> words) {
    String message = assertThrows(IllegalStateException.class, builder::build).getMessage();
    for (String word : words) {
      assertTrue(message.contains(word), message);
    }
  }

  @Test
  void aBuilderMayBeCorrectedAndUsedAgain() {
    WorkerPoolBuilder builder = WorkerPool.builder();
    assertThrows(IllegalStateException.class, builder::build);
    builder.size(1);
    WorkerPool one = pools.build(builder);
    WorkerPool two = pools.build(builder.size(2));
    assertEquals(1, one.stats().size());
    assertEquals(2, two.stats().size());
    assertNotEquals(one.name(), two.name());
  }

  // Durations at their ends.

  @Test
  void zeroAndOverlongDurationsAreTaken() throws Exception {
    assertDoesNotThrow(() -> ShutdownPolicy.drainFor(Duration.ZERO));
    WorkerPool pool =
        pools.build(
            WorkerPool.builder()
                .size(1)
                .queueCapacity(1)
                .abortGrace(OVERLONG)
                .saturationPolicy(SaturationPolicy.block(OVERLONG))
                .shutdownPolicy(ShutdownPolicy.drainFor(OVERLONG)));
    Held held = pools.deaf();
    pool.execute(held);
    held.awaitStarted();
    Task<Integer> queued = pool.submit(() -> 1);
    Caller<Task<Integer>> blocked = pools.call(() -> pool.submit(() -> 2)).awaitBlocked();
    Caller<Boolean> idle = pools.call(() -> pool.awaitIdle(OVERLONG)).awaitBlocked();
    Caller<Boolean> stopped = pools.call(() -> queued.awaitStopped(OVERLONG)).awaitBlocked();
    queued.cancel(false);
    assertTrue(stopped.get());
    Task<Integer> second = blocked.get();
    assertFalse(idle.isDone());
    pool.shutdown();
    Caller<Boolean> ended = pools.call(() -> pool.awaitTermination(OVERLONG)).awaitBlocked();
    assertFalse(held.wasInterrupted());
    held.release();
    assertTrue(ended.get());
    assertTrue(idle.get());
    assertEquals(2, second.join());
  }

  @Test
  void anOverlongGraceIsNotOverAtOnce() throws Exception {
    WorkerPool pool = pools.build(WorkerPool.builder().size(1).abortGrace(OVERLONG));
    Held held = pools.deaf();
    pool.execute(held);
    held.awaitStarted();
    pool.shutdownNow();
    assertFalse(pool.awaitTermination(Duration.ofMillis(20)));
    assertTrue(pool.report().isEmpty());
    held.release();
    assertTrue(pool.awaitTermination(TestPools.LONG));
    assertEquals(List.of(), pool.report().orElseThrow().stuck());
  }

  @Test
  void awaitStoppedWithoutTimeOnlyLooks() throws Exception {
    WorkerPool pool = pools.fixed(1);
    Held held = pools.held();
    Task<?> task = pool.submit(held);
    held.awaitStarted();
    for (Duration none : List.of(Duration.ZERO, Duration.ofSeconds(Long.MIN_VALUE))) {
      assertFalse(pools.call(() -> task.awaitStopped(none)).get());
    }
    assertFalse(task.awaitStopped(Duration.ofNanos(1)));
  }

  // The pool and its tasks.

  @Test
  void nullsToThePool() throws Exception {
    WorkerPool pool = pools.fixed(1);
    Task<Integer> task = pool.submit(() -> 1);
    task.get();
    assertTrue(pool.awaitIdle(TestPools.LONG));
    PoolStats before = pool.stats();
    assertNames("command", null, () -> pool.execute(null));
    assertNames("task", null, () -> pool.submit((Runnable) null));
    assertNames("task", null, () -> pool.submit((Callable<Object>) null));
    assertNames("task", null, () -> pool.submit(null, 1));
    assertNames("tasks", null, () -> pool.invokeAll(null));
    assertNames("tasks", null, () -> pool.invokeAny(null));
    assertNames("unit", null, () -> pool.invokeAll(List.of(), 1, null));
    assertNames("unit", null, () -> pool.invokeAny(List.of(), 1, null));
    assertNames("policy", null, () -> pool.shutdown(null));
    assertNames("unit", null, () -> pool.awaitTermination(1, null));
    assertNames("timeout", null, () -> pool.awaitTermination(null));
    assertNames("timeout", null, () -> pool.awaitIdle(null));
    assertNames("timeout", null, () -> task.awaitStopped(null));
    assertNames("unit", null, () -> task.get(1, null));
    assertFalse(pool.isShutdown());
    assertEquals(before.toString(), pool.stats().toString());
    assertEquals(2, pool.submit(() -> 2).get());
  }

  // The value classes.

  @Test
  void policiesAreValues() {
    assertEquals(ShutdownPolicy.drain(), ShutdownPolicy.drain());
    assertEquals(
        ShutdownPolicy.drainFor(Duration.ofSeconds(1)),
        ShutdownPolicy.drainFor(Duration.ofMillis(1000)));
    assertEquals(
        ShutdownPolicy.drainFor(Duration.ofSeconds(1)).hashCode(),
        ShutdownPolicy.drainFor(Duration.ofMillis(1000)).hashCode());
    assertNotEquals(ShutdownPolicy.drain(), ShutdownPolicy.abort());
    assertNotEquals(ShutdownPolicy.drain(), ShutdownPolicy.drainFor(OVERLONG));
    assertNotEquals(ShutdownPolicy.drain(), "drain()");
    assertEquals("drainFor(PT1S)", ShutdownPolicy.drainFor(Duration.ofSeconds(1)).toString());
    assertEquals("drain()", ShutdownPolicy.drain().toString());
    assertEquals("abort()", ShutdownPolicy.abort().toString());
    assertEquals(
        SaturationPolicy.block(Duration.ofSeconds(1)),
        SaturationPolicy.block(Duration.ofMillis(1000)));
    assertEquals(
        SaturationPolicy.block(Duration.ofSeconds(1)).hashCode(),
        SaturationPolicy.block(Duration.ofMillis(1000)).hashCode());
    assertEquals(SaturationPolicy.block(), SaturationPolicy.block(Duration.ofDays(365_000)));
    assertNotEquals(SaturationPolicy.block(), SaturationPolicy.block(Duration.ZERO));
    assertNotEquals(SaturationPolicy.reject(), SaturationPolicy.callerRuns());
    assertNotEquals(SaturationPolicy.reject(), null);
    assertEquals("block(PT1S)", SaturationPolicy.block(Duration.ofSeconds(1)).toString());
  }

  /** In any order, in one expression. */
  @Test
  void eachSetterReturnsItsBuilder() {
    WorkerPoolBuilder builder = WorkerPool.builder();
    for (WorkerPoolBuilder returned :
        List.of(
            builder.size(1),
            builder.size(32_767),
            builder.name("name"),
            builder.daemon(true),
            builder.threadFactory(Thread::new),
            builder.shutdownPolicy(ShutdownPolicy.drain()),
            builder.abortGrace(Duration.ZERO),
            builder.uncaughtHandler((thread, thrown) -> {}),
            builder.queueCapacity(1),
            builder.unboundedQueue(),
            builder.saturationPolicy(SaturationPolicy.reject()),
            builder.taskDecorator(body -> body),
            builder.onJvmExit(ShutdownPolicy.drainFor(Duration.ofSeconds(1))))) {
      assertSame(builder, returned);
    }
  }

  @Test
  void statsSayWhatTheyCount() throws Exception {
    WorkerPool pool = pools.build(WorkerPool.builder().size(2));
    pool.submit(() -> {}).get();
    TestPools.eventually().until(() -> pool.stats().workers() == 2); // Each counts itself.
    assertEquals(
        "PoolStats[size=2, workers=2, largest=2, active=0, queued=0, delayed=0, accepted=1, completed=1, failed=0, cancelled=0, "
            + "aborted=0, rejected=0]",
        idle(pool).toString());
  }

  private static PoolStats idle(WorkerPool pool) throws InterruptedException {
    assertTrue(pool.awaitIdle(Duration.ofSeconds(20)));
    return pool.stats();
  }

  // After the end.

  @Test
  void aTerminatedPoolRefusesAndStillAnswers() throws Exception {
    WorkerPool pool = pools.build(WorkerPool.builder().size(2).name("ended"));
    assertEquals(1, pool.submit(() -> 1).get());
    pool.close();
    for (Executable submission :
        List.<Executable>of(
            () -> pool.execute(() -> {}),
            () -> pool.submit(() -> 1),
            () -> pool.submit(() -> {}),
            () -> pool.submit(() -> {}, 1),
            () -> pool.invokeAll(List.of(() -> 1)),
            () -> pool.invokeAny(List.of(() -> 1)))) {
      RejectedTaskException refused = assertThrows(RejectedTaskException.class, submission);
      assertEquals(RejectedTaskException.Reason.SHUTDOWN, refused.reason());
      assertEquals("ended", refused.pool());
      assertEquals(2, refused.size());
      assertEquals(0, refused.queued());
      assertTrue(refused.getMessage().contains("ended"), refused.getMessage());
    }
    assertEquals(6, pool.stats().rejected());
    assertEquals(1, pool.stats().completed());
    assertEquals(2, pool.stats().size());
    assertEquals(1, pool.report().orElseThrow().accepted());
    assertEquals(2, pool.report().orElseThrow().size());
    assertFalse(pool.report().orElseThrow().elapsed().isNegative());
    assertTrue(pool.isShutdown());
    assertTrue(pool.isTerminated());
    assertTrue(pool.awaitTermination(Duration.ZERO));
    assertTrue(pool.awaitTermination(0, TimeUnit.SECONDS));
    assertTrue(pool.awaitIdle(Duration.ZERO));
    assertEquals("ended", pool.name());
    assertTrue(pool.toString().contains("ended"));
    assertEquals(List.of(), pool.shutdownNow());
    pool.shutdown();
    pool.shutdown(ShutdownPolicy.abort());
    pool.close();
    assertSame(pool.report().orElseThrow(), pool.report().orElseThrow());
  }
}
