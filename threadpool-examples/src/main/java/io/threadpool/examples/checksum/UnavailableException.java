package io.threadpool.examples.checksum;

import java.io.IOException;

/** There is nobody who could hash; the message is one line for the user. */
public final class UnavailableException extends IOException {
  private static final long serialVersionUID = 1;

  /**
   * Nobody hashes.
   *
   * @param message who is missing
   */
  public UnavailableException(String message) {
    super(message);
  }
}
