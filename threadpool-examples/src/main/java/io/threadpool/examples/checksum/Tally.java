package io.threadpool.examples.checksum;

import java.util.concurrent.atomic.LongAdder;

/** How much of the work is done. Workers add to it, the progress bar reads it. */
final class Tally {
  private final LongAdder files = new LongAdder();
  private final LongAdder bytes = new LongAdder();

  void addFile() {
    files.increment();
  }

  void addBytes(long count) {
    bytes.add(count);
  }

  long files() {
    return files.sum();
  }

  long bytes() {
    return bytes.sum();
  }
}
