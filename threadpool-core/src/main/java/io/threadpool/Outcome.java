package io.threadpool;

/** How an accepted task ends; each ends in exactly one. */
enum Outcome {
  COMPLETED(1),
  FAILED(2),
  CANCELLED(3),
  ABORTED(4);

  /** What stands for the outcome in a task's state word; not zero. */
  final int code;

  Outcome(int code) {
    this.code = code;
  }

  static Outcome of(int code) {
    return switch (code) {
      case 1 -> COMPLETED;
      case 2 -> FAILED;
      case 3 -> CANCELLED;
      case 4 -> ABORTED;
      default -> throw new AssertionError("no outcome " + code);
    };
  }
}
