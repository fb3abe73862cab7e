package io.threadpool;

import java.util.concurrent.atomic.AtomicBoolean;

/**
 * The one way in which bodies are run and counted: by workers, by submitters under {@code
 * callerRuns}, by joiners. What is to be done with each body goes here. What comes before and after
 * on the thread is the caller's: a worker's loop, or a {@link Frame}.
 */
final class Bodies {

  final Ledger ledger;
  final Events events;
  final AbortSignal signal;
  private final Observer observer;

  /** Whether somebody looks how long bodies take. Written by who does, and by who asks for it. */
  final AtomicBoolean watched = new AtomicBoolean();

  Bodies(Ledger ledger, Events events, AbortSignal signal, Observer observer) {
    this.observer = observer;
    this.ledger = ledger;
    this.events = events;
    this.signal = signal;
  }

  /** Before a body, or after a submission: somebody is to look how long it takes. */
  void watch() {
    if (!watched.get()) {
      observer.onUnwatched();
    }
  }

  /**
   * Runs an entry, which the calling thread has claimed if it is a task, and counts what becomes of
   * it. What a raw command throws goes to the handler.
   *
   * @param frame the one that shows it, on the calling thread
   */
  void run(Object entry, Frame frame) {
    frame.begin();
    if (frame.isTimed()) {
      runTimed(entry, frame);
    } else {
      runUntimed(entry, frame);
    }
  }

  private void runUntimed(Object entry, Frame frame) {
    if (entry instanceof Task<?> task) {
      task.runClaimed(frame, frame.tally);
    } else {
      ledger.count(runRaw(entry, frame), frame.tally);
    }
  }

  private void runTimed(Object entry, Frame frame) {
    long start = ledger.nanoTime();
    runUntimed(entry, frame);
    try {
      ledger.time(start - frame.queuedAt(), ledger.nanoTime() - start, frame.weight());
    } catch (Throwable noStackOrMemory) {
      // One less is timed. The task is over, and counted.
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
