package io.threadpool.examples.compare;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.threadpool.examples.Program;
import io.threadpool.examples.VirtualThreads;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The real program, for a part of the table; all of it takes a minute and a half. */
@Timeout(240)
class CompareIT {

  /** What the worker pool does not do, and COMPARISON.md says so. */
  private static final Set<String> LOSSES =
      Set.of("nested-timed-join", "nested-latch", "aborted-supply", "priority", "fork-order");

  /** What it does on virtual threads. */
  private static final Set<String> LOSSES_BEFORE_21 = Set.of("local-leak", "crowd");

  static Set<String> losses(boolean virtualThreads) {
    Set<String> losses = new TreeSet<>(LOSSES);
    if (!virtualThreads) {
      losses.addAll(LOSSES_BEFORE_21);
    }
    return losses;
  }

  /** The lines of the table by the scenario's phrase, cells only. */
  private static Map<String, List<String>> rows(List<String> lines) {
    Map<String, List<String>> rows = new LinkedHashMap<>();
    for (Scenario scenario : Scenarios.all()) {
      for (String line : lines) {
        if (line.startsWith(scenario.phrase() + "  ")) {
          String cells = line.substring(scenario.phrase().length()).strip();
          rows.put(scenario.id(), List.of(cells.split(" {2,}")));
        }
      }
    }
    return rows;
  }

  @Test
  void theWorkerPoolPassesAllButWhatIsKnown() throws Exception {
    Map<String, String> answers;
    String all;
    try (Program program = Program.start("compare", "--pool", "worker-pool", "--why")) {
      List<String> lines = program.rest();
      all = String.join("\n", lines) + program.err();
      answers = answers(lines);

      assertEquals(Scenarios.all().size(), answers.size(), all);
      assertTrue(answers.size() >= 25, all);
      assertEquals(0, program.exitStatus());
      String asked = Scenarios.all().size() + " questions, 1 pool";
      assertTrue(program.err().startsWith("compare: " + asked + "; "), program.err());
      assertTrue(lines.get(lines.size() - 1).contains(", " + asked + ", "), all);
    }
    Set<String> odd = unexpected(answers);
    String again = odd.isEmpty() ? "" : askAgain(odd, answers);
    assertEquals(Set.of(), unexpected(answers), all + "\nasked again:\n" + again);
  }

  /** The cells of a table of one pool. */
  private static Map<String, String> answers(List<String> lines) {
    Map<String, String> answers = new LinkedHashMap<>();
    rows(lines)
        .forEach(
            (id, cells) -> {
              assertEquals(1, cells.size(), lines::toString);
              answers.put(id, cells.get(0));
            });
    return answers;
  }

  /** What is neither a yes, nor a no that is known. */
  private static Set<String> unexpected(Map<String, String> answers) {
    Set<String> losses = losses(VirtualThreads.available());
    Set<String> odd = new TreeSet<>();
    answers.forEach(
        (id, cell) -> {
          boolean expected = losses.contains(id) ? cell.equals("no") : cell.startsWith("yes");
          if (!expected) {
            odd.add(id);
          }
        });
    return odd;
  }

  /** Some questions have limits below a second, in which a busy machine may not get to answer. */
  private static String askAgain(Set<String> scenarios, Map<String, String> answers)
      throws Exception {
    try (Program program =
        Program.start(
            "compare",
            "--pool=worker-pool",
            "--why",
            "--quiet",
            "--scenario=" + String.join(",", scenarios))) {
      List<String> lines = program.rest();
      answers.putAll(answers(lines));
      assertEquals(0, program.exitStatus(), program.err());
      return String.join("\n", lines);
    }
  }

  @Test
  void everyPoolIsAskedAndOneThatHangsStopsNobody() throws Exception {
    List<String> pools =
        Contenders.all().stream().filter(Contender::available).map(Contender::name).toList();
    Map<String, List<String>> told = ask();
    assertEquals(pools, List.copyOf(told.keySet()));
    List<String> odd =
        pools.stream().filter(pool -> !told.get(pool).equals(expected(pool))).toList();
    if (!odd.isEmpty()) { // A busy machine may not get to answer.
      told.putAll(ask("--pool", String.join(",", odd)));
    }
    pools.forEach(pool -> assertEquals(expected(pool), told.get(pool), pool));
  }

  /** What pools say to two questions, and to no other. */
  private static Map<String, List<String>> ask(String... more) throws Exception {
    List<String> args =
        new ArrayList<>(List.of("compare", "--quiet", "--scenario", "self-join,self-shutdown"));
    args.addAll(List.of(more));
    try (Program program = Program.start(args.toArray(String[]::new))) {
      List<String> lines = program.rest();
      Map<String, List<String>> rows = rows(lines);
      List<String> pools = List.of(lines.get(0).strip().split(" +"));
      assertEquals(Set.of("self-join", "self-shutdown"), rows.keySet());
      Map<String, List<String>> told = new LinkedHashMap<>();
      for (int i = 0; i < pools.size(); i++) {
        String join = rows.get("self-join").get(i);
        told.put(pools.get(i), List.of(join, rows.get("self-shutdown").get(i)));
      }
      assertEquals(0, program.exitStatus());
      assertEquals("", program.err());
      return told;
    }
  }

  private static List<String> expected(String pool) {
    return List.of(Set.of("worker-pool", "netty").contains(pool) ? "yes" : "hangs", "yes");
  }

  /** They are for the JVM that asks: here, a heap that those it starts may not have. */
  @Test
  void optionsInTheEnvironmentAreNotForTheJvmsThatAreAsked() throws Exception {
    Map<String, String> environment =
        Map.of(
            "JAVA_TOOL_OPTIONS", "-Xms300m",
            "JDK_JAVA_OPTIONS", "-Xms300m",
            "_JAVA_OPTIONS", "-Xms300m");
    List<String> compare =
        List.of("compare", "--quiet", "--why", "--pool=jdk", "--scenario=fork-order");
    try (Program program = Program.start(List.of(), environment, compare)) {
      List<String> lines = program.rest();

      assertEquals(0, program.exitStatus(), program.err());
      assertTrue(
          lines.contains("fork-order jdk no: its queue is first in, first out"), lines::toString);
    }
  }
}
