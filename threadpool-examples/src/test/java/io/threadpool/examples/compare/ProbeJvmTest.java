package io.threadpool.examples.compare;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.File;
import java.io.IOException;
import java.io.PrintStream;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

@Timeout(240)
class ProbeJvmTest {
  private static final Duration LIMIT = Duration.ofSeconds(30);

  /** The JDK's pool, in a JVM with these options. */
  private record Optioned(List<String> jvmOptions) implements Contender {
    @Override
    public String name() {
      return "jdk";
    }

    @Override
    public String description() {
      return "with options";
    }

    @Override
    public OpenPool open(Plan plan, Trial trial) {
      throw new IllegalStateException("the other JVM opens it");
    }
  }

  private static ProbeJvm probe(String... options) throws Exception {
    return new ProbeJvm(new Optioned(List.of(options)), LIMIT);
  }

  /** An answer that the pool gives at once. */
  private static void assertAnswers(ProbeJvm probe) throws InterruptedException {
    assertEquals(
        new Cell(Verdict.NO, List.of(), "its queue is first in, first out"),
        probe.ask(Scenarios.named("fork-order")));
  }

  @Test
  void whatTheJvmPrintsItselfIsNoAnswer() throws Exception {
    try (ProbeJvm probe = probe("-Xlog:all=info")) {
      assertAnswers(probe);
      assertAnswers(probe);
    }
  }

  @Test
  void oneThatDoesNotBeginSaysWhy() {
    String message = assertThrows(IOException.class, () -> probe("-Xms1g")).getMessage();

    assertTrue(message.startsWith("the JVM for jdk ended: "), message);
    assertTrue(message.contains("heap size"), message);
  }

  @Test
  void aComparisonEndsWhereOneDoesNotBegin() {
    List<Scenario> asked = List.of(Scenarios.named("fork-order"));
    List<Contender> pools = List.of(new JdkContender(), new Optioned(List.of("-Xms1g")));

    assertThrows(IOException.class, () -> new Comparison(asked, pools, LIMIT).run());
  }

  @Test
  void theCommandSaysSoWithStatus2() {
    ByteArrayOutputStream err = new ByteArrayOutputStream();
    CompareCommand command = new CompareCommand(System.out, new PrintStream(err, true, UTF_8));
    String home = System.getProperty("java.home");
    String nowhere = Path.of("no", "such", "folder").toString();
    System.setProperty("java.home", nowhere);
    try {
      assertEquals(
          2, new CommandLine(command).execute("--quiet", "--pool=jdk", "--scenario=fork-order"));
    } finally {
      System.setProperty("java.home", home);
    }
    String message = err.toString(UTF_8);
    assertTrue(message.startsWith("compare: ") && message.contains(nowhere), message);
    assertEquals(1, message.lines().count(), message);
  }

  @Test
  void aFolderOnTheClassPathMayHaveAnyName(@TempDir Path folder) throws Exception {
    Path odd = folder.resolve("a b%20c+d");
    URL[] urls = {odd.toUri().toURL(), folder.resolve("jar.jar").toUri().toURL()};
    try (URLClassLoader loader = new URLClassLoader(urls)) {
      assertEquals(
          odd + File.pathSeparator + folder.resolve("jar.jar"), ProbeJvm.classPath(loader));
    }
  }
}
