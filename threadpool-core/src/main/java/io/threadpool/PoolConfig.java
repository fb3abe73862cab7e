package io.threadpool;

import java.time.Duration;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * What a pool is built from, checked and complete; but for its thread factory, which the crew gets.
 *
 * @param min how many workers stay when they are not needed
 * @param max how many there may be
 * @param virtual whether they are virtual threads
 * @param daemon whether the library's own factory makes daemons
 * @param capacity the exact capacity of the queue, or 0 for none
 * @param roughLimit about how many may be queued where there is no capacity
 * @param jmx whether JMX shows it
 */
record PoolConfig(
    String name,
    int min,
    int max,
    Duration keepAlive,
    boolean virtual,
    boolean daemon,
    ShutdownPolicy shutdownPolicy,
    Duration abortGrace,
    Thread.@Nullable UncaughtExceptionHandler uncaughtHandler,
    int capacity,
    long roughLimit,
    SaturationPolicy saturationPolicy,
    @Nullable UnaryOperator<Runnable> decorator,
    @Nullable ShutdownPolicy exitPolicy,
    Patience patience,
    boolean jmx,
    @Nullable StackTraceElement builtAt) {

  /** The most workers on threads. */
  static final int MAX_THREADS = 32_767;

  /** The most on virtual threads. */
  static final int MAX_VIRTUAL = 1_048_575;

  /** How many workers there are from the first; virtual ones come with their tasks. */
  int places() {
    return virtual ? 0 : min;
  }
}
