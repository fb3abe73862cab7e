package io.threadpool.internal;

import java.lang.reflect.Array;
import java.util.concurrent.Callable;
import org.jetbrains.lincheck.Lincheck;
import org.jetbrains.lincheck.datastructures.ModelCheckingOptions;

/**
 * Explores the schedules of scenarios, and prints a line for each. {@code -Dlincheck.schedules=N}
 * sets how many schedules of each scenario are tried, {@code -Dlincheck.scenarios=N} how many
 * random scenarios of each data structure.
 */
public final class Explorer {

  /** Longer than any wait there is. */
  public static final long FOREVER = Long.MAX_VALUE;

  /** What may throw. */
  public interface Step {
    void run() throws Exception;
  }

  /** How often a scenario has run. Through {@link Array}, since Lincheck puts back what it sees. */
  private static final int[] RUNS = new int[1];

  private Explorer() {}

  /** Runs a scenario by as many schedules as were asked for, or as there are. */
  public static void explore(String what, int schedules, Step scenario) {
    int most = Integer.getInteger("lincheck.schedules", schedules);
    Array.setInt(RUNS, 0, 0);
    print(
        what,
        () -> {
          Lincheck.runConcurrentTest(
              most,
              () -> {
                Array.setInt(RUNS, 0, Array.getInt(RUNS, 0) + 1);
                try {
                  together(scenario); // The one that Lincheck starts with is not to park.
                } catch (Exception e) {
                  throw new AssertionError(e);
                }
              });
          int runs = Array.getInt(RUNS, 0);
          return String.format("%,7d schedules%s", runs, runs < most ? " (all)" : "");
        });
  }

  /** Checks that what threads do to an object is what its sequential specification could do. */
  public static void check(
      String what, ModelCheckingOptions options, Class<?> object, Class<?> specification) {
    int scenarios = Integer.getInteger("lincheck.scenarios", 20);
    int schedules = Integer.getInteger("lincheck.schedules", 500);
    options
        .iterations(scenarios)
        .invocationsPerIteration(schedules)
        .sequentialSpecification(specification);
    print(
        what,
        () -> {
          options.check(object);
          return String.format("%,7d scenarios of up to %,d schedules", scenarios, schedules);
        });
  }

  private static void print(String what, Callable<String> exploration) {
    long start = System.nanoTime();
    String figures = "       ";
    String verdict = "FAILED";
    try {
      figures = exploration.call();
      verdict = "ok";
    } catch (Exception e) {
      throw new AssertionError(what, e);
    } finally {
      System.out.printf(
          "lincheck: %-70s %-6s %s, %.1f s%n",
          what, verdict, figures, (System.nanoTime() - start) / 1e9);
    }
  }

  /** Runs the steps at the same time, each on a thread of its own, and waits for all. */
  public static void together(Step... steps) throws InterruptedException {
    Throwable[] failures = new Throwable[steps.length];
    Thread[] threads = new Thread[steps.length];
    for (int i = 0; i < steps.length; i++) {
      int member = i;
      threads[i] =
          new ModelThread(
              () -> {
                try {
                  steps[member].run();
                } catch (Throwable thrown) {
                  failures[member] = thrown;
                }
              });
    }
    for (Thread thread : threads) {
      thread.start();
    }
    for (Thread thread : threads) {
      thread.join();
    }
    for (Throwable failure : failures) {
      if (failure != null) {
        throw new AssertionError(failure);
      }
    }
  }
}
