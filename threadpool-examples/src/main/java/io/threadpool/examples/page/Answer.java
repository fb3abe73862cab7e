package io.threadpool.examples.page;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.sun.net.httpserver.HttpExchange;
import java.io.IOException;

/** Writes whole answers. */
final class Answer {
  private Answer() {}

  static void send(HttpExchange exchange, int status, String type, byte[] body) throws IOException {
    exchange.getResponseHeaders().set("Content-Type", type);
    exchange.sendResponseHeaders(status, body.length);
    exchange.getResponseBody().write(body);
  }

  /** A line for a person. */
  static void text(HttpExchange exchange, int status, String line) throws IOException {
    send(exchange, status, "text/plain; charset=utf-8", (line + "\n").getBytes(UTF_8));
  }

  static void json(HttpExchange exchange, Object value) throws IOException {
    send(exchange, 200, "application/json", Sampler.json(value).getBytes(UTF_8));
  }
}
