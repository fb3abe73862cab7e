package io.threadpool.examples.checksum;

import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.FileVisitor;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayDeque;
import java.util.Deque;
import org.jspecify.annotations.Nullable;

/**
 * Walks a tree as {@code find DIR} does: in the order of each directory, parents before their
 * children, without following links, naming each entry by DIR as it was given and the path below
 * it. Directories are read as a stream, so one with a million entries takes no memory.
 */
final class TreeWalk implements FileVisitor<Path> {
  /** What becomes of the entries. */
  interface Sink {
    void file(byte[] name, Path path, BasicFileAttributes attributes) throws IOException;

    void unreadable(byte[] name, IOException failure) throws IOException;

    /** Asked at each entry whether to walk on. */
    boolean goesOn() throws IOException;
  }

  private final byte[] root;
  private final Sink sink;

  /** The names of the folders around the current entry, innermost first, each with its slash. */
  private final Deque<byte[]> prefixes = new ArrayDeque<>();

  private TreeWalk(byte[] root, Sink sink) {
    this.root = root;
    this.sink = sink;
  }

  /**
   * Walks.
   *
   * @param path the root
   * @param root its name as it was given
   * @param sink what becomes of the entries; what it throws ends the walk
   */
  static void walk(Path path, byte[] root, Sink sink) throws IOException {
    Files.walkFileTree(path, new TreeWalk(root, sink));
  }

  @Override
  public FileVisitResult preVisitDirectory(Path folder, BasicFileAttributes attributes)
      throws IOException {
    byte[] name;
    try {
      name = name(folder);
    } catch (IOException e) {
      sink.unreadable(approximateName(folder), e);
      return FileVisitResult.SKIP_SUBTREE;
    }
    boolean slashed = name.length > 0 && name[name.length - 1] == '/';
    prefixes.push(slashed ? name : join(name, new byte[] {'/'}));
    return next();
  }

  @Override
  public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) throws IOException {
    if (attributes.isRegularFile()) {
      byte[] name;
      try {
        name = name(file);
      } catch (IOException e) {
        sink.unreadable(approximateName(file), e);
        return next();
      }
      sink.file(name, file, attributes);
    }
    return next();
  }

  @Override
  public FileVisitResult visitFileFailed(Path file, IOException failure) throws IOException {
    sink.unreadable(approximateName(file), failure);
    return next();
  }

  @Override
  public FileVisitResult postVisitDirectory(Path folder, @Nullable IOException failure)
      throws IOException {
    prefixes.pop();
    if (failure != null) {
      sink.unreadable(approximateName(folder), failure);
    }
    return next();
  }

  private FileVisitResult next() throws IOException {
    return sink.goesOn() ? FileVisitResult.CONTINUE : FileVisitResult.TERMINATE;
  }

  private byte[] name(Path entry) throws IOException {
    byte[] prefix = prefixes.peek();
    return prefix == null ? root : join(prefix, FileNames.lastName(entry));
  }

  /** For a person to read; with what the charset of the locale has when the bytes are not known. */
  private byte[] approximateName(Path entry) {
    try {
      return name(entry);
    } catch (IOException e) {
      return FileNames.bytes(entry.toString());
    }
  }

  private static byte[] join(byte[] first, byte[] second) {
    byte[] both = new byte[first.length + second.length];
    System.arraycopy(first, 0, both, 0, first.length);
    System.arraycopy(second, 0, both, first.length, second.length);
    return both;
  }
}
