package io.threadpool;

import java.util.concurrent.Executor;

/**
 * What tasks and stages hold of their pool: the object in the user's hands, which keeps the pool
 * from being dropped, and through it the engine.
 */
abstract class PoolHandle implements Executor {

  /** The engine; once that has terminated, what remains of it. */
  abstract TaskHost host();

  @Override
  public void execute(Runnable command) {
    host().execute(command);
  }
}
