package io.threadpool.contract;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.threadpool.SaturationPolicy;
import io.threadpool.Task;
import io.threadpool.TaskOptions;
import io.threadpool.WorkerPool;
import io.threadpool.WorkerPoolBuilder;
import java.time.Duration;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Function;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** The task decorator: on the submitter's thread, around every body, whatever it does. */
class DecoratorTest {

  /** What a submitter has that its tasks are to have too. */
  private static final ThreadLocal<String> CONTEXT = new ThreadLocal<>();

  @RegisterExtension final TestPools pools = new TestPools();

  @AfterEach
  void clear() {
    CONTEXT.remove();
  }

  /** Carries the submitter's context to the body, and puts back what was there. */
  private static Runnable carry(Runnable body) {
    String captured = CONTEXT.get();
    return () -> {
      String before = CONTEXT.get();
      set(captured);
      try {
        body.run();
      } finally {
        set(before);
      }
    };
  }

  private static void set(String value) {
    if (value == null) {
      CONTEXT.remove();
    } else {
      CONTEXT.set(value);
    }
  }

  private WorkerPool pool(UnaryOperator<Runnable> decorator) {
    return pools.build(WorkerPool.builder().size(1).taskDecorator(decorator));
  }

  @Test
  void theContextOfTheSubmitterReachesEveryKindOfBodyAndDoesNotLeak() throws Exception {
    WorkerPool pool = pool(DecoratorTest::carry);
    CONTEXT.set("submitter");
    AtomicReference<String> raw = new AtomicReference<>();
    pool.execute(() -> raw.set(CONTEXT.get()));
    assertEquals("submitter", pool.submit(CONTEXT::get).get());
    assertEquals("submitter", raw.get());
    pool.submit(() -> raw.set("runnable " + CONTEXT.get())).get();
    assertEquals("runnable submitter", raw.get());
    assertEquals("given", pool.submit(() -> raw.set(CONTEXT.get() + "!"), "given").get());
    assertEquals("submitter!", raw.get());
    Callable<String> reads = CONTEXT::get;
    for (Future<String> future : pool.invokeAll(List.of(reads, reads))) {
      assertEquals("submitter", future.get());
    }
    assertEquals("submitter", pool.invokeAny(List.of(reads)));
    CONTEXT.remove();
    assertNull(pool.submit(CONTEXT::get).get());
  }

  @Test
  void theContextSurvivesAnInlineJoin() throws Exception {
    WorkerPool pool = pool(DecoratorTest::carry);
    CONTEXT.set("outer");
    Task<String> outer =
        pool.submit(
            () -> {
              CONTEXT.set("changed");
              Task<String> inner = pool.submit(CONTEXT::get);
              CONTEXT.set("later");
              return inner.join() + " " + CONTEXT.get();
            });
    assertEquals("changed later", outer.get(TestPools.LONG.toSeconds(), TimeUnit.SECONDS));
    CONTEXT.remove();
    assertNull(pool.submit(CONTEXT::get).get());
  }

  @Test
  void theContextIsThereUnderCallerRuns() throws Exception {
    WorkerPool pool =
        pools.build(
            WorkerPool.builder()
                .size(1)
                .queueCapacity(1)
                .saturationPolicy(SaturationPolicy.callerRuns())
                .taskDecorator(DecoratorTest::carry));
    pools.occupy(pool);
    pool.execute(() -> {});
    CONTEXT.set("caller");
    assertEquals("caller", pool.submit(CONTEXT::get).get());
    AtomicReference<String> raw = new AtomicReference<>();
    pool.execute(
        () -> {
          raw.set(CONTEXT.get());
          CONTEXT.set("leaked");
        });
    assertEquals("caller", raw.get());
    assertEquals("caller", CONTEXT.get());
  }

  @Test
  void theDecoratorIsAppliedOnceATaskOnTheSubmittersThread() throws Exception {
    Queue<Thread> applied = new ConcurrentLinkedQueue<>();
    WorkerPool pool =
        pool(
            body -> {
              applied.add(Thread.currentThread());
              return body;
            });
    pool.execute(() -> {});
    pool.submit(() -> 1).get();
    pool.submit(() -> {}).get();
    pool.submit(() -> {}, 1).get();
    assertEquals(4, applied.size());
    assertTrue(applied.stream().allMatch(thread -> thread == Thread.currentThread()));
  }

  @Test
  void aDecoratorThatReturnsNullOrThrowsRefusesTheSubmission() {
    WorkerPool pool = pool(body -> null);
    assertThrows(NullPointerException.class, () -> pool.execute(() -> {}));
    assertThrows(NullPointerException.class, () -> pool.submit(() -> {}));
    assertThrows(NullPointerException.class, () -> pool.submit(() -> 1));
    assertThrows(NullPointerException.class, () -> pool.submit(() -> {}, 1));
    assertThrows(NullPointerException.class, () -> pool.invokeAll(List.of(() -> 1)));
    assertEquals(0, pool.stats().accepted());
    IllegalStateException thrown = new IllegalStateException("decorator");
    WorkerPool other =
        pool(
            body -> {
              throw thrown;
            });
    assertSame(thrown, assertThrows(IllegalStateException.class, () -> other.execute(() -> {})));
    assertSame(thrown, assertThrows(IllegalStateException.class, () -> other.submit(() -> 1)));
    assertSame(
        thrown, assertThrows(IllegalStateException.class, () -> other.invokeAny(List.of(() -> 1))));
    assertEquals(0, other.stats().accepted());
  }

