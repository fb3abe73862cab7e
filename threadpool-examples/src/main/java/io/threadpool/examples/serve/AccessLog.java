package io.threadpool.examples.serve;

import java.io.PrintStream;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.util.Locale;
import java.util.function.Consumer;

/**
 * A line for each connection that has ended: when, who, what path, which status, and how many
 * milliseconds after it was accepted. Thread-safe.
 *
 * @param out where to
 */
record AccessLog(PrintStream out) implements Consumer<Connection> {
  private static final DateTimeFormatter TIME =
      DateTimeFormatter.ofPattern("yyyy-MM-dd'T'HH:mm:ss.SSSX", Locale.ROOT);

  @Override
  public void accept(Connection ended) {
    out.println(TIME.format(ZonedDateTime.now(ZoneOffset.UTC)) + " " + ended.describe());
  }
}
