package io.threadpool.examples.cluster;

import org.jspecify.annotations.Nullable;

/**
 * What became of one file of a batch.
 *
 * @param digest its SHA-256; null if it could not be read
 * @param problem why not; empty if it could
 */
@SuppressWarnings("ArrayRecordComponent") // never compared
record Outcome(byte @Nullable [] digest, String problem) {
  /** So that 512 of them stay far below what an answer may have; see {@link Answer}. */
  private static final int MOST_CHARS = 500;

  static Outcome of(byte[] digest) {
    return new Outcome(digest, "");
  }

  static Outcome of(String problem) {
    boolean fits = problem.length() <= MOST_CHARS;
    return new Outcome(null, fits ? problem : problem.substring(0, MOST_CHARS) + "...");
  }
}
