package io.threadpool.examples.serve;

import java.io.Closeable;
import java.io.IOException;
import java.io.PrintStream;
import java.net.Inet4Address;
import java.net.InetSocketAddress;
import java.net.StandardProtocolFamily;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Accepts a number of connections, reads the head of each request as it comes, and then hands the
 * connection to a pool: a client that is silent or slow costs no worker.
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
 * <p>{@link #accept}, {@link #finishHeads} and {@link #close} are called by one thread, or one
 * after the other; the rest may be called on any thread.
 */
final class WebServer implements Closeable {
  private static final int BACKLOG = 128;
  private static final Duration RETRY = Duration.ofSeconds(1);

  private final ServerSocketChannel listener;
  private final Selector selector;
  private final SelectionKey listening;
  private final Site site;
  private final Limits limits;
  private final int room;
  private final PrintStream err;
  private final Consumer<Connection> log;

  /** All that have not ended. */
  private final Set<Connection> open = ConcurrentHashMap.newKeySet();

  /** Those whose head has not come, in the order of their deadlines. */
  private final Map<Connection, SelectionKey> arriving = new LinkedHashMap<>();

  private final AtomicLong accepted = new AtomicLong();
  private final AtomicLong answered = new AtomicLong();
  private final AtomicLong cutOff = new AtomicLong();

  /** When to try again to accept, after a failure. */
  private @Nullable Deadline retry;

  private volatile boolean stopped;

  /** Whether somebody waits for room. Written by the accepting thread, read by workers. */
  private volatile boolean full;

  private WebServer(
      ServerSocketChannel listener,
      Selector selector,
      Limits limits,
      int room,
      PrintStream err,
      Consumer<Connection> log)
      throws IOException {
    this.listener = listener;
    this.selector = selector;
    this.listening = listener.register(selector, 0);
    this.limits = limits;
    this.site = new Site(limits.sleep());
    this.room = room;
    this.err = err;
    this.log = log;
  }

  /**
   * Listens, without accepting yet.
   *
   * @param address where to
   * @param limits how long to wait for clients
   * @param room most connections that are accepted and have not ended
   * @param err where failures to accept are told
   * @param log told of each connection when it has ended
   */
  static WebServer listen(
      InetSocketAddress address, Limits limits, int room, PrintStream err, Consumer<Connection> log)
      throws IOException {
    Rehearsal.play();
    ServerSocketChannel listener =
        address.getAddress() instanceof Inet4Address
            ? ServerSocketChannel.open(StandardProtocolFamily.INET)
            : ServerSocketChannel.open();
    try {
      listener.bind(address, BACKLOG);
      listener.configureBlocking(false);
      return new WebServer(listener, Selector.open(), limits, room, err, log);
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
   * Accepts connections, and hands to {@code pool} those whose head has come, until {@code
   * requests} were accepted or {@link #stop} is called. The listener is closed when this returns;
   * {@link #finishHeads} does the rest.
   *
   * @param requests how many, or 0 for any number
   */
  void accept(Executor pool, int requests) throws IOException {
    int late = 0;
    try {
      while (requests == 0 || accepted.get() < requests) {
        boolean last = stopped;
        SocketChannel client = hasRoom() ? acceptOne() : null;
        if (client != null) {
          arrive(client);
          if (last && ++late == BACKLOG) {
            return; // Those that go on coming would keep it from ever ending.
          }
        } else if (last) {
          return;
        } else {
          turn(pool, null);
        }
      }
    } finally {
      closeListener();
    }
  }

  /**
   * Hands over those that were accepted, as their heads come, until none is missing.
   *
   * @param end when to refuse those whose heads have not come; null for as long as that takes
   */
  void finishHeads(Executor pool, @Nullable Deadline end) throws IOException {
    while (!arriving.isEmpty() && (end == null || !end.hasPassed())) {
      turn(pool, end);
    }
    arriving.forEach(
        (connection, key) -> {
          key.cancel();
          connection.refuse();
          end(connection);
        });
    arriving.clear();
    selector.selectNow();
  }

  /** Whether one more may be accepted; if not, the next to end will wake the selector. */
  private boolean hasRoom() {
    full = true; // Before looking, as who ends looks after leaving.
    full = open.size() >= room;
    return !full;
  }

  private @Nullable SocketChannel acceptOne() {
    if (retry != null && !retry.hasPassed()) {
      return null;
    }
    try {
      SocketChannel client = listener.accept();
      retry = null;
      return client;
    } catch (ClosedChannelException e) {
      return null;
    } catch (IOException e) {
      // The client went away meanwhile, or the system is out of descriptors: it may recover.
      if (retry == null) {
        err.println("serve: cannot accept a connection, tries again: " + e.getMessage());
      }
      retry = Deadline.in(RETRY);
      return null;
    }
  }

  private void arrive(SocketChannel client) throws IOException {
    Connection connection = new Connection(accepted.getAndIncrement(), client, site, limits);
    open.add(connection);
    try {
      client.configureBlocking(false);
      arriving.put(connection, client.register(selector, SelectionKey.OP_READ, connection));
    } catch (ClosedChannelException wentAway) {
      end(connection);
    }
  }

  /** Waits until something happens, and does what is due; not beyond {@code end}. */
  private void turn(Executor pool, @Nullable Deadline end) throws IOException {
    await(end);
    Set<Connection> ready = new TreeSet<>(Comparator.comparingLong(Connection::number));
    for (SelectionKey key : selector.selectedKeys()) {
      if (key.attachment() instanceof Connection connection && isThere(connection)) {
        ready.add(connection);
      }
    }
    selector.selectedKeys().clear();
    for (Connection connection : arriving.keySet()) {
      if (!connection.headDeadline().hasPassed()) {
        break;
      }
      connection.expire();
      ready.add(connection);
    }
    if (!ready.isEmpty()) {
      ready.forEach(this::forget);
      selector.selectNow(); // Until then the selector would keep a closed one open.
      ready.forEach(connection -> hand(connection, pool));
    }
  }

  private void await(@Nullable Deadline end) throws IOException {
    boolean pausing = retry != null && !retry.hasPassed();
    if (listening.isValid()) {
      listening.interestOps(full || pausing ? 0 : SelectionKey.OP_ACCEPT);
    }
    long millis = end == null ? Long.MAX_VALUE : end.millisLeft();
    if (pausing && retry != null) {
      millis = Math.min(millis, retry.millisLeft());
    }
    for (Connection first : arriving.keySet()) {
      millis = Math.min(millis, first.headDeadline().millisLeft());
      break;
    }
    if (millis == 0) {
      selector.selectNow();
    } else {
      selector.select(millis);
    }
  }

  /** Whether all of a head has arrived. */
  private boolean isThere(Connection connection) {
    try {
      return connection.readHead();
    } catch (IOException wentAway) {
      forget(connection);
      connection.drop();
      end(connection);
      return false;
    }
  }

  private void forget(Connection connection) {
    SelectionKey key = arriving.remove(connection);
    if (key != null) {
      key.cancel();
    }
  }

  private void hand(Connection connection, Executor pool) {
    pool.execute(
        () -> {
          try {
            connection.run();
          } finally {
            end(connection);
          }
        });
  }

  private void end(Connection connection) {
    if (open.remove(connection)) { // Or close() has ended it, in the place of a stuck worker.
      tell(connection);
      if (full) {
        selector.wakeup();
      }
    }
  }

  private void tell(Connection ended) {
    switch (ended.outcome()) {
      case ANSWERED -> answered.incrementAndGet();
      case CUT_OFF -> cutOff.incrementAndGet();
      case GONE -> {}
    }
    log.accept(ended);
  }

  /** At once: a channel that a selector knows would stay open until the next selection. */
  private void closeListener() throws IOException {
    listener.close();
    if (selector.isOpen()) {
      selector.selectNow();
    }
  }

  /** Lets {@link #accept} close the listener and return. What was accepted is still answered. */
  void stop() {
    stopped = true;
    selector.wakeup();
  }

  /** The number of connections that were accepted and have not ended. */
  int connections() {
    return open.size();
  }

  /** The number of connections that were accepted. */
  long accepted() {
    return accepted.get();
  }

  /** The number of connections that got a whole answer. */
  long answered() {
    return answered.get();
  }

  /**
   * The number of clients that the end of the pool has left without the answer they asked for; all
   * others that were not answered went away first. To be called when the pool has terminated.
   */
  long cutOff() {
    return cutOff.get() + open.size();
  }

  /** Stops, and cuts off the clients that no worker will serve any more. */
  @Override
  public void close() throws IOException {
    stop();
    open.forEach(
        connection -> {
          if (open.remove(connection)) {
            connection.cutOff();
            tell(connection);
          }
        });
    try (selector) {
      closeListener();
    }
  }
}
