package io.threadpool.benchmark;

import java.util.List;

/**
 * One line of the table.
 *
 * @param source the auxiliary counter of JMH that has it; empty for the time
 * @param tasks how many tasks that time is for; 0 for a counter
 * @param rate whether more is better, as of tasks a microsecond; else the unit is a cost
 */
record Metric(String label, String unit, String source, double tasks, boolean rate, Goal... goals) {

  /** Million tasks a second. */
  static Metric rate(int tasks, Goal... goals) {
    return new Metric("", "M/s", "", tasks, true, goals);
  }

  /** Microseconds for one of so many. */
  static Metric micros(int tasks, Goal... goals) {
    return new Metric("", "us", "", tasks, false, goals);
  }

  static Metric millis(Goal... goals) {
    return new Metric("", "ms", "", 1_000, false, goals);
  }

  static Metric counter(String source, String unit, Goal... goals) {
    return new Metric(source, unit, source, 0, false, goals);
  }

  /** One of which more is better. */
  static Metric rateCounter(String source, String unit, Goal... goals) {
    return new Metric(source, unit, source, 0, true, goals);
  }

  /** The value from what JMH has measured. */
  double value(double raw) {
    if (tasks == 0) {
      return raw;
    }
    return rate ? tasks / raw : raw / tasks;
  }

  List<Goal> allGoals() {
    return List.of(goals);
  }
}
