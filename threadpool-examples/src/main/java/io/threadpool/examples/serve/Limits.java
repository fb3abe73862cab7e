package io.threadpool.examples.serve;

import java.time.Duration;

/**
 * How long the server waits for what, so that no client holds a worker for ever.
 *
 * @param head from connecting until the whole request head is there
 * @param sleep what {@code GET /sleep} sleeps
 * @param write from the first byte of an answer until the system has taken the last
 * @param linger from the last byte of an answer until the client has read it and closed
 */
record Limits(Duration head, Duration sleep, Duration write, Duration linger) {
  /** Most bytes of a request head, from its first byte to the empty line that ends it. */
  static final int HEAD_BYTES = 8 * 1024;

  /** Most bytes that are read and thrown away while a client is given time to read its answer. */
  static final int LINGER_BYTES = 16 * 1024 * 1024;

  static final Limits DEFAULT =
      new Limits(
          Duration.ofSeconds(10),
          Duration.ofSeconds(5),
          Duration.ofSeconds(10),
          Duration.ofSeconds(1));
}
