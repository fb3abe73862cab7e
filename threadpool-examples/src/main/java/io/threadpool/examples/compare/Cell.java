package io.threadpool.examples.compare;

import java.util.List;
import java.util.regex.Pattern;

/**
 * What one scenario said of one pool.
 *
 * @param verdict the answer
 * @param notes the documented options that it needed
 * @param why what was seen, where the answer is not yes
 */
record Cell(Verdict verdict, List<String> notes, String why) {
  private static final String BETWEEN = "\t";
  private static final String BETWEEN_NOTES = "\u001f";
  private static final Pattern CONTROL = Pattern.compile("\\p{Cntrl}+");

  Cell {
    notes = List.copyOf(notes);
  }

  static Cell of(Verdict verdict, String why) {
    return new Cell(verdict, List.of(), why);
  }

  /** As one line, to be sent from one JVM to another. */
  String encode() {
    return verdict.name()
        + BETWEEN
        + String.join(BETWEEN_NOTES, notes)
        + BETWEEN
        + CONTROL.matcher(why).replaceAll(" ");
  }

  static Cell decode(String line) {
    String[] parts = line.split(BETWEEN, -1);
    List<String> notes = parts[1].isEmpty() ? List.of() : List.of(parts[1].split(BETWEEN_NOTES));
    return new Cell(Verdict.valueOf(parts[0]), notes, parts[2]);
  }
}
