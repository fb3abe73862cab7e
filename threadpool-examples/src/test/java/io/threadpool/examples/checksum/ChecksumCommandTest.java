package io.threadpool.examples.checksum;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.ByteArrayOutputStream;
import java.io.File;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine;

@Timeout(120)
class ChecksumCommandTest {
  @TempDir Path folder;

  private final ByteArrayOutputStream out = new ByteArrayOutputStream();
  private final ByteArrayOutputStream err = new ByteArrayOutputStream();
  private Path tree;

  @BeforeEach
  void grow() throws IOException {
    tree = Files.createDirectory(folder.resolve("tree"));
    Tree.file(tree, "a", "a");
    Tree.file(tree, "empty", "");
    Tree.file(tree, "sub/b", "b");
    Tree.file(tree, "sub/deeper/c d", "c");
    Tree.file(tree, "z", "z");
  }

  private static Hashing noCluster(String addresses, String name, Run run)
      throws UnavailableException {
    throw new UnavailableException("nobody is at " + addresses + " called " + name);
  }

  private int run(OutputStream to, String... args) {
    ChecksumCommand command =
        new ChecksumCommand(to, new PrintStream(err, true, UTF_8), ChecksumCommandTest::noCluster);
    return new CommandLine(command).execute(args);
  }

  private int run(String... args) {
    return run(out, args);
  }

  private Map<String, String> manifest() {
    return Tree.parse(out.toByteArray());
  }

