package io.threadpool.examples.serve;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;

import java.time.Duration;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.CharRange;
import net.jqwik.api.constraints.StringLength;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class RequestTest {
  @ParameterizedTest
  @CsvSource({
    "GET / HTTP/1.1, GET, /",
    "GET /sleep HTTP/1.1, GET, /sleep",
    "GET /sleep?now=1 HTTP/1.1, GET, /sleep",
    "GET /?a/b HTTP/1.1, GET, /",
    "GET http://host/sleep HTTP/1.1, GET, /sleep",
    "GET http://host:80/sleep?x HTTP/1.1, GET, /sleep",
    "GET http://host HTTP/1.1, GET, /",
    "GET http://host?x HTTP/1.1, GET, /",
    "OPTIONS * HTTP/1.1, OPTIONS, *",
    "CONNECT host:443 HTTP/1.1, CONNECT, host:443",
    "get / HTTP/1.1, get, /",
    "GET /%20 HTTP/1.0, GET, /%20",
  })
  void takesEveryFormOfTarget(String line, String method, String path) throws Exception {
    assertEquals(new Request(method, path), Request.parse(line + "\r\nHost: x\r\n"));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "GET / HTTP/1.1\r\nHost: x\r\nAccept: */*\r\n",
        "GET / HTTP/1.1\nHost:x\n",
        "GET / HTTP/1.0\r\n",
        "GET / HTTP/1.1\r\nHOST:\r\n",
        "GET / HTTP/1.1\r\nHost: x\r\nX: \t\u00E9 \r\n",
      })
  void takesHeadsThatAreWellFormed(String head) throws Exception {
    assertEquals(new Request("GET", "/"), Request.parse(head));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "GET /\r\nHost: x\r\n",
        "GET  / HTTP/1.1\r\nHost: x\r\n",
        "GET / HTTP/1.1 \r\nHost: x\r\n",
        "GET / HTTP/2.0\r\nHost: x\r\n",
        "GET / http/1.1\r\nHost: x\r\n",
        "GET sleep HTTP/1.1\r\nHost: x\r\n",
        "GET /\u00E9 HTTP/1.1\r\nHost: x\r\n",
        "G@T / HTTP/1.1\r\nHost: x\r\n",
        " GET / HTTP/1.1\r\nHost: x\r\n",
        "nonsense\r\n",
        "GET / HTTP/1.1\r\n",
        "GET / HTTP/1.1\r\nHost: x\r\nHost: y\r\n",
        "GET / HTTP/1.1\r\nHost : x\r\n",
        "GET / HTTP/1.1\r\nHost: x\r\n folded\r\n",
        "GET / HTTP/1.1\r\nHost: x\r\nnocolon\r\n",
        "GET / HTTP/1.1\r\nHost: x\r\n: empty\r\n",
        "GET / HTTP/1.1\r\nHost: x\r\nX: a\rb\r\n",
        "GET / HTTP/1.1\r\nHost: x\r\nX: a\0b\r\n",
      })
  void refusesWhatIsMalformed(String head) {
    var refusal = assertThrows(RequestException.class, () -> Request.parse(head));

    assertEquals(Status.BAD_REQUEST, refusal.response().status());
  }

  @Property
  void anyHeadIsTakenOrRefused(
      @ForAll @CharRange(from = 0, to = 255) @StringLength(min = 1, max = 200) String head) {
    try {
      Request request = Request.parse("GET / HTTP/1.1\r\nHost: x\r\n" + head);
      assertEquals("/", request.path());
    } catch (RequestException refused) {
      assertEquals(Status.BAD_REQUEST, refused.response().status());
    }
  }

  @Test
  void theWorstHeadsTakeNoTime() {
    String colons = "GET / HTTP/1.1\r\nHost: x\r\n" + ":".repeat(8000);
    String token = "GET / HTTP/1.1\r\nHost: x\r\n" + "a".repeat(8000);
    String target = "GET a" + "://".repeat(2600) + " HTTP/1.1\r\n";
    String lines = "GET / HTTP/1.1\r\n" + "a:\r\n".repeat(2000);
    assertTimeoutPreemptively(
        Duration.ofSeconds(30),
        () -> {
          for (String head : new String[] {colons, token, lines}) {
            assertThrows(RequestException.class, () -> Request.parse(head));
          }
          assertThrows(RequestException.class, () -> Request.parse(target));
        });
  }
}
