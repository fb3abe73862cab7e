package io.threadpool.examples.serve;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.threadpool.examples.Program;
import io.threadpool.examples.VirtualThreads;
import io.threadpool.examples.page.Wire;
import io.threadpool.examples.serve.Client.Answer;
import java.io.File;
import java.io.IOException;
import java.net.ConnectException;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

/** The real program, with its real five seconds. */
@Timeout(180)
@Execution(ExecutionMode.CONCURRENT)
class ServeIT {
  private static final Pattern JOB = Pattern.compile("Worker [0-3] got a job; executing\\.");

  /** Each takes some seconds, and is in vain only where the machine stands still for as long. */
  private static final int ATTEMPTS = 5;

  private static InetSocketAddress address(Program program) throws IOException {
    String line = program.line();
    assertTrue(line.startsWith("Listening on http://127.0.0.1:"), line + program.err());
    URI uri = URI.create(line.substring("Listening on ".length()));
    return new InetSocketAddress(uri.getHost(), uri.getPort());
  }

  private static void assertWorkersEnd(List<String> lines) {
    List<String> expected = new ArrayList<>();
    for (int worker = 0; worker < 4; worker++) {
      expected.add("Shutting down worker " + worker);
      expected.add("Worker " + worker + " disconnected; shutting down.");
    }
    List<String> actual = new ArrayList<>(lines);
    actual.remove("Shutting down.");
    actual.removeIf(line -> JOB.matcher(line).matches());
    actual.sort(null);
    expected.sort(null);
    assertEquals(expected, actual);
  }

  @Test
  void theTutorialsRun() throws Exception {
    try (Program program = Program.start("serve", "--port", "0")) {
      InetSocketAddress address = address(program);
      assertEquals("200 OK", Client.get(address, "/").status());
      assertTrue(JOB.matcher(program.line()).matches());
      try (Client second = new Client(address)) {
        second.send("GET /sleep HTTP/1.1\r\nHost: test\r\n\r\n");
        List<String> lines = new ArrayList<>();
        while (!lines.contains("Shutting down.")) {
          lines.add(program.line());
        }
        assertThrows(ConnectException.class, () -> new Client(address));

        assertEquals("200 OK", second.receive().status());
        lines.addAll(program.rest());
        assertEquals(1, lines.stream().filter(line -> JOB.matcher(line).matches()).count());
        assertWorkersEnd(lines);
      }
      assertEquals(0, program.exitStatus());
      assertEquals("", program.err());
    }
  }

  @Test
  void sigtermLetsTheClientHaveItsPage() throws Exception {
    assumeTrue(File.separatorChar == '/', "a signal that a program can handle");
    try (Program program = Program.start("serve", "--port=0", "--requests=0")) {
      InetSocketAddress address = address(program);
      try (Client sleeping = new Client(address)) {
        sleeping.send("GET /sleep HTTP/1.1\r\nHost: test\r\n\r\n");
        assertTrue(JOB.matcher(program.line()).matches());
        program.terminate();
        assertEquals("Shutting down.", program.line());
        assertThrows(ConnectException.class, () -> new Client(address));

        Answer answer = sleeping.receive();
        assertEquals("200 OK", answer.status());
        assertTrue(answer.page().contains("<h1>Hello!</h1>"), answer.page());
      }
      List<String> rest = program.rest();
      assertTrue(rest.remove("Accepted 1 connections and answered 1."), rest::toString);
      assertWorkersEnd(rest);
      assertEquals(143, program.exitStatus());
      assertEquals("", program.err());
    }
  }

