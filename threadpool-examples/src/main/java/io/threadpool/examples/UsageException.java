package io.threadpool.examples;

/** Options that parse but make no sense; the message is one line for the user. */
public final class UsageException extends RuntimeException {
  private static final long serialVersionUID = 1;

  /**
   * A wrong option.
   *
   * @param message what is wrong with which option
   */
  public UsageException(String message) {
    super(message);
  }
}
