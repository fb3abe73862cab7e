package io.threadpool.examples.serve;

import java.io.Closeable;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;

/** Both ends of one connection. */
record SocketPair(Socket client, SocketChannel server) implements Closeable {
  static SocketPair connect() throws IOException {
    try (ServerSocketChannel listener = ServerSocketChannel.open()) {
      listener.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
      InetSocketAddress address = (InetSocketAddress) listener.getLocalAddress();
      Socket client = new Socket(address.getAddress(), address.getPort());
      return new SocketPair(client, listener.accept());
    }
  }

  @Override
  public void close() throws IOException {
    client.close();
    server.close();
  }
}
