package io.threadpool.examples.page;

import static java.nio.charset.StandardCharsets.UTF_8;

/**
 * A server-sent event.
 *
 * @param bytes as it goes over the wire
 * @param isLast whether the stream ends with it
 */
@SuppressWarnings("ArrayRecordComponent") // never compared, and never written to
record Event(byte[] bytes, boolean isLast) {
  /** The program ends. */
  static final Event END = new Event(bytes("end", "{}"), true);

  /**
   * An event.
   *
   * @param name its name
   * @param data one line
   */
  static Event of(String name, String data) {
    return new Event(bytes(name, data), false);
  }

  private static byte[] bytes(String name, String data) {
    return ("event: " + name + "\ndata: " + data + "\n\n").getBytes(UTF_8);
  }
}
