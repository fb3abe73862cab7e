package io.threadpool.contract;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.threadpool.Batch;
import io.threadpool.Batch.Progress;
import io.threadpool.BatchResults;
import io.threadpool.RejectedTaskException;
import io.threadpool.RejectedTaskException.Reason;
import io.threadpool.SaturationPolicy;
import io.threadpool.Task;
import io.threadpool.TaskAbortedException;
import io.threadpool.TaskOptions;
import io.threadpool.WorkerPool;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Items of a source of any length, with a window of them in flight. */
class BatchTest {

  @RegisterExtension final TestPools pools = new TestPools();

  private final IllegalStateException thrown = new IllegalStateException("for the test");

  /** How many items were taken from the {@link #numbers}. */
  private final AtomicInteger taken = new AtomicInteger();

  /** A source of numbers from 0 on. */
  private Iterator<Integer> numbers(int count) {
    return Stream.generate(taken::getAndIncrement).limit(count).iterator();
  }

  /** A source of numbers from 0 on that breaks. */
  private Iterator<Integer> brokenAfter(int count) {
    return Stream.generate(taken::getAndIncrement)
        .peek(
            number -> {
              if (number == count) {
                throw thrown;
              }
            })
        .iterator();
  }

  private static <R> List<R> all(BatchResults<R> results) {
    List<R> all = new ArrayList<>();
    try (results) {
      results.forEachRemaining(all::add);
    }
    return all;
  }

  private static List<Integer> range(int count) {
    return IntStream.range(0, count).boxed().toList();
  }

  private static <T> T result(Task<T> task) throws Exception {
    return task.get(TestPools.LONG.toSeconds(), TimeUnit.SECONDS);
  }

  private List<Held> held(int count) {
    return Stream.generate(pools::held).limit(count).toList();
  }

  private static Integer run(List<Held> bodies, int number) {
    bodies.get(number).run();
    return number;
  }

  // The results.

  @ParameterizedTest
  @CsvSource({"1, 1", "1, 7", "2, 1", "2, 100", "4, 2", "4, 1000000"})
  void theResultsComeInTheOrderOfTheSource(int size, int window) {
    Batch batch = Batch.on(pools.fixed(size)).window(window);
    assertEquals(range(2_000), all(batch.map(numbers(2_000), number -> number)));
    assertEquals(range(10), all(batch.map(range(10).stream(), number -> number)));
    assertEquals(List.of(), all(batch.map(numbers(0), number -> number)));
    assertEquals(new Progress(2_010, 2_010, 0), batch.progress());
  }

  @Test
  void anItemAndAResultMayBeNull() {
    Batch batch = Batch.on(pools.fixed(2));
    List<String> items = Arrays.asList("a", null, "b");
    assertEquals(items, all(batch.map(items.iterator(), item -> item)));
  }

  @Test
  void nothingIsTakenBeforeItIsAskedForAndNeverMoreThanAWindow() throws Exception {
    WorkerPool pool = pools.fixed(2);
    List<Held> bodies = held(100);
    Batch batch = Batch.on(pool).window(5);
    try (BatchResults<Integer> results = batch.map(numbers(100), number -> run(bodies, number))) {
      assertEquals(0, taken.get());
      Caller<Integer> first = pools.call(results::next).awaitBlocked();
      bodies.get(1).awaitStarted();
      TestPools.eventually().until(() -> batch.progress().equals(new Progress(2, 0, 0)));
      assertEquals(5, taken.get());
      bodies.get(1).release(); // Not the oldest: nothing more is taken.
      bodies.get(2).awaitStarted();
      assertEquals(5, taken.get());
      bodies.get(0).release();
      assertEquals(0, first.get());
      assertEquals(1, results.next());
      assertEquals(6, taken.get());
    }
  }

