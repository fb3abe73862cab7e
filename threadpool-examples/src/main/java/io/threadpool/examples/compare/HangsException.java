package io.threadpool.examples.compare;

/** Somebody waited until the time limit of a scenario; the message says who. */
final class HangsException extends RuntimeException {
  private static final long serialVersionUID = 1;

  HangsException(String who) {
    super(who);
  }
}
