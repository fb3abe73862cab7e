package io.threadpool.contract;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import java.util.stream.Stream;

/**
 * A virtual machine that runs a program of the tests' to its end, and what came of it.
 *
 * @param status its exit status
 * @param out the lines that it printed
 * @param err what it wrote to standard error
 */
record ChildJvm(int status, List<String> out, String err) {

  /** Longer than any program of the tests takes; one that still runs then is killed. */
  static final Duration LIMIT = Duration.ofSeconds(120);

  /** The class path of the tests. */
  static String classPath() {
    return System.getProperty("java.class.path");
  }

  /** The class path of the tests, but for some places, with others put first. */
  static String classPath(Predicate<Path> without, Path... first) {
    List<String> places = new ArrayList<>(Stream.of(first).map(Path::toString).toList());
    for (String place : classPath().split(File.pathSeparator, -1)) {
      if (!without.test(Path.of(place))) {
        places.add(place);
      }
    }
    return String.join(File.pathSeparator, places);
  }

  /** Runs a program with the tests' class path. */
  static ChildJvm run(Class<?> program, List<String> options, String... args) throws Exception {
    return run(classPath(), program, options, args);
  }

  /** Runs a program with a class path of its own. */
  static ChildJvm run(String classPath, Class<?> program, List<String> options, String... args)
      throws IOException, InterruptedException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(options);
    command.addAll(List.of("-cp", classPath, program.getName()));
    command.addAll(List.of(args));
    Path out = Files.createTempFile("child", ".out");
    Path err = Files.createTempFile("child", ".err");
    ProcessBuilder builder = new ProcessBuilder(command);
    builder.environment().remove("JAVA_TOOL_OPTIONS");
    Process process = builder.redirectOutput(out.toFile()).redirectError(err.toFile()).start();
    try {
      boolean ended = process.waitFor(LIMIT.toSeconds(), TimeUnit.SECONDS);
      List<String> said = Files.readAllLines(out, StandardCharsets.UTF_8);
      String errors = Files.readString(err, StandardCharsets.UTF_8);
      assertTrue(ended, () -> "has not ended; it said " + said + "\n" + errors);
      return new ChildJvm(process.exitValue(), said, errors);
    } finally {
      process.destroyForcibly().waitFor();
      Files.delete(out);
      Files.delete(err);
    }
  }

  /** What a program says to the test. */
  static void say(String line) {
    System.out.println(line);
    System.out.flush();
  }

  /** The rest of the line that starts so. */
  String line(String start) {
    return out.stream()
        .filter(line -> line.startsWith(start))
        .map(line -> line.substring(start.length()))
        .findFirst()
        .orElseThrow(() -> new AssertionError("no line \"" + start + "\": " + this));
  }
}
