package io.threadpool.examples.compare;

/** The answer of a scenario is no; the message says what was seen. */
final class NoException extends RuntimeException {
  private static final long serialVersionUID = 1;

  NoException(String why) {
    super(why);
  }
}
