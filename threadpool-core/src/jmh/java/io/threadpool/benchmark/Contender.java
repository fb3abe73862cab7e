package io.threadpool.benchmark;

import java.util.concurrent.Callable;
import java.util.concurrent.Future;

/** A pool as the benchmarks see it, ours and every peer's alike. */
interface Contender extends AutoCloseable {

  /** Hands a task over without a handle. */
  void execute(Runnable task);

  /** Hands a task over and returns its handle. */
  <T> Future<T> submit(Callable<T> task);

  /** Runs what is queued and returns when the last thread has left. */
  @Override
  void close();
}