  @Test
  void aDecoratorThatFailsAmidABulkCallLeavesNothingBehind() throws Exception {
    AtomicInteger calls = new AtomicInteger();
    WorkerPool pool =
        pool(
            body -> {
              if (calls.incrementAndGet() == 3) {
                throw new IllegalStateException("decorator");
              }
              return body;
            });
    Held held = pools.held();
    pool.execute(held);
    held.awaitStarted();
    AtomicInteger runs = new AtomicInteger();
    assertThrows(
        IllegalStateException.class,
        () -> pool.invokeAll(List.of(runs::incrementAndGet, runs::incrementAndGet)));
    held.release();
    assertTrue(pool.awaitIdle(TestPools.LONG));
    assertEquals(0, runs.get());
    assertEquals(1, pool.stats().cancelled());
  }

  @Test
  void whatTheDecoratedRunnableThrowsIsATaskFailure() throws Exception {
    IllegalStateException thrown = new IllegalStateException("decorated");
    Queue<Throwable> heard = new ConcurrentLinkedQueue<>();
    WorkerPoolBuilder builder =
        WorkerPool.builder()
            .size(1)
            .uncaughtHandler((thread, t) -> heard.add(t))
            .taskDecorator(
                body ->
                    () -> {
                      throw thrown;
                    });
    WorkerPool pool = pools.build(builder);
    Task<Integer> task = pool.submit(() -> 1);
    assertSame(thrown, assertThrows(ExecutionException.class, task::get).getCause());
    pool.execute(() -> {});
    assertTrue(pool.awaitIdle(TestPools.LONG));
    assertEquals(List.of(thrown), List.copyOf(heard));
    assertEquals(2, pool.stats().failed());
  }

  @Test
  void aDecoratorThatSkipsTheBodyFailsItsTask() throws Exception {
    WorkerPool pool = pool(body -> () -> {});
    AtomicInteger runs = new AtomicInteger();
    Task<Integer> task = pool.submit(runs::incrementAndGet);
    assertTrue(
        assertThrows(ExecutionException.class, task::get).getCause()
            instanceof IllegalStateException);
    assertEquals(0, runs.get());
    assertEquals(1, pool.stats().failed());
  }

  @Test
  void aDecoratorSeesAFailureAndMayNotHideItFromTheHandle() throws Exception {
    AtomicReference<Throwable> seen = new AtomicReference<>();
    WorkerPool pool =
        pool(
            body ->
                () -> {
                  try {
                    body.run();
                  } catch (Throwable thrown) {
                    seen.set(thrown);
                  }
                });
    Exception thrown = new Exception("body");
    Task<?> task =
        pool.submit(
            () -> {
              throw thrown;
            });
    assertSame(thrown, assertThrows(ExecutionException.class, task::get).getCause());
    assertSame(thrown, seen.get());
  }

  @Test
  void decoratedCommandsAreReturnedAsTheyWereGiven() throws Exception {
    WorkerPool pool = pool(DecoratorTest::carry);
    pools.occupy(pool);
    Runnable raw = () -> {};
    pool.execute(raw);
    Task<Integer> task = pool.submit(() -> 1);
    List<Runnable> unstarted = pool.shutdownNow();
    assertEquals(2, unstarted.size());
    assertSame(raw, unstarted.get(0));
    assertSame(task, unstarted.get(1));
  }

  @Test
  void asyncStagesAreDecoratedWhereTheyAreSubmitted() throws Exception {
    WorkerPool pool = pool(DecoratorTest::carry);
    Task<Integer> task = pool.submit(() -> 1);
    task.get();
    CONTEXT.set("stage");
    assertEquals("stage", task.thenApplyAsync(x -> CONTEXT.get()).get());
  }

  /** A decorator has another pool run what it decorates, in each way; that pool has none. */
  @Test
  void whatAnotherPoolRunsForADecoratorIsDecoratedOnce() throws Exception {
    WorkerPool other = pools.fixed(1);
    List<Function<Runnable, Future<?>>> ways =
        List.of(
            other::submit,
            body -> other.submit(body, TaskOptions.named("other")),
            body -> other.schedule(body, Duration.ZERO));
    for (Function<Runnable, Future<?>> way : ways) {
      AtomicInteger decorated = new AtomicInteger();
      WorkerPool pool =
          pools.build(
              WorkerPool.builder()
                  .size(1)
                  .taskDecorator(
                      body ->
                          () -> {
                            assertEquals(1, decorated.incrementAndGet());
                            try {
                              way.apply(body).get();
                            } catch (Exception e) {
                              throw new AssertionError(e);
                            }
                          }));
      assertEquals(42, pool.submit(() -> 42).get(20, TimeUnit.SECONDS));
    }
  }
}
