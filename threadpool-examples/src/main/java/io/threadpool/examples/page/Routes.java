package io.threadpool.examples.page;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpHandler;
import io.micrometer.core.instrument.Tags;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.threadpool.PoolView;
import io.threadpool.micrometer.WorkerPoolMetrics;
import java.io.IOException;
import java.net.URI;
import java.net.URLDecoder;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** What there is at which path. Thread-safe. */
final class Routes implements HttpHandler {
  private static final String PROMETHEUS = "text/plain; version=0.0.4; charset=utf-8";

  private final Assets assets = new Assets();
  private final Sampler sampler;

  Routes(Sampler sampler) {
    this.sampler = sampler;
  }

  @Override
  public void handle(HttpExchange exchange) throws IOException {
    URI asked = exchange.getRequestURI();
    switch (asked.getPath()) {
      case "/events" -> events(exchange);
      case "/metrics" ->
          Answer.send(exchange, 200, PROMETHEUS, metrics(sampler.alive()).getBytes(UTF_8));
      case "/stack" -> stack(exchange, parameters(asked));
      default -> {
        if (!assets.send(exchange, asked.getPath())) {
          Answer.text(exchange, 404, "There is no " + asked.getPath() + ".");
        }
      }
    }
  }

  /** What Prometheus gets of these pools. Nothing is counted for it, so nothing need be kept. */
  private static String metrics(List<PoolView> pools) {
    PrometheusMeterRegistry registry = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
    for (PoolView pool : pools) {
      Tags number = Tags.of("id", Long.toString(pool.id())); // Others may have its name.
      new WorkerPoolMetrics(pool, number).bindTo(registry);
    }
    String scraped = registry.scrape();
    registry.close();
    return scraped;
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
