package io.threadpool.examples.compare;

import java.io.BufferedReader;
import java.io.Closeable;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStreamWriter;
import java.io.Writer;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** A {@link Probe}, seen from the JVM that asks: it is killed where it does not answer. */
final class ProbeJvm implements Closeable {
  private static final String END = "";

  private final Process process;
  private final Writer names;
  private final BlockingQueue<String> answers = new LinkedBlockingQueue<>();
  private final Duration patience;

  ProbeJvm(Contender contender, Duration limit) throws IOException {
    patience = limit.multipliedBy(6);
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(List.of("-Xmx256m", "-XX:+UseSerialGC", "-cp", classPath()));
    command.addAll(contender.jvmOptions());
    command.addAll(List.of(Probe.class.getName(), contender.name(), limit.toString()));
    process = new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.DISCARD).start();
    names = new OutputStreamWriter(process.getOutputStream(), StandardCharsets.UTF_8);
    Thread reader = new Thread(this::read, "answers-of-" + contender.name());
    reader.setDaemon(true);
    reader.start();
  }

  /** Maven's exec:java has a class loader of its own; its class path is Maven's. */
  private static String classPath() {
    if (ProbeJvm.class.getClassLoader() instanceof URLClassLoader loader) {
      return Arrays.stream(loader.getURLs())
          .map(URL::getPath)
          .collect(Collectors.joining(System.getProperty("path.separator")));
    }
    return System.getProperty("java.class.path");
  }

  private void read() {
    try (BufferedReader lines =
        new BufferedReader(
            new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8))) {
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        answers.add(line);
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
