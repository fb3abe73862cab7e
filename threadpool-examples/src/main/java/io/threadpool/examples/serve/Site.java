package io.threadpool.examples.serve;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Objects;

/** What the server serves: two pages, one of them also slowly. Thread-safe. */
final class Site {
  private final Response hello = new Response(Status.OK, resource("hello.html"));
  private final Response notFound = new Response(Status.NOT_FOUND, resource("404.html"));
  private final Duration sleep;

  /** A site whose {@code /sleep} takes {@code sleep}. */
  Site(Duration sleep) {
    this.sleep = sleep;
  }

  Response answer(Request request) throws InterruptedException {
    boolean reads = request.method().equals("GET") || request.method().equals("HEAD");
    if (reads && request.path().equals("/")) {
      return hello;
    }
    if (reads && request.path().equals("/sleep")) {
      Thread.sleep(sleep.toMillis());
      return hello;
    }
    return notFound;
  }

  private static String resource(String name) {
    try (InputStream page = Site.class.getResourceAsStream(name)) {
      return new String(Objects.requireNonNull(page, name).readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
