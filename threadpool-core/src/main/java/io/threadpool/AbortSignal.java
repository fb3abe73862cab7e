package io.threadpool;

import io.threadpool.internal.Notice;

/**
 * The phase of a pool, also of one that does not abort: how far it has come on the way to its end;
 * and, as a {@link Notice}, whether there are too many workers. Workers, joiners and bodies ask it
 * before they go on, whether the pool aborts; and it is what frames know their pool by.
 *
 * <p>The phase is written by the {@link Lifecycle} alone, under its monitor, and only ever to a
 * later one (the rest by the headcount): ABORTING before the workers are interrupted, read by them
 * before each body; ENDED before who ends the grace looks at the bodies, read by workers that have
 * taken one.
 */
final class AbortSignal extends Notice {

  static final int RUNNING = 0;
  static final int DRAINING = 1;
  static final int ABORTING = 2;
  static final int GRACE = 3;
  static final int ENDED = 4;

  boolean isAborting() {
    return phase() >= ABORTING;
  }

  boolean hasGraceEnded() {
    return phase() == ENDED;
  }
}
