package io.threadpool.examples.serve;

import io.threadpool.ShutdownPolicy;
import io.threadpool.WorkerPool;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** The server's threads, from a {@link WorkerPool}. */
final class OwnServerPool implements ServerPool {
  private final WorkerPool pool;

  OwnServerPool(int workers, int waiting) {
    pool =
        WorkerPool.builder().size(workers).name("serve").queueCapacity(workers + waiting).build();
  }

  @Override
  public void execute(Runnable connection) {
    pool.execute(connection);
  }

  @Override
  public void close(@Nullable Duration drain) {
    pool.shutdown(drain == null ? ShutdownPolicy.drain() : ShutdownPolicy.drainFor(drain));
    pool.close();
  }
}
