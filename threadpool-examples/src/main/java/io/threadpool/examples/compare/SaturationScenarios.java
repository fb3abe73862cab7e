package io.threadpool.examples.compare;

import static io.threadpool.examples.compare.Trial.require;

import io.threadpool.examples.compare.Plan.Saturation;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;

/** Queues that are full. */
final class SaturationScenarios {
  /** Netty's least. */
  private static final int CAPACITY = 16;

  private static final int SUBMITTERS = 4;
  private static final int TRIES = 50;
  private static final Duration PATIENCE = Duration.ofMillis(50);

  private SaturationScenarios() {}

  static List<Scenario> all() {
    return List.of(
        new Scenario(
            "capacity",
            "the capacity is exact, also where submitters race",
            SaturationScenarios::capacity),
        new Scenario(
            "cancel-room",
            "cancelling a queued task makes room at once",
            SaturationScenarios::cancelRoom),
        new Scenario(
            "blocked-shutdown",
            "a shutdown wakes who waits for room",
            SaturationScenarios::blockedShutdown),
        new Scenario(
            "timed-submit",
            "who gives up waiting for room leaves none occupied",
            SaturationScenarios::timedSubmit),
        new Scenario(
            "discarded-waiter",
            "who waits for a task discarded for a newer one is told",
            SaturationScenarios::discardedWaiter),
        new Scenario(
            "caller-runs-shutdown",
            "caller-runs after a shutdown refuses, or runs; no loss",
            SaturationScenarios::callerRunsShutdown),
        new Scenario(
            "refusal-reason",
            "a refusal says whether the pool is full or shut down",
            SaturationScenarios::refusalReason));
  }

  private static void capacity(Trial trial) throws Exception {
    OpenPool pool = trial.open(Plan.threads(1).capacity(CAPACITY));
    CountDownLatch gate = trial.block(pool);
    AtomicInteger ran = new AtomicInteger();
    List<CompletableFuture<Integer>> submitting = new ArrayList<>();
    for (int i = 0; i < SUBMITTERS; i++) {
      submitting.add(trial.start(() -> accepted(pool, TRIES, ran)));
    }
    int accepted = 0;
    for (CompletableFuture<Integer> submitter : submitting) {
      accepted += trial.finish("a submitter", submitter);
    }
    gate.countDown();
    int expected = accepted;
    require(trial.eventually(() -> ran.get() >= expected), ran + " of " + accepted + " ran");
    require(accepted == CAPACITY, accepted + " accepted, capacity " + CAPACITY);
    require(ran.get() == accepted, ran + " ran, " + accepted + " were accepted");
  }

  private static int accepted(OpenPool pool, int tries, AtomicInteger ran) {
    int accepted = 0;
    for (int i = 0; i < tries; i++) {
      try {
        pool.execute(ran::incrementAndGet);
        accepted++;
      } catch (RejectedExecutionException full) {
        // As it should be, now and then.
      }
    }
    return accepted;
  }

  private static void cancelRoom(Trial trial) {
    OpenPool pool = trial.open(Plan.threads(1).capacity(CAPACITY));
    trial.block(pool);
    List<Future<?>> queued = new ArrayList<>();
    for (int i = 0; i < CAPACITY; i++) {
      queued.add(pool.submit(() -> true));
    }
    queued.forEach(task -> task.cancel(false));
    pool.reclaim();
    int accepted = accepted(pool, CAPACITY + 1, new AtomicInteger());
    require(accepted == CAPACITY, "room for " + accepted + ", capacity " + CAPACITY);
  }

  private static void fill(OpenPool pool, AtomicInteger ran) {
    for (int i = 0; i < CAPACITY; i++) {
      pool.execute(ran::incrementAndGet);
    }
  }

  private static void blockedShutdown(Trial trial) throws Exception {
    OpenPool pool = trial.open(Plan.threads(1).capacity(CAPACITY).blocking(null));
    CountDownLatch gate = trial.block(pool);
    AtomicInteger ran = new AtomicInteger();
    fill(pool, ran);
    AtomicBoolean late = new AtomicBoolean();
    CompletableFuture<Boolean> waiting =
        trial.start(
            () -> {
              pool.execute(() -> late.set(true));
              return true;
            });
    Thread.sleep(PATIENCE.toMillis()); // so that it does wait; it passes all the same if not
    require(!waiting.isDone(), "it did not wait for room");
    pool.shutdown();
    trial.settle("a submitter that waits for room", waiting);
    require(waiting.isCompletedExceptionally(), "it was accepted after the shutdown");
    gate.countDown();
    require(pool.awaitTermination(trial.limit()), "it does not terminate");
    require(!late.get(), "a refused task ran");
    require(ran.get() == CAPACITY, ran + " of " + CAPACITY + " ran");
  }

  private static void timedSubmit(Trial trial) throws Exception {
    OpenPool pool = trial.open(Plan.threads(1).capacity(CAPACITY).blocking(PATIENCE));
    CountDownLatch gate = trial.block(pool);
    AtomicInteger ran = new AtomicInteger();
    fill(pool, ran);
    List<CompletableFuture<Integer>> waiting = new ArrayList<>();
    for (int i = 0; i < SUBMITTERS; i++) {
      waiting.add(trial.start(() -> accepted(pool, 5, ran)));
    }
    for (CompletableFuture<Integer> submitter : waiting) {
      int accepted = trial.finish("a submitter with a time limit", submitter);
      require(accepted == 0, accepted + " too many were accepted");
    }
    gate.countDown();
    require(trial.eventually(() -> ran.get() == CAPACITY), ran + " of " + CAPACITY + " ran");
    trial.block(pool);
    int room = trial.within("a submitter", () -> accepted(pool, CAPACITY + 1, new AtomicInteger()));
    require(room == CAPACITY, "room for " + room + ", capacity " + CAPACITY);
  }

  private static void discardedWaiter(Trial trial) throws Exception {
    OpenPool pool =
        trial.open(Plan.threads(1).capacity(CAPACITY).whenFull(Saturation.DISCARD_OLDEST));
    CountDownLatch gate = trial.block(pool);
    Future<Boolean> oldest = pool.submit(() -> true);
    CompletableFuture<Boolean> waiting = trial.start(oldest::get);
    fill(pool, new AtomicInteger());
    trial.settle("who waits for a task that was discarded", waiting);
    require(gate.getCount() == 1, "it was not discarded");
  }

  private static void callerRunsShutdown(Trial trial) {
    OpenPool pool = trial.open(Plan.threads(1).capacity(CAPACITY).whenFull(Saturation.CALLER_RUNS));
    pool.shutdown();
    AtomicBoolean ran = new AtomicBoolean();
    try {
      pool.execute(() -> ran.set(true));
    } catch (RejectedExecutionException told) {
      return;
    }
    require(ran.get(), "neither run nor refused, and nobody is told");
  }

  private static void refusalReason(Trial trial) {
    OpenPool pool = trial.open(Plan.threads(1).capacity(CAPACITY));
    trial.block(pool);
    fill(pool, new AtomicInteger());
    String full = refusal(pool);
    pool.shutdown();
    String shut = refusal(pool);
    require(!full.equals(shut), "both say: " + full);
  }

  /** What a refusal says, but for what names the task and counts. */
  private static String refusal(OpenPool pool) {
    Runnable task =
        new Runnable() {
          @Override
          public void run() {}

          @Override
          public String toString() {
            return "task";
          }
        };
    try {
      pool.execute(task);
      throw new NoException("not refused");
    } catch (RejectedExecutionException refused) {
      return refused.toString().replaceAll("@[0-9a-f]+|\\d+", "#");
    }
  }
}
