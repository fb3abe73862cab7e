package io.threadpool;

/** How many tasks were accepted, and how many ended in each outcome, read at one moment. */
record Counts(long accepted, long completed, long failed, long cancelled, long aborted) {

  boolean isBalanced() {
    return accepted == completed + failed + cancelled + aborted;
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
