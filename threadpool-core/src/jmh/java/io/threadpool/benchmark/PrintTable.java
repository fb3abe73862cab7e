package io.threadpool.benchmark;

import java.io.PrintStream;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/**
 * Prints the results of a run as Markdown: first each line with its goals, then every pool.
 *
 * <p>All figures are medians over the forks, with the least and the greatest in parentheses. A
 * ratio says how many times better ours is, whether the line is a rate or a cost.
 */
final class PrintTable {

  private final Results results;
  private final PrintStream out;

  PrintTable(Path directory, PrintStream out) {
    this.results = new Results(directory);
    this.out = out;
  }

  void print() {
    out.println(results.notes());
    printGoals();
    printPools(false);
    printPools(true);
  }

  private void printGoals() {
    out.println("| line | ours | fixed | tpe | best peer | ours : tpe | ours : best | goals |");
    out.println("|---|---|---|---|---|---|---|---|");
    forEachLine(
        (scenario, metric, measured) -> {
          Map<String, Double> medians = new LinkedHashMap<>();
          measured.forEach((pool, value) -> medians.put(pool, value.median()));
          if (isExtra(scenario) || !medians.containsKey(Contenders.OURS)) {
            return;
          }
          Map.Entry<String, Double> best = Goal.best(medians, metric.rate()).orElse(null);
          List<String> goals = new ArrayList<>();
          metric.allGoals().forEach(goal -> goals.add(goal.verdict(medians, metric.rate())));
          row(
              title(scenario, metric),
              cell(measured.get(Contenders.OURS)),
              cell(measured.get("ours-fixed")),
              cell(measured.get("tpe")),
              best == null ? "" : best.getKey() + " " + number(best.getValue()),
              ratio(medians, medians.get("tpe"), metric),
              ratio(medians, best == null ? null : best.getValue(), metric),
              String.join("; ", goals));
        });
    out.println();
  }

  private void printPools(boolean extras) {
    Set<String> pools = new LinkedHashSet<>();
    forEachLine(
        (scenario, metric, measured) -> {
          if (isExtra(scenario) == extras) {
            pools.addAll(measured.keySet());
          }
        });
    if (pools.isEmpty()) {
      return;
    }
    out.println("| line | " + String.join(" | ", pools) + " |");
    out.println("|---|" + "---|".repeat(pools.size()));
    forEachLine(
        (scenario, metric, measured) -> {
          if (isExtra(scenario) != extras) {
            return;
          }
          Map<String, Double> medians = new LinkedHashMap<>();
          measured.forEach((pool, value) -> medians.put(pool, value.median()));
          List<String> cells = new ArrayList<>(List.of(title(scenario, metric)));
          for (String pool : pools) {
            Measured value = measured.get(pool);
            String ratio =
                pool.equals(Contenders.OURS) ? "" : ratio(medians, medians.get(pool), metric);
            cells.add(value == null ? "" : (cell(value) + " " + ratio).trim());
          }
          row(cells.toArray(new String[0]));
        });
    out.println();
  }

  /** What is done with a line that was measured. */
  private interface Line {
    void accept(Scenario scenario, Metric metric, Map<String, Measured> measured);
  }

  private void forEachLine(Line line) {
    for (Scenario scenario : Scenarios.all()) {
      for (Metric metric : scenario.metrics()) {
        Map<String, Measured> measured = results.of(scenario, metric);
        if (!measured.isEmpty()) {
          line.accept(scenario, metric, measured);
        }
      }
    }
  }

  private void row(String... cells) {
    out.println("| " + String.join(" | ", cells) + " |");
  }

  private static boolean isExtra(Scenario scenario) {
    return scenario.pools().stream().allMatch(pool -> pool.startsWith(Contenders.OURS));
  }

  private static String title(Scenario scenario, Metric metric) {
    String title = scenario.id() + ": " + scenario.label();
    return title + ", " + (metric.label() + " " + metric.unit()).trim();
  }

  private static String ratio(Map<String, Double> medians, Double other, Metric metric) {
    Double ours = medians.get(Contenders.OURS);
    if (ours == null || other == null) {
      return "";
    }
    double ratio = metric.rate() ? ours / other : other / ours;
    return Double.isFinite(ratio) ? number(ratio) + "x" : "";
  }

  private static String cell(Measured measured) {
    return measured == null
        ? ""
        : String.format(
            "%s (%s-%s)",
            number(measured.median()), number(measured.min()), number(measured.max()));
  }

  /** With three digits that count. */
  private static String number(double value) {
    int decimals =
        Math.abs(value) < 1 ? 3 : Math.abs(value) < 10 ? 2 : Math.abs(value) < 100 ? 1 : 0;
    return String.format(Locale.ROOT, "%." + decimals + "f", value);
  }
}
