package io.threadpool.examples.checksum;

import java.io.Closeable;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * Where the manifest goes: standard output or a file, which is overwritten in place.
 *
 * <p>It is written by one thread, in pieces of whole lines. A file is cut back to the last whole
 * piece when a piece can only be written in part (a full disk).
 */
final class Output implements Closeable {
  private static final Path STANDARD_OUTPUT = Path.of("/proc/self/fd/1");
  private static final long IDLE = 0;

  private final String name;
  private final OutputStream stream;
  private final @Nullable FileChannel file;
  private final @Nullable Path path;
  private final @Nullable Object key;
  private long written;

  /** When the write in progress began, or IDLE. Written by the writer, read by a shutdown hook. */
  private volatile long writingSince = IDLE;

  private Output(
      String name,
      OutputStream stream,
      @Nullable FileChannel file,
      @Nullable Path path,
      @Nullable Object key) {
    this.name = name;
    this.stream = stream;
    this.file = file;
    this.path = path;
    this.key = key;
  }

  /**
   * Output to {@code stream}, the standard output of the process, unbuffered. If that is a regular
   * file, the walk will know it.
   */
  static Output toStandardOutput(OutputStream stream) {
    return new Output("standard output", stream, null, null, keyOrNull(STANDARD_OUTPUT));
  }

  /** Creates or empties a file. */
  static Output toFile(Path path) throws OutputException {
    String name = path.toString();
    try {
      FileChannel file =
          FileChannel.open(
              path,
              StandardOpenOption.CREATE,
              StandardOpenOption.TRUNCATE_EXISTING,
              StandardOpenOption.WRITE);
      return new Output(name, Channels.newOutputStream(file), file, path, keyOrNull(path));
    } catch (IOException e) {
      throw failure(name, e, false);
    }
  }

  /** The identity of a regular file; null of anything else, and where the system has none. */
  private static @Nullable Object keyOrNull(Path path) {
    try {
      BasicFileAttributes attributes = Files.readAttributes(path, BasicFileAttributes.class);
      return attributes.isRegularFile() ? attributes.fileKey() : null;
    } catch (IOException unknown) {
      return null;
    }
  }

  /** Whether a file that the walk has found is this output, under whatever name. */
  boolean isSame(Path found, BasicFileAttributes attributes) {
    if (key != null) {
      return key.equals(attributes.fileKey());
    }
    try {
      return path != null
          && path.getFileName().equals(found.getFileName())
          && Files.isSameFile(path, found);
    } catch (IOException unknown) {
      return false;
    }
  }

  /** Writes a piece that ends with a line. */
  void write(byte[] bytes, int length) throws OutputException {
    long now = System.nanoTime();
    writingSince = now == IDLE ? 1 : now;
    try {
      stream.write(bytes, 0, length);
      written += length;
    } catch (IOException e) {
      dropHalfLine();
      throw failure(name, e, file == null && isReaderGone(e));
    }
    writingSince = IDLE;
  }

  private void dropHalfLine() {
    try {
      if (file != null) {
        file.truncate(written);
      }
    } catch (IOException e) {
      // Not a file that has an end, or beyond repair: the failure to write is reported anyway.
    }
  }

  /**
   * The message of EPIPE is translated in some locales; but there is nothing else that a write to a
   * pipe fails with.
   */
  private static boolean isReaderGone(IOException failure) {
    if (String.valueOf(failure.getMessage()).contains("Broken pipe")) {
      return true;
    }
    try {
      String target = Files.readSymbolicLink(STANDARD_OUTPUT).toString();
      return target.startsWith("pipe:") || target.startsWith("socket:");
    } catch (IOException | UnsupportedOperationException unknown) {
      return false;
    }
  }

  private static OutputException failure(String name, IOException e, boolean readerGone) {
    return new OutputException("cannot write " + name + ": " + Reason.of(e), readerGone, e);
  }

  /** How long the write in progress has been waiting; zero when there is none. Any thread. */
  Duration stalled() {
    long since = writingSince;
    return since == IDLE ? Duration.ZERO : Duration.ofNanos(System.nanoTime() - since);
  }

  @Override
  public void close() throws OutputException {
    try {
      if (file != null) {
        file.close();
      }
    } catch (IOException e) {
      throw failure(name, e, false);
    }
  }
}
