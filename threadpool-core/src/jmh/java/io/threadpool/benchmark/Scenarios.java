package io.threadpool.benchmark;

import io.threadpool.benchmark.Scenario.Timing;
import java.util.ArrayList;
import java.util.List;

/** The rows of the table, with their goals. */
final class Scenarios {

  private static final int MILLION = 1_000_000;
  private static final int TREE = (1 << 21) - 1;
  private static final int ROUND_TRIPS = 2_000;
  private static final int SCHEDULED = 10_000;

  /** The extras of row X, the pool without one, and the same again, which tells the noise. */
  static final List<String> EXTRAS =
      List.of(
          Contenders.OURS,
          "ours+nothing",
          "ours+handler",
          "ours+decorator",
          "ours+stats",
          "ours+limits",
          "ours+elastic",
          "ours+jfr");

  /** The row of the growth curves, which is only measured when it is asked for. */
  static final String GROWTH = "growth";

  private Scenarios() {}

  /** All of them, in the order of the table. */
  static List<Scenario> all() {
    List<Scenario> all = new ArrayList<>();
    addBursts(all);
    addLatencies(all);
    addOthers(all);
    addTimed(all);
    addGrowth(all);
    return all;
  }

  private static void addBursts(List<Scenario> all) {
    for (int workers : new int[] {1, 2, 4}) {
      Goal level = Goal.of(1, "disruptor", "disruptor-yield");
      all.add(burst("A1", workers, 1, Goal.of(5, "tpe"), Goal.bestExecutor(2), level));
    }
    for (int workers : new int[] {1, 2, 4}) {
      all.add(burst("A4", workers, 4, Goal.of(3, "tpe"), Goal.of(1, "fjp")));
    }
    all.add(burst("A64", 64, 1, Goal.best(2)));
    all.add(burst("A64", 64, 4, Goal.best(2)));
    all.add(burst("H", 16, 16, Goal.best(1.5)));
    addShots(all);
    all.add(computing(200, 1, Goal.best(1.15)));
    all.add(computing(200, 4, Goal.best(1)));
    all.add(computing(2_000, 1, Goal.best(0.95)));
    all.add(computing(2_000, 4, Goal.best(0.95)));
  }

  /** The same bursts as others may time them: each once, counted by what the JDK has for that. */
  private static void addShots(List<Scenario> all) {
    double[][] goals = {{1, 2, 0.75}, {2, 3.3, 1.1}, {4, 1.8, 1.1}};
    for (double[] goal : goals) {
      Goal ring = Goal.of(1 / goal[2], "disruptor-yield");
      all.add(shot((int) goal[0], 1, Goal.bestExecutor(1 / goal[1]), ring));
    }
    all.add(shot(1, 4, Goal.bestExecutor(1 / 1.5)));
    all.add(shot(2, 4, Goal.bestExecutor(1 / 1.2)));
    all.add(shot(4, 4, Goal.bestExecutor(1 / 1.4)));
    all.add(shot(64, 1, Goal.bestExecutor(1 / 3.3)));
    all.add(shot(64, 4, Goal.bestExecutor(1 / 2.2)));
    all.add(shot(16, 16, Goal.bestExecutor(1 / 1.55)));
  }

  private static void addLatencies(List<Scenario> all) {
    all.add(
        Scenario.of(
            "C0",
            "idle pool, back to back",
            HandoffBenchmark.class,
            Metric.counter("p50", "us", Goal.limit(0.20)),
            Metric.counter("p99", "us", Goal.limit(0.60))));
    all.add(
        Scenario.of(
                "C1",
                "idle pool, 1 ms between",
                HandoffBenchmark.class,
                Metric.counter("p50", "us", Goal.of(0.7, "tpe")),
                Metric.counter("p99", "us"))
            .with("gapMicros", 1_000)
            .with("tasks", 200));
    all.add(roundTrips(1, Goal.limit(3)));
    all.add(roundTrips(4, Goal.best(0.8)));
    all.add(tail(4));
    all.add(tail(8));
  }

