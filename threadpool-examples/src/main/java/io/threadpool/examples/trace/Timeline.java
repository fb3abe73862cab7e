package io.threadpool.examples.trace;

import java.io.IOException;
import java.time.Duration;
import java.time.Instant;

/** What is told of a recording, in no order. Not thread-safe. */
interface Timeline extends AutoCloseable {

  /** A task that ran on a worker. */
  void task(
      String pool,
      String worker,
      Instant start,
      Duration ran,
      String name,
      Duration waited,
      String outcome)
      throws IOException;

  /** How a number of a pool was at a time. */
  void counter(String pool, String name, Instant at, long value) throws IOException;

  /** What happened to a pool at a time. */
  void happened(String pool, String name, Instant at) throws IOException;

  @Override
  void close() throws IOException;
}
