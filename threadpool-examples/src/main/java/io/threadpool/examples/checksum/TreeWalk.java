package io.threadpool.examples.checksum;

import java.io.Closeable;
import java.io.IOException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Iterator;
import org.jspecify.annotations.Nullable;

/**
 * Walks a tree as {@code find DIR} does: in the order of each directory, parents before their
 * children, without following links, naming each entry by DIR as it was given and the path below
 * it. Directories are read as a stream, so one with a million entries takes no memory.
 */
final class TreeWalk implements Closeable {
  /** What becomes of the entries. */
  interface Sink {
    void file(byte[] name, Path path, BasicFileAttributes attributes);

    void unreadable(byte[] name, IOException failure);
  }

  /** One that is being read; {@code prefix} is its name with a slash. */
  @SuppressWarnings("ArrayRecordComponent") // never compared
  private record Folder(
      Path path, byte[] prefix, DirectoryStream<Path> stream, Iterator<Path> entries) {}

  private final byte[] root;
  private final Sink sink;

  /** Those around the next entry, innermost first. */
  private final Deque<Folder> folders = new ArrayDeque<>();

  /**
   * Begins a walk.
   *
   * @param path the root
   * @param root its name as it was given
   * @param sink what becomes of the entries
   */
  TreeWalk(Path path, byte[] root, Sink sink) {
    this.root = root;
    this.sink = sink;
    visit(path);
  }

  /** Visits the next entry, or leaves a folder; {@return whether} there was anything to do. */
  boolean advance() {
    Folder folder = folders.peek();
    if (folder == null) {
      return false;
    }
    try {
      if (folder.entries().hasNext()) {
        visit(folder.entries().next());
      } else {
        leave(null);
      }
    } catch (DirectoryIteratorException e) {
      leave(e.getCause());
    }
    return true;
  }

  @SuppressWarnings("StreamResourceLeak") // closed when its folder is left
  private void visit(Path entry) {
    try {
      BasicFileAttributes attributes =
          Files.readAttributes(entry, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
      if (attributes.isRegularFile()) {
        sink.file(name(entry), entry, attributes);
      } else if (attributes.isDirectory()) {
        byte[] name = name(entry);
        boolean slashed = name.length > 0 && name[name.length - 1] == '/';
        byte[] prefix = slashed ? name : join(name, new byte[] {'/'});
        DirectoryStream<Path> stream = Files.newDirectoryStream(entry);
        folders.push(new Folder(entry, prefix, stream, stream.iterator()));
      }
    } catch (IOException e) {
      sink.unreadable(approximateName(entry), e);
    }
  }

  private void leave(@Nullable IOException failure) {
    Folder folder = folders.pop();
    IOException told = failure;
    try {
      folder.stream().close();
    } catch (IOException e) {
      told = e;
    }
    if (told != null) {
      sink.unreadable(approximateName(folder.path()), told);
    }
  }

  private byte[] name(Path entry) throws IOException {
    Folder folder = folders.peek();
    return folder == null ? root : join(folder.prefix(), FileNames.lastName(entry));
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

  /** Leaves what is not visited yet. */
  @Override
  public void close() throws IOException {
    for (Folder folder : folders) {
      folder.stream().close();
    }
  }
}
