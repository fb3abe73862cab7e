package io.threadpool;

/**
 * What follows from how fast the head of the queue moves: whether more workers would help, or fewer
 * would do.
 *
 * <p>Implementation note. The two thresholds lie apart, since a second worker at best halves the
 * time from task to task: one that is called because the pace is not rapid is not sent away again
 * at once.
 */
final class Pace {

  /** Where a task is taken so often, another worker would not take more of them. */
  private static final long RAPID_NANOS = 120;

  /** Where a task is taken so often, one worker less would not take fewer of them. */
  private static final long CROWDED_NANOS = 70;

  private Pace() {}

  /** Whether so many tasks in so many nanoseconds need no worker more. */
  static boolean isRapid(long taken, long nanos) {
    return nanos < taken * RAPID_NANOS;
  }

  /**
   * Whether a worker that took so many of them could have left them to those that took the rest.
   */
  static boolean isCrowded(long taken, int own, long nanos) {
    return taken > own + own / 2 && nanos < taken * CROWDED_NANOS;
  }
}
