package io.threadpool.examples.compare;

import static io.threadpool.examples.compare.Trial.require;

import io.threadpool.examples.compare.Plan.StartFault;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;

/** Threads that cannot be started, and the last ones there are. */
final class StartScenarios {
  private static final int TASKS = 20;

  private StartScenarios() {}

  static List<Scenario> all() {
    return List.of(
        new Scenario(
            "start-failure",
            "a thread that cannot be started strands no task",
            trial -> fault(trial, StartFault.SECOND_FAILS)),
        new Scenario(
            "no-thread",
            "... nor none at all: somebody is told",
            trial -> fault(trial, StartFault.NO_THREADS)),
        new Scenario(
            "exit-drain",
            "the exit of the JVM first runs what was accepted",
            StartScenarios::exitDrain));
  }

  private static void fault(Trial trial, StartFault fault) throws Exception {
    OpenPool pool;
    try {
      pool = trial.open(Plan.threads(2).fault(fault));
    } catch (MissingException e) {
      throw e;
    } catch (Exception | Error told) {
      return; // No pool, so no task is stranded.
    }
    CountDownLatch gate = trial.gate();
    List<AtomicInteger> accepted = new ArrayList<>();
    List<AtomicInteger> refused = new ArrayList<>();
    for (int i = 0; i < TASKS; i++) {
      AtomicInteger runs = new AtomicInteger();
      try {
        pool.execute(() -> runAfter(trial, gate, runs));
        accepted.add(runs);
      } catch (Exception | Error told) {
        refused.add(runs);
      }
    }
    gate.countDown();
    if (!trial.eventually(() -> accepted.stream().allMatch(runs -> runs.get() > 0))) {
      throw new HangsException("tasks that were accepted");
    }
    require(
        refused.stream().allMatch(runs -> runs.get() == 0),
        "a task was refused with an exception, and runs all the same");
  }

  /** Takes all threads there are until all tasks have been handed over. */
  private static void runAfter(Trial trial, CountDownLatch gate, AtomicInteger runs) {
    trial.await("the gate", gate);
    runs.incrementAndGet();
  }

  /** The JVM ends with this one, so it is the last; the task that ends last answers. */
  private static void exitDrain(Trial trial) {
    OpenPool pool = trial.open(Plan.threads(1).drainsAtExit());
    CountDownLatch started = new CountDownLatch(1);
    AtomicInteger left = new AtomicInteger(TASKS + 1);
    Runnable end =
        () -> {
          if (left.decrementAndGet() == 0) {
            trial.answerYes();
          }
        };
    pool.execute(
        () -> {
          started.countDown();
          try {
            Thread.sleep(100);
          } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
          }
          end.run();
        });
    for (int i = 0; i < TASKS; i++) {
      pool.execute(end);
    }
    trial.await("a task on an idle pool", started);
    System.exit(0);
  }
}
