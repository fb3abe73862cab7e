package io.threadpool.examples.checksum;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.util.Collections.nCopies;
import static java.util.stream.Collectors.counting;
import static java.util.stream.Collectors.groupingBy;
import static java.util.stream.Collectors.toSet;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.jr.ob.JSON;
import io.threadpool.examples.Program;
import io.threadpool.examples.page.Wire;
import java.io.File;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The real program. */
@Timeout(180)
class ChecksumIT {
  /** Lines of this many bytes fill a pipe after a few hundred of them. */
  private static final int LONG_NAME = 200;

  private static final int MANY = 800;

  /** Of zeros that take no room; an hour of work at a gigabyte a second. */
  private static final long HUGE = 4L << 40;

  @TempDir Path folder;
  private Path tree;

  @BeforeEach
  void grow() throws IOException {
    assumeTrue(File.separatorChar == '/', "these tests are about Unix");
    tree = Files.createDirectory(folder.resolve("tree"));
  }

  @Test
  void theRealSha256sumFindsEveryLineOk() throws Exception {
    assumeTrue(isInstalled("sha256sum") && isInstalled("find"), "no coreutils");
    Tree.fill(tree, 300, 5);
    for (String name : List.of("back\\slash", "line\nfeed", "carriage\r", " lead", "*star")) {
      Tree.file(tree, name, name);
    }
    Path manifest = folder.resolve("manifest");
    try (Program program = Program.start("checksum", tree.toString(), "-o", manifest.toString())) {
      assertEquals(0, program.exitStatus(), program.err());
    }
    try (Program check = shell("sha256sum -c --strict " + manifest)) {
      List<String> lines = check.rest();
      assertEquals(0, check.exitStatus(), check.err());
      assertEquals(305, lines.stream().filter(line -> line.endsWith(": OK")).count());
    }
    try (Program theirs =
        shell("find " + tree + " -type f -print0 | xargs -0 sha256sum | cmp - " + manifest)) {
      assertEquals(0, theirs.exitStatus(), theirs.line() + theirs.err());
    }
  }

  private static boolean isInstalled(String command) throws Exception {
    try (Program which = shell("command -v " + command)) {
      return which.exitStatus() == 0;
    }
  }

  private static Program shell(String script) throws IOException {
    return Program.run(Map.of(), List.of("sh", "-c", script));
  }

  /** In the locale POSIX no byte above 127 is a character, in none is 0xFF one. */
  @ParameterizedTest
  @ValueSource(strings = {"C", "C.UTF-8"})
  void namesKeepTheirBytesInAnyLocale(String locale) throws Exception {
    byte[] name = "caf\u00C3\u00A9 \u00FF".getBytes(ISO_8859_1);
    Path odd = tree.resolve(FileNames.path(FileNames.decode(name)));
    try {
      Files.createDirectory(odd);
      Files.writeString(odd.resolve(odd.getFileName()), "odd");
    } catch (IOException | InvalidPathException e) {
      assumeTrue(false, "a file system that knows better");
    }
    // The shell passes the raw name as DIR, by way of a pattern.
    String command =
        String.join(
            " ",
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "-jar",
            System.getProperty("examples.jar"),
            "checksum",
            tree + "/caf*");
    try (Program program = Program.run(Map.of("LC_ALL", locale), List.of("sh", "-c", command))) {
      byte[] manifest = program.out().readAllBytes();
      assertEquals(0, program.exitStatus(), program.err());
      String raw = new String(name, ISO_8859_1);
      assertEquals(
          Tree.sha256("odd".getBytes(ISO_8859_1)) + "  " + tree + "/" + raw + "/" + raw + "\n",
          new String(manifest, ISO_8859_1));
    }
  }

  @Test
  void standardOutputInsideTheTreeDoesNotListItself() throws Exception {
    Tree.fill(tree, 10, 5);
    Path manifest = tree.resolve("manifest");
    String java = Path.of(System.getProperty("java.home"), "bin", "java").toString();
    String jar = System.getProperty("examples.jar");
    try (Program program = shell(java + " -jar " + jar + " checksum " + tree + " > " + manifest)) {
      assertEquals(0, program.exitStatus(), program.err());
    }
    Map<String, String> lines = Tree.parse(Files.readAllBytes(manifest));
    assertEquals(10, lines.size());
    Tree.verify(lines);
  }

  @Test
  void nothingIsLoggedAndTheExitStatusSaysThatAllIsWell() throws Exception {
    Tree.file(tree, "file", "content");
    try (Program program = Program.start("checksum", tree.toString())) {
      Map<String, String> manifest = Tree.parse(program.out().readAllBytes());
      assertEquals(0, program.exitStatus());
      assertEquals("", program.err());
      assertEquals(List.of(tree + "/file"), List.copyOf(manifest.keySet()));
    }
  }

