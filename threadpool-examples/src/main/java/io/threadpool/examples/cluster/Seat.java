package io.threadpool.examples.cluster;

import java.util.LinkedHashSet;
import java.util.Set;

/**
 * A member as the submitter sees it.
 *
 * <pre>
 *            here             silence, or a call that broke
 *    NEW ------------> FIT ---------------------------------> SILENT
 *                       ^                                       |
 *                       +------------------ here ---------------+
 *
 *    of any:  draining -> DRAINING     unfit -> UNFIT (here -> FIT)     left -> LEFT
 * </pre>
 *
 * Only a FIT one is given batches. What the others still have is awaited, but of one that is
 * silent, in whatever state, given up: it counts as lost and is placed anew. All of it is decided
 * by {@link Placement}, under its lock.
 */
final class Seat {
  /** What is known of the member. */
  enum State {
    /** Has not answered yet. */
    NEW,
    /** Answers, and can work on this run. */
    FIT,
    /** Does not answer. */
    SILENT,
    /** Has said that it is about to leave. */
    DRAINING,
    /** Has said that it cannot work on this run. */
    UNFIT,
    /** The engine says that it is no member any more. */
    LEFT
  }

  /** The way to the member. Neither call waits, or throws; both lead back to the placement. */
  interface Line {
    /** Sends a batch, for {@link Placement#answered} or {@link Placement#broke}. */
    void send(Seat seat, Job job);

    /** Sends a ping, for {@link Placement#pinged} or {@link Placement#pingBroke}. */
    void ping(Seat seat, boolean stopped);
  }

  final String name;
  final int credits;
  final Line line;

  State state = State.NEW;

  /** What was sent to it and has not come back. */
  final Set<Job> placed = new LinkedHashSet<>();

  /** What it still owes though it was given up: holds credits, and a late outcome is taken. */
  final Set<Job> owed = new LinkedHashSet<>();

  /** Whether a ping is on its way. */
  boolean pinging;

  /**
   * Whether that ping was sent before a call broke, so that its answer may be of the time before.
   */
  boolean stale;

  /** Ticks in a row at which it had not answered. */
  int missed;

  /**
   * A member.
   *
   * @param name for people
   * @param credits how many batches it is given at most, before it answers
   * @param line the way to it
   */
  Seat(String name, int credits, Line line) {
    this.name = name;
    this.credits = credits;
    this.line = line;
  }

  int free() {
    return state == State.FIT ? credits - placed.size() - owed.size() : 0;
  }

  @Override
  public String toString() {
    return name;
  }
}
