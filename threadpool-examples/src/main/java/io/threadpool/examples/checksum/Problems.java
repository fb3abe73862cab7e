package io.threadpool.examples.checksum;

import java.io.ByteArrayOutputStream;
import java.io.Closeable;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.channels.Channels;
import java.nio.channels.SeekableByteChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.EnumMap;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What is not in the manifest and why, kept until the end.
 *
 * <p>A tree may hold a million files that its reader must not read. Beyond the first so many bytes
 * the list goes to a temporary file without a name, and where there is no room for one to standard
 * error at once.
 */
final class Problems implements Closeable {
  /** Makes the temporary file. */
  interface Disk {
    SeekableByteChannel open() throws IOException;
  }

  private final PrintStream err;
  private final int mostBytes;
  private final Disk disk;
  private final ByteArrayOutputStream inMemory = new ByteArrayOutputStream();
  private @Nullable SeekableByteChannel onDisk;
  private boolean told;
  private final Map<Problem.Kind, Long> counts = new EnumMap<>(Problem.Kind.class);

  /** An empty list that is to be told on {@code err}. */
  Problems(PrintStream err, int mostBytes) {
    this(err, mostBytes, Problems::temporaryFile);
  }

  /** The same, with another temporary file. */
  Problems(PrintStream err, int mostBytes, Disk disk) {
    this.err = err;
    this.mostBytes = mostBytes;
    this.disk = disk;
  }

  void add(byte[] name, Problem problem) {
    ManifestFormat.appendShown(inMemory, name);
    inMemory.writeBytes((": " + problem.reason() + "\n").getBytes(StandardCharsets.UTF_8));
    counts.merge(problem.kind(), 1L, Long::sum);
    if (inMemory.size() >= mostBytes) {
      spill();
    }
  }

  boolean isEmpty() {
    return counts.isEmpty();
  }

  /** Lists everything, then how much of each kind it was. */
  void tell() {
    if (isEmpty()) {
      return;
    }
    try {
      if (onDisk != null) {
        onDisk.position(0);
        Channels.newInputStream(onDisk).transferTo(err);
      }
    } catch (IOException e) {
      err.println("checksum: some of the list is lost: " + Reason.of(e));
    }
    tellMemory();
    counts.forEach(
        (kind, count) ->
            err.println("checksum: " + kind + ": " + count + (count == 1 ? " entry" : " entries")));
  }

  private void spill() {
    try {
      if (onDisk == null && !told) {
        onDisk = disk.open();
      }
      if (onDisk != null) {
        append(onDisk);
        return;
      }
    } catch (IOException noRoom) {
      // Told at once, below.
    }
    tellMemory();
  }

  /** Moves what is in memory to the file: all of it, or none. */
  private void append(SeekableByteChannel file) throws IOException {
    long end = file.position();
    try {
      inMemory.writeTo(Channels.newOutputStream(file));
      inMemory.reset();
    } catch (IOException e) {
      file.truncate(end);
      throw e;
    }
  }

  private void tellMemory() {
    told = true;
    err.writeBytes(inMemory.toByteArray());
    err.flush();
    inMemory.reset();
  }

  /** A file that no walk meets: it loses its name when it is opened. */
  private static SeekableByteChannel temporaryFile() throws IOException {
    Path path = Files.createTempFile("checksum-problems", null);
    return Files.newByteChannel(
        path,
        Set.of(
            StandardOpenOption.READ, StandardOpenOption.WRITE, StandardOpenOption.DELETE_ON_CLOSE));
  }

  @Override
  public void close() throws IOException {
    if (onDisk != null) {
      onDisk.close();
    }
  }
}
