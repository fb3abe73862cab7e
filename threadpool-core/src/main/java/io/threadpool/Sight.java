package io.threadpool;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * What a pool shows of what it does, beside the log: here nothing; {@link FlightEvents} shows it to
 * the flight recorder. Lack of stack or memory may be thrown, and nothing else.
 */
class Sight {

  /** A pool is built, or works: whether it is to be shown may have changed. */
  void look() {}

  /** Says how to have {@link #stats} called for each pool that there is. */
  void watch(Runnable tellStats) {}

  /** Whether it does so by itself. */
  boolean isWatching() {
    return false;
  }

  /** There is no pool now. */
  void unwatch() {}

  /**
   * A body that is timed begins.
   *
   * @return what is handed to {@link #ended}; null where that is not wanted
   */
  @Nullable Object begins() {
    return null;
  }

  /**
   * It has ended.
   *
   * @param name what the task is called
   * @param waited how long it was queued, or due, in nanoseconds
   * @param outcome null where it is delayed again
   */
  void ended(Object begun, String pool, String name, long waited, @Nullable Outcome outcome) {}

  /** A submission was refused; returns what is thrown for that. */
  RejectedTaskException rejected(RejectedTaskException refused) {
    return refused;
  }

  /** A worker more is there. */
  void grew(String pool, int workers) {}

  void shutdown(String pool, long queued) {}

  void stuck(String pool, String worker, Duration age) {}

  void stats(String pool, long id, PoolStats stats) {}
}
