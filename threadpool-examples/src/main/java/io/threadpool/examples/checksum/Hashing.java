package io.threadpool.examples.checksum;

import java.util.Iterator;

/**
 * Who hashes: {@link PoolHashing}, on the pool of this process, or somebody else.
 *
 * <p>One thread calls it, but for {@link #abort}, which any may.
 */
public interface Hashing extends AutoCloseable {
  /** {@return an empty portion, of the size that suits} */
  Portion newPortion();

  /**
   * Hashes, with a bounded number of portions in flight.
   *
   * @param found what to hash; asked for more while that is waited for which was first
   * @return the same in the same order, each when its files have their outcomes, or have none since
   *     the run is to end early; {@code next} throws a {@link
   *     java.util.concurrent.CompletionException} whose cause is an {@link UnavailableException} if
   *     nobody can hash any more, and another of {@code java.util.concurrent} in place of a portion
   *     that was dropped
   */
  Iterator<Portion> hash(Iterator<Portion> found);

  /** Drops what is in flight. */
  void abort();

  /** Waits for what is in flight. */
  @Override
  void close();
}
