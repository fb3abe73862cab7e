package io.threadpool.examples.cluster;

import io.threadpool.examples.checksum.FileNames;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * The folder of a run, as a member has to see it: at the same path, and with one of the same
 * entries, so that an empty mount point is not taken for it.
 *
 * @param path its absolute path
 * @param entries some of the names in it, unless it is empty
 */
@SuppressWarnings("ArrayRecordComponent") // never compared
record Folder(byte[] path, byte[][] entries) {
  /** Several, since one may be deleted on the way. */
  private static final int MOST_ENTRIES = 16;

  static Folder of(Path root) throws IOException {
    List<byte[]> entries = new ArrayList<>();
    try (DirectoryStream<Path> stream = Files.newDirectoryStream(root)) {
      for (Path entry : stream) {
        if (entries.size() == MOST_ENTRIES) {
          break;
        }
        entries.add(FileNames.lastName(entry));
      }
    }
    return new Folder(FileNames.absolute(root), entries.toArray(new byte[0][]));
  }
}