  private static void addOthers(List<Scenario> all) {
    all.add(tree(2, 2.5));
    all.add(tree(4, 1.2));
    all.add(
        Scenario.of(
                "F",
                "bytes a task",
                MemoryBenchmark.class,
                Metric.counter("execute", "B", Goal.limit(4.2)),
                Metric.counter("submit", "B", Goal.limit(40)),
                Metric.counter("retained", "B", Goal.limit(4.5)))
            .with(Timing.MEMORY));
    all.add(shutdown("G-idle4", "4 idle workers", 4, 0, 0.45));
    all.add(shutdown("G-idle1000", "1,000 idle workers", 1_000, 0, 71));
    all.add(shutdown("G-queued", "10^6 queued, 4 workers", 4, MILLION, 33));
    all.add(extras("X-burst1", "burst, 1 worker").with("workers", 1));
    all.add(extras("X-burst2", "burst, 2 workers").with("workers", 2));
    all.add(
        Scenario.of(
                "X-roundtrip",
                "extras: submit and get, 2 workers",
                RoundTripBenchmark.class,
                Metric.micros(ROUND_TRIPS))
            .among(EXTRAS));
  }

  private static void addTimed(List<Scenario> all) {
    Goal level = Goal.of(1, "stpe", "jboss", "fjp");
    for (int threads : new int[] {1, 4}) {
      String by = ", 10^5 pending, " + threads + " threads";
      Scenario cancel =
          Scenario.of(
              "S-cancel" + threads,
              "schedule and cancel" + by,
              ScheduleBenchmark.class,
              Metric.rate(SCHEDULED, level));
      Scenario run =
          Scenario.of(
              "S-run" + threads,
              "schedule and run" + by,
              ScheduleBenchmark.class,
              Metric.rate(SCHEDULED, level));
      all.add(cancel.with("producers", threads).among(Contenders.schedulers()));
      all.add(run.with("producers", threads).with("delayMicros", 1).among(Contenders.schedulers()));
    }
    all.add(
        Scenario.of(
                "L",
                "lateness of 1,000 a second",
                LatenessBenchmark.class,
                Metric.counter("p50", "us", level),
                Metric.counter("p99", "us", level))
            .among(Contenders.schedulers()));
    all.add(
        extras("X-limit", "submitted, 2 workers, runWithin for all")
            .with("handles", 1)
            .among(List.of(Contenders.OURS, "ours+nothing", "ours+limits")));
    all.add(
        Scenario.of("M-many", "10^6 results", ManyAsOneBenchmark.class, Metric.rate(MILLION))
            .among(ManyAsOneBenchmark.OF_MANY));
    all.add(
        Scenario.of("M-few", "100 results", ManyAsOneBenchmark.class, Metric.micros(100))
            .with("tasks", 100)
            .among(ManyAsOneBenchmark.OF_FEW));
  }

  private static Scenario extras(String id, String label) {
    return Scenario.of(id, "extras: " + label, BurstBenchmark.class, Metric.rate(MILLION))
        .among(EXTRAS);
  }

  /** How the cost grows with the tasks queued, the workers and the producers. */
  private static void addGrowth(List<Scenario> all) {
    List<String> pools = new ArrayList<>(Contenders.ALL);
    pools.remove("ours-fixed"); // Its limit is in the way.
    for (int tasks = 1_000; tasks <= 10 * MILLION; tasks *= 10) {
      all.add(growing("tasks", tasks, Metric.rate(tasks)).with("tasks", tasks).among(pools));
      all.add(
          Scenario.of(
                  GROWTH + "-heap" + tasks,
                  "heap with " + tasks + " queued",
                  MemoryBenchmark.class,
                  Metric.counter("retained", "B"))
              .with("tasks", tasks)
              .with(Timing.MEMORY)
              .among(pools));
    }
    for (int workers : new int[] {1, 2, 4, 16, 64, 250, 1_000}) {
      all.add(growing("workers", workers, Metric.rate(MILLION)).with("workers", workers));
    }
    for (int producers : new int[] {1, 2, 4, 16, 64}) {
      all.add(growing("producers", producers, Metric.rate(MILLION)).with("producers", producers));
    }
    for (int count : new int[] {1, 10, 100, 1_000}) {
      all.add(
          Scenario.of(
                  GROWTH + "-pools" + count,
                  "burst over " + count + " pools of 2 workers",
                  ManyPoolsBenchmark.class,
                  Metric.rate(MILLION))
              .with("pools", count));
    }
  }

