package io.threadpool.examples.checksum;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;

/** The folder that was asked for. */
final class Root {
  /** DIR is not a folder to walk. */
  static final class UnusableException extends Exception {
    private static final long serialVersionUID = 1;

    UnusableException(String message) {
      super(message);
    }
  }

  private Root() {}

  /**
   * Looks whether {@code dir} is a folder. A link to one is not, as for {@code find}, unless it
   * ends with a slash.
   *
   * @return the path to walk
   */
  static Path check(String dir) throws UnusableException {
    if (dir.isEmpty()) {
      throw new UnusableException("DIR is empty: no such folder");
    }
    try {
      Path path = FileNames.path(dir);
      BasicFileAttributes attributes = attributes(path);
      if (attributes.isSymbolicLink() && dir.endsWith("/")) {
        path = path.resolve(".");
        attributes = attributes(path);
      }
      if (attributes.isSymbolicLink()) {
        throw new UnusableException(
            dir
                + ": is a symbolic link, which is not followed; for what it points to, say "
                + dir
                + "/");
      }
      if (!attributes.isDirectory()) {
        throw new UnusableException(dir + ": is no folder");
      }
      return path;
    } catch (NoSuchFileException e) {
      throw new UnusableException(dir + ": no such folder");
    } catch (IOException e) {
      throw new UnusableException(dir + ": " + Reason.of(e));
    } catch (InvalidPathException e) {
      throw new UnusableException(dir + ": " + e.getReason());
    }
  }

  private static BasicFileAttributes attributes(Path path) throws IOException {
    return Files.readAttributes(path, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
  }
}
