package io.threadpool.examples.checksum;

import java.io.IOException;

/** The manifest cannot be written. */
final class OutputException extends IOException {
  private static final long serialVersionUID = 1;

  private final boolean readerGone;

  /**
   * A failure to write.
   *
   * @param message where to and why
   * @param readerGone whether the output is a pipe that nobody reads any more
   */
  OutputException(String message, boolean readerGone, IOException cause) {
    super(message, cause);
    this.readerGone = readerGone;
  }

  boolean readerGone() {
    return readerGone;
  }
}
