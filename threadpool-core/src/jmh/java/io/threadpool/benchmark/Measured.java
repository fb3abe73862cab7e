package io.threadpool.benchmark;

import java.util.Collections;
import java.util.List;

/** What several forks measured of one thing: the median, and the least and the greatest. */
record Measured(double median, double min, double max) {

  /**
   * Of the medians of the forks; of a single fork, of its iterations.
   *
   * @param forks the iterations of each
   */
  static Measured of(List<List<Double>> forks) {
    List<Double> values =
        forks.size() == 1 ? forks.get(0) : forks.stream().map(Measured::median).toList();
    return new Measured(median(values), Collections.min(values), Collections.max(values));
  }

  static double median(List<Double> values) {
    List<Double> sorted = values.stream().sorted().toList();
    int middle = sorted.size() / 2;
    return sorted.size() % 2 == 1
        ? sorted.get(middle)
        : (sorted.get(middle - 1) + sorted.get(middle)) / 2;
  }
}
