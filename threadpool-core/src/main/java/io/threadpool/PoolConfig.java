package io.threadpool;

import java.time.Duration;
import java.util.concurrent.ThreadFactory;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * What a pool is built from, checked and complete.
 *
 * @param capacity the exact capacity of the queue, or 0 for none
 * @param roughLimit about how many may be queued where there is no capacity
 */
record PoolConfig(
    String name,
    int size,
    ThreadFactory threadFactory,
    ShutdownPolicy shutdownPolicy,
    Duration abortGrace,
    Thread.@Nullable UncaughtExceptionHandler uncaughtHandler,
    int capacity,
    long roughLimit,
    SaturationPolicy saturationPolicy,
    @Nullable UnaryOperator<Runnable> decorator,
    @Nullable ShutdownPolicy exitPolicy,
    Duration joinWarning,
    @Nullable StackTraceElement builtAt) {}
