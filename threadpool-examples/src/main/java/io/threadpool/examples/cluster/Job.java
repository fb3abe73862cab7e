package io.threadpool.examples.cluster;

import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;

/**
 * A batch on its way through the cluster.
 *
 * <pre>
 *            place            answered: DONE
 *   WAITING -------> PLACED ------------------> DONE
 *      ^               |
 *      |   given back, | or lost
 *      +---------------+----- lost for the third time, or nobody left ---> FAILED
 *                             (at one member more than once counts once)
 * </pre>
 *
 * All of it is decided by {@link Placement}, under its lock.
 */
final class Job {
  /** Its place in the order of the run, from 1. */
  final long number;

  final FileBatch files;

  /** To be run when it is sent to a member. */
  final Runnable sent;

  /**
   * Done when it is decided what becomes of the files: an outcome for each, or for the first ones
   * if the run was stopped.
   */
  final CompletableFuture<List<Outcome>> outcomes = new CompletableFuture<>();

  /** The members that were lost with it. Guarded by the placement. */
  final Set<Seat> lostAt = new HashSet<>();

  /** How many those are, and how often one has failed at it. Guarded by the placement. */
  int losses;

  /** How often a member was lost with it, each as often as it was. Guarded by the placement. */
  int breaks;

  /** Whether {@link #outcomes} is decided. Guarded by the placement. */
  boolean settled;

  Job(long number, FileBatch files, Runnable sent) {
    this.number = number;
    this.files = files;
    this.sent = sent;
  }

  @Override
  public String toString() {
    return "batch " + number;
  }
}
