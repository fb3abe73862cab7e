package io.threadpool.examples.users;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.threadpool.RejectedTaskException;
import io.threadpool.Task;
import io.threadpool.WorkerPool;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledForJreRange;
import org.junit.jupiter.api.condition.JRE;
import org.junit.jupiter.api.extension.RegisterExtension;

/**
 * The JDK's web client, whose selector thread hands the executor each step of an exchange, some ten
 * of them for a small request.
 */
@Timeout(120)
class HttpClientTest {

  // The selector's thread ends with the client: when that is collected, and by close() since 21.
  @RegisterExtension
  final UserPools pools = new UserPools("HttpClient-", "ForkJoinPool.commonPool-worker-");

  private final Held held = new Held();
  private final ExecutorService serversOwn = Executors.newCachedThreadPool();
  private HttpServer server;
  private HttpClient client;

  @BeforeEach
  void serve() throws IOException {
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.createContext("/", this::answer);
    server.setExecutor(serversOwn);
    server.start();
  }

  private void answer(HttpExchange exchange) throws IOException {
    String path = exchange.getRequestURI().getPath();
    if (path.equals("/held")) {
      held.run();
    }
    byte[] page = path.getBytes(UTF_8);
    exchange.sendResponseHeaders(200, page.length);
    exchange.getResponseBody().write(page);
    exchange.close();
  }

  @AfterEach
  void stop() throws Exception {
    held.release();
    server.stop(0);
    serversOwn.shutdown();
    if (client instanceof AutoCloseable) {
      client("shutdownNow"); // Not close, which waits for a request that a failed test has left.
    }
  }

  /** Calls a method of the client that came with JDK 21. */
  private void client(String method) throws Exception {
    HttpClient.class.getMethod(method).invoke(client);
  }

  private HttpRequest request(String path) {
    int port = server.getAddress().getPort();
    return HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + path)).build();
  }

  private CompletableFuture<HttpResponse<String>> send(String path) {
    return client.sendAsync(request(path), BodyHandlers.ofString());
  }

  private static String here() {
    return Thread.currentThread().getName().replaceAll("-\\d+$", "");
  }

  @Test
  void runsItsExchangesOnThePoolButNotTheStagesAfterThem() throws Exception {
    WorkerPool pool = pools.build(WorkerPool.builder().size(4).name("client"));
    client = HttpClient.newBuilder().executor(pool).build();
    List<CompletableFuture<HttpResponse<String>>> answers = new ArrayList<>();
    for (int i = 0; i < 50; i++) {
      answers.add(send("/" + i));
    }
    for (int i = 0; i < 50; i++) {
      assertEquals("/" + i, answers.get(i).join().body());
    }
    assertTrue(pool.stats().accepted() >= 50, () -> pool.stats().toString());

    CompletableFuture<String> stage = send("/held").thenApply(answer -> here());
    held.release();
    assertNotEquals("client", stage.join());
    assertEquals("client", send("/").thenApplyAsync(answer -> here(), pool).join());

    pool.close();
    assertEquals(0, pool.report().orElseThrow().failed());
  }

  /**
   * What would wake it is a step in the queue behind it, and so is what would end the request at
   * its time-out. A pool of its own for the client, or {@code sendAsync}, cannot come to that.
   */
  @Test
  void aSendByTheOnlyWorkerWaitsForItselfUntilItIsCancelled() throws Exception {
    WorkerPool pool = pools.fixed(1);
    client = HttpClient.newBuilder().executor(pool).build();
    CompletableFuture<Thread> sender = new CompletableFuture<>();
    Task<HttpResponse<String>> task =
        pool.submit(
            () -> {
              sender.complete(Thread.currentThread());
              return client.send(request("/"), BodyHandlers.ofString());
            });
    Thread worker = sender.get(UserPools.LONG.toSeconds(), TimeUnit.SECONDS);
    UserPools.eventually()
        .until(() -> worker.getState() == Thread.State.WAITING && pool.stats().queued() > 0);
    assertFalse(task.isDone());

    assertTrue(task.cancel(true));
    assertTrue(task.awaitStopped(UserPools.LONG));
    assertEquals("/next", send("/next").get(UserPools.LONG.toSeconds(), TimeUnit.SECONDS).body());
    pool.close();
  }

  /** The order to end them in: the requests, which {@code close} waits for, then the pool. */
  @Test
  @EnabledForJreRange(min = JRE.JAVA_21)
  void closingTheClientAndThenThePoolLosesNothing() throws Exception {
    WorkerPool pool = pools.fixed(2);
    client = HttpClient.newBuilder().executor(pool).build();
    List<CompletableFuture<HttpResponse<String>>> answers = new ArrayList<>();
    for (int i = 0; i < 5; i++) {
      answers.add(send("/held"));
    }
    held.awaitStarted(5);
    FutureTask<Void> close =
        new FutureTask<>(
            () -> {
              client("close");
              return null;
            });
    Thread closer = new Thread(close, "closer");
    closer.start();
    UserPools.eventually().until(() -> closer.getState() == Thread.State.TIMED_WAITING);
    assertFalse(close.isDone());
    held.release();
    close.get(UserPools.LONG.toSeconds(), TimeUnit.SECONDS);
    for (CompletableFuture<HttpResponse<String>> answer : answers) {
      assertEquals("/held", answer.join().body());
    }
    pool.close();
    assertEquals(0, pool.stats().rejected());
  }

  /**
   * A step that the pool drops ends no request, and {@code close} would wait for it without end, so
   * whoever aborts the pool ends the client with {@code shutdownNow}.
   */
  @Test
  @EnabledForJreRange(min = JRE.JAVA_21)
  void anAbortLeavesTheRequestOpenUntilTheClientIsShutDownNow() throws Exception {
    WorkerPool pool = pools.fixed(1);
    client = HttpClient.newBuilder().executor(pool).build();
    Held worker = new Held();
    pool.execute(worker);
    worker.awaitStarted(1);
    CompletableFuture<HttpResponse<String>> cutOff = send("/");
    UserPools.eventually().until(() -> pool.stats().queued() > 0);
    pool.shutdownNow();
    pool.close();
    assertFalse(cutOff.isDone());

    client("shutdownNow");
    assertThrows(
        ExecutionException.class, () -> cutOff.get(UserPools.LONG.toSeconds(), TimeUnit.SECONDS));
    client("close");
  }

  /**
   * So its executor must have room for all that its requests may ever need, and be closed after the
   * last of them. (On 17 the request would never end.)
   */
  @Test
  @EnabledForJreRange(min = JRE.JAVA_21)
  void aRefusalFailsTheRequestAndEndsTheClient() throws Exception {
    WorkerPool pool = pools.fixed(2);
    client = HttpClient.newBuilder().executor(pool).build();
    CompletableFuture<HttpResponse<String>> cutOff = send("/held");
    held.awaitStarted(1);
    pool.close();
    held.release();

    Throwable thrown =
        assertThrows(
                ExecutionException.class,
                () -> cutOff.get(UserPools.LONG.toSeconds(), TimeUnit.SECONDS))
            .getCause();
    assertInstanceOf(RejectedTaskException.class, thrown);
    thrown =
        assertThrows(
                ExecutionException.class,
                () -> send("/").get(UserPools.LONG.toSeconds(), TimeUnit.SECONDS))
            .getCause();
    assertInstanceOf(IOException.class, thrown);
  }
}