  private static Scenario growing(String what, int value, Metric metric) {
    return Scenario.of(
        GROWTH + "-" + what + value, "burst, " + value + " " + what, BurstBenchmark.class, metric);
  }

  private static Scenario burst(String row, int workers, int producers, Goal... goals) {
    String id = row + "-" + workers + "w" + producers + "p";
    String label = "burst, " + workers + " workers, " + producers + " producers";
    return Scenario.of(id, label, BurstBenchmark.class, Metric.rate(MILLION, goals))
        .with("workers", workers)
        .with("producers", producers)
        .with("tasks", MILLION);
  }

  private static Scenario shot(int workers, int producers, Goal... goals) {
    return Scenario.of(
            "N-" + workers + "w" + producers + "p",
            "single shots of a million, " + workers + " workers, " + producers + " producers",
            BurstBenchmark.class,
            Metric.millis(goals))
        .with("workers", workers)
        .with("producers", producers)
        .with("tasks", MILLION)
        .with("adder", 1)
        .with(Timing.SHOTS);
  }

  private static Scenario computing(int nanos, int producers, Goal goal) {
    int tasks = nanos < 1_000 ? MILLION : MILLION / 5;
    return Scenario.of(
            "B-" + nanos + "ns" + producers + "p",
            "tasks of " + nanos + " ns, 2 workers, " + producers + " producers",
            BurstBenchmark.class,
            Metric.rate(tasks, goal))
        .with("nanos", nanos)
        .with("producers", producers)
        .with("tasks", tasks);
  }

  private static Scenario roundTrips(int callers, Goal goal) {
    return Scenario.of(
            "D-" + callers,
            "submit and get, 2 workers, " + callers + " callers",
            RoundTripBenchmark.class,
            Metric.micros(ROUND_TRIPS, goal))
        .with("producers", callers)
        .with("tasks", ROUND_TRIPS);
  }

  private static Scenario tail(int callers) {
    return Scenario.of(
            "T-" + callers,
            "submit and get for half a second, 2 workers, " + callers + " callers",
            TailBenchmark.class,
            Metric.counter("p50", "us", Goal.of(0.5, "tpe")),
            Metric.counter("p99", "us"),
            Metric.counter("p999", "us", Goal.of(1.5, "tpe")),
            Metric.rateCounter("rate", "1/ms", Goal.of(2, "tpe")),
            Metric.rateCounter("least", "%"))
        .with("producers", callers)
        .with(Timing.ONCE);
  }

  private static Scenario tree(int workers, double factor) {
    return Scenario.of(
            "E-" + workers,
            "tree of 2^21 tasks, " + workers + " workers",
            TreeBenchmark.class,
            Metric.rate(TREE, Goal.of(factor, "tpe")))
        .with("workers", workers)
        .with("tasks", TREE);
  }

  private static Scenario shutdown(String id, String label, int workers, int tasks, double limit) {
    List<String> pools = new ArrayList<>(Contenders.ALL);
    pools.removeAll(List.of("virtual", Contenders.INLINE)); // No workers to end.
    return Scenario.of(
            id, "close: " + label, ShutdownBenchmark.class, Metric.millis(Goal.limit(limit)))
        .with("workers", workers)
        .with("tasks", tasks)
        .with(Timing.ONCE)
        .among(pools);
  }
}
