package io.threadpool.examples.compare;

import java.util.List;
import java.util.stream.Stream;

/** All scenarios, in the order of the lines. The one that ends its JVM comes last. */
final class Scenarios {
  private static final List<Scenario> ALL =
      Stream.of(
              JoinScenarios.all(),
              ShutdownScenarios.all(),
              FailureScenarios.all(),
              HygieneScenarios.all(),
              SaturationScenarios.all(),
              FeatureScenarios.all(),
              StartScenarios.all())
          .flatMap(List::stream)
          .toList();

  private Scenarios() {}

  static List<Scenario> all() {
    return ALL;
  }

  static Scenario named(String id) {
    return ALL.stream().filter(one -> one.id().equals(id)).findFirst().orElseThrow();
  }
}
