package io.threadpool.examples.checksum;

import java.nio.channels.ClosedByInterruptException;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BooleanSupplier;

/**
 * The items of one task. One file a task would cost more in handing over than a small file costs to
 * read, so a portion closes at a number of files, of bytes to read or of bytes in names, whichever
 * comes first. The limits bound what a portion keeps in memory and how long its task takes.
 */
public final class Portion {
  private static final int MOST_ITEMS = 64;
  private static final long MOST_CONTENT = 1024 * 1024;
  private static final int MOST_NAMES = 16 * 1024;

  private final int mostItems;
  private final long mostContent;
  private final int mostNames;

  private final List<Item> items = new ArrayList<>();
  private long content;
  private int names;

  /** An empty portion for a worker of this process. */
  Portion() {
    this(MOST_ITEMS, MOST_CONTENT, MOST_NAMES);
  }

  /**
   * An empty portion.
   *
   * @param mostItems the number of files at which it closes
   * @param mostContent the bytes to read at which it closes
   * @param mostNames the bytes in names at which it closes
   */
  public Portion(int mostItems, long mostContent, int mostNames) {
    this.mostItems = mostItems;
    this.mostContent = mostContent;
    this.mostNames = mostNames;
  }

  void add(Item item) {
    items.add(item);
    content += item.size();
    names += item.name().length;
  }

  /** Whether {@code item} need not be alone: small files are not to wait for a large one. */
  boolean fits(Item item) {
    return isEmpty() || content + item.size() <= mostContent;
  }

  boolean isFull() {
    return items.size() >= mostItems || content >= mostContent || names >= mostNames;
  }

  boolean isEmpty() {
    return items.isEmpty();
  }

  /** {@return the files that are to be hashed} */
  public List<FileToHash> files() {
    return items.stream().filter(FileToHash.class::isInstance).map(FileToHash.class::cast).toList();
  }

  /**
   * Says that somebody elsewhere reads it, one file after the other.
   *
   * @param tally gets the first, for all of them
   */
  public void begin(Tally tally) {
    tally.begin(items.get(0));
  }

  /**
   * Says that nobody reads it any more.
   *
   * @param tally the same
   */
  public void end(Tally tally) {
    tally.end(items.get(0));
  }

  /**
   * To be run by a worker, once.
   *
   * @param stop asked before each item whether to leave it and those behind it
   */
  void compute(FileHasher hasher, Tally tally, BooleanSupplier stop)
      throws ClosedByInterruptException {
    for (Item item : items) {
      // Announced first: what is begun after a stop would otherwise be waited for unannounced.
      tally.begin(item);
      try {
        if (stop.getAsBoolean()) {
          return;
        }
        item.compute(hasher, tally);
      } finally {
        tally.end(item);
      }
    }
  }

  /** To be run by the thread that writes, after {@link #compute}. */
  void deliver(Manifest manifest, Problems problems) throws OutputException {
    for (Item item : items) {
      item.deliver(manifest, problems);
    }
  }
}
