package io.threadpool.examples.serve;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.util.Locale;

/**
 * An answer: a status and a page.
 *
 * @param status the status
 * @param page HTML, sent as UTF-8
 */
record Response(Status status, String page) {
  /** The one date format of RFC 9110, 5.6.7. */
  private static final DateTimeFormatter HTTP_DATE =
      DateTimeFormatter.ofPattern("EEE, dd MMM yyyy HH:mm:ss 'GMT'", Locale.ROOT);

  /**
   * A page that says what was wrong; {@code message} is ours and holds nothing that needs escapes.
   */
  static Response error(Status status, String message) {
    return new Response(
        status,
        """
        <!DOCTYPE html>
        <html lang="en">
          <head>
            <meta charset="utf-8">
            <title>%1$s</title>
          </head>
          <body>
            <h1>%1$s</h1>
            <p>%2$s</p>
          </body>
        </html>
        """
            .formatted(status, message));
  }

  /** The bytes on the wire; a HEAD request gets the length of the page but not the page. */
  ByteBuffer encode(boolean withPage) {
    byte[] body = page.getBytes(StandardCharsets.UTF_8);
    String head =
        String.join(
            "\r\n",
            "HTTP/1.1 " + status,
            "Date: " + HTTP_DATE.format(ZonedDateTime.now(ZoneOffset.UTC)),
            "Content-Type: text/html; charset=utf-8",
            "Content-Length: " + body.length,
            "Connection: close",
            "",
            "");
    byte[] headBytes = head.getBytes(StandardCharsets.US_ASCII);
    ByteBuffer all = ByteBuffer.allocate(headBytes.length + body.length).put(headBytes);
    return (withPage ? all.put(body) : all).flip();
  }
}
