package io.threadpool.examples.serve;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.Closeable;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;

/** A client that sends what a test wants, byte by byte. */
final class Client implements Closeable {
  private final long start = System.nanoTime();
  private final Socket socket = new Socket();

  Client(InetSocketAddress server) throws IOException {
    socket.connect(server);
    socket.setSoTimeout(60_000);
  }

  /** One whole exchange: connect, send a GET, receive. */
  static Answer get(InetSocketAddress server, String path) throws IOException {
    try (Client client = new Client(server)) {
      return client.send("GET " + path + " HTTP/1.1\r\nHost: test\r\n\r\n").receive();
    }
  }

  Client send(String text) throws IOException {
    socket.getOutputStream().write(text.getBytes(ISO_8859_1));
    return this;
  }

  Client endOutput() throws IOException {
    socket.shutdownOutput();
    return this;
  }

  /** Everything until the server closes; an answer that is cut short or reset fails. */
  Answer receive() throws IOException {
    return Answer.parse(new String(socket.getInputStream().readAllBytes(), UTF_8));
  }

  /**
   * Receives that, or that it was too late, where it may have been for a server of usual limits.
   */
  void assertReceives(String status) throws IOException {
    String received = receive().status();
    if (!(received.equals("408 Request Timeout") && mayBeLate(start))) {
      assertEquals(status, received);
    }
  }

  /**
   * Whether who began to connect then was kept off its processor for as long as a head may take.
   */
  static boolean mayBeLate(long start) {
    return System.nanoTime() - start >= Limits.DEFAULT.head().toNanos();
  }

  /** Goes away with a reset rather than a farewell. */
  void vanish() throws IOException {
    socket.setSoLinger(true, 0);
    socket.close();
  }

  /** Closes before the end of the scope, as a client does that has read its answer. */
  void leave() throws IOException {
    socket.close();
  }

  @Override
  public void close() throws IOException {
    socket.close();
  }

  /** A whole answer. */
  record Answer(String status, String head, String page) {
    static Answer parse(String text) {
      int end = text.indexOf("\r\n\r\n");
      String head = text.substring(0, end + 2);
      String page = text.substring(end + 4);
      int length = Integer.parseInt(head.replaceFirst("(?s).*Content-Length: (\\d+).*", "$1"));
      assertEquals(length, page.getBytes(UTF_8).length, "the answer is not whole: " + text);
      return new Answer(head.lines().findFirst().orElseThrow().substring(9), head, page);
    }
  }
}
