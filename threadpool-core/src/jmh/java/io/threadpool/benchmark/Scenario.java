package io.threadpool.benchmark;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * One measurement of a row.
 *
 * @param id unique; begins with the row's name
 * @param benchmark the class that measures it
 * @param params of the benchmark, beside the pool
 * @param pools that take part
 * @param timing how it is repeated
 */
record Scenario(
    String id,
    String label,
    Class<?> benchmark,
    Map<String, Integer> params,
    List<String> pools,
    Timing timing,
    List<Metric> metrics) {

  /** How a fork repeats what it measures. */
  enum Timing {
    /** As often as the time of an iteration allows. */
    TIMED,
    /** Once an iteration. */
    ONCE,
    /** Once an iteration, after ten that do not count. */
    SHOTS,
    /** Once an iteration, with a collector whose count of live bytes is exact. */
    MEMORY
  }

  static Scenario of(String id, String label, Class<?> benchmark, Metric... metrics) {
    return new Scenario(
        id, label, benchmark, Map.of(), Contenders.ALL, Timing.TIMED, List.of(metrics));
  }

  Scenario with(String param, int value) {
    Map<String, Integer> more = new LinkedHashMap<>(params);
    more.put(param, value);
    return new Scenario(id, label, benchmark, more, pools, timing, metrics);
  }

  Scenario with(Timing timing) {
    return new Scenario(id, label, benchmark, params, pools, timing, metrics);
  }

  Scenario among(List<String> pools) {
    return new Scenario(id, label, benchmark, params, pools, timing, metrics);
  }

  /** The name before the dash. */
  String row() {
    return id.split("-", 2)[0];
  }
}
