package io.threadpool;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;

/**
 * A stage derived from a task, or from such a stage: its {@code ...Async} steps run on the pool. A
 * step that is aborted or discarded while it is queued leaves it open.
 */
final class Stage<T> extends CompletableFuture<T> {

  private final PoolHandle pool;

  Stage(PoolHandle pool) {
    this.pool = pool;
  }

  @Override
  public <U> CompletableFuture<U> newIncompleteFuture() {
    return new Stage<>(pool);
  }

  @Override
  public Executor defaultExecutor() {
    return pool;
  }
}
