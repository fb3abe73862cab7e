package io.threadpool.examples.checksum;

import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.LongAdder;

/**
 * How much of the work is done, and what is in hand. Workers add to it, the progress bar and the
 * word on an interruption read it.
 */
public final class Tally {
  private final LongAdder files = new LongAdder();
  private final LongAdder bytes = new LongAdder();
  private final Set<Item> inHand = ConcurrentHashMap.newKeySet();

  /** Nothing yet. */
  public Tally() {}

  /** One more file. */
  public void addFile() {
    files.increment();
  }

  /**
   * So many bytes more.
   *
   * @param count how many
   */
  public void addBytes(long count) {
    bytes.add(count);
  }

  void begin(Item item) {
    inHand.add(item);
  }

  void end(Item item) {
    inHand.remove(item);
  }

  long files() {
    return files.sum();
  }

  long bytes() {
    return bytes.sum();
  }

  /** What workers are reading now, at most one each. */
  List<Item> inHand() {
    return List.copyOf(inHand);
  }
}
