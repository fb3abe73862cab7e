package io.threadpool.examples.page;

import com.sun.net.httpserver.Headers;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpHandler;
import java.io.IOException;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Lets in who asks this machine for the page by its name, and nobody whom another site sends: a
 * name of somebody else's that leads here is refused, so is what a page of another origin asks for.
 */
final class Guard implements HttpHandler {
  private static final Set<String> HOSTS = Set.of(Page.HOST, "localhost", "[::1]");

  private static final Map<String, String> HEADERS =
      Map.of(
          "Cache-Control", "no-store",
          "Content-Security-Policy",
              "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self';"
                  + " connect-src 'self'; base-uri 'none'; form-action 'none';"
                  + " frame-ancestors 'none'",
          "Cross-Origin-Opener-Policy", "same-origin",
          "Cross-Origin-Resource-Policy", "same-origin",
          "Referrer-Policy", "no-referrer",
          "X-Content-Type-Options", "nosniff");

  private final HttpHandler inner;

  Guard(HttpHandler inner) {
    this.inner = inner;
  }

  @Override
  public void handle(HttpExchange exchange) throws IOException {
    try (exchange) {
      HEADERS.forEach(exchange.getResponseHeaders()::set);
      String host = exchange.getRequestHeaders().getFirst("Host");
      if (!isOwn(host)) {
        Answer.text(exchange, 403, "This page is not there for " + host + ".");
      } else if (isSentByAnother(exchange)) {
        Answer.text(exchange, 403, "This page is not there for other sites.");
      } else if (!exchange.getRequestMethod().equals("GET")) {
        exchange.getResponseHeaders().set("Allow", "GET");
        Answer.text(exchange, 405, "There is nothing but GET.");
      } else {
        inner.handle(exchange);
      }
    }
  }

  /** Whatever the port: a tunnel may have another. */
  private static boolean isOwn(@Nullable String host) {
    return host != null
        && HOSTS.contains(host.toLowerCase(Locale.ROOT).replaceFirst(":[0-9]*$", ""));
  }

  /** A link to the page is all right; what only the page itself asks for is not. */
  private static boolean isSentByAnother(HttpExchange exchange) {
    Headers headers = exchange.getRequestHeaders();
    String site = headers.getFirst("Sec-Fetch-Site");
    return site != null
        && !Set.of("same-origin", "none").contains(site)
        && !exchange.getRequestURI().getPath().equals("/");
  }
}