  /**
   * The pipe is full and the test does not read, so the program is in the midst of it: it has
   * written some 250 lines, and with a batch for each of these files has 256 of them in flight.
   */
  private Program startAndFillThePipe(String... more) throws IOException {
    for (int i = 0; i < MANY; i++) {
      String name = "f".repeat(LONG_NAME) + i;
      try (RandomAccessFile file = new RandomAccessFile(tree.resolve(name).toFile(), "rw")) {
        file.setLength(1024 * 1024);
      }
    }
    String[] args =
        Stream.concat(Stream.of("checksum", tree.toString()), Stream.of(more))
            .toArray(String[]::new);
    Program program = Program.start(args);
    await().atMost(Duration.ofMinutes(2)).until(() -> program.out().available() > 32 * 1024);
    return program;
  }

  @ParameterizedTest
  @ValueSource(strings = {"drain", "abort"})
  void sigtermLeavesWholeCorrectLinesAndStatus130(String policy) throws Exception {
    try (Program program = startAndFillThePipe("--on-interrupt", policy)) {
      program.terminate();
      if (policy.equals("drain")) { // What is said late is not waited for by the program.
        await().until(() -> tells(program, "interrupted; finishing"));
      } else { // The pipe is full until then, so it cannot be done before.
        assertEquals(130, program.exitStatus(), program.err());
      }
      Map<String, String> manifest = Tree.parse(program.out().readAllBytes());

      assertEquals(130, program.exitStatus(), program.err());
      List<String> told = program.err().lines().distinct().toList();
      assertEquals(Interruption.INCOMPLETE, told.get(told.size() - 1));
      assertEquals(policy.equals("drain") ? 2 : 1, told.size(), told::toString);
      assertTrue(manifest.size() < MANY, "it was done before: " + manifest.size());
      Tree.verify(manifest);
    }
  }

  @Test
  void sigtermIsNotHeldUpByAReaderThatHasStopped() throws Exception {
    try (Program program = startAndFillThePipe()) {
      program.terminate();

      assertEquals(130, program.exitStatus());
      Tree.verify(Tree.parse(program.out().readAllBytes()));
    }
  }

  /**
   * Two files that take until tomorrow, among small ones; {@return the program once it reads them}.
   */
  private Program startAndReadHugeFiles(Path manifest, String... more) throws IOException {
    for (String name : List.of("huge", "vast")) {
      try (RandomAccessFile file = new RandomAccessFile(tree.resolve(name).toFile(), "rw")) {
        file.setLength(HUGE);
      }
    }
    String[] args =
        Stream.concat(
                Stream.of("checksum", tree.toString(), "--workers=2", "-o", manifest.toString()),
                Stream.of(more))
            .toArray(String[]::new);
    return Program.start(args);
  }

  private static boolean tells(Program program, String word) throws IOException {
    return program.err().contains(word);
  }

  @Test
  void theFirstSignalSaysWhatIsWaitedForAndTheSecondDropsIt() throws Exception {
    Tree.fill(tree, 100, 5);
    Path manifest = folder.resolve("manifest");
    try (Program program = startAndReadHugeFiles(manifest)) {
      // Once they are all that is left, the files before them are flushed within a second.
      await().atMost(Duration.ofMinutes(1)).until(() -> Files.exists(manifest));
      program.terminate();
      await().atMost(Duration.ofMinutes(1)).until(() -> tells(program, "interrupted; finishing"));
      program.terminate();

      assertEquals(130, program.exitStatus());
      List<String> told = program.err().lines().distinct().toList();
      assertEquals(2, told.size(), told::toString);
      assertEquals(Interruption.INCOMPLETE, told.get(1));
      Tree.verify(Tree.parse(Files.readAllBytes(manifest)));
    }
  }

  /** A peer that says nothing, named often enough to be waited for longer than a test may take. */
  @Test
  void sigtermWhileNoMemberAnswersLeavesTheManifestAsItWas() throws Exception {
    Path manifest = Tree.file(folder, "manifest", "of yesterday");
    try (ServerSocket silent = new ServerSocket(0, 1, InetAddress.getByName("127.0.0.1"))) {
      silent.setSoTimeout(60_000);
      String members = String.join(",", nCopies(100, "127.0.0.1:" + silent.getLocalPort()));
      try (Program program =
              Program.start(
                  "checksum", "--cluster", members, "-o", manifest.toString(), tree.toString());
          Socket connected = silent.accept()) {
        assertTrue(connected.isConnected());
        program.terminate();

        assertEquals(130, program.exitStatus(), program.err());
        assertEquals("of yesterday", Files.readString(manifest));
        assertTrue(
            tells(program, "checksum: interrupted before a member of cluster"), program.err());
      }
    }
  }

