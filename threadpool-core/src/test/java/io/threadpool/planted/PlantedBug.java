package io.threadpool.planted;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/**
 * A deliberate fault: a patch to the library's sources, and the tests that have to catch it.
 *
 * <p>Its file in {@code src/planted} begins with what the fault is, then names the tests, then
 * shows the change:
 *
 * <pre>
 *   A queued task that is cancelled gives its permit back twice.
 *   Caught by: PermitRaceTest#timeoutsAndInterruptsAgainstRoom
 *   --- PoolCore.java
 *    void tookDead(Task&lt;?&gt; task) {
 *   +  admission.releasePermit();
 *      if (task.markRemoved()) {
 * </pre>
 *
 * <p>As in a unified diff, a line begins with a space where it stays, a minus where it goes and a
 * plus where it comes; {@code @@} parts two places of one file. There are no line numbers, and
 * indentation does not count; so a patch survives changes around it, and must fit exactly one
 * place.
 *
 * @param name the file's, without its ending
 * @param fault what is wrong
 * @param tests the tests that catch it, as {@code Class#method} or {@code Class}, in the library's
 *     package or below
 * @param changes what is changed, by file
 */
record PlantedBug(
    String name, String fault, List<String> tests, Map<String, List<Change>> changes) {

  private static final String CAUGHT_BY = "Caught by: ";
  private static final String FILE = "--- ";
  private static final String NEXT_PLACE = "@@";

  /** One place of a file: its lines as they are, and as they become. */
  record Change(List<String> before, List<String> after) {}

  /** All of a directory, in the order of their names. */
  static List<PlantedBug> all(Path directory) throws IOException {
    List<PlantedBug> bugs = new ArrayList<>();
    try (Stream<Path> files = Files.list(directory)) {
      for (Path file : files.filter(f -> f.toString().endsWith(".patch")).sorted().toList()) {
        String name = file.getFileName().toString().replace(".patch", "");
        bugs.add(parse(name, Files.readAllLines(file)));
      }
    }
    return bugs;
  }

  static PlantedBug parse(String name, List<String> lines) {
    List<String> fault = new ArrayList<>();
    List<String> tests = new ArrayList<>();
    Map<String, List<Change>> changes = new LinkedHashMap<>();
    List<Change> ofFile = null;
    Change change = null;
    for (String line : lines) {
      if (line.startsWith(FILE)) {
        ofFile = changes.computeIfAbsent(line.substring(FILE.length()), f -> new ArrayList<>());
        change = null;
      } else if (ofFile == null && line.startsWith(CAUGHT_BY)) {
        tests.addAll(List.of(line.substring(CAUGHT_BY.length()).split(", *")));
      } else if (ofFile == null) {
        fault.add(line.strip());
      } else if (line.equals(NEXT_PLACE)) {
        change = null;
      } else {
        if (change == null) {
          change = new Change(new ArrayList<>(), new ArrayList<>());
          ofFile.add(change);
        }
        add(name, line, change);
      }
    }
    if (fault.isEmpty() || tests.isEmpty() || changes.isEmpty()) {
      throw new IllegalArgumentException(name + " lacks its fault, its tests or its changes");
    }
    return new PlantedBug(name, String.join(" ", fault), tests, changes);
  }

  private static void add(String name, String line, Change change) {
    char sign = line.isEmpty() ? ' ' : line.charAt(0);
    String text = line.isEmpty() ? "" : line.substring(1);
    switch (sign) {
      case ' ' -> {
        change.before().add(text);
        change.after().add(text);
      }
      case '-' -> change.before().add(text);
      case '+' -> change.after().add(text);
      default -> throw new IllegalArgumentException(name + ": what is \"" + line + "\"?");
    }
  }

  /**
   * The text of each file that the patch changes, with the fault in it.
   *
   * @throws IllegalStateException if a place is not found, or more than once
   */
  Map<String, String> apply(Path sources) throws IOException {
    Map<String, String> broken = new LinkedHashMap<>();
    for (Map.Entry<String, List<Change>> entry : changes.entrySet()) {
      List<String> lines = Files.readAllLines(sources.resolve(entry.getKey()));
      for (Change change : entry.getValue()) {
        lines = apply(entry.getKey(), lines, change);
      }
      broken.put(entry.getKey(), String.join("\n", lines) + "\n");
    }
    return broken;
  }

  private List<String> apply(String file, List<String> lines, Change change) {
    int size = change.before().size();
    int place = -1;
    for (int i = 0; i + size <= lines.size(); i++) {
      if (matches(lines.subList(i, i + size), change.before())) {
        if (place >= 0) {
          throw new IllegalStateException(
              name + " fits " + file + " at line " + (place + 1) + " and at line " + (i + 1));
        }
        place = i;
      }
    }
    if (place < 0 || size == 0) {
      throw new IllegalStateException(
          name + " does not fit " + file + " any more:\n" + String.join("\n", change.before()));
    }
    List<String> result = new ArrayList<>(lines.subList(0, place));
    result.addAll(change.after());
    result.addAll(lines.subList(place + size, lines.size()));
    return result;
  }

  private static boolean matches(List<String> lines, List<String> wanted) {
    for (int i = 0; i < wanted.size(); i++) {
      if (!lines.get(i).strip().equals(wanted.get(i).strip())) {
        return false;
      }
    }
    return true;
  }
}
