package io.threadpool.examples.cluster;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.threadpool.examples.Program;
import io.threadpool.examples.checksum.FileNames;
import io.threadpool.examples.checksum.Tree;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The real programs, in processes that are killed, frozen and told to end. */
@Timeout(180)
class ClusterIT {
  /** Enough for each member to be at work when the first is done. */
  private static final int FILES = 16;

  /** Lines of more than a pipe has room for. */
  private static final int MANY = 800;

  private static final int LONG_NAME = 200;

  private static final long LENGTH = 48L * 1024 * 1024;

  private final String name = "it-" + UUID.randomUUID();
  private final List<Program> members = new ArrayList<>();
  private final List<String> addresses = new ArrayList<>();

  @TempDir Path folder;
  private Path tree;
  private Path manifest;

  /** Writes, meanwhile, the manifest that is expected. */
  private Program alone;

  @BeforeEach
  void grow() throws Exception {
    assumeTrue(Files.isDirectory(Path.of("/proc/self/fd")), "this test is about Linux");
    tree = Files.createDirectory(folder.resolve("tree"));
    manifest = folder.resolve("manifest");
    for (int i = 0; i < FILES; i++) {
      Path file = Tree.file(tree, "sparse" + i, "content " + i);
      try (RandomAccessFile sparse = new RandomAccessFile(file.toFile(), "rw")) {
        sparse.setLength(LENGTH);
      }
    }
    Files.writeString(FileNames.path(accented(tree)), "not ASCII");
    alone = Program.start("checksum", tree.toString());
  }

  /** The manifest that one process writes. */
  private byte[] expected() throws Exception {
    byte[] expected = alone.out().readAllBytes();
    assertEquals(0, alone.exitStatus(), alone.err());
    assertEquals(FILES + 1, new String(expected, ISO_8859_1).lines().count());
    return expected;
  }

  private static byte[] accented(Path folder) {
    return (folder + "/caf\u00C3\u00A9").getBytes(ISO_8859_1);
  }

  @AfterEach
  void close() throws IOException {
    alone.close();
    for (Program member : members) {
      member.close();
    }
  }

  /** In the locale POSIX no byte above 127 is a character. */
  private Program member(String locale) throws IOException {
    List<String> args =
        new ArrayList<>(
            List.of("member", "--listen", "127.0.0.1:0", "--workers", "2", "--cluster-name", name));
    if (!addresses.isEmpty()) {
      args.addAll(List.of("--join", String.join(",", addresses)));
    }
    Program member = Program.start(List.of(), Map.of("LC_ALL", locale), args);
    members.add(member);
    String listening = String.valueOf(member.line());
    assertTrue(
        listening.matches("Listening on 127\\.0\\.0\\.1:\\d+ with 2 workers, in a cluster of \\d."),
        listening + member.err());
    addresses.add(listening.split(" ")[2]);
    return member;
  }

  private Program checksum(String... more) throws IOException {
    List<String> args = new ArrayList<>(List.of("checksum", "--cluster-name", name));
    args.addAll(List.of("--cluster", String.join(",", addresses)));
    args.addAll(List.of(more));
    return Program.start(args.toArray(String[]::new));
  }

  private static void freeze(Program program) throws Exception {
    String pid = String.valueOf(program.pid());
    assertEquals(0, new ProcessBuilder("kill", "-STOP", pid).start().waitFor());
  }

  /** One run is told to end, and the next loses three of four members on the way. */
  @Test
  void nothingIsLostWhoeverIsKilledFrozenOrToldToEnd() throws Exception {
    Program killed = member("C.UTF-8");
    byte[] expected = expected();
    Program frozen = member("C.UTF-8");
    Program leaving = member("C.UTF-8");
    Program staying = member("C");
    assertThatARunCanBeToldToEnd();

    try (Program checksum = checksum("-o", manifest.toString(), tree.toString())) {
      await()
          .atMost(Duration.ofMinutes(1))
          .until(() -> Files.exists(manifest) && Files.size(manifest) > 0);
      killed.kill();
      freeze(frozen);
      leaving.terminate();

      assertEquals(0, checksum.exitStatus(), checksum.err());
      assertArrayEquals(expected, Files.readAllBytes(manifest));
    }
    assertEquals(143, leaving.exitStatus());
    assertEquals("Draining.", leaving.line());
    String report = leaving.line();
    assertTrue(report.matches("Hashed \\d+ files, \\d+ bytes, in \\d+ batches; .*"), report);
  }

  /**
   * The pipe is full and nobody reads until the signal has come, so the run is not over, however
   * fast it is.
   */
  private void assertThatARunCanBeToldToEnd() throws Exception {
    Path many = Files.createDirectory(folder.resolve("many"));
    Tree.fill(many, MANY, LONG_NAME);
    try (Program told = checksum("-o", "-", many.toString())) {
      await().atMost(Duration.ofMinutes(1)).until(() -> told.out().available() > 32 * 1024);
      for (Program member : members) {
        assertOnlyLoopback(member);
      }
      assertOnlyLoopback(told);
      told.terminate();
      await()
          .atMost(Duration.ofMinutes(1))
          .until(() -> told.err().contains("checksum: interrupted; finishing "));
      Map<String, String> lines = Tree.parse(told.out().readAllBytes());

      assertEquals(130, told.exitStatus(), told.err());
      assertFalse(lines.isEmpty());
      Tree.verify(lines);
      List<String> err = told.err().lines().filter(line -> line.startsWith("checksum: ")).toList();
      assertEquals(2, err.size(), told.err());
      assertTrue(err.get(0).startsWith("checksum: interrupted; finishing "), err.get(0));
      assertEquals("checksum: interrupted, the manifest may not be complete", err.get(1));
    }
  }

  /** No socket of the process has another address than 127.0.0.1 at either end. */
  private static void assertOnlyLoopback(Program program) throws IOException {
    Path process = Path.of("/proc", String.valueOf(program.pid()));
    Set<String> sockets = new HashSet<>();
    try (DirectoryStream<Path> open = Files.newDirectoryStream(process.resolve("fd"))) {
      for (Path descriptor : open) {
        try {
          String target = Files.readSymbolicLink(descriptor).toString();
          if (target.startsWith("socket:[")) {
            sockets.add(target.substring("socket:[".length(), target.length() - 1));
          }
        } catch (IOException closedMeanwhile) {
          // Not a socket that it holds.
        }
      }
    }
    int seen = 0;
    for (String table : List.of("tcp", "tcp6", "udp", "udp6")) {
      for (String line : Files.readAllLines(process.resolve("net").resolve(table), US_ASCII)) {
        String[] words = line.strip().split("\\s+");
        if (words.length > 9 && sockets.contains(words[9])) {
          seen++;
          assertTrue(table.startsWith("tcp"), line);
          assertTrue(isLoopback(words[1]), line);
          assertTrue(isLoopback(words[2]) || isListening(words[3]), line);
        }
      }
    }
    assertTrue(seen > 0, "it holds no sockets");
  }

  /** As the kernel writes 127.0.0.1, and the same mapped into IPv6: the last four bytes. */
  private static boolean isLoopback(String address) {
    String host = address.substring(0, address.indexOf(':'));
    return host.equals("0100007F") || host.equals("0000000000000000FFFF00000100007F");
  }

  private static boolean isListening(String state) {
    return state.equals("0A");
  }
}
