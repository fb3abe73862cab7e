package io.threadpool.examples.checksum;

import io.threadpool.WorkerPool;
import java.nio.channels.ClosedByInterruptException;
import java.util.concurrent.Future;
import java.util.function.BooleanSupplier;

/** Hashes on the workers of a pool, one batch a task. */
final class PoolHashing implements Hashing {
  /**
   * A batch takes some 50 KiB at most. Many, since a large file at the front holds the rest up: the
   * other workers have at least this many megabytes of work ahead of them meanwhile.
   */
  private static final int MOST_BATCHES = 256;

  private final WorkerPool pool;
  private final Tally tally;
  private final BooleanSupplier stop;
  private final ThreadLocal<FileHasher> hasher;

  /**
   * Takes over a pool.
   *
   * @param pool computes the digests, and is closed with this
   * @param tally counts what is done
   * @param stop asked before each file whether to leave it unread
   */
  PoolHashing(WorkerPool pool, Tally tally, BooleanSupplier stop) {
    this.pool = pool;
    this.tally = tally;
    this.stop = stop;
    this.hasher = ThreadLocal.withInitial(() -> new FileHasher(tally));
  }

  static PoolHashing start(int workers, Tally tally, BooleanSupplier stop) {
    WorkerPool pool =
        WorkerPool.builder()
            .size(workers)
            .name("checksum")
            .daemon(true)
            .queueCapacity(MOST_BATCHES)
            .build();
    return new PoolHashing(pool, tally, stop);
  }

  @Override
  public Batch newBatch() {
    return new Batch();
  }

  @Override
  public int window() {
    return MOST_BATCHES;
  }

  @Override
  public Future<?> submit(Batch batch) {
    return pool.submit(() -> compute(batch));
  }

  private Void compute(Batch batch) throws ClosedByInterruptException {
    batch.compute(hasher.get(), tally, stop);
    return null;
  }

  @Override
  public void abort() {
    pool.shutdownNow();
  }

  @Override
  public void close() {
    pool.close();
  }
}
