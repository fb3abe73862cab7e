package io.threadpool;

/** How an accepted task ends; each ends in exactly one. */
enum Outcome {
  COMPLETED(1),
  FAILED(2),
  CANCELLED(3),
  ABORTED(4);

  private static final Outcome[] ALL = values();

  /** What stands for the outcome in a task's state word; not zero. */
  final int code;

  Outcome(int code) {
    this.code = code;
  }

  static Outcome of(int code) {
    return ALL[code - 1];
  }
}
