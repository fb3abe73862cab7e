package io.threadpool;

import java.time.Duration;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * What a pool is built from, checked and complete; but for its thread factory, which a pool whose
 * workers have started has no use for.
 *
 * @param capacity the exact capacity of the queue, or 0 for none
 * @param roughLimit about how many may be queued where there is no capacity
 */
record PoolConfig(
    String name,
    int size,
    ShutdownPolicy shutdownPolicy,
    Duration abortGrace,
    Thread.@Nullable UncaughtExceptionHandler uncaughtHandler,
    int capacity,
    long roughLimit,
    SaturationPolicy saturationPolicy,
    @Nullable UnaryOperator<Runnable> decorator,
    @Nullable ShutdownPolicy exitPolicy,
    @Nullable StackTraceElement builtAt) {

  /** The smallest pool there can be, for what only plays one. */
  static PoolConfig small(String name, int capacity, SaturationPolicy saturationPolicy) {
    return new PoolConfig(
        name,
        1,
        ShutdownPolicy.drain(),
        Duration.ZERO,
        null,
        capacity,
        Long.MAX_VALUE,
        saturationPolicy,
        null,
        null,
        null);
  }
}
