package io.threadpool;

/**
 * How long a pool bears with its tasks before it ends them, or tells of them.
 *
 * @param options what all tasks are submitted with, where the submission says nothing else
 * @param slowNanos for how long a body runs before it is told; 0: for ever
 * @param stillNanos for how long a pool stands still before that is told; 0: for ever
 */
record Patience(TaskOptions options, long slowNanos, long stillNanos) {}
