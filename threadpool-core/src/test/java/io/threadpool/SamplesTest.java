package io.threadpool;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.lang.reflect.Method;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.spi.ToolProvider;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Compiles every sample of the javadoc, and compiles and runs those of the README, up to its
 * recipes: what they use is on the class path of the examples.
 */
class SamplesTest {

  private static final Path SOURCES = Path.of("src/main/java/io/threadpool");
  private static final Path README = Path.of("../README.md");
  private static final Path CONSUMERS = Path.of("src/it/java/consumer");

  private static final Pattern JAVADOC_SAMPLE =
      Pattern.compile("<pre>\\{@code\\n(.*?)\\n \\* }</pre>", Pattern.DOTALL);
  private static final Pattern README_SAMPLE =
      Pattern.compile("```java\\n(.*?)```", Pattern.DOTALL);

  /** What a sample takes from its surroundings, by the class whose javadoc it stands in. */
  private static final Map<String, String> SURROUNDINGS =
      Map.of(
          "RejectedTaskException",
          "WorkerPool pool; Runnable task; void retryLater(Runnable task) {}",
          "TaskAbortedException",
          "Task<String> task; org.slf4j.Logger log;",
          "PoolStats",
          "WorkerPool pool; PoolStats aMinuteAgo; void gauge(String name, long value) {}",
          "RunningTask",
          "WorkerPool pool; org.slf4j.Logger log;",
          "StuckTask",
          "TerminationReport report; org.slf4j.Logger log;",
          "TerminationReport",
          "WorkerPool pool; org.slf4j.Logger log;",
          "package-info",
          "WorkerPool pool; List<Path> files; void index(Path file) {} String address;"
              + " String fetch(String address) { return address; }",
          "TaskGroup",
          "WorkerPool pool; String fetch(String address) { return address; }",
          "Batch",
          "WorkerPool pool; List<String> addresses;"
              + " String fetch(String address) { return address; }",
          "Task",
          "WorkerPool pool; String address; boolean tired;"
              + " String fetch(String address) { return address; }");

  @TempDir Path classes;

  @Test
  void everySampleOfTheJavadocCompiles() throws IOException {
    List<String> found = new ArrayList<>();
    List<Path> samples = new ArrayList<>();
    try (Stream<Path> files = Files.walk(SOURCES)) {
      for (Path file : files.filter(Files::isRegularFile).sorted().toList()) {
        Matcher sample = JAVADOC_SAMPLE.matcher(Files.readString(file));
        while (sample.find()) {
          String type = file.getFileName().toString().replace(".java", "");
          String code = sample.group(1).replaceAll("(?m)^ \\* ?", "");
          String name = "Sample" + found.size() + "Of" + type.replace('-', '_');
          samples.add(write(name, SURROUNDINGS.getOrDefault(type, "WorkerPool pool;"), code));
          found.add(type);
        }
      }
    }
    compile(samples);
    List<String> documented =
        List.of(
            "Batch",
            "PoolStats",
            "RejectedTaskException",
            "SaturationPolicy",
            "ScheduledTask",
            "ShutdownPolicy",
            "StuckTask",
            "Task",
            "TaskAbortedException",
            "TaskGroup",
            "TaskOptions",
            "TerminationReport",
            "WorkerPool",
            "WorkerPoolBuilder",
            "package-info");
    assertTrue(found.containsAll(documented), () -> "samples only in " + found);
  }

  @Test
  void theReadmesSamplesRun() throws Exception {
    String readme = Files.readString(README);
    String main = readme.substring(0, readme.indexOf("\n## Recipes\n"));
    Matcher sample = README_SAMPLE.matcher(main);
    List<String> outputs = new ArrayList<>();
    while (sample.find()) {
      String name = "Readme" + outputs.size();
      compile(List.of(write(name, "", sample.group(1))));
      outputs.add(run(name));
    }
    assertEquals(2, outputs.size(), () -> outputs.toString());
    assertTrue(outputs.get(0).lines().toList().containsAll(List.of("42", "43")), outputs.get(0));
    assertTrue(outputs.get(1).contains("accepted=1"), outputs.get(1));
  }

  @Test
  void theReadmeShowsASampleByLine15() throws IOException {
    List<String> lines = Files.readAllLines(README);
    assertTrue(lines.indexOf("```java") < 15, () -> lines.subList(0, 15).toString());
    assertFalse(lines.indexOf("```java") < 0, () -> lines.subList(0, 15).toString());
  }

  @Test
  void theConsumersOfTheArtifactRunTheReadmesSamples() throws IOException {
    List<String> samples = new ArrayList<>();
    Matcher sample = README_SAMPLE.matcher(Files.readString(README));
    while (sample.find()) {
      samples.add(unindented(sample.group(1)));
    }
    for (String consumer : List.of("QuickStart", "Configured")) {
      String source = unindented(Files.readString(CONSUMERS.resolve(consumer + ".java")));
      String body = source.substring(source.indexOf("static void run()"));
      String code = body.substring(body.indexOf('\n') + 1, body.lastIndexOf("}\n}"));
      assertTrue(samples.contains(code), () -> consumer + " runs what the README does not show");
    }
  }

  private static String unindented(String code) {
    return code.replaceAll("(?m)^ +", "");
  }

  private Path write(String name, String surroundings, String code) throws IOException {
    String source =
        "import io.threadpool.*; import java.time.*; import java.util.*;"
            + " import java.util.concurrent.*; import java.util.function.*;"
            + " import java.nio.file.Path; import org.slf4j.MDC; public class "
            + name
            + " { "
            + surroundings
            + " public static void main(String[] arguments) throws Throwable { new "
            + name
            + "().sample(); } Object sample() throws Throwable { if (true) {\n"
            + code
            + "\n} return null; } }";
    return Files.writeString(classes.resolve(name + ".java"), source);
  }

  private void compile(List<Path> files) {
    StringWriter problems = new StringWriter();
    PrintWriter writer = new PrintWriter(problems);
    ToolProvider javac = ToolProvider.findFirst("javac").orElseThrow();
    String classPath = System.getProperty("java.class.path");
    List<String> arguments =
        new ArrayList<>(List.of("-d", classes.toString(), "-cp", classPath, "-proc:none"));
    files.forEach(file -> arguments.add(file.toString()));
    int status = javac.run(writer, writer, arguments.toArray(String[]::new));
    assertEquals(0, status, () -> "A sample does not compile: " + problems);
  }

  private String run(String name) throws Exception {
    ByteArrayOutputStream printed = new ByteArrayOutputStream();
    PrintStream before = System.out;
    try (URLClassLoader loader = new URLClassLoader(new URL[] {classes.toUri().toURL()})) {
      System.setOut(new PrintStream(printed, true, StandardCharsets.UTF_8));
      Method main = loader.loadClass(name).getMethod("main", String[].class);
      main.invoke(null, (Object) new String[0]);
    } finally {
      System.setOut(before);
    }
    return printed.toString(StandardCharsets.UTF_8);
  }
}