  /** The same with the other pools, side by side, as each takes its five seconds. */
  @Test
  void sigtermLetsTheClientHaveItsPageWhicheverThePool() throws Exception {
    assumeTrue(File.separatorChar == '/', "a signal that a program can handle");
    List<Program> programs = new ArrayList<>();
    List<Client> clients = new ArrayList<>();
    try {
      for (PoolChoice pool : PoolChoice.values()) {
        if (pool == PoolChoice.VIRTUAL && !VirtualThreads.available()) {
          continue;
        }
        Program program = Program.start("serve", "--port=0", "--requests=0", "--pool=" + pool);
        programs.add(program);
        Client sleeping = new Client(address(program));
        clients.add(sleeping.send("GET /sleep HTTP/1.1\r\nHost: test\r\n\r\n"));
        assertTrue(JOB.matcher(program.line()).matches());
        program.terminate();
      }
      for (Client sleeping : clients) {
        Answer answer = sleeping.receive();
        assertEquals("200 OK", answer.status());
        assertTrue(answer.page().contains("<h1>Hello!</h1>"), answer.page());
        sleeping.leave();
      }
      for (int i = 0; i < programs.size(); i++) {
        List<String> lines = programs.get(i).rest();
        assertTrue(lines.contains("Shutting down."), lines.toString());
        assertTrue(lines.remove("Accepted 1 connections and answered 1."), lines.toString());
        if (i < PoolChoice.VIRTUAL.ordinal()) {
          assertWorkersEnd(lines);
        }
        assertEquals(143, programs.get(i).exitStatus());
        assertEquals("", programs.get(i).err());
      }
    } finally {
      for (Client client : clients) {
        client.leave();
      }
      for (Program program : programs) {
        program.close();
      }
    }
  }

  @Test
  void whoIsCutOffIsCountedOnceAndTheStatusSaysIt() throws Exception {
    assumeTrue(File.separatorChar == '/', "a signal that a program can handle");
    boolean cutOff = false;
    for (int i = 0; i < ATTEMPTS && !cutOff; i++) {
      cutOff = isCutOff();
    }
    assertTrue(cutOff, "each was answered");
  }

  /** Not where the program got the signal too late to cut off a sleep of five seconds. */
  private static boolean isCutOff() throws Exception {
    try (Program program = Program.start("serve", "--port=0", "--requests=0", "--drain=500ms")) {
      InetSocketAddress address = address(program);
      try (Client sleeping = new Client(address)) {
        sleeping.send("GET /sleep HTTP/1.1\r\nHost: test\r\n\r\n");
        assertTrue(JOB.matcher(program.line()).matches());
        program.terminate();

        String status = sleeping.receive().status();
        if (status.equals("200 OK")) {
          return false;
        }
        assertEquals("503 Service Unavailable", status);
      }
      List<String> rest = program.rest();
      assertTrue(rest.contains("Accepted 1 connections and answered 0."), rest::toString);
      assertEquals("serve: connections cut off at the end of --drain: 1", program.err().strip());
      assertEquals(1, program.exitStatus());
      return true;
    }
  }

  /** Of stacks that are larger than its address space the system cannot have a hundred. */
  @Test
  void whenThreadsRunOutAtTheStartItSaysSoAndEnds() throws Exception {
    assumeTrue(Files.isDirectory(Path.of("/proc/self/fd")), "Linux keeps this limit");
    try (Program program = limited("ulimit -v 16000000", "-Xss512m", "--pool=jdk --workers=100")) {
      assertEquals(2, program.exitStatus(), program.err());
      assertTrue(
          program.err().contains("serve: cannot start 100 workers: unable to create native thread"),
          program.err());
    }
  }

  /** The server, with options of the JVM and its own, in the limits that a shell sets. */
  private static Program limited(String limit, String jvm, String options) throws IOException {
    String java = Path.of(System.getProperty("java.home"), "bin", "java").toString();
    String jar = System.getProperty("examples.jar");
    String command =
        String.join(" ", limit, "&& exec", java, jvm, "-jar", jar, "serve --port=0", options);
    return Program.run(Map.of(), List.of("sh", "-c", command));
  }

  /** In the limits of its descriptors, as the first thing that it meets. */
  @Test
  void whenDescriptorsRunOutItSaysSoAndRecovers() throws Exception {
    assumeTrue(File.separatorChar == '/', "a shell with ulimit");
    List<Client> clients = new ArrayList<>();
    try (Program program = limited("ulimit -n 64", "", "--requests=0")) {
      InetSocketAddress address = address(program);
      for (int i = 0; i < 100; i++) {
        clients.add(new Client(address));
      }
      await().until(() -> program.err().contains("Too many open files"));
      for (Client client : clients) {
        client.send("GET / HTTP/1.1\r\nHost: test\r\n\r\n");
      }
      for (Client client : clients) {
        client.assertReceives("200 OK");
        client.leave();
      }
      program.terminate();
      assertTrue(program.rest().contains("Accepted 100 connections and answered 100."));
      assertEquals(143, program.exitStatus());
      for (String line : program.err().lines().toList()) {
        assertEquals("serve: cannot accept a connection, tries again: Too many open files", line);
      }
    } finally {
      for (Client client : clients) {
        client.leave();
      }
    }
  }

