package io.threadpool.examples.serve;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ReadableByteChannel;
import java.nio.charset.StandardCharsets;

/**
 * The head of a request as it arrives: everything up to the first empty line. Read by one thread
 * and, once it is complete, asked by another.
 */
final class RequestHead {
  private final ByteBuffer bytes = ByteBuffer.allocate(Limits.HEAD_BYTES);
  private boolean ended;
  private boolean late;

  /**
   * Reads what there is, without waiting.
   *
   * @return whether nothing more need be read: the head is there, or never will be
   */
  boolean read(ReadableByteChannel client) throws IOException {
    int read = client.read(bytes);
    while (read > 0 && !isComplete()) {
      read = client.read(bytes);
    }
    ended = read < 0;
    return isComplete();
  }

  /** Says that no more time is left. */
  void expire() {
    late = true;
  }

  /** Whether the client has sent nothing at all. */
  boolean isEmpty() {
    return bytes.position() == 0 && !ended;
  }

  private boolean isComplete() {
    return ended || !bytes.hasRemaining() || end(start()) >= 0;
  }

  /**
   * The lines of the head, each with its line ending, without the empty line; one character a byte.
   *
   * @throws RequestException if it is too large, too late or cut short
   */
  String text() throws RequestException {
    int start = start();
    int end = end(start);
    if (end >= 0) {
      return new String(bytes.array(), start, end - start, StandardCharsets.ISO_8859_1);
    }
    if (!bytes.hasRemaining()) {
      throw new RequestException(
          Status.HEAD_TOO_LARGE,
          "The head of the request is over " + Limits.HEAD_BYTES + " bytes.");
    }
    if (late) {
      throw new RequestException(
          Status.REQUEST_TIMEOUT, "The head of the request did not arrive in time.");
    }
    throw new RequestException(Status.BAD_REQUEST, "The request ended before its head was whole.");
  }

  /** The index behind the empty lines that RFC 9112, 2.2, asks to ignore before a request. */
  private int start() {
    int start = 0;
    while (start < bytes.position() && (bytes.get(start) == '\r' || bytes.get(start) == '\n')) {
      start++;
    }
    return start;
  }

  /** The index of the empty line, or -1. A bare line feed ends a line too (RFC 9112, 2.2). */
  private int end(int start) {
    int lineStart = start;
    for (int i = start; i < bytes.position(); i++) {
      if (bytes.get(i) == '\n') {
        int length = i - lineStart;
        if (length == 0 || (length == 1 && bytes.get(lineStart) == '\r')) {
          return lineStart;
        }
        lineStart = i + 1;
      }
    }
    return -1;
  }
}
