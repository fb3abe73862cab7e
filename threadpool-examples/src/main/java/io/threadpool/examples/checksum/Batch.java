package io.threadpool.examples.checksum;

import java.nio.channels.ClosedByInterruptException;
import java.util.ArrayList;
import java.util.List;

/**
 * The items of one task. One file a task would cost more in handing over than a small file costs to
 * read, so a batch closes at a number of files, of bytes to read or of bytes in names, whichever
 * comes first. The limits bound what a batch keeps in memory and how long its task takes.
 */
final class Batch {
  private static final int MOST_ITEMS = 64;
  private static final long MOST_CONTENT = 1024 * 1024;
  private static final int MOST_NAMES = 16 * 1024;

  private final List<Item> items = new ArrayList<>();
  private long content;
  private int names;

  void add(Item item) {
    items.add(item);
    content += item.size();
    names += item.nameLength();
  }

  boolean isFull() {
    return items.size() >= MOST_ITEMS || content >= MOST_CONTENT || names >= MOST_NAMES;
  }

  boolean isEmpty() {
    return items.isEmpty();
  }

  /** To be run by a worker, once. */
  void compute(FileHasher hasher, Tally tally) throws ClosedByInterruptException {
    for (Item item : items) {
      item.compute(hasher, tally);
    }
  }

  /** To be run by the thread that writes, after {@link #compute}. */
  void deliver(Manifest manifest, Problems problems) throws OutputException {
    for (Item item : items) {
      item.deliver(manifest, problems);
    }
  }
}
