package io.threadpool.examples.checksum;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.function.BiPredicate;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ProgressTest {
  private static final BiPredicate<Path, BasicFileAttributes> NO_OUTPUT = (path, seen) -> false;

  @TempDir Path folder;

  @Test
  void showsFilesBytesAndWhatIsAllOfThem() throws IOException {
    Files.write(folder.resolve("a"), new byte[3 * 1024 * 1024]);
    Files.write(folder.resolve("b"), new byte[1024 * 1024]);
    Tally tally = new Tally();
    ByteArrayOutputStream err = new ByteArrayOutputStream();
    PrintStream stream = new PrintStream(err, true, UTF_8);
    Progress progress = Progress.start(folder, NO_OUTPUT, tally, stream, 100);
    await().until(() -> err.toString(UTF_8).contains("0/2 files"));
    tally.addFile();
    tally.addBytes(3 * 1024 * 1024);
    await().until(() -> err.toString(UTF_8).contains("1/2 files"));
    tally.addFile();
    tally.addBytes(1024 * 1024);
    progress.close();

    String shown = err.toString(UTF_8);
    String last = shown.substring(shown.lastIndexOf("checksum"));
    assertTrue(last.contains("100%"), last);
    assertTrue(last.contains("4/4 MiB"), last);
    assertTrue(last.contains("2/2 files"), last);
  }

  /** What is cut off nobody reads. */
  @ParameterizedTest
  @CsvSource({
    "79, '2/2 files 4/4 MiB 0:00:0'",
    "40, '2/2 files 4/4 MiB 0:00:0'",
    "25, '2/2 files 4/4 MiB 0:00:0'",
    "24, '2 files 4 MiB 0:00:0'",
    "20, '2 files 4 MiB'",
  })
  void onANarrowScreenTheWordsStayAndTheBarGoes(int width, String words) throws IOException {
    Files.write(folder.resolve("a"), new byte[4 * 1024 * 1024]);
    Files.createFile(folder.resolve("b"));
    Tally tally = new Tally();
    ByteArrayOutputStream err = new ByteArrayOutputStream();
    Progress progress =
        Progress.start(folder, NO_OUTPUT, tally, new PrintStream(err, true, UTF_8), width);
    await().until(() -> err.toString(UTF_8).contains("0/2") || width < 25);
    tally.addFile();
    tally.addFile();
    tally.addBytes(4 * 1024 * 1024);
    progress.close();

    String shown = err.toString(UTF_8).stripTrailing();
    String last = shown.substring(shown.lastIndexOf('\r') + 1);
    assertTrue(last.startsWith(words), last);
    assertTrue(last.length() <= width, last);
    assertFalse(shown.contains("["), shown);
  }

  @Test
  void countsRegularFilesOnly() throws IOException {
    Tree.file(folder, "sub/a", "123");
    Tree.file(folder, "b", "4567");

    TreeCount count = TreeCount.of(folder, NO_OUTPUT, () -> false);
    assertEquals(2, count.files());
    assertEquals(7, count.bytes());
  }

  @Test
  void aManifestBelowDirIsNotCounted() throws IOException {
    Tree.file(folder, "sub/a", "123");
    Tree.file(folder, "b", "4567");
    Path manifest = Tree.file(folder, "sub/manifest", "of yesterday");
    ByteArrayOutputStream err = new ByteArrayOutputStream();
    PrintStream stream = new PrintStream(err, true, UTF_8);
    try (Output output = Output.toFile(manifest)) {
      Progress progress = Progress.start(folder, output::isSame, new Tally(), stream, 100);
      await().until(() -> err.toString(UTF_8).contains("0/2 files"));
      progress.close();
    }
  }
}
