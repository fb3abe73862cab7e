package io.threadpool.contract;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.classic.spi.ThrowableProxy;
import io.threadpool.Task;
import io.threadpool.TaskOptions;
import io.threadpool.WorkerPool;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ThreadFactory;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Nothing is swallowed: who hears of what a fire-and-forget task throws, and who survives it. */
class FailureTest {

  @RegisterExtension final TestPools pools = new TestPools();

  private static Runnable throwing(Throwable thrown) {
    return () -> {
      throw FailureTest.<RuntimeException>sneak(thrown);
    };
  }

  @SuppressWarnings({"unchecked", "TypeParameterUnusedInFormals"})
  private static <E extends Throwable> RuntimeException sneak(Throwable thrown) throws E {
    throw (E) thrown;
  }

  /** An exception that cannot be printed. */
  private static final class Unprintable extends RuntimeException {
    private static final long serialVersionUID = 1L;

    @Override
    public String toString() {
      throw new IllegalStateException("toString");
    }

    @Override
    public String getMessage() {
      throw new IllegalStateException("getMessage");
    }
  }

  static Stream<Throwable> anything() {
    return Stream.of(
        new IllegalStateException("unchecked"),
        new Exception("checked"),
        new AssertionError("error"),
        new OutOfMemoryError("made up"),
        new StackOverflowError(),
        new InterruptedException(),
        new NoClassDefFoundError("made up"),
        new Throwable("bare"));
  }

  @ParameterizedTest
  @MethodSource("anything")
  void theBuildersHandlerHearsOfItOnceOnTheWorker(Throwable thrown) throws Exception {
    Queue<Map.Entry<Thread, Throwable>> heard = new ConcurrentLinkedQueue<>();
    WorkerPool pool =
        pools.build(
            WorkerPool.builder()
                .size(1)
                .uncaughtHandler((thread, t) -> heard.add(Map.entry(thread, t))));
    Thread worker = pool.submit(Thread::currentThread).get();
    pool.execute(throwing(thrown));
    assertTrue(pool.awaitIdle(TestPools.LONG));
    assertEquals(1, heard.size());
    assertSame(worker, heard.element().getKey());
    assertSame(thrown, heard.element().getValue());
    assertSame(worker, pool.submit(Thread::currentThread).get());
    assertEquals(1, pool.stats().failed());
  }

  @Test
  void withoutAHandlerTheLogHearsOfItAtErrorWithPoolAndWorker() throws Exception {
    try (LogCapture log = LogCapture.at(Level.INFO)) {
      WorkerPool pool = pools.build(WorkerPool.builder().size(1).name("logged"));
      IllegalStateException thrown = new IllegalStateException("raw");
      pool.execute(throwing(thrown));
      assertTrue(pool.awaitIdle(TestPools.LONG));
      assertEquals(1, log.events().size(), () -> log.messages().toString());
      ILoggingEvent event = log.events().get(0);
      assertEquals(Level.ERROR, event.getLevel());
      assertTrue(event.getFormattedMessage().contains("logged"), event::getFormattedMessage);
      assertTrue(event.getFormattedMessage().contains("logged-0"), event::getFormattedMessage);
      assertSame(thrown, ((ThrowableProxy) event.getThrowableProxy()).getThrowable());
    }
  }

  @Test
  void aHandlerOfTheFactorysThreadComesBeforeTheLog() throws Exception {
    Queue<Throwable> heard = new ConcurrentLinkedQueue<>();
    ThreadFactory factory =
        body -> {
          Thread thread = new Thread(body);
          thread.setUncaughtExceptionHandler((t, thrown) -> heard.add(thrown));
          return thread;
        };
    IllegalStateException thrown = new IllegalStateException("raw");
    try (LogCapture log = LogCapture.at(Level.INFO)) {
      WorkerPool pool = pools.build(WorkerPool.builder().size(1).threadFactory(factory));
      pool.execute(throwing(thrown));
      assertTrue(pool.awaitIdle(TestPools.LONG));
      assertEquals(List.of(thrown), List.copyOf(heard));
      assertEquals(List.of(), log.messages());
    }
    Queue<Throwable> builders = new ConcurrentLinkedQueue<>();
    WorkerPool pool =
        pools.build(
            WorkerPool.builder()
                .size(1)
                .threadFactory(factory)
                .uncaughtHandler((t, x) -> builders.add(x)));
    pool.execute(throwing(thrown));
    assertTrue(pool.awaitIdle(TestPools.LONG));
    assertEquals(1, heard.size());
    assertEquals(1, builders.size());
  }

