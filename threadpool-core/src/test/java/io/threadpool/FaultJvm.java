package io.threadpool;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** A JVM of its own for a fault that could harm the suite: runs {@link FaultMain} and reads it. */
final class FaultJvm implements AutoCloseable {

  private static final int SECONDS = 60;

  private final Process process;
  private final BufferedReader out;
  private final Path errors;
  private final StringBuilder said = new StringBuilder();

  private FaultJvm(Process process, Path errors) {
    this.process = process;
    this.errors = errors;
    out = process.inputReader(StandardCharsets.UTF_8);
  }

  /** Starts a scenario with options for the JVM. */
  static FaultJvm start(List<String> options, String... scenario) throws IOException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(options);
    command.addAll(List.of("-cp", System.getProperty("java.class.path")));
    command.add(FaultMain.class.getName());
    command.addAll(List.of(scenario));
    Path errors = Files.createTempFile("fault", ".err");
    ProcessBuilder builder = new ProcessBuilder(command);
    builder.environment().remove("JAVA_TOOL_OPTIONS");
    return new FaultJvm(builder.redirectError(errors.toFile()).start(), errors);
  }

  Process process() {
    return process;
  }

  /** Reads until a line that starts so, and returns the rest of it. */
  String awaitLine(String start) throws IOException {
    for (String line = out.readLine(); line != null; line = out.readLine()) {
      said.append(line).append('\n');
      if (line.startsWith(start)) {
        return line.substring(start.length());
      }
    }
    throw new AssertionError("no line \"" + start + "\": " + text());
  }

  /** Waits for the end and its status. */
  void awaitExit(int status) throws IOException, InterruptedException {
    for (String line = out.readLine(); line != null; line = out.readLine()) {
      said.append(line).append('\n');
    }
    assertTrue(process.waitFor(SECONDS, TimeUnit.SECONDS), () -> "still runs: " + text());
    assertEquals(status, process.exitValue(), this::text);
  }

  String text() {
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

  /** Runs a scenario that checks itself to its end; returns what it printed. */
  static String run(List<String> options, String... scenario) throws Exception {
    try (FaultJvm jvm = start(options, scenario)) {
      Thread watch =
          new Thread(
              () -> {
                try {
                  if (!jvm.process.waitFor(SECONDS, TimeUnit.SECONDS)) {
                    jvm.process.destroyForcibly();
                  }
                } catch (InterruptedException over) {
                  Thread.currentThread().interrupt();
                }
              });
      watch.setDaemon(true);
      watch.start();
      jvm.awaitExit(0);
      String text = jvm.said.toString();
      if (Integer.getInteger("race.rounds") != null) {
        System.out.print(text);
      }
      return text;
    }
  }
}
