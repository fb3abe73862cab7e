package io.threadpool.examples;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.threadpool.examples.page.Wire;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

/**
 * Runs the commands of the README: those of the programs here, with what is only a default replaced
 * (a free port, an output elsewhere); Maven's by {@code .ci/run}, which this test holds to the
 * README's words.
 */
@Timeout(180)
@Execution(ExecutionMode.CONCURRENT)
class ReadmeIT {

  private static final Path ROOT = Path.of(System.getProperty("project.root"));
  private static final Pattern BLOCK = Pattern.compile("```sh\\n(.*?)```", Pattern.DOTALL);

  @TempDir Path scratch;

  private static List<String> commands() throws IOException {
    List<String> commands = new ArrayList<>();
    Matcher block = BLOCK.matcher(Files.readString(ROOT.resolve("README.md")));
    while (block.find()) {
      block.group(1).lines().filter(line -> !line.isBlank()).forEach(commands::add);
    }
    return commands;
  }

  private static String command(String beginning) throws IOException {
    return commands().stream().filter(line -> line.startsWith(beginning)).findFirst().orElseThrow();
  }

  private Process start(String command, String... replacements) throws IOException {
    String line = command;
    for (int i = 0; i < replacements.length; i += 2) {
      assertTrue(line.contains(replacements[i]), line);
      line = line.replace(replacements[i], replacements[i + 1]);
    }
    List<String> words = new ArrayList<>(List.of(line.split(" ")));
    words.set(0, Path.of(System.getProperty("java.home"), "bin", "java").toString());
    return new ProcessBuilder(words).directory(ROOT.toFile()).redirectErrorStream(true).start();
  }

  @Test
  void everyCommandIsKnownToATest() throws IOException {
    List<String> known =
        List.of(
            "mvn ",
            "curl -i http://127.0.0.1:7878/",
            "curl http://127.0.0.1:8081/metrics",
            "java -jar ",
            "java -XX:StartFlightRecording:",
            "java -XX:ArchiveClassesAtExit=",
            "java -XX:SharedArchiveFile=",
            "sha256sum -c SHA256SUMS");
    for (String command : commands()) {
      assertTrue(known.stream().anyMatch(command::startsWith), command);
    }
  }

  @Test
  void continuousIntegrationRunsTheTwoCommands() throws IOException {
    String ci = Files.readString(ROOT.resolve(".ci/run"));
    assertTrue(ci.contains(command("mvn -q ")), "the first command");
    assertTrue(ci.contains("mvn -B -ntp verify"), "the second command");
    assertTrue(ci.contains("export BROWSER_TESTS=required"), "the browser");
    assertEquals("mvn -B -ntp verify", command("mvn -B -ntp verify"));
  }

  @Test
  void theWorkflowCallsTheScriptOnBothJdks() throws IOException {
    String workflow = Files.readString(ROOT.resolve(".github/workflows/ci.yml"));
    assertTrue(workflow.contains(" .ci/run\n"), workflow);
    assertTrue(workflow.matches("(?s).*java-version: \\|\n *25\n *17\n.*"), workflow);
    assertTrue(Files.isExecutable(ROOT.resolve(".ci/run")));
  }

  @Test
  void aBugReportHasWhatIsNeededToUnderstandIt() throws IOException {
    String template = Files.readString(ROOT.resolve(".github/ISSUE_TEMPLATE/bug.md"));
    for (String needed :
        List.of("pool.stats()", "pool.report()", "Thread.print", "java -version")) {
      assertTrue(template.contains(needed), needed);
    }
  }

