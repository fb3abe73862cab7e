package io.threadpool;

import io.threadpool.internal.TaskQueue;
import java.util.function.LongConsumer;
import java.util.function.Supplier;

/** Queues with small segments or with a hook between claim and fill, and pools around them. */
final class RaceQueues {

  private RaceQueues() {}

  /** A queue that calls the hook with each index between its claim and its fill. */
  static TaskQueue hooked(int segmentSize, long limit, LongConsumer onClaim) {
    return new TaskQueue(segmentSize, limit) {
      @Override
      public void onClaim(long index) {
        onClaim.accept(index);
      }
    };
  }

  /** A pool around a queue of the test's making. */
  static WorkerPool pool(WorkerPoolBuilder builder, Supplier<TaskQueue> queues) {
    PoolCore core =
        new PoolCore(builder.config()) {
          @Override
          TaskQueue newQueue(long roughLimit) {
            return queues.get();
          }
        };
    core.start(new WorkerThreads(core.name(), false));
    return WorkerPoolBuilder.open(core);
  }
}
