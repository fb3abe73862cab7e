package io.threadpool.examples.serve;

import org.jspecify.annotations.Nullable;

/** The first signal, and what it stops, whichever of the two comes first. Thread-safe. */
final class StopSignal {
  private int status;
  private @Nullable Runnable stop;

  /** To be called for each signal, with the status that a shell reports for it. */
  synchronized void signal(int reported) {
    if (status == 0) {
      status = reported;
      if (stop != null) {
        stop.run();
      }
    }
  }

  /** Says what is to be stopped, now if there was a signal already. */
  synchronized void onSignal(Runnable stopping) {
    stop = stopping;
    if (status != 0) {
      stopping.run();
    }
  }

  /** The status of the first signal; 0 while there was none. */
  synchronized int status() {
    return status;
  }
}