  @Test
  void virtualThreadsAreRefusedWhereThereAreNone() throws Exception {
    assumeTrue(!VirtualThreads.available());
    try (Program program = Program.start("serve", "--port=0", "--pool=virtual")) {
      assertEquals(2, program.exitStatus());
      String refusal = "serve: --pool virtual needs Java 21 or later, this is ";
      assertTrue(program.err().startsWith(refusal), program.err());
      assertEquals(1, program.err().lines().count(), program.err());
    }
  }

  /** What `jfr summary` says of a recording that `jcmd` has got of the server while it runs. */
  @Test
  void theRecordingOfARunningServerHasItsPool(@TempDir Path folder) throws Exception {
    String recording = folder.resolve("serve.jfr").toString();
    String options = "-XX:StartFlightRecording:+io.threadpool.Task#threshold=0ns";
    List<String> serve = List.of("serve", "--port=0", "--requests=0", "--workers=1");
    try (Program program = Program.start(List.of(options), Map.of(), serve)) {
      String line = program.line();
      while (!line.startsWith("Listening on ")) { // Java says that it records.
        line = program.line();
      }
      URI uri = URI.create(line.substring("Listening on ".length()));
      InetSocketAddress address = new InetSocketAddress(uri.getHost(), uri.getPort());
      await() // The pool is recorded each second, once a task was.
          .atMost(Duration.ofMinutes(2))
          .until(
              () -> {
                assertEquals("200 OK", Client.get(address, "/").status());
                tool("jcmd", String.valueOf(program.pid()), "JFR.dump", "filename=" + recording);
                String summary = tool("jfr", "summary", recording);
                return has(summary, "Task") && has(summary, "Pool");
              });
    }
  }

  private static boolean has(String summary, String event) {
    Matcher count = Pattern.compile("io\\.threadpool\\." + event + " +(\\d+)").matcher(summary);
    return count.find() && Integer.parseInt(count.group(1)) > 0;
  }

  /** What one of the JDK's tools prints. */
  private static String tool(String name, String... args) throws Exception {
    List<String> command = new ArrayList<>(List.of(args));
    command.add(0, Path.of(System.getProperty("java.home"), "bin", name).toString());
    try (Program program = Program.run(Map.of(), command)) {
      String printed = String.join("\n", program.rest());
      assertEquals(0, program.exitStatus(), () -> name + ": " + printed);
      return printed;
    }
  }

  @Test
  void thePageShowsTheServersPoolToItsEnd() throws Exception {
    try (Program program = Program.start("serve", "--port=0", "--requests=0", "--page=0")) {
      String line = program.line();
      assertTrue(line.startsWith("Page on http://127.0.0.1:"), line + program.err());
      InetSocketAddress address = address(program);
      try (Wire events = Wire.events(line.substring("Page on ".length()))) {
        Map<String, Object> history = events.next("history");
        assertEquals("serve", history.get("program"));
        assertEquals((int) program.pid(), history.get("pid"));
        assertEquals("open", Wire.pool(history, "serve").get("phase"));
        assertEquals("200 OK", Client.get(address, "/").status());
        program.terminate();
        Map<String, Object> seen = Wire.pool(events.next("tick"), "serve");
        while (seen == null || !seen.get("phase").equals("ended")) {
          seen = Wire.pool(events.next("tick"), "serve");
        }
        assertEquals(1, ((Map<?, ?>) seen.get("report")).get("accepted"));
        events.next("end");
      }
      List<String> lines = program.rest();
      lines.removeIf(told -> told.startsWith("Accepted 1 connections and answered 1."));
      assertWorkersEnd(lines); // And not those of the page.
      assertEquals(143, program.exitStatus());
    }
  }
}
