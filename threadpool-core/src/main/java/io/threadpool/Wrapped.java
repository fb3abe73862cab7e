package io.threadpool;

/**
 * A raw command whose queue entry is not the command itself: one that was decorated, or that would
 * be mistaken for an entry of its own submission.
 */
final class Wrapped {

  /** What the user gave to {@code execute}. */
  final Runnable original;

  /** What a worker runs. */
  final Runnable body;

  Wrapped(Runnable original, Runnable body) {
    this.original = original;
    this.body = body;
  }
}
