package io.threadpool.contract;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.threadpool.Task;
import io.threadpool.TaskAbortedException;
import io.threadpool.WorkerPool;
import java.lang.reflect.InvocationTargetException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.Named;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledForJreRange;
import org.junit.jupiter.api.condition.JRE;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** What a user gives a handle comes back as it was given, as from any future of the JDK's. */
class GivenOutcomeTest {

  @RegisterExtension final TestPools pools = new TestPools();

  private static Throwable thrownBy(Callable<?> question) {
    try {
      return new AssertionError("returned " + question.call());
    } catch (Throwable thrown) {
      return thrown;
    }
  }

  private static List<Callable<Object>> questions(CompletableFuture<?> future) {
    return List.of(
        future::get,
        () -> future.get(TestPools.LONG.toSeconds(), TimeUnit.SECONDS),
        future::join,
        () -> future.getNow(null));
  }

  // completeAsync.

  static Stream<Throwable> anything() {
    return Stream.of(
        new IllegalStateException("unchecked"),
        new AssertionError("error"),
        new CompletionException("wrapped already", new IllegalStateException("inside")),
        new CompletionException("without a cause", null),
        new CancellationException("not a cancel"),
        withCause(new CancellationException("outer"), new CancellationException("inner")));
  }

  private static CancellationException withCause(CancellationException outer, Throwable cause) {
    outer.initCause(cause);
    return outer;
  }

  /** Each class in the chain of causes, and whether it is the one that the supplier threw. */
  private static List<String> chain(Throwable thrown, Throwable given) {
    List<String> chain = new ArrayList<>();
    for (Throwable t = thrown; t != null; t = t.getCause()) {
      chain.add(t.getClass().getName() + (t == given ? " as given" : ""));
    }
    return chain;
  }

  private static List<Object> whatItSays(CompletableFuture<?> future, Throwable given) {
    List<Object> said = new ArrayList<>();
    AtomicReference<Throwable> direct = new AtomicReference<>();
    future.whenComplete((x, e) -> direct.set(e));
    said.add(chain(direct.get(), given));
    AtomicReference<Throwable> derived = new AtomicReference<>();
    future.thenApply(x -> x).whenComplete((x, e) -> derived.set(e));
    said.add(chain(derived.get(), given));
    for (Callable<Object> question : questions(future)) {
      said.add(chain(thrownBy(question), given));
    }
    said.add(future.isCancelled());
    said.add(future.isCompletedExceptionally());
    return said;
  }

  @ParameterizedTest
  @MethodSource("anything")
  void completeAsyncWrapsAsAFutureOfTheJdksDoes(Throwable thrown) throws Exception {
    Executor here = Runnable::run;
    CompletableFuture<Object> plain =
        new CompletableFuture<>().completeAsync(() -> sneak(thrown), here);
    WorkerPool pool = pools.fixed(1);
    pools.occupy(pool);
    Task<Object> task = pool.submit(() -> 1);
    task.completeAsync(() -> sneak(thrown), here);
    assertEquals(whatItSays(plain, thrown), whatItSays(task, thrown));
  }

  @ParameterizedTest
  @MethodSource("anything")
  void soItDoesOnThePool(Throwable thrown) throws Exception {
    CompletableFuture<Object> plain =
        new CompletableFuture<>().completeAsync(() -> sneak(thrown), Runnable::run);
    WorkerPool pool = pools.fixed(2);
    Held held = pools.held();
    Task<Object> task = pool.submit(held, new Object());
    held.awaitStarted();
    task.completeAsync(() -> sneak(thrown));
    TestPools.eventually().until(task::isDone);
    assertEquals(whatItSays(plain, thrown), whatItSays(task, thrown));
  }

  /** A cancellation that a supplier throws is a failure, in the books, too. */
  @Test
  void aSupplierThatThrowsACancellationFails() throws Exception {
    WorkerPool pool = pools.fixed(1);
    pools.occupy(pool);
    Task<Object> task = pool.submit(() -> 1);
    task.completeAsync(() -> sneak(new CancellationException()), Runnable::run);
    assertFalse(task.isCancelled());
    assertEquals(1, pool.stats().failed());
    assertEquals(0, pool.stats().cancelled());
  }

  @SuppressWarnings({"unchecked", "TypeParameterUnusedInFormals"})
  private static <E extends Throwable> Object sneak(Throwable thrown) throws E {
    throw (E) thrown;
  }

  // A cancellation that a user gave.

  /** A cancellation of a user's own making. */
  private static final class OwnCancellation extends CancellationException {
    private static final long serialVersionUID = 1L;
  }

