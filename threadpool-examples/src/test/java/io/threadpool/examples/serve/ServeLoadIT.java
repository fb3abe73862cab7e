package io.threadpool.examples.serve;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.threadpool.examples.Program;
import java.io.File;
import java.io.IOException;
import java.net.ConnectException;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * The real program under load from the JDK's HTTP client, beside clients that hang, send half a
 * request or reset the connection; then SIGTERM. Every connection that was accepted gets a whole
 * answer, and the clients count as many as the server.
 *
 * <p>The load lasts {@code -Dload.seconds}, for instance
 *
 * <pre>
 *   mvn -B -ntp -pl threadpool-examples -am verify -Dtest=none \
 *     -Dsurefire.failIfNoSpecifiedTests=false -Dit.test=ServeLoadIT \
 *     -Dfailsafe.failIfNoSpecifiedTests=false -DargLine=-Dload.seconds=600
 * </pre>
 */
@Timeout(800)
class ServeLoadIT {
  private static final long SECONDS = Long.getLong("load.seconds", 4);
  private static final int BROWSERS = 6;
  private static final int HANGING = 3;

  /** What the clients saw. */
  private final AtomicLong whole = new AtomicLong();

  private final AtomicLong vanished = new AtomicLong();
  private final AtomicLong refused = new AtomicLong();
  private final AtomicLong unserved = new AtomicLong();
  private final List<String> wrong = new ArrayList<>();

  private final AtomicBoolean resetting = new AtomicBoolean(true);
  private final AtomicBoolean terminated = new AtomicBoolean();
  private final HttpClient http =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

  /** One connection, from opening to its answer. */
  private interface Visit {
    void make() throws IOException, InterruptedException;
  }

  @Test
  void everyAcceptedConnectionGetsAWholeAnswer() throws Exception {
    assumeTrue(File.separatorChar == '/', "a signal that a program can handle");
    ExecutorService clients = Executors.newCachedThreadPool();
    try (Program program = Program.start("serve", "--port=0", "--requests=0", "--workers=16")) {
      URI uri = URI.create(program.line().substring("Listening on ".length()));
      InetSocketAddress address = new InetSocketAddress(uri.getHost(), uri.getPort());
      CompletableFuture<List<String>> rest =
          CompletableFuture.supplyAsync(() -> linesButJobs(program), clients);
      Future<?> resets = clients.submit(() -> visit(resetting, () -> vanish(address)));
      List<Future<?>> visits = new ArrayList<>();
      for (int i = 0; i < BROWSERS; i++) {
        visits.add(clients.submit(() -> visit(alwaysTrue(), () -> browse(uri))));
      }
      for (int i = 0; i < HANGING; i++) {
        visits.add(clients.submit(() -> visit(alwaysTrue(), () -> hang(address))));
      }
      visits.add(clients.submit(() -> visit(alwaysTrue(), () -> sendHalf(address))));

      LockSupport.parkNanos(TimeUnit.SECONDS.toNanos(SECONDS)); // The length of the load.
      resetting.set(false);
      resets.get(60, TimeUnit.SECONDS); // So that each of those is accepted, too.
      terminated.set(true);
      program.terminate();
      for (Future<?> visit : visits) {
        visit.get(120, TimeUnit.SECONDS);
      }
      assertEquals(143, program.exitStatus());
      assertEquals("", program.err());
      String counted =
          rest.get(60, TimeUnit.SECONDS).stream()
              .filter(line -> line.startsWith("Accepted "))
              .findFirst()
              .orElseThrow();
      System.out.printf(
          "%d s of load: %d whole answers, %d vanished, then %d refused, %d reset unserved; %s%n",
          SECONDS, whole.get(), vanished.get(), refused.get(), unserved.get(), counted);
      assertEquals(List.of(), wrong);
      assertTrue(vanished.get() > 0);
      assertEquals(
          String.format(
              "Accepted %d connections and answered %d.",
              whole.get() + vanished.get(), whole.get()),
          counted);
    } finally {
      clients.shutdownNow();
    }
  }

  private static AtomicBoolean alwaysTrue() {
    return new AtomicBoolean(true);
  }

  private static List<String> linesButJobs(Program program) {
    List<String> lines = new ArrayList<>();
    try {
      for (String line = program.line(); line != null; line = program.line()) {
        if (!line.contains("got a job")) {
          lines.add(line);
        }
      }
    } catch (IOException e) {
      lines.add("unreadable: " + e);
    }
    return lines;
  }

  /** Visits over and over, until the server takes no more. */
  private void visit(AtomicBoolean going, Visit visit) {
    boolean open = true;
    while (open && going.get()) {
      boolean after = terminated.get();
      try {
        visit.make();
      } catch (ConnectException gone) {
        refused.incrementAndGet();
        open = false;
      } catch (IOException | RuntimeException | InterruptedException cut) {
        // In the backlog when the listener closed: the system resets it.
        unserved.incrementAndGet();
        open = false;
      } catch (AssertionError e) {
        fail(e.toString());
      }
      if (!open && !after && !terminated.get()) {
        fail("a visit failed before the end");
      }
    }
  }

  private void fail(String what) {
    synchronized (wrong) {
      wrong.add(what);
    }
  }

  private void browse(URI uri) throws IOException, InterruptedException {
    long visits = whole.get();
    String path = visits % 500 == 499 ? "/sleep" : visits % 8 == 7 ? "/missing" : "/";
    HttpRequest request =
        HttpRequest.newBuilder(uri.resolve(path)).timeout(Duration.ofSeconds(60)).build();
    long start = System.nanoTime();
    var answer = http.send(request, BodyHandlers.ofString());
    if (!(answer.statusCode() == 408 && Client.mayBeLate(start))) {
      assertEquals(path.equals("/missing") ? 404 : 200, answer.statusCode());
    }
    assertTrue(answer.body().endsWith("</html>\n"), answer::body);
    whole.incrementAndGet();
    LockSupport.parkNanos(5_000_000);
  }

  /** Sends the beginning of a request and no more; the server gives up after ten seconds. */
  private void hang(InetSocketAddress address) throws IOException {
    try (Client client = new Client(address)) {
      assertEquals("408 Request Timeout", client.send("GET / HTTP/1.1\r\nHo").receive().status());
      whole.incrementAndGet();
    }
  }

  /** Sends the beginning of a request and says that this is all. */
  private void sendHalf(InetSocketAddress address) throws IOException {
    try (Client client = new Client(address)) {
      client.send("GET / HT").endOutput().assertReceives("400 Bad Request");
      whole.incrementAndGet();
    }
    LockSupport.parkNanos(10_000_000);
  }

  /** Resets the connection amid the request. */
  private void vanish(InetSocketAddress address) throws IOException {
    try (Client client = new Client(address)) {
      vanished.incrementAndGet();
      client.send("GET / HTTP/1.1\r\n").vanish();
    }
    LockSupport.parkNanos(10_000_000);
  }
}
