package io.threadpool;

import io.threadpool.internal.Gate;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/**
 * The one way in which bodies are run: by workers, by submitters under {@code callerRuns}, by
 * joiners. What is to be done with each body goes here. A raw command that is run is counted here,
 * one that an abort finds queued by the {@link Backlog}; a task where it is decided, by its {@link
 * TaskHost}. What comes before and after on the thread is the caller's: a worker's loop, or a
 * {@link Frame}.
 */
final class Bodies {

  /** Each gets a step further with the entry, so a few do; a bound, lest it be for ever. */
  static final int MOST_REPAIRS = 10;

  /** Who takes entries for a frame, and may break off. */
  interface Taker {
    /** Runs what was taken and has not begun, unless it proves dead. */
    void runTaken(Frame own, Object entry);

    void tellBroken(Throwable cause);
  }

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
      long waited = start - frame.queuedAt;
      ledger.time(waited, ledger.nanoTime() - start, frame.weight);
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
      ledger.queue.timeAll(shown != null);
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

  /**
   * Finishes what one that broke off had begun, from a shallow frame. Its causes are told, and do
   * not leave this method.
   */
  void repair(Taker taker, Frame own, Throwable broken) {
    Throwable cause = broken;
    for (int i = 0; cause != null && i < MOST_REPAIRS; i++) {
      taker.tellBroken(cause);
      cause = settleTaken(taker, own, cause);
    }
  }

  /** Settles the entry that was taken; returns what breaks that in its turn, or null. */
  private @Nullable Throwable settleTaken(Taker taker, Frame own, Throwable broken) {
    try {
      Object entry = own.entry();
      if (entry instanceof Task<?> task && own.progress == Frame.BEGUN) {
        task.finishBroken(broken, own, own.tally);
      } else if (entry != null && own.progress == Frame.BEGUN) {
        ledger.count(Outcome.FAILED, own.tally);
        own.progress = Frame.COUNTED; // A store, which cannot fail between.
      } else if (entry != null && own.progress == Frame.TAKEN) {
        taker.runTaken(own, entry);
      } else if (own.progress == Frame.TAKEN && own.letGoOfSwept()) {
        ledger.queue.tookSwept();
      }
      return null;
    } catch (Throwable again) {
      return again;
    }
  }

  /** Now that it is sure not to begin; until there is memory for that, as nobody else tells it. */
  private void tellGivenUp(Object command) {
    for (boolean told = false; !told; ) {
      try {
        observer.onGivenUp(command);
        told = true;
      } catch (OutOfMemoryError | InternalError full) {
        Gate.pause();
      }
    }
  }

  private Outcome runRaw(Object entry, Frame frame) {
    if (signal.hasGraceEnded()) {
      tellGivenUp(entry);
      return Outcome.ABORTED;
    }
    try {
      Wrapped.body(entry).run();
      return Outcome.COMPLETED;
    } catch (Throwable thrown) {
      Frame.uncaught(events, thrown, frame);
      return Outcome.FAILED;
    }
  }
}
