package io.threadpool.examples.compare;

import static io.threadpool.examples.compare.Trial.require;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Future;

/** Waiting, in a task, for the pool that runs it. */
final class JoinScenarios {
  private static final Duration SECOND = Duration.ofSeconds(1);

  private JoinScenarios() {}

  static List<Scenario> all() {
    return List.of(
        new Scenario(
            "nested-join",
            "a task joins one that is queued behind it, pool of one",
            JoinScenarios::nestedJoin),
        new Scenario(
            "nested-timed-join", "... with a timed get, too", JoinScenarios::nestedTimedJoin),
        new Scenario(
            "nested-latch",
            "... waits for a latch that such a task opens, too",
            JoinScenarios::nestedLatch),
        new Scenario(
            "self-join", "a task that joins itself is told, not stuck", JoinScenarios::selfJoin),
        new Scenario(
            "self-await",
            "a task that awaits the end of its pool is not stuck",
            JoinScenarios::selfAwait),
        new Scenario(
            "self-shutdown",
            "a task may shut its pool down, and runs on undisturbed",
            JoinScenarios::selfShutdown));
  }

  private static void nestedJoin(Trial trial) throws Exception {
    OpenPool pool = trial.open(Plan.threads(1));
    Future<Integer> outer = pool.submit(() -> pool.submit(() -> 42).get());
    require(trial.finish("the task that joins", outer) == 42, "another result");
  }

  private static void nestedTimedJoin(Trial trial) throws Exception {
    OpenPool pool = trial.open(Plan.threads(1));
    Future<Integer> outer = pool.submit(() -> OpenPool.getWithin(pool.submit(() -> 42), SECOND));
    require(trial.finish("the task that joins", outer) == 42, "another result");
  }

  private static void nestedLatch(Trial trial) throws Exception {
    OpenPool pool = trial.open(Plan.threads(1));
    CountDownLatch latch = new CountDownLatch(1);
    Future<Boolean> outer =
        pool.submit(
            () -> {
              pool.execute(latch::countDown);
              return pool.awaitOn(latch, SECOND);
            });
    require(trial.finish("the task that waits", outer), "the latch was not opened in a second");
  }

  private static void selfJoin(Trial trial) throws Exception {
    OpenPool pool = trial.open(Plan.threads(1));
    CompletableFuture<Future<?>> handle = new CompletableFuture<>();
    CompletableFuture<Throwable> told = new CompletableFuture<>();
    Future<?> task =
        pool.submit(
            () -> {
              try {
                return handle.get().get();
              } catch (Throwable refusal) {
                told.complete(refusal);
                return refusal;
              }
            });
    handle.complete(task);
    trial.finish("the task that joins itself", told);
  }

  private static void selfAwait(Trial trial) throws Exception {
    OpenPool pool = trial.open(Plan.threads(1));
    Future<?> task =
        pool.submit(
            () -> {
              try {
                pool.shutdownAndAwait();
              } catch (IllegalStateException told) {
                return told;
              }
              return true;
            });
    trial.settle("the task that awaits", task);
  }

  private static void selfShutdown(Trial trial) throws Exception {
    OpenPool pool = trial.open(Plan.threads(1));
    CountDownLatch gate = trial.gate();
    Future<Boolean> closer =
        pool.submit(
            () -> {
              gate.await();
              pool.shutdown();
              Thread.sleep(50);
              return true;
            });
    Future<Boolean> queued = pool.submit(() -> true);
    gate.countDown();
    require(trial.finish("the task that shuts down", closer), "another result");
    if (pool.drains()) {
      require(trial.finish("the task behind it", queued), "another result");
    }
    require(pool.awaitTermination(trial.limit()), "it does not terminate");
  }
}
