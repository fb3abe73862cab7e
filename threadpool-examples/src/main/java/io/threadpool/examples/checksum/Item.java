package io.threadpool.examples.checksum;

import java.io.IOException;
import java.nio.channels.ClosedByInterruptException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import org.jspecify.annotations.Nullable;

/**
 * Something that the walk has found: first a worker computes what is to be said about it, then the
 * thread that writes says it.
 */
interface Item {
  /**
   * Computes the outcome.
   *
   * @throws ClosedByInterruptException if the thread was interrupted: there is no outcome
   */
  void compute(FileHasher hasher, Tally tally) throws ClosedByInterruptException;

  /** Writes the outcome; nothing if it was never computed. */
  void deliver(Manifest manifest, Problems problems) throws OutputException;

  /** Bytes of content to read. */
  long size();

  /** The name to be shown, as it was given and found. */
  byte[] name();

  /** A regular file. Its outcome is handed from the worker to the writer with the portion. */
  final class Found implements Item, FileToHash {
    private final byte[] name;
    private final Path path;
    private final BasicFileAttributes seen;
    private byte @Nullable [] digest;
    private @Nullable Problem problem;

    Found(byte[] name, Path path, BasicFileAttributes seen) {
      this.name = name;
      this.path = path;
      this.seen = seen;
    }

    @Override
    public void compute(FileHasher hasher, Tally tally) throws ClosedByInterruptException {
      try {
        hashed(hasher.hash(path, seen));
      } catch (ClosedByInterruptException e) {
        throw e;
      } catch (IOException e) {
        failed(Problem.of(e));
      }
      tally.addFile();
    }

    @Override
    public void hashed(byte[] sha256) {
      digest = sha256;
    }

    @Override
    public void failed(Problem why) {
      problem = why;
    }

    @Override
    public void deliver(Manifest manifest, Problems problems) throws OutputException {
      if (digest != null) {
        manifest.add(digest, name);
      } else if (problem != null) {
        problems.add(name, problem);
      }
    }

    @Override
    public long size() {
      return seen.size();
    }

    @Override
    public byte[] name() {
      return name;
    }

    @Override
    public BasicFileAttributes seen() {
      return seen;
    }
  }

  /** A file or folder that the walk itself could not read. */
  @SuppressWarnings("ArrayRecordComponent") // never compared
  record Unreadable(byte[] name, Problem problem) implements Item {
    @Override
    public void compute(FileHasher hasher, Tally tally) {
      // Its outcome is known.
    }

    @Override
    public void deliver(Manifest manifest, Problems problems) {
      problems.add(name, problem);
    }

    @Override
    public long size() {
      return 0;
    }
  }
}
