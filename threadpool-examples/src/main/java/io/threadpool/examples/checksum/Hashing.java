package io.threadpool.examples.checksum;

import java.util.concurrent.Future;

/**
 * Who hashes a batch: {@link PoolHashing}, on the pool of this process, or somebody else.
 *
 * <p>One thread calls it, but for {@link #abort}, which any may.
 */
public interface Hashing extends AutoCloseable {
  /** {@return an empty batch, of the size that suits} */
  Batch newBatch();

  /** {@return how many batches may be in flight} */
  int window();

  /**
   * Takes a batch.
   *
   * @param batch what to hash
   * @return done when each file of the batch has its outcome, or has none since the run is to end
   *     early; fails with an {@link UnavailableException} if nobody can hash any more, and with
   *     anything else if the batch was dropped
   * @throws java.util.concurrent.RejectedExecutionException after {@link #abort}, perhaps
   */
  Future<?> submit(Batch batch);

  /** Drops what is in flight. */
  void abort();

  /** Waits for what is in flight. */
  @Override
  void close();
}