  private String err() {
    return err.toString(UTF_8);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "/", "//", "/.", "/sub/.."})
  void everyFileOnceInTheOrderOfTheWalkNamedAsFindDoes(String suffix) throws IOException {
    String dir = tree + suffix;

    assertEquals(0, run(dir), err());
    assertEquals(Tree.walk(dir), new ArrayList<>(manifest().keySet()));
    Tree.verify(manifest());
    assertEquals("", err());
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 3, 16})
  void manyFilesStayInOrderWhateverTheNumberOfWorkers(int workers) throws IOException {
    Tree.fill(tree, 2_000, 1);
    Files.write(tree.resolve("large"), new byte[5_000_000]);

    assertEquals(0, run(tree.toString(), "--workers", String.valueOf(workers)), err());
    assertEquals(Tree.walk(tree.toString()), new ArrayList<>(manifest().keySet()));
    Tree.verify(manifest());
  }

  @Test
  void whereNobodyHashesIsOneLineAndStatus2AndTheManifestStaysAsItWas() throws IOException {
    Path file = Tree.file(folder, "manifest", "of yesterday");

    assertEquals(
        2, run(tree.toString(), "-o", file.toString(), "--cluster", "a:1", "--cluster-name", "b"));
    assertEquals("checksum: nobody is at a:1 called b", err().strip());
    assertEquals("of yesterday", Files.readString(file));
  }

  @Test
  void anEmptyFolderHasAnEmptyManifest() throws IOException {
    Path empty = Files.createDirectory(folder.resolve("empty"));

    assertEquals(0, run(empty.toString()));
    assertEquals(0, out.size());
  }

  @Test
  void namesThatNeedEscapes() throws IOException {
    assumeTrue(File.separatorChar == '/');
    for (String name : List.of("back\\slash", "line\nfeed", "carriage\r", "\\n", " lead")) {
      Tree.file(tree, name, name);
    }

    assertEquals(0, run(tree.toString()), err());
    assertEquals(Tree.walk(tree.toString()), new ArrayList<>(manifest().keySet()));
    Tree.verify(manifest());
  }

  @Test
  void linksAreNotFollowedAndSpecialFilesAreLeftOut() throws IOException {
    assumeTrue(File.separatorChar == '/');
    Files.createSymbolicLink(tree.resolve("link"), tree.resolve("a"));
    Files.createSymbolicLink(tree.resolve("dangling"), Path.of("nowhere"));
    Files.createSymbolicLink(tree.resolve("loop"), tree);

    assertEquals(0, run(tree.toString()), err());
    assertEquals(5, manifest().size());
  }

  @Test
  void aLinkAsDirIsFollowedOnlyWithASlash() throws IOException {
    assumeTrue(File.separatorChar == '/');
    Path link = Files.createSymbolicLink(folder.resolve("link"), tree);

    assertEquals(2, run(link.toString()));
    assertTrue(err().contains("symbolic link"), err());
    assertEquals(1, err().lines().count());
    assertEquals(0, run(link + "/"));
    assertTrue(manifest().containsKey(link + "/sub/b"), manifest().toString());
    Tree.verify(manifest());
  }

  @Test
  void aFileIsNoFolder() {
    assertEquals(2, run(tree.resolve("a").toString()));
    assertEquals("checksum: " + tree.resolve("a") + ": is no folder", err().strip());
  }

  @Test
  void whatMayNotBeReadIsListedAndTheRestIsDone() throws IOException {
    Path secret = Tree.file(tree, "secret", "secret");
    Path closed = Tree.file(tree, "closed/inside", "inside").getParent();
    assumeTrue(secret.toFile().setReadable(false) && !Files.isReadable(secret), "as root");
    assumeTrue(closed.toFile().setReadable(false));
    try {
      assertEquals(1, run(tree.toString()));
    } finally {
      assertTrue(closed.toFile().setReadable(true)); // so that JUnit can delete it
    }
    assertEquals(5, manifest().size());
    List<String> lines = new ArrayList<>(err().lines().toList());
    assertEquals("checksum: could not be read: 2 entries", lines.remove(2));
    lines.sort(null);
    assertEquals(List.of(closed + ": permission denied", secret + ": permission denied"), lines);
  }

  /** As above for root, who may read all but this. */
  @Test
  void whatNobodyMayReadIsListedAndTheRestIsDone() {
    Path writeOnly = Path.of("/proc/sys/net/ipv4/route/flush");
    assumeTrue(Files.exists(writeOnly) && !Files.isReadable(writeOnly), "not on this system");

    assertEquals(1, run(writeOnly.getParent().toString()));
    assertTrue(err().contains(writeOnly + ": permission denied\n"), err());
    assertFalse(manifest().containsKey(writeOnly.toString()));
  }

  @Test
  void outputGoesToAFileWhichDoesNotListItself() throws IOException {
    Path file =
        Tree.file(
            tree, "sub/manifest", "something old that is longer than the manifest".repeat(100));

    assertEquals(0, run(tree.toString(), "-o", file.toString()), err());
    assertEquals(0, out.size());
    Map<String, String> manifest = Tree.parse(Files.readAllBytes(file));
    assertEquals(5, manifest.size());
    Tree.verify(manifest);
  }

  @ParameterizedTest
  @ValueSource(strings = {"-o-", "-o=-", "--output=-"})
  void aDashIsStandardOutput(String option) {
    assertEquals(0, run(tree.toString(), option), err());
    assertEquals(5, manifest().size());
    assertFalse(Files.exists(Path.of("-")));
  }

  @Test
  void outputThatIsKnownByAnotherNameDoesNotListItself() throws IOException {
    assumeTrue(File.separatorChar == '/');
    Path file = Tree.file(folder, "manifest", "");
    Files.createLink(tree.resolve("other-name"), file);

    assertEquals(0, run(tree.toString(), "--output", file.toString()), err());
    assertEquals(5, Tree.parse(Files.readAllBytes(file)).size());
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "missing/manifest"})
  void aFileThatCannotBeOpenedIsOneLineAndStatus2(String name) {
    assertEquals(2, run(tree.toString(), "-o", folder.resolve(name).toString()));
    assertTrue(err().startsWith("checksum: cannot write " + folder), err());
    assertEquals(1, err().lines().count());
  }

  @Test
  void aFullDiskIsOneLineAndStatus2() {
    assumeTrue(Files.exists(Path.of("/dev/full")));

    assertEquals(2, run(tree.toString(), "-o", "/dev/full"));
    assertEquals("checksum: cannot write /dev/full: No space left on device", err().strip());
  }

  @Test
  void anOutputThatFailsIsOneLineAndStatus2() {
    OutputStream full =
        new OutputStream() {
          @Override
          public void write(int b) throws IOException {
            throw new IOException("No room");
          }
        };

    assertTrue(List.of(2, 141).contains(run(full, tree.toString())));
    assertTrue(
        err().isEmpty() || err().equals("checksum: cannot write standard output: No room\n"));
  }

  @Test
  void aReaderThatIsGoneIsNoErrorToTell() {
    OutputStream closed =
        new OutputStream() {
          @Override
          public void write(int b) throws IOException {
            throw new IOException("Broken pipe");
          }
        };

    assertEquals(141, run(closed, tree.toString()));
    assertEquals("", err());
  }

  @ParameterizedTest
  @ValueSource(strings = {"Broken pipe", "No room"})
  void anOutputThatFailsAfterASignalIsInterrupted(String failure) {
    List<Integer> halted = new CopyOnWriteArrayList<>();
    OutputStream failing =
        new OutputStream() {
          @Override
          public void write(int b) throws IOException {
            RealSignal.raise("TERM");
            await().until(() -> err().contains("interrupted"));
            throw new IOException(failure);
          }
        };
    ChecksumCommand command =
        new ChecksumCommand(
            failing,
            new PrintStream(err, true, UTF_8),
            ChecksumCommandTest::noCluster,
            halted::add);

    assertEquals(130, new CommandLine(command).execute(tree.toString()));
    await().until(() -> halted.equals(List.of(130)));
  }

  @Test
  void aFolderIsNoFileForATraceAndTheManifestStaysAsItWas() throws IOException {
    Path file = Tree.file(folder, "manifest", "of yesterday");
    Path sub = tree.resolve("sub");

    assertEquals(2, run(tree.toString(), "-o", file.toString(), "--trace", sub.toString()));
    assertEquals("checksum: cannot write " + sub + ": is a folder", err().strip());
    assertEquals("of yesterday", Files.readString(file));
  }

  @Test
  void anEmptyFolderHasAnEmptyTrace() throws IOException {
    Path empty = Files.createDirectory(folder.resolve("empty"));
    Path trace = folder.resolve("trace.json");

    assertEquals(0, run(empty.toString(), "--trace", trace.toString()), err());
    assertTrue(Files.readString(trace).contains("traceEvents"));
  }
}
