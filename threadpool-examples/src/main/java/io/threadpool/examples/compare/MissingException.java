package io.threadpool.examples.compare;

/** A pool has not got the feature that a scenario asks about; the message says which. */
final class MissingException extends RuntimeException {
  private static final long serialVersionUID = 1;

  MissingException(String what) {
    super(what);
  }
}
