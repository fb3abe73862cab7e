package io.threadpool.examples.compare;

import static io.threadpool.examples.compare.Trial.require;

import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;

/** What throws, and what is cancelled. */
final class FailureScenarios {
  private static final int TIMES = 20;

  private FailureScenarios() {}

  static List<Scenario> all() {
    return List.of(
        new Scenario(
            "command-failure",
            "what a task without a handle throws is told",
            FailureScenarios::commandFailure),
        new Scenario(
            "unjoined-failure",
            "what a submitted task throws leaves a trace, unjoined",
            FailureScenarios::unjoinedFailure),
        new Scenario(
            "any-throwable",
            "all threads survive errors and stack overflows",
            FailureScenarios::anyThrowable),
        new Scenario(
            "throwing-handler",
            "... and a failure handler that throws itself",
            FailureScenarios::throwingHandler),
        new Scenario(
            "cancel-interrupts",
            "cancel(true) interrupts the running body",
            FailureScenarios::cancelInterrupts),
        new Scenario(
            "cancel-composes",
            "... of a handle that a next step hangs on",
            FailureScenarios::cancelComposes),
        new Scenario(
            "cancel-queued", "a task cancelled while queued never runs", FailureScenarios::queued));
  }

  private static void commandFailure(Trial trial) throws Exception {
    OpenPool pool = trial.open(Plan.threads(1));
    String marked = "failure-" + System.nanoTime();
    pool.execute(
        () -> {
          throw new IllegalStateException(marked);
        });
    require(
        trial.eventually(() -> trial.sightings().text().contains(marked)),
        "nothing in a log, on standard error, or at an uncaught exception handler");
  }

  private static void unjoinedFailure(Trial trial) throws Exception {
    OpenPool pool = trial.open(Plan.threads(1).telling());
    String marked = "failure-" + System.nanoTime();
    Future<?> unjoined =
        pool.submit(
            () -> {
              throw new IllegalStateException(marked);
            });
    require(trial.eventually(unjoined::isDone), "it does not end");
    require(
        trial.eventually(() -> pool.failed() > 0 || trial.sightings().text().contains(marked)),
        "neither told nor counted");
  }

  private static void anyThrowable(Trial trial) throws Exception {
    OpenPool pool = trial.open(Plan.threads(2));
    throwAll(pool);
    allThreadsMeet(trial, pool, 2);
  }

  private static void throwAll(OpenPool pool) {
    for (int i = 0; i < TIMES; i++) {
      pool.execute(
          () -> {
            throw new AssertionError("an error");
          });
      pool.execute(() -> overflow(0));
      pool.execute(() -> FailureScenarios.<RuntimeException>sneak(new Exception("checked")));
    }
  }

  /** The threads of the pool wait for one another, which takes all of them. */
  static void allThreadsMeet(Trial trial, OpenPool pool, int threads) throws Exception {
    CyclicBarrier barrier = new CyclicBarrier(threads + 1);
    for (int i = 0; i < threads; i++) {
      pool.execute(
          () -> {
            try {
              barrier.await();
            } catch (Exception e) {
              throw new IllegalStateException(e);
            }
          });
    }
    trial.within("tasks that need all threads", barrier::await);
  }

  @SuppressWarnings("InfiniteRecursion") // it is meant to overflow
  private static int overflow(int depth) {
    return overflow(depth + 1) + 1;
  }

  @SuppressWarnings({"unchecked", "TypeParameterUnusedInFormals"})
  private static <E extends Throwable> void sneak(Throwable thrown) throws E {
    throw (E) thrown;
  }

  private static void throwingHandler(Trial trial) throws Exception {
    Plan plan =
        Plan.threads(2)
            .handler(
                (thread, thrown) -> {
                  throw new IllegalStateException("the handler is broken");
                });
    OpenPool pool = trial.open(plan);
    throwAll(pool);
    allThreadsMeet(trial, pool, 2);
  }

  private static void cancelInterrupts(Trial trial) {
    OpenPool pool = trial.open(Plan.threads(1));
    CountDownLatch started = new CountDownLatch(1);
    CountDownLatch interrupted = new CountDownLatch(1);
    Future<?> task = pool.submit(() -> waitForInterrupt(trial, started, interrupted));
    trial.await("the task", started);
    task.cancel(true);
    require(opens(trial, interrupted), "the body was not interrupted");
  }

  private static boolean opens(Trial trial, CountDownLatch latch) {
    try {
      return trial.eventually(() -> latch.getCount() == 0);
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  private static boolean waitForInterrupt(
      Trial trial, CountDownLatch started, CountDownLatch interrupted) {
    CountDownLatch gate = trial.gate();
    started.countDown();
    try {
      gate.await();
    } catch (InterruptedException e) {
      interrupted.countDown();
    }
    return true;
  }

  private static void cancelComposes(Trial trial) throws Exception {
    OpenPool pool = trial.open(Plan.threads(1));
    CountDownLatch started = new CountDownLatch(1);
    CountDownLatch interrupted = new CountDownLatch(1);
    OpenPool.Composable task = pool.composable(() -> waitForInterrupt(trial, started, interrupted));
    CompletableFuture<Boolean> next =
        task.end().handle((result, thrown) -> cause(thrown) instanceof CancellationException);
    trial.await("the task", started);
    task.handle().cancel(true);
    require(opens(trial, interrupted), "the body was not interrupted");
    require(trial.finish("the next step", next), "the next step does not hear of the cancelling");
  }

  private static Throwable cause(Throwable thrown) {
    return thrown.getCause() == null ? thrown : thrown.getCause();
  }

  private static void queued(Trial trial) throws Exception {
    OpenPool pool = trial.open(Plan.threads(1).queued());
    CountDownLatch gate = trial.block(pool);
    AtomicBoolean ran = new AtomicBoolean();
    Future<Boolean> cancelled = pool.submit(() -> ran.getAndSet(true));
    Future<Boolean> behind = pool.submit(() -> true);
    require(cancelled.cancel(false), "it cannot be cancelled");
    gate.countDown();
    require(trial.finish("the task behind it", behind), "another result");
    require(!ran.get(), "it ran");
  }
}