  @Test
  void aHandlerThatThrowsIsLoggedAndChangesNothing() throws Exception {
    try (LogCapture log = LogCapture.at(Level.INFO)) {
      IllegalStateException ofHandler = new IllegalStateException("handler");
      IllegalStateException ofTask = new IllegalStateException("task");
      WorkerPool pool =
          pools.build(
              WorkerPool.builder()
                  .size(1)
                  .uncaughtHandler(
                      (thread, thrown) -> {
                        throw ofHandler;
                      }));
      Thread worker = pool.submit(Thread::currentThread).get();
      pool.execute(throwing(ofTask));
      assertSame(worker, pool.submit(Thread::currentThread).get());
      List<Throwable> logged =
          log.events(Level.ERROR).stream()
              .map(event -> ((ThrowableProxy) event.getThrowableProxy()).getThrowable())
              .toList();
      assertTrue(logged.contains(ofHandler));
      assertTrue(logged.contains(ofTask));
      assertEquals(1, pool.stats().failed());
    }
  }

  @Test
  void whatASubmittedTaskThrowsIsInItsHandleAlone() throws Exception {
    try (LogCapture log = LogCapture.at(Level.INFO)) {
      Queue<Throwable> heard = new ConcurrentLinkedQueue<>();
      WorkerPool pool =
          pools.build(
              WorkerPool.builder().size(1).uncaughtHandler((thread, thrown) -> heard.add(thrown)));
      Task<?> task = pool.submit(throwing(new Exception()));
      assertThrows(ExecutionException.class, task::get);
      assertTrue(pool.awaitIdle(TestPools.LONG));
      assertTrue(heard.isEmpty());
      assertEquals(List.of(), log.messages());
    }
  }

  @Test
  void whatCannotBePrintedHurtsNobody() throws Exception {
    WorkerPool pool = pools.fixed(1);
    try (LogCapture log = LogCapture.at(Level.ERROR)) {
      pool.execute(throwing(new Unprintable()));
      assertTrue(pool.awaitIdle(TestPools.LONG));
      assertEquals(1, log.events().size());
    }
    Held held = pools.occupy(pool);
    Unprintable thrown = new Unprintable();
    Task<?> task = pool.submit(throwing(thrown));
    Object[] seen = new Object[1];
    task.thenApply(x -> x).whenComplete((x, e) -> seen[0] = e);
    held.release();
    assertTrue(task.awaitStopped(TestPools.LONG));
    TestPools.eventually().until(() -> seen[0] != null);
    assertTrue(task.isCompletedExceptionally());
    assertEquals(1, pool.submit(() -> 1).get());
  }

  @Test
  void aRealStackOverflowIsAFailureLikeAnyOther() throws Exception {
    WorkerPool pool = pools.fixed(1);
    Thread worker = pool.submit(Thread::currentThread).get();
    Task<Integer> task = pool.submit(() -> descend(0));
    Throwable cause = assertThrows(ExecutionException.class, task::get).getCause();
    assertTrue(cause instanceof StackOverflowError);
    assertSame(worker, pool.submit(Thread::currentThread).get());
  }

  private static int descend(int depth) {
    return depth < 0 ? 0 : descend(depth + 1) + 1;
  }

  @Test
  void aWorkerSurvivesABodyThatUsesItsThreadUp() throws Exception {
    WorkerPool pool = pools.fixed(1);
    Thread worker = pool.submit(Thread::currentThread).get();
    pool.execute(
        () -> {
          Thread self = Thread.currentThread();
          self.setUncaughtExceptionHandler((t, e) -> {});
          self.setPriority(Thread.MIN_PRIORITY);
          self.interrupt();
          throw new IllegalStateException();
        });
    assertSame(worker, pool.submit(Thread::currentThread).get());
  }

