package io.threadpool.examples.checksum;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.File;
import java.io.IOException;
import java.nio.channels.ClosedByInterruptException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import java.util.HexFormat;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class FileHasherTest {
  @TempDir Path folder;

  private final Tally tally = new Tally();
  private final FileHasher hasher = new FileHasher(tally);

  private static BasicFileAttributes see(Path file) throws IOException {
    return Files.readAttributes(file, BasicFileAttributes.class);
  }

  private void assertRefused(String reason, Path file, BasicFileAttributes seen) {
    IOException refusal = assertThrows(IOException.class, () -> hasher.hash(file, seen));
    assertEquals(reason, Problem.of(refusal).reason());
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 63, 64, 65, 65_535, 65_536, 65_537, 1_000_000})
  void aFileOfAnyLength(int length) throws IOException {
    byte[] content = new byte[length];
    new Random(length).nextBytes(content);
    Path file = Files.write(folder.resolve("file"), content);

    String digest = HexFormat.of().formatHex(hasher.hash(file, see(file)));
    assertEquals(Tree.sha256(content), digest);
    assertEquals(length, tally.bytes());
  }

  @Test
  void nothingIsLeftOfTheFileBefore() throws IOException {
    Path first = Tree.file(folder, "first", "first");
    Path second = Tree.file(folder, "second", "second");
    BasicFileAttributes seen = see(first);
    Files.writeString(first, "is longer now");

    assertThrows(IOException.class, () -> hasher.hash(first, seen));
    String digest = HexFormat.of().formatHex(hasher.hash(second, see(second)));
    assertEquals(Tree.sha256("second".getBytes()), digest);
  }

  @Test
  void aFileThatHasGrownOrShrunk() throws IOException {
    Path file = Tree.file(folder, "file", "some text");
    BasicFileAttributes seen = see(file);

    Files.writeString(file, "some longer text");
    assertRefused("changed on the way", file, seen);
    Files.writeString(file, "");
    assertRefused("changed on the way", file, seen);
  }

  @Test
  void aFileThatGrowsIsNotFollowedToItsEnd() throws IOException {
    Path file = Tree.file(folder, "file", "some text");
    BasicFileAttributes seen = see(file);
    Files.write(file, new byte[1_000_000]);

    assertRefused("changed on the way", file, seen);
    assertTrue(tally.bytes() <= 65_536, tally.bytes() + " bytes"); // one buffer
  }

  @Test
  void aFileThatWasWrittenWithTheSameLength() throws IOException {
    Path file = Tree.file(folder, "file", "one");
    BasicFileAttributes seen = see(file);
    Files.writeString(file, "two");
    Files.setLastModifiedTime(file, FileTime.fromMillis(seen.lastModifiedTime().toMillis() + 5));

    assertRefused("changed on the way", file, seen);
  }

  @Test
  void aFileThatWasReplaced() throws IOException {
    Path file = Tree.file(folder, "file", "one");
    BasicFileAttributes seen = see(file);
    assumeTrue(seen.fileKey() != null);
    Path other = Tree.file(folder, "other", "two");
    Files.setLastModifiedTime(other, seen.lastModifiedTime());
    Files.delete(file);
    Files.move(other, file);

    assertRefused("changed on the way", file, seen);
  }

  @Test
  void aFileThatHasVanished() throws IOException {
    Path file = Tree.file(folder, "file", "one");
    BasicFileAttributes seen = see(file);
    Files.delete(file);

    assertRefused("vanished on the way", file, seen);
  }

  @Test
  void aFileThatHasBecomeALinkIsNotFollowed() throws IOException {
    assumeTrue(File.separatorChar == '/');
    Path file = Tree.file(folder, "file", "one");
    Path other = Tree.file(folder, "other", "one");
    BasicFileAttributes seen = see(file);
    Files.delete(file);
    Files.createSymbolicLink(file, other);

    assertThrows(IOException.class, () -> hasher.hash(file, seen));
  }

  @Test
  void aFileThatMayNotBeRead() throws IOException {
    Path file = Tree.file(folder, "file", "secret");
    assumeTrue(file.toFile().setReadable(false) && !Files.isReadable(file), "root reads anything");

    assertRefused("permission denied", file, see(file));
  }

  @Test
  void aFolderIsNoFile() throws IOException {
    assertThrows(IOException.class, () -> hasher.hash(folder, see(folder)));
  }

  @Test
  void anInterruptIsNoReasonToListAFile() throws IOException {
    Path file = Tree.file(folder, "file", "one");
    BasicFileAttributes seen = see(file);
    Thread.currentThread().interrupt();

    assertThrows(ClosedByInterruptException.class, () -> hasher.hash(file, seen));
    assertTrue(Thread.interrupted());
  }
}