  @Test
  void theCurlsGetWhatIsSaid() throws Exception {
    Process server =
        start("java -jar threadpool-examples/target/threadpool-examples.jar serve --port 0");
    try (BufferedReader out = reader(server);
        AutoCloseable end = server::destroy) {
      assertNotNull(end);
      String address = listening(out);
      HttpClient client = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
      List<String> curls = commands().stream().filter(line -> line.startsWith("curl -i")).toList();
      assertEquals(3, curls.size());
      for (String curl : curls.subList(0, 2)) {
        URI uri = URI.create(address + curl.substring(curl.lastIndexOf('/')));
        HttpResponse<String> answer =
            client.send(HttpRequest.newBuilder(uri).build(), HttpResponse.BodyHandlers.ofString());
        assertEquals(200, answer.statusCode());
        assertTrue(answer.body().contains("Hello!"), answer.body());
      }
      assertTrue(out.lines().toList().contains("Shutting down."));
      assertEquals(0, server.waitFor());
    }
  }

  @Test
  void theServersCommandServesUntilItIsTold() throws Exception {
    Process server =
        start(
            command("java -jar threadpool-examples/target/threadpool-examples.jar serve"),
            "8080",
            "0");
    try (BufferedReader out = reader(server);
        AutoCloseable end = server::destroy) {
      assertNotNull(end);
      assertTrue(listening(out).startsWith("http://127.0.0.1:"));
      assertTrue(server.toHandle().destroy());
      assertTrue(out.lines().toList().contains("Shutting down."));
    }
  }

  @Test
  void thePagesCommandShowsThePage() throws Exception {
    String command =
        commands().stream().filter(line -> line.contains("--page ")).findFirst().orElseThrow();
    Process server = start(command, "8080", "0", "8081", "0");
    try (BufferedReader out = reader(server);
        AutoCloseable end = server::destroy) {
      assertNotNull(end);
      String line = out.readLine();
      assertTrue(line.startsWith("Page on http://127.0.0.1:"), line);
      String address = line.substring("Page on ".length());
      String page = Wire.get(address, "/");
      assertTrue(page.contains("<title>Worker pools</title>"), page);
      String curl = command("curl http://127.0.0.1:8081/");
      String metrics = Wire.get(address, curl.substring(curl.lastIndexOf('/')));
      assertTrue(metrics.contains("executor_queued{"), metrics);
    }
  }

