package io.threadpool.planted;

import java.io.File;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.spi.ToolProvider;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.extension.Extension;

/**
 * Plants each {@link PlantedBug} into a copy of the library's sources, compiles that, runs the
 * tests that should catch it on those classes, in a JVM of their own, and prints what did. First
 * come all of those tests on the sources as they are, which have to pass: else it would prove
 * nothing that one fails. Ends with status 1 if a fault was not caught, or cannot be planted.
 *
 * <pre>
 *   mvn -B -ntp -q -Pplanted -pl threadpool-core process-test-classes
 *   mvn -B -ntp -q -Pplanted -pl threadpool-core process-test-classes -Dplanted.only=07,12
 * </pre>
 */
public final class PlantedBugs {

  private static final Path SOURCES = Path.of("src/main/java");
  private static final Path PACKAGE = Path.of("io/threadpool");
  private static final Path PATCHES = Path.of("src/planted");
  private static final Path TARGET = Path.of("target/planted");

  /** After so long a JVM is killed, and its fault counts as not caught: no test told of it. */
  private static final int SECONDS = 150;

  /** A race may not meet where two threads share a processor with others; so it is run again. */
  private static final int MOST_TRIES = 3;

  private static final String ROW = "%-34s %6s s  %s%n";

  private final ToolProvider javac = ToolProvider.findFirst("javac").orElseThrow();

  /** Given, these tests are run in place of those that a bug names: which of them catch it? */
  private final List<String> instead = words("planted.tests");

  private final List<String> classPath =
      List.of(System.getProperty("java.class.path").split(File.pathSeparator));

  private PlantedBugs() {}

  /**
   * Runs all, or those whose names begin as the property {@code planted.only} says.
   *
   * @param arguments none
   */
  public static void main(String[] arguments) throws Exception {
    List<String> only = words("planted.only");
    List<PlantedBug> bugs =
        PlantedBug.all(PATCHES).stream()
            .filter(bug -> only.isEmpty() || only.stream().anyMatch(bug.name()::startsWith))
            .toList();
    System.exit(new PlantedBugs().run(bugs) ? 0 : 1);
  }

  private static List<String> words(String property) {
    return Arrays.stream(System.getProperty(property, "").split(","))
        .map(String::strip)
        .filter(word -> !word.isEmpty())
        .toList();
  }

  private List<String> testsOf(PlantedBug bug) {
    return instead.isEmpty() ? bug.tests() : instead;
  }

  private boolean run(List<PlantedBug> bugs) throws Exception {
    long start = System.nanoTime();
    System.out.printf("JDK %s%n", Runtime.version());
    boolean sound = control(bugs);
    int caught = 0;
    for (PlantedBug bug : bugs) {
      caught += sound && plant(bug) ? 1 : 0;
    }
    System.out.printf(
        "%d of %d planted bugs caught, in %s s%n", caught, bugs.size(), seconds(start));
    return sound && caught == bugs.size();
  }

  /** The sources as they are. */
  private boolean control(List<PlantedBug> bugs) throws Exception {
    long start = System.nanoTime();
    Path classes = compile("none", Map.of());
    Collection<String> tests =
        bugs.stream()
            .flatMap(bug -> testsOf(bug).stream())
            .collect(Collectors.toCollection(TreeSet::new));
    String answer = tests(classes, tests);
    boolean sound = answer.startsWith(NamedTests.PASSED);
    System.out.printf(ROW, "none", seconds(start), answer);
    return sound;
  }

  private boolean plant(PlantedBug bug) throws Exception {
    long start = System.nanoTime();
    String answer;
    int tries = 1;
    try {
      Path classes = compile(bug.name(), bug.apply(SOURCES.resolve(PACKAGE)));
      answer = tests(classes, testsOf(bug));
      for (; answer.startsWith(NamedTests.PASSED) && tries < MOST_TRIES; tries++) {
        answer = tests(classes, testsOf(bug));
      }
    } catch (IllegalStateException e) {
      answer = "NOT PLANTED: " + e.getMessage();
    }
    boolean caught = answer.startsWith(NamedTests.CAUGHT);
    String shown = caught ? answer.substring(NamedTests.CAUGHT.length()) : "NOT CAUGHT: " + answer;
    System.out.printf(ROW, bug.name(), seconds(start), bug.fault());
    String times = tries == 1 ? "" : " (try " + tries + ")";
    System.out.printf(ROW.replace(" s ", "   "), "", "", "-> " + shown + times);
    return caught;
  }

  private static String seconds(long start) {
    return String.format("%.1f", (System.nanoTime() - start) / 1e9);
  }

  /** Compiles the sources with some of them changed; returns where the classes are. */
  private Path compile(String name, Map<String, String> changed) throws IOException {
    Path directory = TARGET.resolve(name);
    Path classes = Files.createDirectories(directory.resolve("classes"));
    List<Path> files = new ArrayList<>();
    Path base = SOURCES.resolve(PACKAGE);
    try (Stream<Path> sources = Files.walk(base)) {
      sources
          .filter(Files::isRegularFile)
          .filter(file -> !changed.containsKey(base.relativize(file).toString()))
          .filter(file -> !file.endsWith("package-info.java"))
          .forEach(files::add);
    }
    for (Map.Entry<String, String> file : changed.entrySet()) {
      Path broken = directory.resolve(file.getKey());
      Files.createDirectories(broken.getParent());
      Files.writeString(broken, file.getValue());
      files.add(broken);
    }
    List<String> arguments = new ArrayList<>(List.of("-proc:none", "-nowarn", "-d"));
    arguments.addAll(List.of(classes.toString(), "-cp", System.getProperty("java.class.path")));
    files.forEach(file -> arguments.add(file.toString()));
    StringWriter messages = new StringWriter();
    PrintWriter printer = new PrintWriter(messages, true);
    if (javac.run(printer, printer, arguments.toArray(String[]::new)) != 0) {
      throw new IllegalStateException("does not compile:\n" + messages);
    }
    Path services = Files.createDirectories(classes.resolve("META-INF/services"));
    Files.writeString(
        services.resolve(Extension.class.getName()), NamedTests.AtOnce.class.getName());
    return classes;
  }

  /** Runs tests on those classes in place of the sound ones; returns their answer. */
  private String tests(Path classes, Collection<String> tests) throws Exception {
    Path sound = Path.of("target/classes").toAbsolutePath();
    List<String> path = new ArrayList<>(List.of(classes.toAbsolutePath().toString()));
    for (String entry : classPath) {
      if (!Path.of(entry).toAbsolutePath().equals(sound)) {
        path.add(entry);
      }
    }
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(List.of("-cp", String.join(File.pathSeparator, path)));
    command.add("-Dproject.root=" + Path.of("..").toAbsolutePath());
    command.add(NamedTests.class.getName());
    command.addAll(tests);
    Path output = classes.resolveSibling("output.txt");
    ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
    Process process = builder.redirectOutput(output.toFile()).start();
    if (!process.waitFor(SECONDS, TimeUnit.SECONDS)) {
      process.destroyForcibly().waitFor();
      return "no test has ended by failing after " + SECONDS + " s; see " + output;
    }
    try (Stream<String> lines =
        new String(Files.readAllBytes(output), StandardCharsets.UTF_8).lines()) {
      return lines
          .filter(l -> l.startsWith(NamedTests.CAUGHT) || l.startsWith(NamedTests.PASSED))
          .reduce((first, last) -> last)
          .orElse("the JVM ended with status " + process.exitValue() + "; see " + output);
    }
  }
}
