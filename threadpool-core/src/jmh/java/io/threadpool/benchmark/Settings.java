package io.threadpool.benchmark;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What a run was asked for, by arguments {@code name=value} (or {@code -Dname=value}, before or
 * after the name of the jar).
 *
 * @param rows names of rows or ids of scenarios; empty for all but the growth curves
 * @param pools empty for those that take part in the scenario
 * @param rounds how many forks each pool gets
 * @param warmup iterations, thrown away
 * @param iterations that count
 * @param millis length of one of either
 * @param baseline class files of another version of ours, as pool "base"
 * @param jvm further options of the forks
 */
record Settings(
    List<String> rows,
    List<String> pools,
    int rounds,
    int warmup,
    int iterations,
    int millis,
    Optional<String> baseline,
    List<String> jvm) {

  /** A full run takes its time; a quick one of every row takes one fork each. */
  static Settings parse(String mode, List<String> arguments) {
    Map<String, String> given = new HashMap<>();
    for (String argument : arguments) {
      String[] parts = argument.replaceFirst("^-D", "").split("=", 2);
      if (parts.length < 2) {
        throw new IllegalArgumentException("not understood: " + argument);
      }
      given.put(parts[0], parts[1]);
    }
    for (String name :
        List.of("row", "pools", "rounds", "warmup", "iterations", "millis", "baseline", "jvm")) {
      Optional.ofNullable(System.getProperty(name)).ifPresent(v -> given.putIfAbsent(name, v));
    }
    boolean full = mode.equals("full");
    boolean everything = mode.equals("quick") && !given.containsKey("row");
    List<String> pools = new ArrayList<>(list(given.getOrDefault("pools", "")));
    if (pools.isEmpty() && !full) {
      pools.addAll(Contenders.QUICK);
    }
    if (given.containsKey("baseline") && !pools.contains(Contenders.BASE)) {
      pools.add(Contenders.BASE);
    }
    return new Settings(
        list(given.getOrDefault("row", "")),
        pools,
        number(given, "rounds", full ? 5 : everything ? 1 : 3),
        number(given, "warmup", full ? 4 : 2),
        number(given, "iterations", full ? 5 : 3),
        number(given, "millis", full ? 500 : 300),
        Optional.ofNullable(given.get("baseline")),
        given.containsKey("jvm") ? List.of(given.get("jvm").split(" ")) : List.of());
  }

  /** Complains about names that mean nothing, before a long run. */
  void check() {
    for (String row : rows) {
      if (Scenarios.all().stream().noneMatch(s -> s.row().equals(row) || s.id().equals(row))) {
        throw new IllegalArgumentException("row must be one of those that list prints, not " + row);
      }
    }
    for (String pool : pools) {
      boolean known = Contenders.ALL.contains(pool) || Contenders.schedulers().contains(pool);
      if (!known && !pool.equals(Contenders.BASE)) {
        throw new IllegalArgumentException("pool must be of " + Contenders.ALL + ", not " + pool);
      }
    }
  }

  boolean wants(Scenario scenario) {
    return rows.isEmpty()
        ? !scenario.row().equals(Scenarios.GROWTH)
        : rows.contains(scenario.row()) || rows.contains(scenario.id());
  }

  /** Of those that take part in the scenario, the ones asked for; an extra of ours always. */
  List<String> poolsOf(Scenario scenario) {
    List<String> chosen = new ArrayList<>();
    for (String pool : scenario.pools()) {
      if (Contenders.available(pool)
          && (pools.isEmpty() || pools.contains(pool) || pool.startsWith("ours+"))) {
        chosen.add(pool);
      }
    }
    if (pools.contains(Contenders.BASE)) {
      chosen.add(Contenders.BASE);
    }
    return chosen;
  }

  private static List<String> list(String names) {
    return names.isEmpty() ? List.of() : List.of(names.split(","));
  }

  private static int number(Map<String, String> given, String name, int standard) {
    return given.containsKey(name) ? Integer.parseInt(given.get(name)) : standard;
  }
}
