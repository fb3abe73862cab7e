package io.threadpool.examples.checksum;

import io.threadpool.Batch;
import io.threadpool.TaskOptions;
import io.threadpool.WorkerPool;
import java.nio.channels.ClosedByInterruptException;
import java.util.Iterator;
import java.util.function.BooleanSupplier;

/** Hashes on the workers of a pool, one portion a task. */
final class PoolHashing implements Hashing {
  /**
   * A portion takes some 50 KiB at most. Many, since a large file at the front holds the rest up:
   * the other workers have at least this many megabytes of work ahead of them meanwhile.
   */
  private static final int MOST_PORTIONS = 256;

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
            .queueCapacity(MOST_PORTIONS)
            .taskOptions(TaskOptions.named("portion"))
            .build();
    return new PoolHashing(pool, tally, stop);
  }

  @Override
  public Portion newPortion() {
    return new Portion();
  }

  @Override
  public Iterator<Portion> hash(Iterator<Portion> found) {
    return Batch.on(pool).window(MOST_PORTIONS).map(found, this::compute);
  }

  private Portion compute(Portion portion) throws ClosedByInterruptException {
    portion.compute(hasher.get(), tally, stop);
    return portion;
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
