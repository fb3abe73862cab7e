package io.threadpool.examples.cluster;

import io.threadpool.Task;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;

/** What a member has of one run: its batches in the pool, and whether it goes on. */
final class MemberRun {
  private final Set<Task<?>> batches = ConcurrentHashMap.newKeySet();

  /** No further file is begun. Set by pings and by {@link #abort}, read by the workers. */
  private volatile boolean stopped;

  /** What runs is interrupted. Set after {@code stopped}, before the batches are read. */
  private volatile boolean aborted;

  /**
   * The folder of the run is here: it had an entry of the submitter's. Set by pings, and never
   * reset, since those entries may vanish while the others are hashed.
   */
  private volatile boolean folderKnown;

  /** How often the submitter was told that this member drains. Added to by pings. */
  private final AtomicInteger farewells = new AtomicInteger();

  /** A batch has been handed to the pool. Pairs with {@link #abort}: one of the two sees it. */
  void began(Task<?> batch) {
    batches.add(batch);
    if (aborted) {
      batch.cancel(true);
    }
  }

  void ended(Task<?> batch) {
    batches.remove(batch);
  }

  void stop() {
    stopped = true;
  }

  boolean isStopped() {
    return stopped;
  }

  void knowFolder() {
    folderKnown = true;
  }

  boolean isFolderKnown() {
    return folderKnown;
  }

  void tellDraining() {
    farewells.incrementAndGet();
  }

  /** What it is told from now on counts. */
  void forgetFarewells() {
    farewells.set(0);
  }

  /**
   * Whether the submitter sends nothing any more, and has what was sent to it before it was told:
   * it has sent another ping since then, and what is sent either way arrives in its order.
   */
  boolean isKnownToDrain() {
    return farewells.get() >= 2;
  }

  void abort() {
    stopped = true;
    aborted = true;
    batches.forEach(batch -> batch.cancel(true));
  }
}
