package io.threadpool.examples.compare;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.threadpool.examples.Program;
import io.threadpool.examples.VirtualThreads;
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
    try (Program program = Program.start("compare", "--pool", "worker-pool", "--why")) {
      List<String> lines = program.rest();
      Map<String, List<String>> rows = rows(lines);
      String all = String.join("\n", lines) + program.err();

      assertEquals(Scenarios.all().size(), rows.size(), all);
      assertTrue(rows.size() >= 25, all);
      Set<String> losses = new TreeSet<>();
      rows.forEach(
          (id, cells) -> {
            assertEquals(1, cells.size(), all);
            if (!cells.get(0).startsWith("yes")) {
              assertEquals("no", cells.get(0), id + "\n" + all);
              losses.add(id);
            }
          });
      assertEquals(losses(VirtualThreads.available()), losses, all);
      assertEquals(0, program.exitStatus());
      String asked = Scenarios.all().size() + " questions, 1 pool";
      assertTrue(program.err().startsWith("compare: " + asked + "; "), program.err());
      assertTrue(lines.get(lines.size() - 1).contains(", " + asked + ", "), all);
    }
  }

  @Test
  void everyPoolIsAskedAndOneThatHangsStopsNobody() throws Exception {
    try (Program program =
        Program.start("compare", "--quiet", "--scenario", "self-join,self-shutdown")) {
      List<String> lines = program.rest();
      Map<String, List<String>> rows = rows(lines);
      List<String> pools =
          Contenders.all().stream().filter(Contender::available).map(Contender::name).toList();

      assertEquals(pools, List.of(lines.get(0).strip().split(" +")));
      assertEquals(Set.of("self-join", "self-shutdown"), rows.keySet());
      for (int i = 0; i < pools.size(); i++) {
        String told = Set.of("worker-pool", "netty").contains(pools.get(i)) ? "yes" : "hangs";
        assertEquals(told, rows.get("self-join").get(i), pools.get(i) + lines);
        assertEquals("yes", rows.get("self-shutdown").get(i), pools.get(i) + lines);
      }
      assertEquals(0, program.exitStatus());
      assertEquals("", program.err());
    }
  }
}
