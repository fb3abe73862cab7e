package io.threadpool.examples.cluster;

import java.io.IOException;

/** There is no member that could hash. */
final class NoMembersException extends IOException {
  private static final long serialVersionUID = 1;

  NoMembersException(String message) {
    super(message);
  }
}
