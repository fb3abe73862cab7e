package io.threadpool.examples.cluster;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.threadpool.examples.Program;
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
  /** Enough for some seconds: with four members all of them are at work when the first is read. */
  private static final int FILES = 24;

  private static final long LENGTH = 48L * 1024 * 1024;

  private final String name = "it-" + UUID.randomUUID();
  private final List<Program> members = new ArrayList<>();
  private final List<String> addresses = new ArrayList<>();

  @TempDir Path folder;
  private Path tree;
  private Path manifest;

  @BeforeEach
  void grow() throws IOException {
    assumeTrue(Files.isDirectory(Path.of("/proc/self/fd")), "this test is about Linux");
    tree = Files.createDirectory(folder.resolve("tree"));
    manifest = folder.resolve("manifest");
    for (int i = 0; i < FILES; i++) {
      Path file = Tree.file(tree, "sparse" + i, "content " + i);
      try (RandomAccessFile sparse = new RandomAccessFile(file.toFile(), "rw")) {
        sparse.setLength(LENGTH);
      }
    }
  }

  @AfterEach
  void close() throws IOException {
    for (Program member : members) {
      member.close();
    }
  }

  private Program member() throws IOException {
    List<String> args =
        new ArrayList<>(
            List.of("member", "--listen", "127.0.0.1:0", "--workers", "2", "--cluster-name", name));
    if (!addresses.isEmpty()) {
      args.addAll(List.of("--join", String.join(",", addresses)));
    }
    Program member = Program.start(args.toArray(String[]::new));
    members.add(member);
    String listening = String.valueOf(member.line());
    assertTrue(
        listening.matches("Listening on 127\\.0\\.0\\.1:\\d+ with 2 workers, in a cluster of \\d."),
        listening + member.err());
    addresses.add(listening.split(" ")[2]);
    return member;
  }

  private Program checksum() throws IOException {
    return Program.start(
        "checksum",
        "--cluster",
        String.join(",", addresses),
        "--cluster-name",
        name,
        "-o",
        manifest.toString(),
        tree.toString());
  }

  private void awaitFirstLine() {
    await()
        .atMost(Duration.ofMinutes(1))
        .until(() -> Files.exists(manifest) && Files.size(manifest) > 0);
  }

  private static void freeze(Program program) throws Exception {
    String pid = String.valueOf(program.pid());
    assertEquals(0, new ProcessBuilder("kill", "-STOP", pid).start().waitFor());
  }

  /** One run is told to end, and the next loses three of four members on the way. */
  @Test
  void nothingIsLostWhoeverIsKilledFrozenOrToldToEnd() throws Exception {
    Program killed = member();
    Program frozen = member();
    Program leaving = member();
    Program staying = member();
    try (Program told = checksum()) {
      awaitFirstLine();
      for (Program program : List.of(killed, frozen, leaving, staying, told)) {
        assertOnlyLoopback(program);
      }
      told.terminate();
      assertEndsEarly(told);
    }
    Files.delete(manifest);
    try (Program checksum = checksum()) {
      awaitFirstLine();
      killed.kill();
      freeze(frozen);
      leaving.terminate();

      assertEquals(0, checksum.exitStatus(), checksum.err());
      Map<String, String> lines = Tree.parse(Files.readAllBytes(manifest));
      assertEquals(FILES, lines.size());
      assertEquals(FILES, Files.readAllLines(manifest).size());
      Tree.verify(lines);
    }
    assertEquals(143, leaving.exitStatus());
    assertEquals("Draining.", leaving.line());
    String report = leaving.line();
    assertTrue(report.matches("Hashed \\d+ files, \\d+ bytes, in \\d+ batches; .*"), report);
  }

  private void assertEndsEarly(Program told) throws Exception {
    assertEquals(130, told.exitStatus(), told.err());
    List<String> err = told.err().lines().filter(line -> line.startsWith("checksum: ")).toList();
    assertEquals(2, err.size(), told.err());
    String reading = "checksum: interrupted; finishing what is being read: " + tree;
    assertTrue(err.get(0).startsWith(reading), err.get(0));
    assertEquals("checksum: interrupted, the manifest may not be complete", err.get(1));
    Map<String, String> lines = Tree.parse(Files.readAllBytes(manifest));
    assertFalse(lines.isEmpty());
    Tree.verify(lines);
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
