package io.threadpool.examples.page;

import com.sun.net.httpserver.HttpServer;
import io.threadpool.PoolView;
import io.threadpool.ShutdownPolicy;
import io.threadpool.WorkerPool;
import io.threadpool.WorkerPools;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;
import java.util.Map;

/**
 * A web page, on loopback and nowhere else, that shows what the pools of this process are doing.
 *
 * <p>It is served by the JDK's server on a pool of its own, which it does not show. Thread-safe.
 */
public final class Page implements AutoCloseable {
  static final String HOST = "127.0.0.1";

  /** The name of its own pool. */
  public static final String POOL = "page";

  /** One for the sampler, and as many as a browser asks at once. */
  private static final int FEWEST = 1 + 6;

  /** One more for each browser that is there. */
  private static final int WORKERS = FEWEST + Streams.MOST;

  private static final int WAITING = 64;

  /** How long the browsers have, when it closes, to take what they have not got. */
  private static final Duration LAST_WORDS = Duration.ofSeconds(10);

  private final WorkerPool pool;
  private final HttpServer server;
  private final Sampler sampler;
  private final Streams streams;

  private Page(String program, WorkerPool pool, HttpServer server) {
    this.pool = pool;
    this.server = server;
    streams = new Streams();
    sampler = new Sampler(program, hidden(), streams);
    server.createContext("/", new Guard(new Routes(sampler)));
    server.setExecutor(pool);
  }

  /**
   * Serves the page from now on.
   *
   * @param program what the page is of
   * @param port the port; 0 for any free one
   * @return the page
   * @throws IOException if the port cannot be had
   */
  public static Page open(String program, int port) throws IOException {
    // The server reads these once, when its first instance is made.
    Map.of(
            "sun.net.httpserver.nodelay", "true", // Or an answer waits for the client's next word.
            "sun.net.httpserver.maxReqTime", "10") // seconds for a request to arrive
        .forEach(
            (name, value) -> {
              if (System.getProperty(name) == null) {
                System.setProperty(name, value);
              }
            });
    HttpServer server =
        HttpServer.create(
            new InetSocketAddress(InetAddress.getByAddress(new byte[] {127, 0, 0, 1}), port), 0);
    WorkerPool pool =
        WorkerPool.builder()
            .size(FEWEST, WORKERS)
            .name(POOL)
            .daemon(true)
            .queueCapacity(WAITING)
            .build();
    Page page = new Page(program, pool, server);
    pool.execute(page.sampler);
    server.start();
    return page;
  }

  /** The pool of this page: the last of those that have its name. */
  private static long hidden() {
    List<PoolView> own =
        WorkerPools.all().stream().filter(view -> view.name().equals(POOL)).toList();
    return own.get(own.size() - 1).id();
  }

  /** {@return the address to open in a browser} */
  public String address() {
    return "http://" + HOST + ":" + server.getAddress().getPort() + "/";
  }

  /** Sends a last look to the browsers that are there, and ends. */
  @Override
  public void close() {
    sampler.end();
    streams.awaitEnd(LAST_WORDS);
    server.stop(0);
    pool.shutdown(ShutdownPolicy.abort());
    pool.close();
  }
}
