package io.threadpool.examples.checksum;

import java.io.IOException;

/** A batch has no outcome: the pool was aborted, or the program has a defect. */
final class LostException extends IOException {
  private static final long serialVersionUID = 1;

  LostException(Exception cause) {
    super(cause);
  }
}