  @Test
  void whatFailsIsToldInItsPlace() {
    Batch batch = Batch.on(pools.fixed(2)).window(10);
    Exception checked = new Exception();
    try (BatchResults<Integer> results =
        batch.map(
            numbers(100),
            number -> {
              if (number % 2 == 1) {
                throw checked;
              }
              return number;
            })) {
      for (int i = 0; i < 100; i += 2) {
        assertEquals(i, results.next());
        assertSame(checked, assertThrows(CompletionException.class, results::next).getCause());
      }
      assertFalse(results.hasNext());
      assertThrows(NoSuchElementException.class, results::next);
    }
    assertEquals(new Progress(100, 50, 50), batch.progress());
  }

  // All of them.

  /** Though it was settled, and its result taken. */
  @Test
  void aBodyThatIgnoresItsLimitIsWaitedFor() throws Exception {
    TaskOptions limit = TaskOptions.runningWithin(Duration.ofMillis(10));
    WorkerPool pool = pools.add(WorkerPool.builder().size(1).taskOptions(limit).build());
    CountDownLatch go = new CountDownLatch(1);
    CountDownLatch over = new CountDownLatch(1);
    Thread owner =
        new Thread(
            () -> {
              assertThrows(
                  ExecutionException.class,
                  () ->
                      Batch.on(pool)
                          .forEach(
                              numbers(1),
                              number -> {
                                while (go.getCount() > 0) {
                                  Thread.onSpinWait();
                                }
                              }));
              over.countDown();
            });
    owner.start();
    TestPools.eventually().until(() -> pool.stats().aborted() == 1);
    TestPools.eventually()
        .until(() -> over.getCount() == 0 || owner.getState() == Thread.State.TIMED_WAITING);
    assertEquals(1, over.getCount());
    go.countDown();
    owner.join();
    assertEquals(0, over.getCount());
  }

  @Test
  void eachIsDoneAndTheFirstFailureThrown() {
    WorkerPool pool = pools.fixed(2);
    Batch batch = Batch.on(pool).window(7);
    ConcurrentLinkedQueue<Integer> done = new ConcurrentLinkedQueue<>();
    ExecutionException failure =
        assertThrows(
            ExecutionException.class,
            () ->
                batch.forEach(
                    numbers(1_000),
                    number -> {
                      done.add(number);
                      if (number == 300) {
                        throw thrown;
                      } else if (number > 900) {
                        throw new IllegalArgumentException();
                      }
                    }));
    assertSame(thrown, failure.getCause());
    assertEquals(range(1_000), done.stream().sorted().toList());
    assertEquals(new Progress(1_000, 900, 100), batch.progress());
  }

  @Test
  void aStreamIsReadOnce() throws Exception {
    Batch batch = Batch.on(pools.fixed(1));
    Stream<Integer> stream = range(3).stream();
    batch.forEach(stream, number -> {});
    assertThrows(IllegalStateException.class, () -> batch.forEach(stream, number -> {}));
    assertEquals(3, batch.progress().done());
  }

  // The source breaks.

  @ParameterizedTest
  @ValueSource(ints = {1, 3, 1_000})
  void whatTheSourceThrowsComesBehindTheResultsBeforeIt(int window) {
    Batch batch = Batch.on(pools.fixed(2)).window(window);
    try (BatchResults<Integer> results = batch.map(brokenAfter(50), number -> number)) {
      for (int i = 0; i < 50; i++) {
        assertTrue(results.hasNext());
        assertEquals(i, results.next());
      }
      assertTrue(results.hasNext());
      assertSame(thrown, assertThrows(IllegalStateException.class, results::next));
      assertFalse(results.hasNext());
      assertThrows(NoSuchElementException.class, results::next);
    }
    assertEquals(51, taken.get());
  }

