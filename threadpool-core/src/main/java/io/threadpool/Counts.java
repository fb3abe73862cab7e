package io.threadpool;

/** How many tasks were accepted, and how many ended in each outcome, read at one moment. */
final class Counts {

  final long accepted;
  final long completed;
  final long failed;
  final long cancelled;
  final long aborted;

  Counts(long accepted, long completed, long failed, long cancelled, long aborted) {
    this.accepted = accepted;
    this.completed = completed;
    this.failed = failed;
    this.cancelled = cancelled;
    this.aborted = aborted;
  }

  boolean isBalanced() {
    return open() == 0;
  }

  /** How many have no outcome yet. */
  long open() {
    return accepted - completed - failed - cancelled - aborted;
  }

  /** As they are at the end, where what has no outcome is given up. */
  Counts closed() {
    return new Counts(accepted, completed, failed, cancelled, aborted + Math.max(0, open()));
  }

  String text() {
    return "accepted="
        + accepted
        + ", completed="
        + completed
        + ", failed="
        + failed
        + ", cancelled="
        + cancelled
        + ", aborted="
        + aborted;
  }
}
