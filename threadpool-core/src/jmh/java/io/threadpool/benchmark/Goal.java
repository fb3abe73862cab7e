package io.threadpool.benchmark;

import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What ours is to reach in one line of the table.
 *
 * @param factor of the best of the peers; at least for a rate, at most for a cost
 * @param peers those it is compared with; none if {@code factor} is a limit in the line's own unit
 */
record Goal(String text, double factor, List<String> peers) {

  private static final List<String> EXECUTORS =
      List.of(
          "tpe", "tpe-array", "fjp", "fjp-async", "virtual", "jboss", "jetty", "tomcat", "netty");

  private static final List<String> PEERS =
      List.of(
          "tpe",
          "tpe-array",
          "fjp",
          "fjp-async",
          "virtual",
          "jboss",
          "jetty",
          "tomcat",
          "netty",
          "disruptor",
          "disruptor-yield");

  static Goal best(double factor) {
    return new Goal(times(factor) + " best", factor, PEERS);
  }

  static Goal bestExecutor(double factor) {
    return new Goal(times(factor) + " best executor", factor, EXECUTORS);
  }

  static Goal of(double factor, String... peers) {
    return new Goal(times(factor) + " " + peers[0], factor, Arrays.asList(peers));
  }

  private static String times(double factor) {
    return Math.round(100 * factor) / 100.0 + "x";
  }

  static Goal limit(double limit) {
    return new Goal("at most " + limit, limit, List.of());
  }

  /** The name and the value of the best peer that was measured. */
  static Optional<Map.Entry<String, Double>> best(
      Map<String, Double> values, List<String> peers, boolean rate) {
    Map.Entry<String, Double> best = null;
    for (Map.Entry<String, Double> each : values.entrySet()) {
      if (peers.contains(each.getKey())
          && (best == null || each.getValue() > best.getValue() == rate)) {
        best = each;
      }
    }
    return Optional.ofNullable(best);
  }

  static Optional<Map.Entry<String, Double>> best(Map<String, Double> values, boolean rate) {
    return best(values, PEERS, rate);
  }

  /** The goal with what was reached, and whether that is enough. */
  String verdict(Map<String, Double> values, boolean rate) {
    double ours = values.get(Contenders.OURS);
    if (peers.isEmpty()) {
      return text + (ours <= factor ? " yes" : " NO");
    }
    Optional<Map.Entry<String, Double>> best = best(values, peers, rate);
    if (best.isEmpty()) {
      return text + " ?";
    }
    double reached = ours / best.get().getValue();
    boolean met = rate ? reached >= factor : reached <= factor;
    return String.format("%s %s (%.2f)", text, met ? "yes" : "NO", reached);
  }
}
