package io.threadpool.examples.checksum;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileAttribute;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Objects;
import java.util.Set;

/**
 * Reads files and computes their SHA-256. It keeps its buffer and its digest from file to file, so
 * each worker has one of its own. Not thread-safe.
 */
public final class FileHasher {
  private static final int BUFFER_BYTES = 64 * 1024;
  private static final Set<OpenOption> READ_NO_LINK =
      Set.of(StandardOpenOption.READ, LinkOption.NOFOLLOW_LINKS);
  private static final FileAttribute<?>[] NO_ATTRIBUTES = {};

  private final MessageDigest digest = sha256();
  private final byte[] bytes = new byte[BUFFER_BYTES];
  private final ByteBuffer buffer = ByteBuffer.wrap(bytes);
  private final Tally tally;

  /**
   * A hasher.
   *
   * @param tally counts what it reads
   */
  public FileHasher(Tally tally) {
    this.tally = tally;
  }

  /**
   * The digest of a file.
   *
   * @param file the file
   * @param seen what the walk saw of it; the file must still be like that when it has been read
   * @return the digest
   * @throws IOException if it cannot be read, or has changed or vanished meanwhile; {@link
   *     Problem#of} tells which
   */
  public byte[] hash(Path file, BasicFileAttributes seen) throws IOException {
    digest.reset();
    long length = read(file, seen.size());
    BasicFileAttributes now =
        Files.readAttributes(file, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
    if (!isSame(seen, now, length)) {
      throw new Problem.ChangedException();
    }
    return digest.digest();
  }

  private long read(Path file, long expected) throws IOException {
    long length = 0;
    try (FileChannel channel = FileChannel.open(file, READ_NO_LINK, NO_ATTRIBUTES)) {
      int read = channel.read(buffer.clear());
      while (read > 0) {
        digest.update(bytes, 0, read);
        tally.addBytes(read);
        length += read;
        // Beyond the expected end nothing is read: a file that has grown, and may grow without end,
        // has another size. One of /proc, which says that it is empty, is read to its own.
        read = expected > 0 && length >= expected ? 0 : channel.read(buffer.clear());
      }
    }
    return length;
  }

  /** Files of {@code /proc} say that they are empty; their length is what was read. */
  private static boolean isSame(BasicFileAttributes seen, BasicFileAttributes now, long length) {
    return seen.size() == now.size()
        && (seen.size() == length || seen.size() == 0)
        && seen.lastModifiedTime().equals(now.lastModifiedTime())
        && Objects.equals(seen.fileKey(), now.fileKey());
  }

  private static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-256", e);
    }
  }
}
