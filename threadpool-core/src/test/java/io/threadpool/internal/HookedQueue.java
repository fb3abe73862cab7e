package io.threadpool.internal;

import java.util.function.LongConsumer;

/** A queue with a hook between claim and fill. */
public final class HookedQueue {

  private HookedQueue() {}

  /** A queue that calls the hook with each index between its claim and its fill. */
  public static TaskQueue of(int segmentSize, long limit, LongConsumer onClaim) {
    return new TaskQueue(segmentSize, limit) {
      @Override
      public void onClaim(long index) {
        onClaim.accept(index);
      }
    };
  }
}
