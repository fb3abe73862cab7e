package io.threadpool.examples.cluster;

import java.time.Duration;

/**
 * How long the submitter waits for a sign of life.
 *
 * @param tick from one ping to the next
 * @param ticks how many may stay without an answer
 */
record Patience(Duration tick, int ticks) {
  static final Patience DEFAULT = new Patience(Duration.ofMillis(500), 10);

  /** The same as a time: 5 seconds. */
  Duration silence() {
    return tick.multipliedBy(ticks);
  }
}