  @Test
  void whatTheSourceThrowsIsThrownWhenThoseBeforeAreDone() {
    Batch batch = Batch.on(pools.fixed(2)).window(10);
    IllegalArgumentException failure = new IllegalArgumentException();
    IllegalStateException end =
        assertThrows(
            IllegalStateException.class,
            () ->
                batch.forEach(
                    brokenAfter(50),
                    number -> {
                      if (number == 20) {
                        throw failure;
                      }
                    }));
    assertSame(thrown, end);
    assertEquals(List.of(failure), List.of(end.getSuppressed()));
    assertEquals(new Progress(50, 49, 1), batch.progress());
  }

  @Test
  void oneExceptionMayBeThrownByBoth() {
    Batch batch = Batch.on(pools.fixed(1)).window(10);
    IllegalStateException end =
        assertThrows(
            IllegalStateException.class,
            () ->
                batch.forEach(
                    brokenAfter(1),
                    number -> {
                      throw thrown;
                    }));
    assertSame(thrown, end);
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void whatTheDecoratorThrowsComesBehindTheResultsBeforeIt(boolean isError) {
    AssertionError error = new AssertionError("for the test");
    AtomicInteger decorated = new AtomicInteger();
    WorkerPool pool =
        pools.build(
            WorkerPool.builder()
                .size(1)
                .taskDecorator(
                    body -> {
                      if (decorated.incrementAndGet() > 3 && isError) {
                        throw error;
                      } else if (decorated.get() > 3) {
                        throw thrown;
                      }
                      return body;
                    }));
    try (BatchResults<Integer> results =
        Batch.on(pool).window(8).map(numbers(5), number -> number)) {
      for (int i = 0; i < 3; i++) {
        assertEquals(i, results.next());
      }
      assertTrue(results.hasNext());
      assertSame(isError ? error : thrown, assertThrows(Throwable.class, results::next));
      assertFalse(results.hasNext());
    }
    assertEquals(4, decorated.get());
  }

  @Test
  void anErrorOfTheSourceIsThrownAsItIs() {
    Batch batch = Batch.on(pools.fixed(1));
    StackOverflowError error = new StackOverflowError("for the test");
    Iterator<Integer> source =
        Stream.<Integer>generate(
                () -> {
                  throw error;
                })
            .iterator();
    assertSame(error, assertThrows(StackOverflowError.class, () -> batch.forEach(source, x -> {})));
  }

  // It ends early.

  /** Two items run, and two are queued, when the consumer throws. */
  @Test
  void theCloseCancelsWhatIsInFlight() throws Exception {
    WorkerPool pool = pools.fixed(2);
    List<Held> bodies = held(5);
    Batch batch = Batch.on(pool).window(5);
    BatchResults<Integer> results = batch.map(numbers(1_000), number -> run(bodies, number));
    Caller<Object> consumer =
        pools.call(
            () -> {
              try (results) {
                assertEquals(0, results.next());
                bodies.get(2).awaitStarted();
                throw thrown;
              }
            });
    bodies.get(1).awaitStarted();
    TestPools.eventually().until(() -> pool.stats().accepted() == 5);
    bodies.get(0).release();
    assertSame(thrown, assertThrows(ExecutionException.class, consumer::get).getCause());
    assertTrue(bodies.get(1).wasInterrupted());
    assertTrue(bodies.get(2).wasInterrupted());
    assertFalse(results.hasNext());
    assertThrows(NoSuchElementException.class, results::next);
    results.close();
    assertTrue(pool.awaitIdle(TestPools.LONG));
    assertEquals(3, batch.progress().begun());
    assertEquals(5, taken.get());
    assertEquals(4, pool.stats().cancelled());
  }

  @Test
  void theCloseWaitsForWhatIgnoresItsInterrupt() throws Exception {
    WorkerPool pool = pools.fixed(1);
    Held deaf = pools.deaf();
    Caller<Boolean> consumer =
        pools.call(
            () -> {
              try (BatchResults<Integer> results =
                  Batch.on(pool).map(Stream.of(deaf), BatchTest::ran)) {
                boolean some = results.hasNext();
                deaf.awaitStarted();
                return some;
              }
            });
    deaf.awaitInterrupted();
    consumer.awaitBlocked();
    deaf.release();
    assertTrue(consumer.get());
  }

  @Test
  void theCloseGivesUpWhatThePoolReportsAsStuck() throws Exception {
    WorkerPool pool =
        pools.build(WorkerPool.builder().size(1).abortGrace(Duration.ofMillis(20)).daemon(true));
    Held deaf = pools.deaf();
    AtomicReference<BatchResults<Integer>> closed = new AtomicReference<>();
    Caller<Boolean> consumer =
        pools.call(
            () -> {
              try (BatchResults<Integer> results =
                  Batch.on(pool).map(Stream.of(deaf, deaf), BatchTest::ran)) {
                closed.set(results);
                boolean some = results.hasNext();
                deaf.awaitStarted();
                return some;
              }
            });
    deaf.awaitInterrupted();
    consumer.awaitBlocked();
    pool.shutdownNow();
    Throwable end = assertThrows(ExecutionException.class, consumer::get).getCause();
    assertInstanceOf(IllegalStateException.class, end);
    assertFalse(closed.get().hasNext());
    assertThrows(NoSuchElementException.class, closed.get()::next);
    deaf.release();
  }

  private static Integer ran(Held body) {
    body.run();
    return 1;
  }

  @Test
  void resultsThatAreDroppedHoldUpNobody() throws Exception {
    WorkerPool pool = pools.fixed(1);
    Batch batch = Batch.on(pool).window(10);
    assertEquals(0, batch.map(numbers(1_000), number -> number).next());
    pool.close();
    assertEquals(taken.get(), batch.progress().done());
    assertTrue(taken.get() <= 10, () -> "taken " + taken);
  }

  // Interrupts.

  @Test
  void anInterruptIsToldAndTheResultIsNotLost() throws Exception {
    WorkerPool pool = pools.fixed(1);
    List<Held> bodies = held(3);
    try (BatchResults<Integer> results =
        Batch.on(pool).map(numbers(3), number -> run(bodies, number))) {
      CountDownLatch told = new CountDownLatch(1);
      Caller<Integer> consumer =
          pools.call(
              () -> {
                CancellationException end =
                    assertThrows(CancellationException.class, results::next);
                told.countDown();
                assertInstanceOf(InterruptedException.class, end.getCause());
                assertTrue(results.hasNext());
                assertThrows(CancellationException.class, results::next);
                assertTrue(Thread.interrupted());
                return results.next();
              });
      bodies.get(0).awaitStarted();
      consumer.awaitBlocked();
      consumer.interrupt();
      Held.await(told, "told");
      bodies.get(0).release();
      assertEquals(0, consumer.get());
    }
  }

  @Test
  void anInterruptEndsForEachAndCancelsWhatIsInFlight() throws Exception {
    WorkerPool pool = pools.fixed(1);
    Held held = pools.held();
    Caller<Object> caller =
        pools.call(
            () -> {
              Batch.on(pool).forEach(Stream.of(held, pools.held()), Held::run);
              return "done";
            });
    held.awaitStarted();
    caller.awaitBlocked();
    caller.interrupt();
    assertInstanceOf(
        InterruptedException.class, assertThrows(ExecutionException.class, caller::get).getCause());
    assertTrue(held.wasInterrupted());
    assertEquals(2, pool.stats().cancelled());
  }

  /** The submitter waits for room, behind others, when it is interrupted. */
  @Test
  void anInterruptDoesNotHideWhatFailedBefore() throws Exception {
    WorkerPool pool = pools.fixed(1);
    Held running = pools.held();
    Thread owner = Thread.currentThread();

    InterruptedException interrupted =
        assertThrows(
            InterruptedException.class,
            () ->
                Batch.on(pool)
                    .window(1)
                    .forEach(
                        numbers(2),
                        number -> {
                          if (number == 0) {
                            throw thrown;
                          }
                          owner.interrupt();
                          running.run();
                        }));

    assertEquals(List.of(thrown), Arrays.asList(interrupted.getSuppressed()));
  }

  @Test
  void anInterruptAmidTheWaitForRoomLosesNothing() throws Exception {
    WorkerPool pool =
        pools.build(
            WorkerPool.builder()
                .size(1)
                .queueCapacity(1)
                .saturationPolicy(SaturationPolicy.block()));
    Held others = pools.occupy(pool);
    pool.execute(() -> {});
    try (BatchResults<Integer> results = Batch.on(pool).map(numbers(3), number -> number)) {
      Caller<Boolean> asking = pools.call(() -> results.hasNext() && Thread.interrupted());
      asking.awaitBlocked();
      asking.interrupt();
      assertTrue(asking.get());
      Caller<Integer> taking = pools.call(results::next);
      taking.awaitBlocked();
      taking.interrupt();
      Throwable end = assertThrows(ExecutionException.class, taking::get).getCause();
      assertInstanceOf(InterruptedException.class, end.getCause());
      others.release();
      assertEquals(range(3), all(results));
    }
  }

  // Pools without room, or closed.

  static List<SaturationPolicy> refusing() {
    return List.of(
        SaturationPolicy.reject(),
        SaturationPolicy.block(),
        SaturationPolicy.block(Duration.ofMillis(1)),
        SaturationPolicy.callerRuns());
  }

  @ParameterizedTest
  @MethodSource("refusing")
  void aWindowMayBeLargerThanTheQueue(SaturationPolicy policy) throws Exception {
    WorkerPool pool =
        pools.build(WorkerPool.builder().size(2).queueCapacity(3).saturationPolicy(policy));
    Batch batch = Batch.on(pool).window(50);
    assertEquals(range(500), all(batch.map(numbers(500), number -> number)));
    AtomicInteger sum = new AtomicInteger();
    batch.forEach(range(500).iterator(), sum::addAndGet);
    assertEquals(124_750, sum.get());
  }

  @ParameterizedTest
  @MethodSource("refusing")
  void aBodyOfAPoolOfOneRunsTheBatchItself(SaturationPolicy policy) throws Exception {
    WorkerPool pool =
        pools.build(WorkerPool.builder().size(1).queueCapacity(3).saturationPolicy(policy));
    List<Thread> threads = new CopyOnWriteArrayList<>();
    Task<List<Integer>> outer =
        pool.submit(
            () -> {
              threads.add(Thread.currentThread());
              Batch batch = Batch.on(pool).window(10);
              batch.forEach(range(50).iterator(), x -> threads.add(Thread.currentThread()));
              return all(batch.map(numbers(50), number -> number));
            });
    assertEquals(range(50), result(outer));
    assertEquals(51, threads.size());
    assertEquals(1, threads.stream().distinct().count());
  }

  @Test
  void batchesInBatches() throws Exception {
    WorkerPool pool = pools.fixed(2);
    Batch inner = Batch.on(pool).window(3);
    Batch outer = Batch.on(pool).window(4);
    outer.forEach(range(100).iterator(), number -> inner.forEach(range(20).iterator(), item -> {}));
    assertEquals(new Progress(100, 100, 0), outer.progress());
    assertEquals(new Progress(2_000, 2_000, 0), inner.progress());
  }

  /** The step runs on top of its own submission, before there is a handle. */
  @Test
  void aStepThatItsSubmitterRunsMayNeitherCloseNorTake() throws Exception {
    WorkerPool pool = pools.fullOfCallerRuns();
    List<BatchResults<Integer>> opened = new ArrayList<>();
    BatchResults<Integer> results =
        Batch.on(pool)
            .window(4)
            .map(
                numbers(3),
                number -> {
                  assertThrows(IllegalStateException.class, opened.get(0)::close);
                  assertThrows(IllegalStateException.class, opened.get(0)::next);
                  return number;
                });
    opened.add(results);

    assertEquals(range(3), all(results));
  }

  @Test
  void aPoolThatIsFullOfOthersRefuses() throws Exception {
    WorkerPool pool = pools.build(WorkerPool.builder().size(1).queueCapacity(1));
    Held others = pools.occupy(pool);
    Task<Integer> queued = pool.submit(() -> 1);
    Batch batch = Batch.on(pool);
    RejectedTaskException refusal =
        assertThrows(RejectedTaskException.class, () -> batch.forEach(numbers(10), number -> {}));
    assertEquals(Reason.SATURATED, refusal.reason());
    assertEquals(1, taken.get());
    others.release();
    assertEquals(1, result(queued));
  }

  @Test
  void whatIsInFlightIsToldWhenThePoolIsClosed() throws Exception {
    WorkerPool pool = pools.fixed(1);
    Batch batch = Batch.on(pool).window(3);
    Held held = pools.held();
    try (BatchResults<Integer> results =
        batch.map(
            numbers(10),
            number -> {
              if (number == 1) {
                held.run();
              }
              return number;
            })) {
      assertEquals(0, results.next());
      Caller<Integer> consumer = pools.call(results::next).awaitBlocked();
      held.awaitStarted();
      pool.shutdown();
      held.release();
      assertEquals(1, consumer.get());
      List<Integer> rest = new ArrayList<>();
      RejectedTaskException end =
          assertThrows(RejectedTaskException.class, () -> results.forEachRemaining(rest::add));
      assertEquals(Reason.SHUTDOWN, end.reason());
      assertEquals(List.of(2, 3), rest);
      assertFalse(results.hasNext());
    }
  }

  /** The oldest is dropped, what another worker has done is told. */
  @Test
  void afterAnAbortWhatIsDoneIsTold() throws Exception {
    WorkerPool pool = pools.fixed(2);
    Batch batch = Batch.on(pool).window(4);
    List<Held> bodies = held(4);
    bodies.get(1).release();
    try (BatchResults<Integer> results =
        batch.map(
            Stream.of(0, 1, 2, 3),
            number -> {
              bodies.get(number).run();
              if (bodies.get(number).wasInterrupted()) {
                throw new InterruptedException();
              }
              return number;
            })) {
      Caller<Integer> consumer = pools.call(results::next).awaitBlocked();
      bodies.get(2).awaitStarted();
      pool.shutdownNow();
      Throwable first = assertThrows(ExecutionException.class, consumer::get).getCause();
      assertInstanceOf(InterruptedException.class, first.getCause());
      assertEquals(1, results.next());
      assertThrows(CompletionException.class, results::next);
      assertThrows(TaskAbortedException.class, results::next);
      assertFalse(results.hasNext());
    }
  }

  @Test
  void forEachTellsTheAbort() throws Exception {
    WorkerPool pool = pools.fixed(1);
    Held held = pools.held();
    Caller<Object> caller =
        pools.call(
            () -> {
              Batch.on(pool).window(2).forEach(numbers(100), number -> held.run());
              return "done";
            });
    held.awaitStarted();
    caller.awaitBlocked();
    pool.shutdownNow();
    Throwable end = assertThrows(ExecutionException.class, caller::get).getCause();
    RejectedTaskException refusal = assertInstanceOf(RejectedTaskException.class, end);
    assertInstanceOf(TaskAbortedException.class, refusal.getSuppressed()[0]);
  }

  @Test
  void badArgumentsAreNamed() {
    Batch batch = Batch.on(pools.fixed(1));
    assertThrows(NullPointerException.class, () -> Batch.on(null));
    assertThrows(IllegalArgumentException.class, () -> batch.window(0));
    assertThrows(IllegalArgumentException.class, () -> batch.window((1 << 20) + 1));
    assertThrows(NullPointerException.class, () -> batch.map(numbers(1), null));
    assertThrows(NullPointerException.class, () -> batch.forEach(numbers(1), null));
    assertThrows(NullPointerException.class, () -> batch.map((Iterator<?>) null, x -> x));
    Stream<Integer> untouched = Stream.of(1);
    assertThrows(NullPointerException.class, () -> batch.map(untouched, null));
    assertThrows(NullPointerException.class, () -> batch.forEach(untouched, null));
    assertEquals(1, untouched.count());
    assertThrows(NullPointerException.class, () -> batch.map((Stream<?>) null, x -> x));
    assertThrows(NullPointerException.class, () -> batch.forEach((Stream<?>) null, x -> {}));
    NullPointerException named =
        assertThrows(NullPointerException.class, () -> batch.forEach((Iterator<?>) null, x -> {}));
    assertTrue(named.getMessage().contains("source"), named::getMessage);
    assertEquals(0, taken.get());
  }

  /** On the thread that takes the results, a body of the pool. */
  @Test
  void aStepThatIsRunInlineMayNotClose() throws Exception {
    WorkerPool pool = pools.fixed(1);
    AtomicReference<BatchResults<Integer>> own = new AtomicReference<>();
    List<Integer> taken = new ArrayList<>();
    pool.submit(
            () -> {
              Iterator<Integer> source = List.of(1, 2, 3).iterator();
              try (BatchResults<Integer> results =
                  Batch.on(pool)
                      .window(3)
                      .map(
                          source,
                          x -> {
                            assertThrows(IllegalStateException.class, () -> own.get().close());
                            return x;
                          })) {
                own.set(results);
                results.forEachRemaining(taken::add);
              }
              return null;
            })
        .get();
    assertEquals(List.of(1, 2, 3), taken);
  }

  /** The first item is not done when the second is read, or it is, and the source asked later. */
  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void aSourceThatClosesTheResultsIsAskedNoMore(boolean first) throws Exception {
    WorkerPool pool = pools.fixed(1);
    Held held = pools.held();
    if (!first) {
      pool.execute(held);
      held.awaitStarted();
    }
    AtomicReference<BatchResults<Integer>> own = new AtomicReference<>();
    AtomicInteger read = new AtomicInteger();
    Iterator<Integer> source =
        Stream.generate(
                () -> {
                  if (read.incrementAndGet() == 2) {
                    own.get().close();
                  }
                  return read.get();
                })
            .iterator();
    BatchResults<Integer> results = Batch.on(pool).window(first ? 1 : 4).map(source, x -> x);
    own.set(results);
    if (first) {
      assertEquals(1, results.next());
    }
    assertFalse(results.hasNext());
    assertThrows(NoSuchElementException.class, results::next);
    assertFalse(results.hasNext());
    assertEquals(2, read.get());
  }

  // Memory.

  /** Maps more than a small heap holds, from outside or in a body of the pool. */
  static final class Many {

    private static final int ITEMS = 200_000;
    private static final int BYTES = 1_000;

    private Many() {}

    public static void main(String[] args) throws Exception {
      try (WorkerPool pool = WorkerPool.fixed(Integer.parseInt(args[1]))) {
        long sum = args[0].equals("body") ? pool.submit(() -> map(pool)).join() : map(pool);
        ChildJvm.say("bytes " + sum);
      }
    }

    private static long map(WorkerPool pool) {
      long sum = 0;
      Iterator<byte[]> source = Stream.generate(() -> new byte[BYTES]).limit(ITEMS).iterator();
      try (BatchResults<byte[]> results = Batch.on(pool).window(100).map(source, x -> x.clone())) {
        while (results.hasNext()) {
          sum += results.next().length;
        }
      }
      return sum;
    }
  }

  @ParameterizedTest
  @CsvSource({"outside, 2", "body, 1"})
  void manyItemsTakeConstantMemory(String from, String size) throws Exception {
    ChildJvm child = ChildJvm.run(Many.class, List.of("-Xmx16m", "-XX:+UseSerialGC"), from, size);
    assertEquals("200000000", child.line("bytes "));
    assertEquals(0, child.status(), child::err);
  }
}
