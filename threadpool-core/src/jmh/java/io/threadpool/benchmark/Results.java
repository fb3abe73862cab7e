package io.threadpool.benchmark;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/**
 * The results of a run: a directory with a file of JMH's for each fork, named scenario~pool~round,
 * and {@value #NOTES}, which says what machine it was and how busy.
 */
final class Results {

  static final String NOTES = "notes.txt";

  private final List<Path> files = new ArrayList<>();
  private final Map<Path, Map<?, ?>> parsed = new LinkedHashMap<>();
  private final Path directory;

  Results(Path directory) {
    this.directory = directory;
    try (Stream<Path> list = Files.list(directory)) {
      list.filter(file -> file.toString().endsWith(".json")).sorted().forEach(files::add);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  static Path file(Path directory, Scenario scenario, String pool, int round) {
    return directory.resolve(scenario.id() + "~" + pool + "~" + round + ".json");
  }

  /** The newest directory of results. */
  static Path newest(Path parent) {
    try (Stream<Path> list = Files.list(parent)) {
      return list.filter(Files::isDirectory).max(Path::compareTo).orElseThrow();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  String notes() {
    Path notes = directory.resolve(NOTES);
    return Files.exists(notes) ? read(notes) : "";
  }

  /** What each pool reached, in the order of first appearance among {@code pools}, then others. */
  Map<String, Measured> of(Scenario scenario, Metric metric) {
    Map<String, List<List<Double>>> forks = new LinkedHashMap<>();
    for (String pool : scenario.pools()) {
      forks.put(pool, new ArrayList<>());
    }
    for (Path file : files) {
      String[] name = file.getFileName().toString().split("~");
      if (name[0].equals(scenario.id())) {
        List<Double> iterations = new ArrayList<>();
        for (double raw : rawData(file, metric.source())) {
          iterations.add(metric.value(raw));
        }
        if (!iterations.isEmpty()) {
          forks.computeIfAbsent(name[1], pool -> new ArrayList<>()).add(iterations);
        }
      }
    }
    Map<String, Measured> measured = new LinkedHashMap<>();
    forks.forEach(
        (pool, list) -> {
          if (!list.isEmpty()) {
            measured.put(pool, Measured.of(list));
          }
        });
    return measured;
  }

  private List<Double> rawData(Path file, String source) {
    Map<?, ?> run = parsed.computeIfAbsent(file, f -> (Map<?, ?>) ((List<?>) parse(f)).get(0));
    Map<?, ?> metric =
        source.isEmpty()
            ? (Map<?, ?>) run.get("primaryMetric")
            : (Map<?, ?>) ((Map<?, ?>) run.get("secondaryMetrics")).get(source);
    List<Double> values = new ArrayList<>();
    for (Object fork : (List<?>) metric.get("rawData")) {
      for (Object value : (List<?>) fork) {
        if (value instanceof Double number) { // Else "NaN": the pool has no such thing.
          values.add(number);
        }
      }
    }
    return values;
  }

  private static Object parse(Path file) {
    return Json.parse(read(file));
  }

  private static String read(Path file) {
    try {
      return Files.readString(file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
