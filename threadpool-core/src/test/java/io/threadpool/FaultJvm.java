package io.threadpool;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/** A JVM of its own for a fault that could harm the one that asks for it, and what it printed. */
final class FaultJvm implements AutoCloseable {

  /** No scenario of the suite takes so long. */
  static final Duration USUAL = Duration.ofSeconds(120);

  private final Process process;
  private final BufferedReader out;
  private final Path errors;
  private final StringBuilder said = new StringBuilder();

  private FaultJvm(Process process, Path errors, Duration limit) {
    this.process = process;
    this.errors = errors;
    out = process.inputReader(StandardCharsets.UTF_8);
    Thread watch = new Thread(() -> killAfter(limit), "watch");
    watch.setDaemon(true);
    watch.start();
  }

  private void killAfter(Duration limit) {
    try {
      if (!process.waitFor(limit.toMillis(), TimeUnit.MILLISECONDS)) {
        process.destroyForcibly();
      }
    } catch (InterruptedException over) {
      Thread.currentThread().interrupt();
    }
  }

  /** Starts a program of this class path with options for the JVM. */
  static FaultJvm start(Class<?> program, List<String> options, String... args) throws IOException {
    return start(USUAL, program, options, args);
  }

  /** The same, killed after a time. */
  static FaultJvm start(Duration limit, Class<?> program, List<String> options, String... args)
      throws IOException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.add("-Xlog:disable"); // The JVM tells of threads that it cannot start.
    command.addAll(options);
    command.addAll(List.of("-cp", System.getProperty("java.class.path"), program.getName()));
    command.addAll(List.of(args));
    Path errors = Files.createTempFile("fault", ".err");
    ProcessBuilder builder = new ProcessBuilder(command);
    builder.environment().remove("JAVA_TOOL_OPTIONS");
    return new FaultJvm(builder.redirectError(errors.toFile()).start(), errors, limit);
  }

  /** Plays a row on a contender, so many times; returns what it came to, whatever happened. */
  static FaultFigures play(
      Duration limit, FaultRow row, FaultContender who, List<String> options, int count)
      throws IOException, InterruptedException {
    String times = Integer.toString(count);
    try (FaultJvm jvm = start(limit, FaultMain.class, options, row.name(), who.name(), times)) {
      FaultFigures figures = jvm.awaitFigures();
      jvm.awaitExit(0);
      return figures;
    } catch (AssertionError died) {
      FaultFigures figures = new FaultFigures();
      figures.violate("the JVM died or hung: " + died.getMessage());
      return figures;
    }
  }

  /** Sends a signal by its name. */
  void signal(String name) throws IOException, InterruptedException {
    String pid = Long.toString(process.pid());
    assertEquals(0, new ProcessBuilder("kill", "-" + name, pid).start().waitFor(), name);
  }

  void closeInput() throws IOException {
    process.getOutputStream().close();
  }

  /** Reads until a line that starts so, and returns the rest of it. */
  String awaitLine(String start) throws IOException {
    for (String line = readLine(); line != null; line = readLine()) {
      if (line.startsWith(start)) {
        return line.substring(start.length());
      }
    }
    throw new AssertionError("no line \"" + start + "\": " + text());
  }

  /** Reads until the line with the figures. */
  FaultFigures awaitFigures() throws IOException {
    for (String line = readLine(); line != null; line = readLine()) {
      Optional<FaultFigures> figures = FaultFigures.parse(line);
      if (figures.isPresent()) {
        return figures.get();
      }
    }
    throw new AssertionError("no figures: " + text());
  }

  /** Waits for the end and its status. */
  void awaitExit(int status) throws IOException, InterruptedException {
    while (readLine() != null) {
      // Kept for the text.
    }
    assertTrue(process.waitFor(60, TimeUnit.SECONDS), () -> "still runs: " + text());
    assertEquals(status, process.exitValue(), this::text);
  }

  /** The next line that it has printed; null at the end. */
  String readLine() throws IOException {
    String line = out.readLine();
    if (line != null) {
      said.append(line).append('\n');
    }
    return line;
  }

  private String text() {
    try {
      String err = Files.readString(errors);
      return said + "\n" + err.substring(0, Math.min(err.length(), 4_000));
    } catch (IOException e) {
      return said.toString();
    }
  }

  @Override
  public void close() throws IOException {
    process.destroyForcibly();
    Files.deleteIfExists(errors);
  }
}
