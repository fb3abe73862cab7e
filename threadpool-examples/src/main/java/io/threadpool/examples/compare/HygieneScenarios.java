package io.threadpool.examples.compare;

import static io.threadpool.examples.compare.Trial.require;

import java.net.URL;
import java.net.URLClassLoader;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.slf4j.MDC;

/** What one task leaves on its thread, and the next one finds there. */
final class HygieneScenarios {
  private static final int RACES = 1_000;
  private static final ThreadLocal<String> LOCAL = new ThreadLocal<>();

  private HygieneScenarios() {}

  static List<Scenario> all() {
    return List.of(
        new Scenario(
            "interrupt-leak",
            "the next task does not find an interrupt",
            HygieneScenarios::interruptLeak),
        new Scenario(
            "cancel-race",
            "... nor one of a cancel(true) that came late",
            HygieneScenarios::cancelRace),
        new Scenario("name-leak", "... nor a changed thread name", HygieneScenarios::nameLeak),
        new Scenario(
            "loader-leak", "... nor a changed context class loader", HygieneScenarios::loaderLeak),
        new Scenario(
            "local-leak", "... nor a thread local of the task before", HygieneScenarios::localLeak),
        new Scenario(
            "mdc",
            "the logging context of the submitter travels, and ends there",
            HygieneScenarios::mdc));
  }

  /** Runs one task and then another, and returns what the latter found. */
  private static <T> T after(Trial trial, Callable<?> dirty, Callable<T> next) throws Exception {
    return after(trial, Plan.threads(1), dirty, next);
  }

  private static <T> T after(Trial trial, Plan plan, Callable<?> dirty, Callable<T> next)
      throws Exception {
    OpenPool pool = trial.open(plan);
    trial.settle("a task", pool.submit(dirty));
    return trial.finish("the next task", pool.submit(next));
  }

  private static void interruptLeak(Trial trial) throws Exception {
    boolean interrupted =
        after(
            trial,
            () -> {
              Thread.currentThread().interrupt();
              return true;
            },
            () -> Thread.currentThread().isInterrupted());
    require(!interrupted, "it starts interrupted");
  }

  private static void cancelRace(Trial trial) throws Exception {
    OpenPool pool = trial.open(Plan.threads(1));
    int leaks = 0;
    for (int i = 0; i < RACES; i++) {
      CountDownLatch started = new CountDownLatch(1);
      Future<?> cancelled =
          pool.submit(
              () -> {
                started.countDown();
                return true;
              });
      started.await();
      cancelled.cancel(true);
      Future<Boolean> next = pool.submit(() -> Thread.currentThread().isInterrupted());
      if (trial.finish("the next task", next)) {
        leaks++;
      }
    }
    require(leaks == 0, leaks + " of " + RACES + " start interrupted");
  }

  private static void nameLeak(Trial trial) throws Exception {
    String name =
        after(
            trial,
            () -> {
              Thread.currentThread().setName("of the task before");
              return true;
            },
            () -> Thread.currentThread().getName());
    require(!name.equals("of the task before"), "it has the name that the task before gave it");
  }

  private static void loaderLeak(Trial trial) throws Exception {
    try (URLClassLoader loader = new URLClassLoader(new URL[0])) {
      boolean leaks =
          after(
              trial,
              () -> {
                Thread.currentThread().setContextClassLoader(loader);
                return true;
              },
              () -> Thread.currentThread().getContextClassLoader() == loader);
      require(!leaks, "it has the class loader that the task before set");
    }
  }

  private static void localLeak(Trial trial) throws Exception {
    boolean leaks =
        after(
            trial,
            Plan.threads(1).freshLocals(),
            () -> {
              LOCAL.set("of the task before");
              return true;
            },
            () -> LOCAL.get() != null);
    require(!leaks, "it finds the value that the task before set");
  }

  private static void mdc(Trial trial) {
    OpenPool pool = trial.open(Plan.threads(1).mdc());
    MDC.put("request", "one");
    String with = seen(trial, pool);
    MDC.clear();
    String without = seen(trial, pool);
    require("one".equals(with), "it does not travel");
    require(without == null, "the next task finds it");
  }

  private static @Nullable String seen(Trial trial, OpenPool pool) {
    AtomicReference<@Nullable String> seen = new AtomicReference<>();
    CountDownLatch ran = new CountDownLatch(1);
    pool.execute(
        () -> {
          seen.set(MDC.get("request"));
          ran.countDown();
        });
    trial.await("a task", ran);
    return seen.get();
  }
}
