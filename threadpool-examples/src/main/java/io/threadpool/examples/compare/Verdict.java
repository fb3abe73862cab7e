package io.threadpool.examples.compare;

/** What a cell of the table says. */
enum Verdict {
  /** It holds. */
  YES("yes"),

  /** It does not hold. */
  NO("no"),

  /** Somebody waits who should not, and was still waiting at the time limit. */
  HANGS("hangs"),

  /** The pool has not got the feature that the question is about. */
  NOT_APPLICABLE("n/a");

  private final String text;

  Verdict(String text) {
    this.text = text;
  }

  @Override
  public String toString() {
    return text;
  }
}
