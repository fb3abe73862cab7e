package io.threadpool.examples.serve;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;

/**
 * Serves one request of its own, so that every class of the JDK that a request needs is initialised
 * while there are descriptors for it. One that fails to is lost for the rest of the process: then
 * no channel could be closed any more, and the server would never recover.
 */
final class Rehearsal {
  private static final byte[] REQUEST =
      "GET / HTTP/1.1\r\nHost: rehearsal\r\n\r\n".getBytes(StandardCharsets.US_ASCII);

  private Rehearsal() {}

  /**
   * Plays.
   *
   * @throws IOException if a request cannot be served here
   */
  static void play() throws IOException {
    try (ServerSocketChannel listener = ServerSocketChannel.open()) {
      listener.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
      try (SocketChannel client = SocketChannel.open(listener.getLocalAddress())) {
        client.write(ByteBuffer.wrap(REQUEST));
        client.shutdownOutput();
        Connection connection =
            new Connection(0, listener.accept(), new Site(Limits.DEFAULT.sleep()), Limits.DEFAULT);
        connection.readHead();
        connection.run();
      }
    }
  }
}
