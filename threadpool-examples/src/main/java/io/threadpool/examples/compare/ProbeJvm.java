package io.threadpool.examples.compare;

import java.io.BufferedReader;
import java.io.Closeable;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStreamWriter;
import java.io.Writer;
import java.net.URISyntaxException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** A {@link Probe}, seen from the JVM that asks: it is killed where it does not answer. */
final class ProbeJvm implements Closeable {
  private static final String END = "";

  /** Variables from which a JVM takes options, which are meant for the one that asks. */
  private static final List<String> OPTIONS =
      List.of("JAVA_TOOL_OPTIONS", "JDK_JAVA_OPTIONS", "_JAVA_OPTIONS");

  /** How many lines are kept to tell why it did not begin. */
  private static final int MOST_SAID = 4;

  private final Process process;
  private final Writer names;
  private final BlockingQueue<String> answers = new LinkedBlockingQueue<>();
  private final List<String> said = new CopyOnWriteArrayList<>();
  private final Duration patience;

  /**
   * Starts it, and returns when it can be asked.
   *
   * @throws IOException if it does not begin; the message says why
   */
  ProbeJvm(Contender contender, Duration limit) throws IOException, InterruptedException {
    patience = limit.multipliedBy(6);
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(List.of("-Xmx256m", "-XX:+UseSerialGC", "-cp", classPath()));
    command.addAll(contender.jvmOptions());
    command.addAll(List.of(Probe.class.getName(), contender.name(), limit.toString()));
    ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
    OPTIONS.forEach(builder.environment()::remove);
    process = builder.start();
    names = new OutputStreamWriter(process.getOutputStream(), StandardCharsets.UTF_8);
    Thread reader = new Thread(this::read, "answers-of-" + contender.name());
    reader.setDaemon(true);
    reader.start();
    awaitReady(contender);
  }

  private void awaitReady(Contender contender) throws IOException, InterruptedException {
    String first = END;
    try {
      first = answers.poll(patience.toMillis(), TimeUnit.MILLISECONDS);
    } finally {
      if (!Probe.READY.equals(first)) {
        close();
      }
    }
    if (!Probe.READY.equals(first)) {
      throw new IOException(
          "the JVM for "
              + contender.name()
              + (first == null
                  ? " did not begin within " + patience.toSeconds() + " s: "
                  : " ended: ")
              + (said.isEmpty() ? "it printed nothing" : String.join("; ", said)));
    }
  }

  private static String classPath() {
    return classPath(ProbeJvm.class.getClassLoader());
  }

  /** Maven's exec:java has a class loader of its own; its class path is Maven's. */
  static String classPath(ClassLoader loader) {
    if (loader instanceof URLClassLoader urls) {
      return Arrays.stream(urls.getURLs())
          .map(ProbeJvm::file)
          .collect(Collectors.joining(System.getProperty("path.separator")));
    }
    return System.getProperty("java.class.path");
  }

  private static String file(URL url) {
    try {
      return Path.of(url.toURI()).toString();
    } catch (URISyntaxException e) {
      throw new IllegalStateException("no file on the class path: " + url, e);
    }
  }

  private void read() {
    try (BufferedReader lines =
        new BufferedReader(
            new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8))) {
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        if (line.startsWith(Probe.PREFIX)) {
          answers.add(line.substring(Probe.PREFIX.length()));
        } else if (!line.isBlank() && said.size() < MOST_SAID) {
          said.add(line.strip());
        }
      }
    } catch (IOException e) {
      return; // It was killed.
    } finally {
      answers.add(END);
    }
  }

  /** The answer; null where there is none, and this is of no more use. */
  @Nullable Cell ask(Scenario scenario) throws InterruptedException {
    try {
      names.write(scenario.id() + "\n");
      names.flush();
    } catch (IOException e) {
      return null; // It has ended.
    }
    String answer = answers.poll(patience.toMillis(), TimeUnit.MILLISECONDS);
    return answer == null || answer.equals(END) ? null : Cell.decode(answer);
  }

  /** Whether the process has ended by itself, after a moment to do so. */
  boolean hasEnded() throws InterruptedException {
    return process.waitFor(1, TimeUnit.SECONDS);
  }

  @Override
  public void close() {
    process.destroyForcibly();
  }
}
