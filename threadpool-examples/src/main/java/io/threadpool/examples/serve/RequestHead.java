package io.threadpool.examples.serve;

import java.io.IOException;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/** Reads the head of a request: everything up to the first empty line. */
final class RequestHead {
  private RequestHead() {}

  /**
   * Reads a head.
   *
   * @return its lines, each with its line ending, without the empty line; one character a byte
   * @throws RequestException if it is too large, too late or cut short
   */
  static String read(TimedChannel client, Deadline deadline) throws IOException, RequestException {
    ByteBuffer bytes = ByteBuffer.allocate(Limits.HEAD_BYTES);
    while (true) {
      int start = start(bytes);
      int end = end(bytes, start);
      if (end >= 0) {
        return new String(bytes.array(), start, end - start, StandardCharsets.ISO_8859_1);
      }
      if (!bytes.hasRemaining()) {
        throw new RequestException(
            Status.HEAD_TOO_LARGE,
            "The head of the request is over " + Limits.HEAD_BYTES + " bytes.");
      }
      if (readSome(client, bytes, deadline) < 0) {
        throw new RequestException(
            Status.BAD_REQUEST, "The request ended before its head was whole.");
      }
    }
  }

  private static int readSome(TimedChannel client, ByteBuffer bytes, Deadline deadline)
      throws IOException, RequestException {
    try {
      return client.read(bytes, deadline);
    } catch (SocketTimeoutException e) {
      throw new RequestException(
          Status.REQUEST_TIMEOUT, "The head of the request did not arrive in time.");
    }
  }

  /** The index behind the empty lines that RFC 9112, 2.2, asks to ignore before a request. */
  private static int start(ByteBuffer bytes) {
    int start = 0;
    while (start < bytes.position() && (bytes.get(start) == '\r' || bytes.get(start) == '\n')) {
      start++;
    }
    return start;
  }

  /** The index of the empty line, or -1. A bare line feed ends a line too (RFC 9112, 2.2). */
  private static int end(ByteBuffer bytes, int start) {
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
