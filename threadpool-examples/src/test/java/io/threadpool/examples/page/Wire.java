package io.threadpool.examples.page;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.jr.ob.JSON;
import java.io.BufferedReader;
import java.io.Closeable;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import java.util.List;
import java.util.Map;

/** One connection to a page, with each header as the test wants it. */
public final class Wire implements Closeable {
  private static final int TIMEOUT_MILLIS = 60_000;

  private final Socket socket;
  private final BufferedReader in;

  /** Asks; the answer is read by the caller. */
  private Wire(String address, String request) throws IOException {
    socket = new Socket(InetAddress.getLoopbackAddress(), URI.create(address).getPort());
    socket.setSoTimeout(TIMEOUT_MILLIS);
    socket.getOutputStream().write((request + "\r\n").getBytes(UTF_8));
    in = new BufferedReader(new InputStreamReader(socket.getInputStream(), UTF_8));
  }

  /** The whole answer to a request of these lines. */
  static String ask(String address, String... lines) throws IOException {
    try (Wire wire = new Wire(address, String.join("\r\n", lines) + "\r\nConnection: close\r\n")) {
      StringBuilder answer = new StringBuilder();
      for (int read = wire.in.read(); read >= 0; read = wire.in.read()) {
        answer.append((char) read);
      }
      return answer.toString();
    }
  }

  /** The whole answer to a good request. */
  public static String get(String address, String path) throws IOException {
    return ask(address, "GET " + path + " HTTP/1.1", "Host: 127.0.0.1");
  }

  /** The number in the first line of an answer. */
  static int status(String answer) {
    return Integer.parseInt(answer.split(" ", 3)[1]);
  }

  static String body(String answer) {
    return answer.substring(answer.indexOf("\r\n\r\n") + 4);
  }

  /** The stream of events, without chunks: as the old version has it. */
  public static Wire events(String address) throws IOException {
    return new Wire(address, "GET /events HTTP/1.0\r\nHost: localhost\r\n");
  }

  /** The next line; null at the end. */
  String line() throws IOException {
    return in.readLine();
  }

  /** The data of the next event of that name. */
  public Map<String, Object> next(String name) throws IOException {
    String line = in.readLine();
    while (line != null && !line.equals("event: " + name)) {
      line = in.readLine();
    }
    String data = in.readLine();
    assertTrue(data != null && data.startsWith("data: "), "the stream ended before " + name);
    return JSON.std.mapFrom(data.substring("data: ".length()));
  }

  /** Of an event, the pool of that name; null if it has none. */
  @SuppressWarnings("unchecked")
  public static Map<String, Object> pool(Map<String, Object> event, String name) {
    return ((List<Map<String, Object>>) event.get("pools"))
        .stream().filter(pool -> pool.get("name").equals(name)).findFirst().orElse(null);
  }

  /** How many of an event's pools have not ended. */
  static long alive(Map<String, Object> event) {
    return ((List<?>) event.get("pools"))
        .stream().filter(pool -> !"ended".equals(((Map<?, ?>) pool).get("phase"))).count();
  }

  @Override
  public void close() throws IOException {
    socket.close();
  }
}
