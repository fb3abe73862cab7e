package io.threadpool.examples.page;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.sun.net.httpserver.HttpExchange;
import java.io.IOException;

/** Writes whole answers. */
final class Answer {
  private Answer() {}

  /** Without the body for who asks for the head alone; the server logs a warning of one. */
  static void send(HttpExchange exchange, int status, String type, byte[] body) throws IOException {
    exchange.getResponseHeaders().set("Content-Type", type);
    if (exchange.getRequestMethod().equals("HEAD")) {
      exchange.sendResponseHeaders(status, -1);
    } else {
      exchange.sendResponseHeaders(status, body.length);
      exchange.getResponseBody().write(body);
    }
  }

  /** A line for a person. */
  static void text(HttpExchange exchange, int status, String line) throws IOException {
    send(exchange, status, "text/plain; charset=utf-8", (line + "\n").getBytes(UTF_8));
  }

  static void json(HttpExchange exchange, Object value) throws IOException {
    send(exchange, 200, "application/json", Sampler.json(value).getBytes(UTF_8));
  }
}
