package io.threadpool.examples.compare;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** Holds COMPARISON.md to the sources: the counted lines, and the questions in its tables. */
class ComparisonDocTest {
  private static final Path ROOT = Path.of(System.getProperty("project.root"));
  private static final Path SERVER =
      ROOT.resolve("threadpool-examples/src/main/java/io/threadpool/examples/serve");
  private static final Pattern NOT_CODE =
      Pattern.compile("\\s*(//.*|/?\\*.*|import .*|package .*)?");
  private static final Pattern COUNTED = Pattern.compile("(\\d+) `(\\w+)`");
  private static final Pattern SERVER_ROW =
      Pattern.compile("\\| (?:worker-pool|jdk|jboss|virtual) \\| (\\d+) \\|(.*)");

  private static List<String> document() throws IOException {
    return Files.readAllLines(ROOT.resolve("threadpool-examples/COMPARISON.md"));
  }

  private static long linesOfCode(String type) throws IOException {
    return Files.readAllLines(SERVER.resolve(type + ".java")).stream()
        .filter(line -> !NOT_CODE.matcher(line).matches())
        .count();
  }

  @Test
  void theLinesOfTheServersAreCounted() throws IOException {
    int rows = 0;
    for (String line : document()) {
      Matcher row = SERVER_ROW.matcher(line);
      if (row.matches()) {
        rows++;
        long sum = 0;
        Matcher counted = COUNTED.matcher(row.group(2));
        while (counted.find()) {
          long lines = linesOfCode(counted.group(2));
          assertEquals(Long.parseLong(counted.group(1)), lines, counted.group(2));
          sum += lines;
        }
        assertEquals(Long.parseLong(row.group(1)), sum, line);
      }
    }
    assertEquals(4, rows);
  }

  /** The tables as printed, from the line of the pools' names to the next that is empty. */
  private static List<List<String>> tables() throws IOException {
    List<List<String>> tables = new ArrayList<>();
    boolean inside = false;
    for (String line : document()) {
      if (line.matches(" +worker-pool  .*netty")) {
        tables.add(new ArrayList<>());
        inside = true;
      } else if (line.isEmpty()) {
        inside = false;
      } else if (inside) {
        tables.get(tables.size() - 1).add(line);
      }
    }
    return tables;
  }

  @Test
  void itsTablesAskWhatTheProgramAsks() throws IOException {
    assertEquals(2, tables().size(), "one for 17 and one for 25");
    boolean virtualThreads = true; // Of 25, which comes first.
    for (List<String> table : tables()) {
      assertEquals(Scenarios.all().size(), table.size());
      Set<String> losses = new HashSet<>();
      for (int i = 0; i < table.size(); i++) {
        Scenario scenario = Scenarios.all().get(i);
        assertTrue(table.get(i).startsWith(scenario.phrase() + "  "), table.get(i));
        if (!table.get(i).substring(scenario.phrase().length()).strip().startsWith("yes")) {
          losses.add(scenario.id());
        }
      }
      assertEquals(CompareIT.losses(virtualThreads), losses);
      virtualThreads = false;
    }
  }

  @Test
  void theReadmeLinksItAndCountsTheQuestions() throws IOException {
    String readme = Files.readString(ROOT.resolve("README.md"));

    assertTrue(readme.contains("(threadpool-examples/COMPARISON.md)"));
    assertTrue(readme.contains("puts " + Scenarios.all().size() + " questions"));
  }
}
