package io.threadpool;

import java.util.concurrent.Executor;

/**
 * What tasks and stages hold of their pool: the object in the user's hands, which keeps the pool
 * from being dropped, and through it the engine. Itself it is a handle for an engine that nobody
 * can drop.
 */
class PoolHandle implements Executor {

  /**
   * The engine; once it has terminated, what remains of it, so that handles that are kept keep
   * nothing more. Written by who terminates the pool.
   */
  private volatile PoolCore core;

  PoolHandle(PoolCore core) {
    this.core = core;
  }

  final PoolCore core() {
    return core;
  }

  /** Lets go of all but what a terminated pool still has to answer with. */
  final void letGo() {
    core = core.remains();
  }

  @Override
  public void execute(Runnable command) {
    core.execute(command);
  }
}
