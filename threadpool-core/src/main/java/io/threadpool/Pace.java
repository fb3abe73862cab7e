package io.threadpool;

/**
 * What follows from how fast the head of the queue moves: whether fewer workers would do.
 *
 * <p>Implementation note. Whether one worker is faster than two that contend for the head depends
 * on the tasks and on the machine, which may be three times slower in one hour than in another. So
 * a threshold only says where a trial is worthwhile, and how fast the head moves with one worker
 * less decides.
 */
final class Pace {

  /** Where a task is taken so often, one worker less may take as many. */
  private static final long CROWDED_NANOS = 130;

  private Pace() {}

  /**
   * Whether about as many tasks are taken as before, up to a fifth less.
   *
   * @param taken how many are taken now
   * @param nanos in how many nanoseconds
   * @param takenThen how many were taken before
   * @param nanosThen in how many nanoseconds
   */
  static boolean isKept(long taken, long nanos, long takenThen, long nanosThen) {
    return 4 * nanos * takenThen < 5 * nanosThen * taken;
  }

  /**
   * Whether a worker that took so many of them could have left them to those that took the rest.
   */
  static boolean isCrowded(long taken, int own, long nanos) {
    return taken > own + own / 2 && nanos < taken * CROWDED_NANOS;
  }
}
