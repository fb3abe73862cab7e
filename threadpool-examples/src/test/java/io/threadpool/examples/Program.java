package io.threadpool.examples;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.BufferedReader;
import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * The packaged program in a JVM of its own. Standard error goes to a file, so that it never blocks.
 */
public final class Program implements Closeable {
  private static final long MINUTES = 2;

  private final Process process;
  private final Path err;
  private final BufferedReader lines;

  private Program(Process process, Path err) {
    this.process = process;
    this.err = err;
    this.lines = new BufferedReader(new InputStreamReader(process.getInputStream(), UTF_8));
  }

  /** Starts {@code java -jar threadpool-examples.jar ARGS}. */
  public static Program start(String... args) throws IOException {
    return start(List.of(), Map.of(), List.of(args));
  }

  public static Program start(List<String> jvm, Map<String, String> environment, List<String> args)
      throws IOException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(jvm);
    command.add("-jar");
    command.add(System.getProperty("examples.jar"));
    command.addAll(args);
    return run(environment, command);
  }

  /** Starts any command. */
  public static Program run(Map<String, String> environment, List<String> command)
      throws IOException {
    Path err = Files.createTempFile("program", ".err");
    ProcessBuilder builder = new ProcessBuilder(command).redirectError(err.toFile());
    builder.environment().putAll(environment);
    Process process = builder.start();
    return new Program(process, err);
  }

  /** The next line of standard output; null at its end. */
  public String line() throws IOException {
    return lines.readLine();
  }

  /** The rest of standard output, by lines. */
  public List<String> rest() throws IOException {
    List<String> rest = new ArrayList<>();
    for (String line = lines.readLine(); line != null; line = lines.readLine()) {
      rest.add(line);
    }
    return rest;
  }

  /** Standard output as bytes; not to be mixed with lines. */
  public InputStream out() {
    return process.getInputStream();
  }

  /** SIGTERM on Unix. {@link Process#destroy} would close its output as well. */
  public void terminate() {
    process.toHandle().destroy();
  }

  public long pid() {
    return process.pid();
  }

  /** SIGKILL on Unix; returns when it has ended. */
  public void kill() throws InterruptedException {
    process.destroyForcibly().waitFor();
  }

  public int exitStatus() throws InterruptedException {
    assertTrue(process.waitFor(MINUTES, TimeUnit.MINUTES), "the program has not ended");
    return process.exitValue();
  }

  public String err() throws IOException {
    return Files.readString(err, UTF_8);
  }

  @Override
  public void close() throws IOException {
    process.destroyForcibly();
    Files.deleteIfExists(err);
  }
}
