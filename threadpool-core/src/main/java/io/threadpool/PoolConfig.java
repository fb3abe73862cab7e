package io.threadpool;

import java.time.Duration;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * What a pool is built from, checked and complete; but for its thread factory, which a pool whose
 * workers have started has no use for.
 */
final class PoolConfig {

  final String name;
  final int size;
  final ShutdownPolicy shutdownPolicy;
  final Duration abortGrace;
  final Thread.@Nullable UncaughtExceptionHandler uncaughtHandler;

  /** The exact capacity of the queue, or 0 for none. */
  final int capacity;

  /** About how many may be queued where there is no capacity. */
  final long roughLimit;

  final SaturationPolicy saturationPolicy;
  final @Nullable UnaryOperator<Runnable> decorator;
  final @Nullable ShutdownPolicy exitPolicy;
  final Duration joinWarning;
  final @Nullable StackTraceElement builtAt;

  PoolConfig(
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
      Duration joinWarning,
      @Nullable StackTraceElement builtAt) {
    this.name = name;
    this.size = size;
    this.shutdownPolicy = shutdownPolicy;
    this.abortGrace = abortGrace;
    this.uncaughtHandler = uncaughtHandler;
    this.capacity = capacity;
    this.roughLimit = roughLimit;
    this.saturationPolicy = saturationPolicy;
    this.decorator = decorator;
    this.exitPolicy = exitPolicy;
    this.joinWarning = joinWarning;
    this.builtAt = builtAt;
  }
}
