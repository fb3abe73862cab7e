package io.threadpool.examples.users;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.threadpool.WorkerPool;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.FutureTask;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/** The JDK's web server, whose dispatcher hands each request to the executor. */
@Timeout(120)
class HttpServerTest {

  @RegisterExtension final UserPools pools = new UserPools();
  private final Held held = new Held();
  private HttpServer server;
  private Browser browser;

  private void serveOn(WorkerPool pool) throws IOException {
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.createContext("/", this::answer);
    server.setExecutor(pool);
    server.start();
    browser = new Browser(server.getAddress().getPort());
  }

  private void answer(HttpExchange exchange) throws IOException {
    if (exchange.getRequestURI().getPath().equals("/held")) {
      held.run();
    }
    byte[] page = Thread.currentThread().getName().replaceAll("-\\d+$", "").getBytes(UTF_8);
    exchange.sendResponseHeaders(200, page.length);
    exchange.getResponseBody().write(page);
    exchange.close();
  }

  @AfterEach
  void stop() {
    held.release();
    server.stop(0);
  }

  @Test
  void answersEachRequestOnAWorkerAndLeavesThePoolToItsOwner() throws Exception {
    WorkerPool pool = pools.build(WorkerPool.builder().size(4).name("web"));
    serveOn(pool);

    assertEquals(Collections.nCopies(50, "200 web"), browser.getAll(50, "/"));

    server.stop(0);
    assertFalse(pool.isShutdown());
    pool.close();
    assertEquals(50, pool.report().orElseThrow().completed());
  }

  /**
   * The pool before the server: {@code stop} would close the connections of who waits in the queue
   * when its delay is over, and before JDK 24 or so it waits for all of the delay, busy or not.
   */
  @Test
  void closingThePoolAnswersWhatItAcceptedAndThenTheServerStops() throws Exception {
    WorkerPool pool = pools.build(WorkerPool.builder().size(2).name("web"));
    serveOn(pool);
    List<FutureTask<String>> answers = browser.start(5, "/held");
    held.awaitStarted(2);
    UserPools.eventually().until(() -> pool.stats().queued() == 3);

    pool.shutdown();
    assertEquals(Browser.NO_ANSWER, browser.get("/"));
    held.release();
    pool.close();
    server.stop(0);

    assertEquals(Collections.nCopies(5, "200 web"), Browser.all(answers));
    assertEquals(5, pool.report().orElseThrow().completed());
  }

  @Test
  void aRequestThatThePoolRefusesLosesItsConnectionAndNobodyElse() throws Exception {
    WorkerPool pool = pools.build(WorkerPool.builder().size(1).name("web").queueCapacity(1));
    serveOn(pool);
    List<FutureTask<String>> running = browser.start(1, "/held");
    held.awaitStarted(1);
    List<FutureTask<String>> queued = browser.start(1, "/");
    UserPools.eventually().until(() -> pool.stats().queued() == 1);

    assertEquals(Browser.NO_ANSWER, browser.get("/"));
    assertEquals(1, pool.stats().rejected());

    held.release();
    assertEquals(List.of("200 web"), Browser.all(running));
    assertEquals(List.of("200 web"), Browser.all(queued));
    assertEquals("200 web", browser.get("/"));
    pool.close();
  }
}
