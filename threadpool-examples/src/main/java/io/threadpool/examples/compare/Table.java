package io.threadpool.examples.compare;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The answers as text: a line for each scenario, a column for each pool, footnotes below. */
final class Table {
  private static final int GAP = 2;

  private final List<Scenario> scenarios;
  private final Map<Contender, List<Cell>> columns;
  private final Map<String, String> marks = new LinkedHashMap<>();

  Table(List<Scenario> scenarios, Map<Contender, List<Cell>> columns) {
    this.scenarios = scenarios;
    this.columns = columns;
  }

  /** All lines. */
  List<String> lines() {
    List<List<String>> rows = new ArrayList<>();
    List<String> head = new ArrayList<>(List.of(""));
    columns.keySet().forEach(contender -> head.add(contender.name()));
    rows.add(head);
    for (int i = 0; i < scenarios.size(); i++) {
      List<String> row = new ArrayList<>(List.of(scenarios.get(i).phrase()));
      for (List<Cell> column : columns.values()) {
        row.add(text(column.get(i)));
      }
      rows.add(row);
    }
    List<String> lines = new ArrayList<>(aligned(rows, sums()));
    lines.add("");
    marks.forEach((note, mark) -> lines.add(mark + "  " + note));
    return lines;
  }

  private String text(Cell cell) {
    StringBuilder text = new StringBuilder(cell.verdict().toString());
    String separator = " ";
    for (String note : cell.notes()) {
      text.append(separator).append(marks.computeIfAbsent(note, n -> mark(marks.size())));
      separator = ",";
    }
    return text.toString();
  }

  /** a to z, then aa. */
  private static String mark(int index) {
    String letter = String.valueOf((char) ('a' + index % 26));
    return index < 26 ? letter : letter + letter;
  }

  private List<List<String>> sums() {
    List<List<String>> rows = new ArrayList<>();
    for (Verdict verdict : Verdict.values()) {
      List<String> row = new ArrayList<>(List.of(verdict.toString()));
      for (List<Cell> column : columns.values()) {
        row.add(String.valueOf(column.stream().filter(cell -> cell.verdict() == verdict).count()));
      }
      rows.add(row);
    }
    return rows;
  }

  private static List<String> aligned(List<List<String>> rows, List<List<String>> sums) {
    int[] widths = new int[rows.get(0).size()];
    for (List<String> row : rows) {
      for (int i = 0; i < widths.length; i++) {
        widths[i] = Math.max(widths[i], row.get(i).length() + GAP);
      }
    }
    List<String> lines = new ArrayList<>();
    rows.forEach(row -> lines.add(line(row, widths)));
    lines.add("");
    sums.forEach(row -> lines.add(line(row, widths)));
    return lines;
  }

  private static String line(List<String> row, int[] widths) {
    StringBuilder line = new StringBuilder();
    for (int i = 0; i < widths.length; i++) {
      String cell = row.get(i);
      line.append(cell).append(" ".repeat(widths[i] - cell.length()));
    }
    return line.toString().stripTrailing();
  }

  /** What was seen wherever the answer is not yes. */
  List<String> reasons() {
    List<String> lines = new ArrayList<>();
    for (int i = 0; i < scenarios.size(); i++) {
      for (Map.Entry<Contender, List<Cell>> column : columns.entrySet()) {
        Cell cell = column.getValue().get(i);
        if (cell.verdict() != Verdict.YES) {
          lines.add(
              String.join(
                  " ",
                  scenarios.get(i).id(),
                  column.getKey().name(),
                  cell.verdict().toString() + ":",
                  cell.why()));
        }
      }
    }
    return lines;
  }
}
