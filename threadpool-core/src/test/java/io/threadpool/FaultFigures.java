package io.threadpool;

import io.threadpool.FaultTask.Fate;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What a row of the fault table came to: how many submissions stand in each class, what was broken,
 * and a remark. Thread-safe. A child JVM prints it on one line, which its parent reads.
 */
final class FaultFigures {

  private static final String MARK = "FIGURES\t";
  private static final int MOST_VIOLATIONS = 4;

  private final Map<Fate, Long> counts = new EnumMap<>(Fate.class);
  private long contradictions;
  private final List<String> violations = new ArrayList<>();
  private String note = "";

  synchronized void add(Fate fate, long count) {
    counts.merge(fate, count, Long::sum);
  }

  /** Adds the books that a pool kept itself. */
  void add(PoolStats stats) {
    add(Fate.COMPLETED, stats.completed());
    add(Fate.FAILED, stats.failed());
    add(Fate.CANCELLED, stats.cancelled());
    add(Fate.ABORTED, stats.aborted());
    add(Fate.REJECTED, stats.rejected());
    long settled = stats.completed() + stats.failed() + stats.cancelled() + stats.aborted();
    add(Fate.LOST, stats.accepted() - settled);
  }

  /** Adds what another run came to. */
  synchronized void add(FaultFigures other) {
    other.counts.forEach(this::add);
    contradictions += other.contradictions;
    other.violations.forEach(this::violate);
    if (!other.note.isEmpty()) {
      note = note.isEmpty() ? other.note : note + ", " + other.note;
    }
  }

  synchronized void contradict(String what) {
    contradictions++;
    violate(what);
  }

  /** Notes what should not be; of many the first few are kept. */
  synchronized void violate(String what) {
    String line = what.replaceAll("\\s+", " ").strip();
    if (violations.size() < MOST_VIOLATIONS && !violations.contains(line)) {
      violations.add(line.substring(0, Math.min(line.length(), 300)));
    }
  }

  void require(boolean holds, String what) {
    if (!holds) {
      violate(what);
    }
  }

  synchronized void note(String remark) {
    note = remark;
  }

  synchronized long count(Fate fate) {
    return counts.getOrDefault(fate, 0L);
  }

  synchronized long submitted() {
    return counts.values().stream().mapToLong(Long::longValue).sum();
  }

  /** True where each submission is in exactly one class and nothing else was broken. */
  synchronized boolean holds() {
    return count(Fate.LOST) == 0 && contradictions == 0 && violations.isEmpty();
  }

  /** What was broken, in words; empty where nothing was. */
  synchronized String broken() {
    List<String> words = new ArrayList<>();
    if (count(Fate.LOST) != 0) {
      words.add(String.format("%,d lost", count(Fate.LOST)));
    }
    if (contradictions > 0) {
      words.add(String.format("%,d in two classes", contradictions));
    }
    words.addAll(violations);
    return String.join("; ", words);
  }

  synchronized String note() {
    return note;
  }

  /** Everything, on one line. */
  synchronized String toLine() {
    StringBuilder line = new StringBuilder(MARK);
    for (Fate fate : Fate.values()) {
      line.append(count(fate)).append('\t');
    }
    line.append(contradictions).append('\t').append(note.replace('\t', ' '));
    violations.forEach(violation -> line.append('\t').append(violation));
    return line.toString();
  }

  /** What {@link #toLine} wrote, if the line is one. */
  static Optional<FaultFigures> parse(String line) {
    if (!line.startsWith(MARK)) {
      return Optional.empty();
    }
    String[] parts = line.substring(MARK.length()).split("\t", -1);
    FaultFigures figures = new FaultFigures();
    int next = 0;
    for (Fate fate : Fate.values()) {
      figures.add(fate, Long.parseLong(parts[next++]));
    }
    figures.contradictions = Long.parseLong(parts[next++]);
    figures.note = parts[next++];
    figures.violations.addAll(List.of(parts).subList(next, parts.length));
    return Optional.of(figures);
  }

  @Override
  public String toString() {
    return toLine();
  }
}