  @Test
  void theEndOfTheDrainDropsItToo() throws Exception {
    Path manifest = folder.resolve("manifest");
    try (Program program = startAndReadHugeFiles(manifest, "--drain=500ms")) {
      await().atMost(Duration.ofMinutes(1)).until(() -> Files.exists(manifest));
      program.terminate();

      assertEquals(130, program.exitStatus());
      List<String> told = program.err().lines().distinct().toList();
      assertEquals(Interruption.INCOMPLETE, told.get(told.size() - 1), told::toString);
    }
  }

  @Test
  void aKillLosesNothingThatWasDoneASecondBefore() throws Exception {
    Tree.fill(tree, 20, 5);
    Path manifest = folder.resolve("manifest");
    try (Program program = startAndReadHugeFiles(manifest)) {
      List<String> walked = Tree.walk(tree.toString());
      List<String> names = walked.stream().takeWhile(name -> name.contains("/f")).toList();
      assumeTrue(!names.isEmpty(), "the file system has the huge ones first");
      await()
          .atMost(Duration.ofMinutes(1))
          .until(() -> Files.exists(manifest) && lines(manifest) >= names.size());
      program.kill();

      Map<String, String> lines = Tree.parse(Files.readAllBytes(manifest));
      assertEquals(names, List.copyOf(lines.keySet()));
    }
  }

  private static long lines(Path manifest) throws IOException {
    return Files.readString(manifest, StandardCharsets.ISO_8859_1)
        .chars()
        .filter(c -> c == '\n')
        .count();
  }

  @Test
  void theTraceHasEachBatchOnItsWorker() throws Exception {
    Tree.fill(tree, 2_000, 20);
    Path trace = folder.resolve("trace.json");
    try (Program program =
        Program.start("checksum", tree.toString(), "--workers=2", "--trace=" + trace)) {
      assertEquals(2_000, program.rest().size());
      assertEquals(0, program.exitStatus(), program.err());
    }
    List<?> events = (List<?>) JSON.std.mapFrom(Files.readString(trace)).get("traceEvents");
    Map<String, Long> phases =
        events.stream()
            .map(event -> (Map<?, ?>) event)
            .collect(groupingBy(event -> (String) event.get("ph"), counting()));
    assertTrue(phases.get("X") > 0, phases::toString); // the batches
    Set<Object> workers =
        events.stream()
            .map(event -> (Map<?, ?>) event)
            .filter(event -> event.get("name").equals("thread_name"))
            .map(event -> ((Map<?, ?>) event.get("args")).get("name"))
            .collect(toSet());
    assertTrue(Set.of("checksum-0", "checksum-1").containsAll(workers), workers::toString);
  }

  @Test
  void thePageShowsThePoolThatHashes() throws Exception {
    try (Program program = startAndFillThePipe("--page=0")) {
      String told = program.err().lines().findFirst().orElseThrow();
      assertTrue(told.startsWith("Page on http://127.0.0.1:"), told);
      try (Wire events = Wire.events(told.substring("Page on ".length()))) {
        Map<String, Object> history = events.next("history");
        assertEquals("checksum", history.get("program"));
        Map<String, Object> seen = Wire.pool(history, "checksum");
        while (seen == null) {
          seen = Wire.pool(events.next("tick"), "checksum");
        }
        assertEquals("open", seen.get("phase"));
        assertEquals(MANY, Tree.parse(program.out().readAllBytes()).size());
        events.next("end");
      }
      assertEquals(0, program.exitStatus(), program.err());
    }
  }

  @Test
  void aReaderThatLeavesEndsItQuietly() throws Exception {
    try (Program program = startAndFillThePipe()) {
      assertNotEquals(-1, program.out().read());
      program.out().close();

      assertEquals(141, program.exitStatus());
      assertEquals("", program.err());
    }
  }

  @Test
  void aSmallHeapIsEnoughForManyFiles() throws Exception {
    int files = 30_000;
    Tree.fill(tree, files, 20);
    try (Program program =
        Program.start(List.of("-Xmx24m"), Map.of(), List.of("checksum", tree.toString()))) {
      long lines = program.rest().size();
      assertEquals(0, program.exitStatus(), program.err());
      assertEquals(files, lines);
    }
  }
}