  @Test
  void aRecordingBecomesATimeline() throws Exception {
    Path recording = scratch.resolve("recording.jfr");
    Path trace = scratch.resolve("trace.json");
    Process checksum =
        start(
            command("java -XX:"),
            "recording.jfr",
            recording.toString(),
            "SHA256SUMS",
            scratch.resolve("SHA256SUMS").toString());
    String said = new String(checksum.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertEquals(0, checksum.waitFor(), said);
    Process timeline =
        start(
            commands().stream().filter(line -> line.contains(".jar trace ")).findFirst().get(),
            "recording.jfr",
            recording.toString(),
            "trace.json",
            trace.toString());
    said = new String(timeline.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertEquals(0, timeline.waitFor(), said);
    assertTrue(said.matches("Wrote [0-9]+ tasks? to .*trace\\.json\n"), said);
    assertTrue(Files.readString(trace).contains("checksum-"), "the workers");
  }

  @Test
  void thePictureIsMadeAndSmall() throws Exception {
    Path picture = scratch.resolve("trace.svg");
    Process checksum =
        start(
            commands().stream().filter(line -> line.contains("trace.svg")).findFirst().get(),
            "threadpool-examples/trace.svg",
            picture.toString(),
            "SHA256SUMS",
            scratch.resolve("SHA256SUMS").toString(),
            "threadpool-core",
            "threadpool-core/src");
    String said = new String(checksum.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertEquals(0, checksum.waitFor(), said);
    assertTrue(Files.readString(picture).contains(">checksum-"), "the workers");
    assertTrue(Files.size(ROOT.resolve("threadpool-examples/trace.svg")) < 150 * 1024);
  }

  @Test
  void theChecksumsAreWhatSha256sumWants() throws Exception {
    Path manifest = scratch.resolve("SHA256SUMS");
    String command =
        command("java -jar threadpool-examples/target/threadpool-examples.jar checksum");
    Process checksum = start(command, "SHA256SUMS", manifest.toString());
    assertEquals("", new String(checksum.getInputStream().readAllBytes(), StandardCharsets.UTF_8));
    assertEquals(0, checksum.waitFor());
    long files;
    try (Stream<Path> tree = Files.walk(ROOT.resolve("threadpool-core/src"))) {
      files = tree.filter(Files::isRegularFile).count();
    }
    List<String> lines = Files.readAllLines(manifest);
    assertEquals(files, lines.size());
    for (String line : lines) {
      assertTrue(line.matches("[0-9a-f]{64} [ *]threadpool-core/src/.+"), line);
    }
  }

  @Test
  void whatStartsFromAnArchiveLoadsThePoolFromIt() throws Exception {
    String archive = scratch.resolve("examples.jsa").toString();
    String manifest = scratch.resolve("SHA256SUMS").toString();
    Process first =
        start(
            command("java -XX:ArchiveClassesAtExit="),
            "threadpool-examples/target/examples.jsa",
            archive,
            "SHA256SUMS",
            manifest);
    String said = new String(first.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertEquals(0, first.waitFor(), said);
    Process second =
        start(
            command("java -XX:SharedArchiveFile="),
            "threadpool-examples/target/examples.jsa",
            archive,
            "SHA256SUMS",
            manifest,
            " -jar ",
            " -Xlog:class+load -jar ");
    String log = new String(second.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertEquals(0, second.waitFor(), log);
    assertTrue(log.contains("io.threadpool.Worker source: shared objects file (top)"), log);
  }

  @Test
  void theClusterWritesWhatOneProcessWrites() throws Exception {
    String name = "readme-" + UUID.randomUUID();
    List<String> members =
        commands().stream().filter(line -> line.contains(".jar member ")).toList();
    assertEquals(2, members.size());
    Process first = start(members.get(0), "member", "member --cluster-name " + name, ":5701", ":0");
    try (BufferedReader out = reader(first);
        AutoCloseable end = first::destroyForcibly) {
      assertNotNull(end);
      String firstAddress = listeningMember(out);
      Process second =
          start(
              members.get(1),
              "member",
              "member --cluster-name " + name,
              ":5702",
              ":0",
              "127.0.0.1:5701",
              firstAddress);
      try (BufferedReader secondOut = reader(second);
          AutoCloseable secondEnd = second::destroyForcibly) {
        assertNotNull(secondEnd);
        String secondAddress = listeningMember(secondOut);
        Path manifest = scratch.resolve("SHA256SUMS");
        Process cluster =
            start(
                commands().stream().filter(line -> line.contains("--cluster ")).findFirst().get(),
                "--cluster",
                "--cluster-name " + name + " --cluster",
                "127.0.0.1:5701,127.0.0.1:5702",
                firstAddress + "," + secondAddress,
                "SHA256SUMS",
                manifest.toString());
        String said = new String(cluster.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertEquals(0, cluster.waitFor(), said);
        Process alone =
            start(
                "java -jar threadpool-examples/target/threadpool-examples.jar checksum DIR",
                "DIR",
                "threadpool-core/src");
        assertEquals(
            new String(alone.getInputStream().readAllBytes(), StandardCharsets.UTF_8),
            Files.readString(manifest));
      }
    }
  }

  /** The address of a member; before it may stand what Java warns of. */
  private static String listeningMember(BufferedReader out) throws IOException {
    String line = out.readLine();
    while (line != null && !line.startsWith("Listening on ")) {
      line = out.readLine();
    }
    assertNotNull(line, "the member ended");
    return line.split(" ")[2];
  }

  private static BufferedReader reader(Process process) {
    return new BufferedReader(
        new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
  }

  private static String listening(BufferedReader out) throws IOException {
    String line = out.readLine();
    assertNotNull(line, "the server ended");
    assertTrue(line.startsWith("Listening on http://127.0.0.1:"), line);
    return line.substring("Listening on ".length());
  }
}
