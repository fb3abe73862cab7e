package io.threadpool;

import io.threadpool.internal.TaskQueue;
import java.util.function.Supplier;

/** Pools around queues of a test's making. */
final class RaceQueues {

  private RaceQueues() {}

  /** A pool around a queue of the test's making. */
  static WorkerPool pool(WorkerPoolBuilder builder, Supplier<TaskQueue> queues) {
    PoolCore core =
        new PoolCore(builder.config()) {
          @Override
          TaskQueue newQueue(long roughLimit) {
            return queues.get();
          }
        };
    core.start(null);
    return WorkerPoolBuilder.open(core);
  }
}
