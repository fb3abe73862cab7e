package io.threadpool.examples.checksum;

import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.function.BiPredicate;
import java.util.function.BooleanSupplier;

/** Counts the regular files of a tree and their bytes, without the manifest itself. */
final class TreeCount extends SimpleFileVisitor<Path> {
  private final BiPredicate<Path, BasicFileAttributes> isOutput;
  private final BooleanSupplier stop;
  private long files;
  private long bytes;

  private TreeCount(BiPredicate<Path, BasicFileAttributes> isOutput, BooleanSupplier stop) {
    this.isOutput = isOutput;
    this.stop = stop;
  }

  /** Counts what is not the output, until {@code stop} says so. */
  static TreeCount of(
      Path root, BiPredicate<Path, BasicFileAttributes> isOutput, BooleanSupplier stop)
      throws IOException {
    TreeCount count = new TreeCount(isOutput, stop);
    Files.walkFileTree(root, count);
    return count;
  }

  @Override
  public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) {
    if (attributes.isRegularFile() && !isOutput.test(file, attributes)) {
      files++;
      bytes += attributes.size();
    }
    return stop.getAsBoolean() ? FileVisitResult.TERMINATE : FileVisitResult.CONTINUE;
  }

  @Override
  public FileVisitResult visitFileFailed(Path file, IOException failure) {
    return FileVisitResult.CONTINUE;
  }

  @Override
  public FileVisitResult postVisitDirectory(Path folder, IOException failure) {
    return FileVisitResult.CONTINUE;
  }

  long files() {
    return files;
  }

  long bytes() {
    return bytes;
  }
}
