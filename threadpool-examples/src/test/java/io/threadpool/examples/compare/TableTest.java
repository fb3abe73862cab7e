package io.threadpool.examples.compare;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class TableTest {
  private static final Scenario ONE = new Scenario("one", "one thing holds", trial -> {});
  private static final Scenario OTHER = new Scenario("other", "another holds", trial -> {});

  private static Map<Contender, List<Cell>> columns() {
    Map<Contender, List<Cell>> columns = new LinkedHashMap<>();
    columns.put(
        new OwnContender(),
        List.of(new Cell(Verdict.YES, List.of(), ""), Cell.of(Verdict.NO, "it did not")));
    columns.put(
        new JdkContender(),
        List.of(
            new Cell(Verdict.YES, List.of("an option", "another"), ""),
            new Cell(Verdict.HANGS, List.of("another"), "who waits")));
    return columns;
  }

  @Test
  void saysOneLineAScenarioAndTheOptionsBelow() {
    assertEquals(
        List.of(
            "                 worker-pool  jdk",
            "one thing holds  yes          yes a,b",
            "another holds    no           hangs b",
            "",
            "yes              1            1",
            "no               1            0",
            "hangs            0            1",
            "n/a              0            0",
            "",
            "a  an option",
            "b  another"),
        new Table(List.of(ONE, OTHER), columns()).lines());
  }

  @Test
  void saysWhyNot() {
    assertEquals(
        List.of("other worker-pool no: it did not", "other jdk hangs: who waits"),
        new Table(List.of(ONE, OTHER), columns()).reasons());
  }

  @Test
  void aCellTravelsAsOneLine() {
    Cell cell = new Cell(Verdict.NO, List.of("an option", "another"), "first\n\tsecond");

    assertEquals(
        new Cell(Verdict.NO, List.of("an option", "another"), "first second"),
        Cell.decode(cell.encode()));
    Cell plain = Cell.of(Verdict.YES, "");
    assertEquals(plain, Cell.decode(plain.encode()));
  }
}
