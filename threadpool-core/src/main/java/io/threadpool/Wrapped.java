package io.threadpool;

/**
 * A raw command whose queue entry is not the command itself: one that was decorated, or that would
 * be mistaken for an entry of its own submission.
 *
 * @param original what the user gave to {@code execute}
 * @param body what a worker runs
 */
record Wrapped(Runnable original, Runnable body) {}
