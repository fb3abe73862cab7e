package io.threadpool;

import java.time.Duration;
import java.util.function.Supplier;

/** The pools that races are run on: each kind of queue with each saturation policy. */
enum RaceConfigs {
  UNBOUNDED(() -> WorkerPool.builder().unboundedQueue()),
  SAFETY_LIMIT(() -> WorkerPool.builder()),
  REJECT(() -> bounded(SaturationPolicy.reject())),
  BLOCK(() -> bounded(SaturationPolicy.block())),
  BLOCK_BRIEFLY(() -> bounded(SaturationPolicy.block(Duration.ofNanos(50_000)))),
  CALLER_RUNS(() -> bounded(SaturationPolicy.callerRuns())),
  DISCARD_OLDEST(() -> bounded(SaturationPolicy.discardOldest()));

  private final Supplier<WorkerPoolBuilder> builder;

  RaceConfigs(Supplier<WorkerPoolBuilder> builder) {
    this.builder = builder;
  }

  private static WorkerPoolBuilder bounded(SaturationPolicy policy) {
    return WorkerPool.builder().queueCapacity(3).saturationPolicy(policy);
  }

  WorkerPoolBuilder builder() {
    return builder.get();
  }

  static RaceConfigs of(int round) {
    return values()[round % values().length];
  }
}