  static Stream<Arguments> cancellations() {
    return Stream.<Throwable>of(
            new CancellationException("bare"),
            withCause(new CancellationException("outer"), new CancellationException("inner")),
            withCause(
                new CancellationException("outermost"),
                withCause(new CancellationException("outer"), new CancellationException("inner"))),
            withCause(new CancellationException("outer"), new IllegalStateException("inner")),
            withCause(new OwnCancellation(), new OwnCancellation()))
        .flatMap(
            given ->
                Stream.of(
                    Arguments.of(
                        given, way("completes", task -> task.completeExceptionally(given))),
                    Arguments.of(given, way("obtrudes", task -> task.obtrudeException(given)))));
  }

  private static Named<Consumer<Task<?>>> way(String name, Consumer<Task<?>> way) {
    return Named.of(name, way);
  }

  @ParameterizedTest
  @MethodSource("cancellations")
  void aCancellationThatAUserGaveComesBackItself(Throwable given, Consumer<Task<?>> way)
      throws Exception {
    WorkerPool pool = pools.fixed(1);
    Held held = pools.occupy(pool);
    Task<?> queued = pool.submit(() -> 1);
    way.accept(queued);
    assertGiven(given, queued);
    held.release();
    Held body = pools.held();
    Task<?> running = pool.submit(body);
    body.awaitStarted();
    way.accept(running);
    assertGiven(given, running);
    pool.shutdownNow();
    assertTrue(pool.awaitTermination(TestPools.LONG));
    assertGiven(given, queued);
    assertGiven(given, running);
  }

  private static void assertGiven(Throwable given, Task<?> task) {
    assertTrue(task.isCancelled());
    for (Callable<Object> question : questions(task)) {
      assertSame(given, thrownBy(question));
    }
  }

  /** What another pool's task says is given on. */
  @Test
  void anAbortOfAnotherTaskCanBeGivenOn() throws Exception {
    WorkerPool other = pools.fixed(1);
    pools.occupy(other);
    Task<?> aborted = other.submit(() -> 1);
    other.shutdownNow();
    TaskAbortedException given = assertThrows(TaskAbortedException.class, aborted::join);
    WorkerPool pool = pools.fixed(1);
    pools.occupy(pool);
    Task<?> task = pool.submit(() -> 1);
    assertTrue(task.completeExceptionally(given));
    assertGiven(given, task);
    pool.shutdownNow();
    assertGiven(given, task);
  }

  @Test
  void whoWaitedAlreadyGetsWhatWasGiven() throws Exception {
    WorkerPool pool = pools.fixed(1);
    pools.occupy(pool);
    Task<?> task = pool.submit(() -> 1);
    CancellationException given =
        withCause(new CancellationException("outer"), new CancellationException("inner"));
    List<Caller<Object>> waiters =
        List.of(
            pools.call(() -> (Object) task.get()).awaitBlocked(),
            pools.call(() -> (Object) task.get(1, TimeUnit.HOURS)).awaitBlocked(),
            pools.call(() -> (Object) task.join()).awaitBlocked());
    task.completeExceptionally(given);
    for (Caller<Object> waiter : waiters) {
      assertSame(given, assertThrows(ExecutionException.class, waiter::get).getCause());
    }
  }

  /** A cancellation that another thread's cancel comes across while it is printed. */
  private static final class Printed extends CancellationException {
    private static final long serialVersionUID = 1L;

    private final transient Runnable whenPrinted;

    Printed(Runnable whenPrinted) {
      this.whenPrinted = whenPrinted;
    }

    @Override
    public String toString() {
      whenPrinted.run();
      return "printed";
    }
  }

  @Test
  void aCancelAmidTheCompletionDoesNotReplaceWhatWasGiven() throws Exception {
    WorkerPool pool = pools.fixed(1);
    pools.occupy(pool);
    Task<?> task = pool.submit(() -> 1);
    Printed given = new Printed(() -> task.cancel(true));
    assertTrue(task.completeExceptionally(given));
    assertGiven(given, task);
  }

  @Test
  void aCancelThatLosesAgainstACompletionDoesNotReplaceWhatWasGiven() throws Exception {
    WorkerPool pool = pools.fixed(1);
    pools.occupy(pool);
    int rounds = 50_000;
    AtomicReference<Task<?>> current = new AtomicReference<>();
    CyclicBarrier start = new CyclicBarrier(2);
    CyclicBarrier end = new CyclicBarrier(2);
    pools.call(
        () -> {
          for (start.await(); current.get() != null; start.await()) {
            current.get().cancel(true);
            end.await();
          }
          return null;
        });
    long begun = System.nanoTime();
    for (int i = 0; i < rounds && System.nanoTime() - begun < 10_000_000_000L; i++) {
      Task<?> task = pool.submit(() -> 1);
      current.set(task);
      CancellationException given = new CancellationException("given");
      start.await(TestPools.LONG.toSeconds(), TimeUnit.SECONDS);
      boolean ours = task.completeExceptionally(given);
      Throwable thrown = thrownBy(task::join);
      end.await(TestPools.LONG.toSeconds(), TimeUnit.SECONDS);
      assertEquals(ours, thrown == given, "in round " + i);
      assertSame(thrown == given, thrownBy(task::get) == given);
    }
    current.set(null); // That was the last.
    start.await(TestPools.LONG.toSeconds(), TimeUnit.SECONDS);
  }

