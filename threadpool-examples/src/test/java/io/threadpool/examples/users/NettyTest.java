package io.threadpool.examples.users;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.SocketChannel;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.threadpool.WorkerPool;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Netty, whose event loops are tasks of the executor that run until the group is shut down. */
@Timeout(120)
class NettyTest {

  // Notifies of a group's end; a daemon that ends a second later.
  @RegisterExtension final UserPools pools = new UserPools("globalEventExecutor");
  private EventLoopGroup loops;
  private Channel listener;

  /** Sends back what comes. */
  private static final class Echo extends ChannelInboundHandlerAdapter {
    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
      context.writeAndFlush(message);
    }
  }

  private void serveOn(WorkerPool pool, int size) {
    loops = new MultiThreadIoEventLoopGroup(size, pool, NioIoHandler.newFactory());
    listener =
        new ServerBootstrap()
            .group(loops)
            .channel(NioServerSocketChannel.class)
            .childOption(ChannelOption.TCP_NODELAY, true)
            .childHandler(
                new ChannelInitializer<SocketChannel>() {
                  @Override
                  protected void initChannel(SocketChannel channel) {
                    channel.pipeline().addLast(new Echo());
                  }
                })
            .bind(InetAddress.getLoopbackAddress(), 0)
            .syncUninterruptibly()
            .channel();
  }

  private Socket connect() throws IOException {
    InetSocketAddress address = (InetSocketAddress) listener.localAddress();
    Socket socket = new Socket(address.getAddress(), address.getPort());
    socket.setSoTimeout((int) UserPools.LONG.toMillis());
    return socket;
  }

  private static String exchange(Socket socket, String text) throws IOException {
    socket.getOutputStream().write(text.getBytes(US_ASCII));
    return new String(socket.getInputStream().readNBytes(text.length()), US_ASCII);
  }

  /** Ends the loops, without the default's two quiet seconds. */
  @AfterEach
  void stop() {
    loops.shutdownGracefully(0, UserPools.LONG.toSeconds(), TimeUnit.SECONDS).syncUninterruptibly();
  }

  @Test
  void eachLoopKeepsAWorkerUntilTheGroupIsShutDown() throws Exception {
    WorkerPool pool = pools.fixed(2);
    serveOn(pool, 2);
    List<FutureTask<String>> clients = new ArrayList<>();
    for (int i = 0; i < 10; i++) {
      String text = "client " + i;
      FutureTask<String> client =
          new FutureTask<>(
              () -> {
                try (Socket socket = connect()) {
                  StringBuilder got = new StringBuilder();
                  for (char c : text.toCharArray()) {
                    got.append(exchange(socket, String.valueOf(c)));
                  }
                  return got.toString();
                }
              });
      clients.add(client);
      new Thread(client, text).start();
    }
    for (int i = 0; i < clients.size(); i++) {
      assertEquals("client " + i, clients.get(i).get());
    }
    assertEquals(2, pool.stats().accepted(), "not a task an event, but one a loop");
    assertEquals(2, pool.stats().active());

    stop();
    assertFalse(pool.isShutdown());
    pool.close();
    assertEquals(2, pool.report().orElseThrow().completed());
  }

  /** So draining the pool first would wait for the loops, and the loops wait for their shutdown. */
  @Test
  void closingThePoolDoesNotEndTheLoops() throws Exception {
    WorkerPool pool = pools.fixed(2);
    serveOn(pool, 2);
    try (Socket socket = connect()) {
      assertEquals("before", exchange(socket, "before"));
      pool.shutdown();
      assertEquals("after", exchange(socket, "after"));
      assertFalse(pool.isTerminated());
    }
    stop();
    pool.close();
  }

  @Test
  void aLoopThatFindsNoWorkerIsNotServed() throws Exception {
    WorkerPool pool = pools.fixed(1);
    serveOn(pool, 2); // The listener is on the first loop, the first client comes to the second.
    try (Socket socket = connect()) {
      UserPools.eventually().until(() -> pool.stats().queued() == 1);
      assertEquals(1, pool.stats().active());
      assertTrue(socket.isConnected(), "and gets no answer");
    }
    stop(); // The first loop's end lets the second start, which then ends.
    pool.close();
    assertEquals(2, pool.report().orElseThrow().completed());
  }
}
