package io.threadpool;

/**
 * How many tasks were accepted, and how many ended in each outcome. While the pool works they are
 * read one after the other; when it is quiescent they add up.
 */
record Counts(
    long accepted, long completed, long failed, long cancelled, long aborted, long delayed) {

  /** Whether all but the delayed have an outcome. */
  boolean isBalanced() {
    return open() == delayed;
  }

  /** How many have no outcome yet. */
  long open() {
    return accepted - completed - failed - cancelled - aborted;
  }

  /** As they are at the end, where what has no outcome is given up. */
  Counts closed() {
    return new Counts(accepted, completed, failed, cancelled, aborted + Math.max(0, open()), 0);
  }

  /** What was counted since, which is less than nothing nowhere. */
  Counts minus(Counts earlier) {
    return new Counts(
        Math.max(0, accepted - earlier.accepted),
        Math.max(0, completed - earlier.completed),
        Math.max(0, failed - earlier.failed),
        Math.max(0, cancelled - earlier.cancelled),
        Math.max(0, aborted - earlier.aborted),
        delayed);
  }

  String text() {
    return "accepted=%s, completed=%s, failed=%s, cancelled=%s, aborted=%s"
        .formatted(accepted, completed, failed, cancelled, aborted);
  }
}
