package io.threadpool;

import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

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

  private @Nullable Outcome runUntimed(Object entry, Frame frame) {
    if (entry instanceof Task<?> task) {
      task.runClaimed(frame, frame.tally);
      return null;
    }
    Outcome outcome = runRaw(entry, frame);
    ledger.count(outcome, frame.tally);
    return outcome;
  }

  private void runTimed(Object entry, Frame frame) {
    Object shown = begins();
    String name = shown == null ? "" : printable(entry);
    long start = ledger.nanoTime();
    Outcome outcome = runUntimed(entry, frame);
    try {
      long waited = start - frame.queuedAt();
      ledger.time(waited, ledger.nanoTime() - start, frame.weight());
      if (shown != null) {
        Outcome ended = outcome == null ? ((Task<?>) entry).outcome() : outcome;
        events.sight.ended(shown, events.pool, name, waited, ended);
      }
    } catch (Throwable noStackOrMemory) {
      // One less is timed. The task is over, and counted.
    }
  }

  /** Before the body, so that what it submits is shown, and what is submitted once it has ended. */
  private @Nullable Object begins() {
    try {
      Object shown = events.sight.begins();
      ledger.timeAll(shown != null);
      return shown;
    } catch (Throwable noStackOrMemory) {
      return null;
    }
  }

  private static String printable(Object entry) {
    try {
      return name(entry);
    } catch (Throwable noStackOrMemory) {
      return "";
    }
  }

  /** What the task was named, or the class of what the user gave. */
  private static String name(Object entry) {
    if (entry instanceof Task<?> task) {
      String name = task.name();
      if (name != null) {
        return name;
      }
      if (task.given() == task) { // Not a command's.
        Object body = task.body();
        body = body instanceof Delay<?> delay ? delay.given() : body;
        return (body instanceof Limit limit ? limit.body() : body).getClass().getName();
      }
    }
    return Wrapped.given(entry).getClass().getName();
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
