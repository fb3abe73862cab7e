package io.threadpool.examples.page;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpHandler;
import io.threadpool.PoolView;
import java.io.IOException;
import java.net.URI;
import java.net.URLDecoder;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** What there is at which path. Thread-safe. */
final class Routes implements HttpHandler {
  private final Assets assets = new Assets();
  private final Sampler sampler;

  /** Guarded by this. */
  private @Nullable Metrics metrics;

  Routes(Sampler sampler) {
    this.sampler = sampler;
  }

  @Override
  public void handle(HttpExchange exchange) throws IOException {
    URI asked = exchange.getRequestURI();
    switch (asked.getPath()) {
      case "/events" -> events(exchange);
      case "/metrics" ->
          Answer.send(
              exchange, 200, Metrics.TYPE, metrics().scrape(sampler.alive()).getBytes(UTF_8));
      case "/stack" -> stack(exchange, parameters(asked));
      default -> {
        if (!assets.send(exchange, asked.getPath())) {
          Answer.text(exchange, 404, "There is no " + asked.getPath() + ".");
        }
      }
    }
  }

  /** Made when it is asked for: few ask. */
  private synchronized Metrics metrics() {
    if (metrics == null) {
      metrics = new Metrics();
    }
    return metrics;
  }

  private void events(HttpExchange exchange) throws IOException {
    Optional<Streams.Stream> joined = sampler.join();
    if (joined.isEmpty()) {
      Answer.text(exchange, 503, "Too many look already, at most " + Streams.MOST + ".");
      return;
    }
    try (Streams.Stream stream = joined.get()) {
      exchange.getResponseHeaders().set("Content-Type", "text/event-stream");
      exchange.sendResponseHeaders(200, 0);
      stream.run(exchange.getResponseBody());
    } catch (InterruptedException closed) {
      Thread.currentThread().interrupt();
    }
  }

  private void stack(HttpExchange exchange, Map<String, String> parameters) throws IOException {
    String id = parameters.getOrDefault("pool", "");
    String worker = parameters.get("worker");
    if (!id.matches("[0-9]{1,18}") || worker == null) {
      Answer.text(exchange, 400, "/stack wants ?pool=NUMBER&worker=NAME.");
      return;
    }
    Optional<PoolView> pool = sampler.pool(Long.parseLong(id));
    if (pool.isEmpty()) {
      Answer.text(exchange, 404, "There is no pool " + id + ".");
      return;
    }
    Answer.json(exchange, Stacks.of(pool.get(), worker));
  }

  private static Map<String, String> parameters(URI asked) {
    Map<String, String> parameters = new HashMap<>();
    String query = asked.getRawQuery() == null ? "" : asked.getRawQuery();
    for (String pair : query.split("&", -1)) {
      int equals = pair.indexOf('=');
      if (equals > 0) {
        parameters.put(decode(pair.substring(0, equals)), decode(pair.substring(equals + 1)));
      }
    }
    return parameters;
  }

  private static String decode(String text) {
    return URLDecoder.decode(text, UTF_8);
  }
}
