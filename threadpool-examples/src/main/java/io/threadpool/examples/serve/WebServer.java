package io.threadpool.examples.serve;

import java.io.Closeable;
import java.io.IOException;
import java.io.PrintStream;
import java.net.InetSocketAddress;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.ClosedSelectorException;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executor;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * Accepts a number of connections and hands each to a pool.
 *
 * <p>A connection is accepted only when the pool has room for it, so handing over never blocks and
 * never fails, and a shutdown never finds a client between the two. When there is no room, clients
 * wait in the system's backlog, unaccepted.
 *
 * <p>The listener closes right after the last connection was accepted. From then on the system
 * refuses clients. One that slipped into the backlog between the two calls is reset by the system:
 * it is never served, and it is told so at once. {@link #stop} is gentler: clients that are in the
 * backlog already are accepted while there is room.
 *
 * <p>{@link #stop} and {@link #close} may be called on any thread.
 */
final class WebServer implements Closeable {
  private static final int BACKLOG = 128;
  private static final long RETRY_MILLIS = 1_000;

  private final ServerSocketChannel listener;
  private final Selector selector;
  private final Site site;
  private final Limits limits;
  private final Semaphore room;
  private final PrintStream err;
  private final Set<Connection> open = ConcurrentHashMap.newKeySet();
  private final AtomicInteger interrupted = new AtomicInteger();
  private final AtomicLong accepted = new AtomicLong();
  private final AtomicLong answered = new AtomicLong();
  private final CountDownLatch stopped = new CountDownLatch(1);

  private WebServer(
      ServerSocketChannel listener, Selector selector, Limits limits, int room, PrintStream err) {
    this.listener = listener;
    this.selector = selector;
    this.limits = limits;
    this.site = new Site(limits.sleep());
    this.room = new Semaphore(room);
    this.err = err;
  }

  /**
   * Listens, without accepting yet.
   *
   * @param address where to
   * @param limits how long to wait for clients
   * @param room most connections that are accepted and not yet answered
   * @param err where failures to accept are told
   */
  static WebServer listen(InetSocketAddress address, Limits limits, int room, PrintStream err)
      throws IOException {
    ServerSocketChannel listener = ServerSocketChannel.open();
    try {
      listener.bind(address, BACKLOG);
      listener.configureBlocking(false);
      Selector selector = Selector.open();
      listener.register(selector, SelectionKey.OP_ACCEPT);
      return new WebServer(listener, selector, limits, room, err);
    } catch (IOException | RuntimeException e) {
      listener.close();
      throw e;
    }
  }

  /** The address that it listens on, with the port that the system chose if it was asked to. */
  InetSocketAddress address() throws IOException {
    return (InetSocketAddress) listener.getLocalAddress();
  }

  /**
   * Accepts connections and hands them to {@code pool}, until {@code requests} were accepted or
   * {@link #stop} is called. The listener is closed when this returns.
   *
   * @param requests how many, or 0 for any number
   */
  void accept(Executor pool, int requests) throws InterruptedException, IOException {
    int late = 0;
    try {
      for (int accepted = 0; requests == 0 || accepted < requests; accepted++) {
        SocketChannel client = awaitRoom() ? acceptOne() : null;
        if (client == null) {
          return;
        }
        if (accepted + 1 == requests) {
          closeListener();
        }
        hand(client, pool);
        if (isStopped() && ++late == BACKLOG) {
          return; // Those that go on coming would keep it from ever ending.
        }
      }
    } finally {
      closeListener();
    }
  }

  /** Waits for room in the pool; a server that was stopped does not wait. */
  private boolean awaitRoom() throws InterruptedException {
    if (isStopped()) {
      return room.tryAcquire();
    }
    room.acquire();
    return true;
  }

  /** The next client, or null when the server was stopped and no client is waiting. */
  private @Nullable SocketChannel acceptOne() throws InterruptedException {
    while (true) {
      boolean last = isStopped();
      try {
        SocketChannel client = listener.accept();
        if (client != null || last) {
          return client;
        }
        selector.select();
        selector.selectedKeys().clear();
      } catch (ClosedChannelException | ClosedSelectorException e) {
        return null;
      } catch (IOException e) {
        // The client went away meanwhile, or the system is out of descriptors: it may recover.
        err.println("serve: cannot accept a connection: " + e.getMessage());
        if (stopped.await(RETRY_MILLIS, TimeUnit.MILLISECONDS)) {
          return null;
        }
      }
    }
  }

  private boolean isStopped() {
    return stopped.getCount() == 0;
  }

  /** At once: a channel that a selector knows would stay open until the next selection. */
  private void closeListener() throws IOException {
    try (listener) {
      selector.close();
    }
  }

  private void hand(SocketChannel client, Executor pool) {
    Connection connection = new Connection(client, site, limits);
    open.add(connection);
    accepted.incrementAndGet();
    pool.execute(
        () -> {
          try {
            connection.run();
          } finally {
            if (Thread.currentThread().isInterrupted()) {
              interrupted.incrementAndGet();
            }
            if (connection.isAnswered()) {
              answered.incrementAndGet();
            }
            open.remove(connection);
            room.release();
          }
        });
  }

  /** Lets {@link #accept} close the listener and return. What was accepted is still answered. */
  void stop() {
    stopped.countDown();
    selector.wakeup();
    room.release();
  }

  /** The number of connections that were accepted and have not ended. */
  int connections() {
    return open.size();
  }

  /** The number of connections that were accepted. */
  long accepted() {
    return accepted.get();
  }

  /** The number of connections that got a whole answer; the rest went away, or was cut off. */
  long answered() {
    return answered.get();
  }

  /**
   * The number of clients that the end of the pool has left without the answer they asked for. To
   * be called when the pool has terminated.
   */
  int cutOff() {
    return interrupted.get() + open.size();
  }

  /** Stops, and drops the clients that no worker will serve any more. */
  @Override
  public void close() throws IOException {
    stop();
    open.forEach(Connection::drop);
    closeListener();
  }
}
