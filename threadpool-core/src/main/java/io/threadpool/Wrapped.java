package io.threadpool;

/**
 * A raw command whose queue entry is not the command itself: one that was decorated, or that would
 * be mistaken for an entry of its own submission.
 *
 * @param original what the user gave to {@code execute}
 * @param body what a worker runs
 */
record Wrapped(Runnable original, Runnable body) {

  /** What was given to {@code execute}, or the handle of what was submitted. */
  static Runnable given(Object entry) {
    if (entry instanceof Wrapped wrapped) {
      return wrapped.original;
    }
    return entry instanceof Task<?> task ? task.given() : (Runnable) entry;
  }

  /** What is to be run of a raw command's entry. */
  static Runnable body(Object entry) {
    return entry instanceof Wrapped wrapped ? wrapped.body : (Runnable) entry;
  }
}
