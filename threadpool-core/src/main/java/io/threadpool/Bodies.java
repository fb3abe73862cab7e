package io.threadpool;

/**
 * The one way in which bodies are run and counted: by workers, by submitters under {@code
 * callerRuns}, by joiners. What is to be done with each body goes here. What comes before and after
 * on the thread is the caller's: a worker's loop, or a {@link Frame}.
 */
final class Bodies {

  final Ledger ledger;
  final Events events;
  final AbortSignal signal;

  Bodies(Ledger ledger, Events events, AbortSignal signal) {
    this.ledger = ledger;
    this.events = events;
    this.signal = signal;
  }

  /**
   * Runs an entry, which the calling thread has claimed if it is a task, and counts what becomes of
   * it. What a raw command throws goes to the handler.
   *
   * @param frame the one that shows it, on the calling thread
   */
  void run(Object entry, Frame frame) {
    frame.begin();
    if (entry instanceof Task<?> task) {
      task.runClaimed(frame, frame.tally);
    } else {
      ledger.count(runRaw(entry, frame), frame.tally);
    }
  }

  private Outcome runRaw(Object entry, Frame frame) {
    if (signal.hasGraceEnded()) {
      return Outcome.ABORTED; // It was given up, and does not begin.
    }
    try {
      Wrapped.body(entry).run();
      return Outcome.COMPLETED;
    } catch (Throwable thrown) {
      events.uncaught(thrown, frame.makersHandler());
      return Outcome.FAILED;
    }
  }
}
