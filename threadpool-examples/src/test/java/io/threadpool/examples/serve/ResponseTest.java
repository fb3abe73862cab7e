package io.threadpool.examples.serve;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import org.junit.jupiter.api.Test;

class ResponseTest {
  private static String text(Response response, boolean withPage) {
    return UTF_8.decode(response.encode(withPage)).toString();
  }

  @Test
  void theLengthIsInBytes() {
    String text = text(new Response(Status.OK, "<p>d\u00E9j\u00E0 \uD83D\uDE00"), true);

    assertTrue(text.startsWith("HTTP/1.1 200 OK\r\n"), text);
    assertTrue(text.contains("\r\nContent-Type: text/html; charset=utf-8\r\n"), text);
    assertTrue(text.contains("\r\nContent-Length: 14\r\n"), text);
    assertTrue(text.contains("\r\nConnection: close\r\n"), text);
    assertTrue(text.endsWith("\r\n\r\n<p>d\u00E9j\u00E0 \uD83D\uDE00"), text);
  }

  @Test
  void aHeadRequestGetsTheLengthWithoutThePage() {
    String text = text(new Response(Status.NOT_FOUND, "12345"), false);

    assertTrue(text.startsWith("HTTP/1.1 404 Not Found\r\n"), text);
    assertTrue(text.contains("\r\nContent-Length: 5\r\n"), text);
    assertTrue(text.endsWith("\r\n\r\n"), text);
  }

  @Test
  void theDateIsOneThatHttpKnows() {
    String date =
        text(new Response(Status.OK, ""), true)
            .lines()
            .filter(line -> line.startsWith("Date: "))
            .findFirst()
            .orElseThrow()
            .substring("Date: ".length());

    assertEquals(29, date.length(), date);
    ZonedDateTime.parse(date, DateTimeFormatter.RFC_1123_DATE_TIME);
  }

  @Test
  void anErrorSaysItsStatusAndItsReason() {
    Response error = Response.error(Status.BAD_REQUEST, "No colon.");

    assertTrue(error.page().contains("<h1>400 Bad Request</h1>"), error.page());
    assertTrue(error.page().contains("<p>No colon.</p>"), error.page());
  }
}
