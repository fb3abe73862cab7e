package io.threadpool;

import java.util.concurrent.Executor;

/**
 * What tasks and stages hold of their pool: the object in the user's hands, which keeps the pool
 * from being dropped, and through it the engine. Itself it is a handle for an engine that nobody
 * can drop.
 */
class PoolHandle implements Executor {

  final PoolCore core;

  PoolHandle(PoolCore core) {
    this.core = core;
  }

  @Override
  public void execute(Runnable command) {
    core.execute(command);
  }
}
