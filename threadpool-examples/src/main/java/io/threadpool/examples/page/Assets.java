package io.threadpool.examples.page;

import com.sun.net.httpserver.HttpExchange;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;

/** The files of the page, read once. Thread-safe. */
final class Assets {
  private static final String CHARTS = "/META-INF/resources/webjars/uplot/1.6.30/dist/";
  private static final String HTML = "text/html; charset=utf-8";
  private static final String SCRIPT = "text/javascript; charset=utf-8";
  private static final String STYLE = "text/css; charset=utf-8";

  @SuppressWarnings("ArrayRecordComponent") // never compared, and never written to
  private record Asset(String type, byte[] bytes) {}

  private final Map<String, Asset> assets = new HashMap<>();

  Assets() {
    add("/", HTML, "page.html");
    add("/page.css", STYLE, "page.css");
    add("/page.js", SCRIPT, "page.js");
    add("/pool.js", SCRIPT, "pool.js");
    add("/chart.js", SCRIPT, "chart.js");
    add("/words.js", SCRIPT, "words.js");
    add("/icon.svg", "image/svg+xml", "icon.svg");
    add("/uplot.js", SCRIPT, CHARTS + "uPlot.iife.min.js");
    add("/uplot.css", STYLE, CHARTS + "uPlot.min.css");
  }

  private void add(String path, String type, String resource) {
    try (InputStream file = Assets.class.getResourceAsStream(resource)) {
      assets.put(path, new Asset(type, Objects.requireNonNull(file, resource).readAllBytes()));
    } catch (IOException e) {
      throw new UncheckedIOException(resource, e);
    }
  }

  /** Whether there is one of that path; if so, it is sent. */
  boolean send(HttpExchange exchange, String path) throws IOException {
    Asset asset = assets.get(path);
    if (asset == null) {
      return false;
    }
    Answer.send(exchange, 200, asset.type, asset.bytes);
    return true;
  }
}
