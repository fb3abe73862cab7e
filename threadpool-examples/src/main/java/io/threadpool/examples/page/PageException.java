package io.threadpool.examples.page;

import java.io.IOException;

/** The page cannot be shown; the message is one line for the user. */
public final class PageException extends IOException {
  private static final long serialVersionUID = 1;

  PageException(String message, IOException cause) {
    super(message, cause);
  }
}
