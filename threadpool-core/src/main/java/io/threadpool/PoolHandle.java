package io.threadpool;

import java.util.concurrent.Executor;

/**
 * The object in the user's hands, as tasks and stages hold it, too: it keeps the pool from being
 * dropped. When the pool has ended, the engine behind it is replaced by what remains.
 */
abstract class PoolHandle implements Executor {

  /** The engine; once that has terminated, what remains of it. */
  abstract TaskHost host();

  /** What the task whose handle this is was submitted with, or all of the pool are. */
  TaskOptions options() {
    return TaskOptions.NONE;
  }

  @Override
  public void execute(Runnable command) {
    host().execute(command);
  }
}