  // A timed get in a body.

  /** A body that asks when it has been told to, and heeds no interrupt before. */
  private Caller<Throwable> askInABody(WorkerPool pool, Held before, Callable<?> question) {
    Task<Throwable> asking =
        pool.submit(
            () -> {
              before.run();
              return thrownBy(question);
            });
    return pools.call(asking::get);
  }

  @Test
  void aTimedGetInABodyIsNotHeldUpByAStageOfWhatIsAborted() throws Exception {
    WorkerPool pool = pools.fixed(1);
    Held before = pools.deaf();
    AtomicReference<Task<?>> asked = new AtomicReference<>();
    Caller<Throwable> answer =
        askInABody(
            pool, before, () -> asked.get().get(TestPools.LONG.toSeconds(), TimeUnit.SECONDS));
    before.awaitStarted();
    Task<?> queued = pool.submit(() -> 1);
    asked.set(queued);
    Held stage = pools.deaf();
    queued.whenComplete((x, e) -> stage.run());
    pools.call(pool::shutdownNow);
    stage.awaitStarted();
    before.awaitInterrupted();
    before.release();
    assertEquals(TaskAbortedException.class, answer.get().getClass());
  }

  /** The first of a few stages is in the aborter; the others are left to who tells the handle. */
  @Test
  void norByThoseThatAreLeft() throws Exception {
    WorkerPool pool = pools.fixed(1);
    Held before = pools.deaf();
    AtomicReference<Task<?>> asked = new AtomicReference<>();
    Caller<Throwable> answer =
        askInABody(
            pool, before, () -> asked.get().get(TestPools.LONG.toSeconds(), TimeUnit.SECONDS));
    before.awaitStarted();
    List<Held> stages = new ArrayList<>();
    for (int i = 0; i < 3; i++) {
      Task<?> queued = pool.submit(() -> 1);
      asked.set(queued); // The last is behind the others.
      Held stage = pools.deaf();
      queued.whenComplete((x, e) -> stage.run());
      stages.add(stage);
    }
    pools.call(pool::shutdownNow);
    stages.get(0).awaitStarted();
    before.awaitInterrupted();
    before.release();
    assertEquals(TaskAbortedException.class, answer.get().getClass());
  }

  @Test
  void aTimedGetInABodyEndsWithItsTimeDuringAnAbort() throws Exception {
    WorkerPool pool = pools.fixed(2);
    Held other = pools.deaf();
    Task<?> running = pool.submit(other);
    other.awaitStarted();
    Held before = pools.deaf();
    Caller<Throwable> answer =
        askInABody(pool, before, () -> running.get(1, TimeUnit.MILLISECONDS));
    before.awaitStarted();
    pool.shutdownNow();
    before.awaitInterrupted();
    before.release();
    assertEquals(TimeoutException.class, answer.get().getClass());
  }

  // What later JDKs ask.

  private static Object ask(Future<?> future, String method) throws Throwable {
    try {
      return Future.class.getMethod(method).invoke(future);
    } catch (InvocationTargetException e) {
      throw e.getCause();
    }
  }

  @Test
  @EnabledForJreRange(min = JRE.JAVA_19)
  void resultNowAndExceptionNowAnswerAsAFutureOfTheJdksDoes() throws Throwable {
    WorkerPool pool = pools.fixed(1);
    Task<Integer> completed = pool.submit(() -> 1);
    completed.get();
    assertEquals(1, ask(completed, "resultNow"));
    IllegalStateException thrown = new IllegalStateException();
    Task<Integer> failed =
        pool.submit(
            () -> {
              throw thrown;
            });
    assertThrows(ExecutionException.class, failed::get);
    assertSame(thrown, ask(failed, "exceptionNow"));
    pools.occupy(pool);
    Task<Integer> queued = pool.submit(() -> 1);
    Task<Integer> cancelled = pool.submit(() -> 1);
    cancelled.cancel(false);
    for (String method : List.of("resultNow", "exceptionNow")) {
      assertThrows(IllegalStateException.class, () -> ask(queued, method));
      assertThrows(IllegalStateException.class, () -> ask(cancelled, method));
    }
  }

  @Test
  void toStringAnswersFromTheDecision() throws Exception {
    WorkerPool pool = pools.fixed(1);
    pools.occupy(pool);
    Task<Integer> before = pool.submit(() -> 1);
    Task<Integer> task = pool.submit(() -> 1);
    String open = task.toString();
    assertTrue(open.contains("[Queued]"), open);
    Held stage = pools.deaf();
    before.whenComplete((x, e) -> stage.run());
    pools.call(pool::shutdownNow);
    stage.awaitStarted();
    assertFalse(task.toString().contains("Not completed"), task::toString);
    assertFalse(before.toString().contains("Not completed"), before::toString);
  }
}
