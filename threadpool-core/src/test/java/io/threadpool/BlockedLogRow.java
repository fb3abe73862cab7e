package io.threadpool;

import io.threadpool.BlockedEnd.Way;

/**
 * Row 21: a body stands inside the appender of the log, whose sink takes nothing; so the pool's own
 * lines block, too.
 */
final class BlockedLogRow {

  private static final int WORKERS = 4;
  private static final int QUEUED = 40;

  /** What the pool logs. */
  enum Lines {
    /** That it gives up on the body. */
    WARNINGS,
    /** Its life cycle as well. */
    DEBUG,
    /** What a command threw. */
    FAILURES
  }

  private BlockedLogRow() {}

  /** The row: so many rounds of each kind of lines with each way to end. */
  static void logs(FaultContender who, FaultFigures figures, int rounds) throws Exception {
    int played =
        BlockedEnd.play(
            figures,
            rounds,
            () -> {
              for (Lines lines : who.isOurs() ? Lines.values() : new Lines[] {Lines.WARNINGS}) {
                for (Way way : Way.values()) {
                  if (way.isFor(who) && figures.holds()) {
                    play(who, figures, lines, way);
                  }
                }
              }
            });
    figures.note(played + " rounds");
  }

  /** Once: the others end, what is queued is settled, and the end comes with a report. */
  static void play(FaultContender who, FaultFigures figures, Lines lines, Way way)
      throws Exception {
    boolean fails = lines == Lines.FAILURES; // What is given up then is the pool's to say.
    try (BlockedEnd end =
            new BlockedEnd(who, figures, way, lines.name(), WORKERS, Thread::new, !fails);
        BlockedLog log = new BlockedLog(end.released)) {
      end.occupy(true, log.entered, log::line);
      if (fails) {
        end.fail();
      }
      end.occupyOthers(fails ? WORKERS - 2 : WORKERS - 1);
      FaultTask awaited = end.queue(QUEUED, true).get(QUEUED - 1);
      end.await(awaited);
      if (lines == Lines.DEBUG) {
        log.debug();
      }
      end.play(() -> true, "");
    }
  }
}
