package io.threadpool.examples.trace;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.io.OutputStream;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/**
 * A timeline as a picture, in SVG: a row for each worker with a bar for each task, and below them
 * how many of these tasks waited. Bars too narrow to be seen are drawn together. Not thread-safe.
 */
final class Picture implements Timeline {
  private static final double LEFT = 120;
  private static final double WIDTH = 960;
  private static final double RIGHT = WIDTH - 10;
  private static final double ROW = 22;
  private static final double CURVE = 56;

  /** In pixels: what is closer is one. */
  private static final double FINEST = 0.5;

  private static final String STYLE =
      "<style>text{font:12px sans-serif;fill:#59636e}.COMPLETED{fill:#1a7f37}.FAILED{fill:#c62828}"
          + ".CANCELLED{fill:#a85200}.ABORTED{fill:#7a3fc1}.queue{fill:#0b63c5}"
          + "line{stroke:#8888;stroke-width:.5}</style>\n";

  private record Bar(Duration start, Duration end, String outcome) {}

  /** One more that waits, or one less. */
  private record Step(Duration at, int more) {}

  private final OutputStream out;
  private final Instant begin;
  private final Map<String, List<Bar>> rows = new TreeMap<>();
  private final Map<String, List<Step>> queues = new TreeMap<>();
  private final StringBuilder svg = new StringBuilder();
  private Duration end = Duration.ofNanos(1);

  /**
   * Begins a picture.
   *
   * @param out gets it, and is left open
   * @param begin the time at its left
   */
  Picture(OutputStream out, Instant begin) {
    this.out = out;
    this.begin = begin;
  }

  @Override
  public void task(
      String pool,
      String worker,
      Instant start,
      Duration ran,
      String name,
      Duration waited,
      String outcome) {
    Duration from = since(start);
    Duration to = since(start.plus(ran));
    rows.computeIfAbsent(worker, w -> new ArrayList<>()).add(new Bar(from, to, outcome));
    List<Step> queue = queues.computeIfAbsent(pool, p -> new ArrayList<>());
    queue.add(new Step(from.minus(waited), 1));
    queue.add(new Step(from, -1));
  }

  @Override
  public void counter(String pool, String name, Instant at, long value) {}

  @Override
  public void happened(String pool, String name, Instant at) {}

  private Duration since(Instant at) {
    Duration since = Duration.between(begin, at);
    end = since.compareTo(end) > 0 ? since : end;
    return since;
  }

  @Override
  public void close() throws IOException {
    double height = 30 + ROW * rows.size() + (CURVE + 14) * queues.size();
    add("<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %.0f %.0f\">\n", WIDTH, height);
    svg.append(STYLE);
    double top = 6;
    for (Map.Entry<String, List<Bar>> row : rows.entrySet()) {
      label(row.getKey(), top + 15);
      bars(row.getValue(), top);
      top += ROW;
    }
    for (Map.Entry<String, List<Step>> queue : queues.entrySet()) {
      curve(queue.getKey(), queue.getValue(), top + 10);
      top += CURVE + 14;
    }
    for (int part = 0; part <= 4; part++) {
      Duration at = end.multipliedBy(part).dividedBy(4);
      String anchor = part == 0 ? "start" : part == 4 ? "end" : "middle";
      add(
          "<text x=\"%.1f\" y=\"%.1f\" text-anchor=\"%s\">%.0f ms</text>\n",
          x(at), height - 6, anchor, at.toNanos() / 1e6);
    }
    svg.append("</svg>\n");
    out.write(svg.toString().getBytes(UTF_8));
  }

  private void bars(List<Bar> bars, double top) {
    bars.sort(Comparator.comparing(Bar::start));
    double drawn = 0;
    for (Bar bar : bars) {
      double from = x(bar.start);
      double to = Math.max(x(bar.end), from + FINEST);
      if (to > drawn + FINEST) {
        add(
            "<rect class=\"%s\" x=\"%.1f\" y=\"%.1f\" width=\"%.1f\" height=\"%.0f\"/>\n",
            escaped(bar.outcome), from, top, Math.max(FINEST, to - from - FINEST), ROW - 4);
        drawn = to;
      }
    }
  }

  private void curve(String pool, List<Step> steps, double top) {
    steps.sort(Comparator.comparing(Step::at));
    long most = Math.max(1, most(steps));
    double bottom = top + CURVE;
    label(pool + " queue", top + 15);
    label("at most " + most, top + 30);
    add("<line x1=\"%.1f\" x2=\"%.1f\" y1=\"%.1f\" y2=\"%.1f\"/>\n", LEFT, RIGHT, bottom, bottom);
    add("<path class=\"queue\" d=\"M%.1f %.1f", LEFT, bottom);
    double drawn = 0;
    long waiting = 0;
    for (Step step : steps) {
      if (x(step.at) > drawn + FINEST) {
        // As many as all the steps came to that were too close to be told apart.
        add("V%.1fH%.1f", bottom - CURVE * waiting / most, x(step.at));
        drawn = x(step.at);
      }
      waiting += step.more;
    }
    add("V%.1fZ\"/>\n", bottom);
  }

  private static long most(List<Step> steps) {
    long waiting = 0;
    long most = 0;
    for (Step step : steps) {
      waiting += step.more;
      most = Math.max(most, waiting);
    }
    return most;
  }

  private void label(String text, double y) {
    add("<text x=\"4\" y=\"%.1f\">%s</text>\n", y, escaped(text));
  }

  private double x(Duration at) {
    return LEFT + (RIGHT - LEFT) * at.toNanos() / end.toNanos();
  }

  private void add(String format, Object... values) {
    svg.append(String.format(Locale.ROOT, format, values));
  }

  private static String escaped(String text) {
    return text.replace("&", "&amp;").replace("<", "&lt;").replace("\"", "&quot;");
  }
}