  @Test
  void theLifeOfATaskIsToldAtTraceThatOfThePoolAtDebugAndNothingAbove() throws Exception {
    try (LogCapture log = LogCapture.at(Level.TRACE)) {
      WorkerPool pool = pools.build(WorkerPool.builder().size(1).name("mail"));
      pool.submit(() -> 1).get();
      pool.close();
      TestPools.eventually() // Some are told after the end.
          .until(() -> messages(log, Level.TRACE).size() + messages(log, Level.DEBUG).size() >= 4);
      assertEquals(List.of("Worker 0 got a job; executing. [mail]"), messages(log, Level.TRACE));
      assertEquals(
          Set.of(
              "Shutting down worker 0 [mail]",
              "Worker 0 disconnected; shutting down. [mail]",
              "Pool mail terminated"),
          Set.copyOf(messages(log, Level.DEBUG)));
      assertEquals(4, log.messages().stream().filter(FailureTest::isOfMail).count());
    }
  }

  /** It has not thrown, and what tells it is no worker's thread. */
  @Test
  void aCommandThatALimitHasEndedIsLoggedAsThat() throws Exception {
    try (LogCapture log = LogCapture.at(Level.ERROR)) {
      WorkerPool pool = pools.build(WorkerPool.builder().size(1).name("mail"));
      Held held = pools.occupy(pool);
      pool.execute(() -> {}, TaskOptions.startingWithin(Duration.ofNanos(1)));
      TestPools.eventually().until(() -> !messages(log, Level.ERROR).isEmpty());
      held.release();
      assertEquals(
          List.of("Pool mail had a task that a limit has ended"), messages(log, Level.ERROR));
    }
  }

  @Test
  void aCommandThatThrowsWhatEndedAnotherHasThrown() throws Exception {
    WorkerPool other = pools.fixed(1);
    Held held = pools.occupy(other);
    Task<?> late = other.submit(() -> 1, TaskOptions.startingWithin(Duration.ofNanos(1)));
    try (LogCapture log = LogCapture.at(Level.ERROR)) {
      WorkerPool pool = pools.build(WorkerPool.builder().size(1).name("mail"));
      pool.execute(late::join);
      assertTrue(pool.awaitIdle(TestPools.LONG));
      assertEquals(
          List.of("Pool mail had a task that threw on mail-0"), messages(log, Level.ERROR));
      held.release();
    }
  }

  /** The body has left its thread, and its outcome is decided; the handle is about to be told. */
  @Test
  void aHandleThatIsAboutToBeToldSaysItsOutcome() throws Exception {
    WorkerPool pool = pools.fixed(1);
    CompletableFuture<Task<?>> handle = new CompletableFuture<>();
    Queue<String> said = new ConcurrentLinkedQueue<>();
    Task<?> task =
        pool.submit(
            () -> {
              handle.join();
              throw new IllegalStateException() {
                @Override
                public String toString() {
                  if (said.isEmpty()) { // Printed later, it is done and would be printed in turn.
                    said.add(handle.join().toString());
                  }
                  return "for the test";
                }
              };
            });
    handle.complete(task);
    assertThrows(ExecutionException.class, task::get);
    assertTrue(said.remove().endsWith("[Completed exceptionally]"), said::toString);
  }

  /** Not of the pool of a test before. */
  private static boolean isOfMail(String message) {
    return message.contains("mail");
  }

  private static List<String> messages(LogCapture log, Level level) {
    return log.events(level).stream()
        .map(ILoggingEvent::getFormattedMessage)
        .filter(FailureTest::isOfMail)
        .toList();
  }

  @Test
  void aLogThatThrowsHurtsNobody() throws Exception {
    try (LogCapture log =
        LogCapture.at(
            Level.TRACE,
            event -> {
              throw new LinkageError("log");
            })) {
      WorkerPool pool = assertDoesNotThrow(() -> pools.fixed(1));
      pool.execute(throwing(new IllegalStateException()));
      assertEquals(1, pool.submit(() -> 1).get());
      pool.close();
      assertTrue(pool.isTerminated());
      assertNotNull(pool.report().orElseThrow());
      assertTrue(log.events().size() > 0);
    }
  }
}
