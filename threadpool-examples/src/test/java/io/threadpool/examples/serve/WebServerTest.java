package io.threadpool.examples.serve;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.threadpool.ShutdownPolicy;
import io.threadpool.WorkerPool;
import io.threadpool.examples.serve.Client.Answer;
import io.threadpool.examples.serve.Connection.Outcome;
import java.io.IOException;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@Timeout(120)
class WebServerTest {
  private static final String GET = "GET / HTTP/1.1\r\nHost: test\r\n\r\n";

  private static Limits head(Duration head) {
    Limits patient = RunningServer.PATIENT;
    return new Limits(head, patient.sleep(), patient.write(), patient.linger());
  }

  @ParameterizedTest
  @CsvSource({
    "GET / HTTP/1.1, 200 OK, Hello!",
    "GET /?name=value HTTP/1.1, 200 OK, Hello!",
    "GET /sleep HTTP/1.1, 200 OK, Hello!",
    "GET http://test/ HTTP/1.1, 200 OK, Hello!",
    "GET /nothing HTTP/1.1, 404 Not Found, Oops!",
    "GET /sleep/ HTTP/1.1, 404 Not Found, Oops!",
    "POST / HTTP/1.1, 404 Not Found, Oops!",
    "DELETE /sleep HTTP/1.1, 404 Not Found, Oops!",
    "get / HTTP/1.1, 404 Not Found, Oops!",
    "OPTIONS * HTTP/1.1, 404 Not Found, Oops!",
    "GET /, 400 Bad Request, 400 Bad Request",
    "nonsense, 400 Bad Request, 400 Bad Request",
  })
  void answers(String line, String status, String title) throws IOException {
    try (RunningServer running = new RunningServer(RunningServer.PATIENT, 1, 4, 1);
        Client client = new Client(running.address)) {
      Answer answer = client.send(line + "\r\nHost: test\r\n\r\n").receive();

      assertEquals(status, answer.status());
      assertTrue(answer.page().contains("<h1>" + title + "</h1>"), answer.page());
      assertTrue(answer.head().contains("\r\nConnection: close\r\n"), answer.head());
    }
  }

  @Test
  void aHeadOf8KibIsTakenAndOneByteMoreIsNot() throws IOException {
    String start = "GET / HTTP/1.1\r\nHost: test\r\nX: ";
    String end = "\r\n\r\n";
    int room = Limits.HEAD_BYTES - start.length() - end.length();
    try (RunningServer running = new RunningServer(RunningServer.PATIENT, 1, 4, 3)) {
      for (int more : new int[] {0, 1, 1024 * 1024}) {
        try (Client client = new Client(running.address)) {
          Answer answer = client.send(start + "x".repeat(room + more) + end).receive();
          String expected = more == 0 ? "200 OK" : "431 Request Header Fields Too Large";
          assertEquals(expected, answer.status());
        }
      }
    }
  }

  @Test
  void aRequestMayComeInPieces() throws IOException {
    try (RunningServer running = new RunningServer(RunningServer.PATIENT, 1, 4, 1);
        Client client = new Client(running.address)) {
      for (char c : ("\r\n" + GET).toCharArray()) {
        client.send(String.valueOf(c));
      }
      assertEquals("200 OK", client.receive().status());
    }
  }

  @Test
  void aBodyThatNobodyReadsDoesNotCostTheAnswer() throws IOException {
    try (RunningServer running = new RunningServer(RunningServer.PATIENT, 1, 4, 1);
        Client client = new Client(running.address)) {
      client.send("POST / HTTP/1.1\r\nHost: test\r\nContent-Length: 4000000\r\n\r\n");
      client.send("x".repeat(4_000_000));

      assertEquals("404 Not Found", client.receive().status());
    }
  }

  @Test
  void aRequestThatEndsEarlyIsMalformed() throws IOException {
    try (RunningServer running = new RunningServer(RunningServer.PATIENT, 1, 4, 2)) {
      for (String part : new String[] {"", "GET / HTTP/1.1\r\nHost: test\r\n"}) {
        try (Client client = new Client(running.address)) {
          assertEquals("400 Bad Request", client.send(part).endOutput().receive().status());
        }
      }
    }
  }

  @Test
  void aSilentClientGets408AndItsWorkerIsFreeAgain() throws IOException {
    try (RunningServer running = new RunningServer(head(Duration.ofMillis(300)), 1, 4, 0);
        Client silent = new Client(running.address)) {
      assertEquals("408 Request Timeout", silent.receive().status());
      silent.leave();
      // One that takes too long to send its request is told the same.
      await().until(() -> Client.get(running.address, "/").status(), "200 OK"::equals);
    }
  }

  @Test
  void clientsThatSendNothingOrHalfCostNoWorker() throws IOException {
    List<Client> idle = new ArrayList<>();
    try (RunningServer running = new RunningServer(RunningServer.PATIENT, 1, 16, 0)) {
      for (int i = 0; i < 4; i++) {
        idle.add(new Client(running.address));
        idle.add(new Client(running.address).send("GET / HT"));
      }
      assertEquals("200 OK", Client.get(running.address, "/").status());
      assertEquals("200 OK", idle.get(7).send("TP/1.0\r\n\r\n").receive().status());
      for (Client client : idle) {
        client.leave();
      }
    }
  }

  @Test
  void eachConnectionIsCountedOnce() throws Exception {
    List<Connection> ended = new CopyOnWriteArrayList<>();
    InetSocketAddress loopback = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
    Limits sleepy =
        new Limits(
            Duration.ofMinutes(1), Duration.ofHours(1), Duration.ofMinutes(1), Duration.ZERO);
    WebServer server = WebServer.listen(loopback, sleepy, 16, System.err, ended::add);
    WorkerPool pool = WorkerPool.builder().size(1).queueCapacity(16).build();
    try (pool;
        server;
        Client answered = new Client(server.address()).send(GET);
        Client asleep = new Client(server.address()).send("GET /sleep HTTP/1.0\r\n\r\n");
        Client queued = new Client(server.address())) {
      queued.send(GET);
      new Client(server.address()).vanish();
      CompletableFuture<Void> accepting = CompletableFuture.runAsync(() -> accept(server, pool, 5));
      assertEquals("200 OK", answered.receive().status());
      await().until(() -> pool.stats().active() == 1 && pool.stats().queued() == 1);
      await().until(() -> outcomes(ended), List.of(Outcome.ANSWERED, Outcome.GONE)::equals);
      try (Client silent = new Client(server.address())) {
        accepting.get();
        assertEquals(5, server.accepted());
        server.finishHeads(pool, Deadline.in(Duration.ZERO));
        assertEquals("503 Service Unavailable", silent.receive().status());
      }
      pool.shutdown(ShutdownPolicy.abort());
      pool.close();

      assertEquals("503 Service Unavailable", asleep.receive().status());
      assertEquals(1, server.answered());
      assertEquals(3, server.cutOff());
      server.close(); // Which tells of the one that no worker had.
      assertEquals(
          List.of(
              Outcome.ANSWERED, Outcome.CUT_OFF, Outcome.CUT_OFF, Outcome.CUT_OFF, Outcome.GONE),
          outcomes(ended));
      assertEquals(3, server.cutOff());
    }
  }

  private static void accept(WebServer server, WorkerPool pool, int requests) {
    try {
      server.accept(pool, requests);
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  /** How they have ended, in the order of the outcomes. */
  private static List<Outcome> outcomes(List<Connection> ended) {
    return ended.stream().map(Connection::outcome).sorted().toList();
  }

  @Test
  void aClientThatDripsGets408() throws Exception {
    try (RunningServer running = new RunningServer(head(Duration.ofMillis(500)), 1, 4, 1);
        Client dripping = new Client(running.address)) {
      dripping.send("GET / HTTP/1.1\r\nHost: test\r\nX: ");
      CountDownLatch answered = new CountDownLatch(1);
      Thread drip = new Thread(() -> drip(dripping, answered), "drip");
      drip.start();

      assertEquals("408 Request Timeout", dripping.receive().status());
      answered.countDown();
      drip.join();
    }
  }

  /** A byte now and then, until the server has answered or takes no more. */
  private static void drip(Client client, CountDownLatch answered) {
    try {
      do {
        client.send("x");
      } while (!answered.await(20, TimeUnit.MILLISECONDS));
    } catch (IOException | InterruptedException theTestIsOver) {
      // Enough.
    }
  }

  /** What is there when it is accepted has come in time, however late anybody looks. */
  @Test
  void timeInTheQueueCountsButARequestThatWasThereIsServed() throws IOException {
    InetSocketAddress loopback = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
    Limits limits =
        new Limits(
            Duration.ofMillis(500), Duration.ofSeconds(1), Duration.ofMinutes(1), Duration.ZERO);
    WebServer server = WebServer.listen(loopback, limits, 4, System.err, ended -> {});
    WorkerPool pool = WorkerPool.builder().size(1).queueCapacity(4).build();
    try (pool;
        server;
        Client sleeping = new Client(server.address()).send("GET /sleep HTTP/1.0\r\n\r\n");
        Client punctual = new Client(server.address()).send(GET);
        Client silent = new Client(server.address())) {
      server.accept(pool, 3);
      server.finishHeads(pool, null);

      assertEquals("200 OK", sleeping.receive().status());
      assertEquals("200 OK", punctual.receive().status());
      assertEquals("408 Request Timeout", silent.receive().status());
    }
  }

  @Test
  void clientsThatGoAwayCostNobodyAnything() throws IOException {
    try (RunningServer running = new RunningServer(RunningServer.PATIENT, 1, 16, 0)) {
      for (int i = 0; i < 5; i++) {
        new Client(running.address).vanish();
        Client half = new Client(running.address);
        half.send("GET / HT").vanish();
        Client sleeping = new Client(running.address);
        sleeping.send("GET /sleep HTTP/1.1\r\nHost: test\r\n\r\n").vanish();
      }
      assertEquals("200 OK", Client.get(running.address, "/").status());
      assertEquals("", running.err());
    }
  }

  @Test
  void aThirdIsRefusedWhileTheSecondIsStillServed() throws Exception {
    try (RunningServer running = new RunningServer(RunningServer.PATIENT, 4, 4, 2)) {
      assertEquals("200 OK", Client.get(running.address, "/").status());
      try (Client second = new Client(running.address)) {
        second.send("GET / HTTP/1.1\r\n");
        running.joinAccepting();

        assertThrows(ConnectException.class, () -> new Client(running.address));
        assertEquals("200 OK", second.send("Host: test\r\n\r\n").receive().status());
      }
    }
  }

  @Test
  void stoppingAnswersEveryConnectionThatWasAccepted() throws Exception {
    List<Client> clients = new ArrayList<>();
    try (RunningServer running = new RunningServer(RunningServer.PATIENT, 1, 16, 0)) {
      // One is being read, the others wait for the worker.
      for (int i = 0; i < 4; i++) {
        clients.add(new Client(running.address).send("GET / HTTP/1.1\r\n"));
      }
      await().until(() -> running.server.connections() == 4);
      running.server.stop();
      running.joinAccepting();

      assertThrows(ConnectException.class, () -> new Client(running.address));
      for (Client client : clients) {
        assertEquals("200 OK", client.send("Host: test\r\n\r\n").receive().status());
        client.close();
      }
    }
  }

  @Test
  void withoutRoomClientsWaitUnacceptedAndAreServedInTheirTurn() throws Exception {
    try (RunningServer running = new RunningServer(RunningServer.PATIENT, 1, 1, 0);
        Client first = new Client(running.address);
        Client second = new Client(running.address).send(GET)) {
      await().until(() -> running.server.connections() == 1);
      assertEquals("200 OK", first.send(GET).receive().status());
      first.leave();
      assertEquals("200 OK", second.receive().status());
    }
  }

  @Test
  void stoppingAcceptsThoseWhoHadConnectedWhileThereIsRoom() throws Exception {
    List<Client> clients = new ArrayList<>();
    InetSocketAddress loopback = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
    WebServer server =
        WebServer.listen(loopback, RunningServer.PATIENT, 4, System.err, ended -> {});
    WorkerPool pool = WorkerPool.builder().size(2).queueCapacity(8).build();
    try (pool;
        server) {
      for (int i = 0; i < 6; i++) {
        clients.add(new Client(server.address()).send(GET));
      }
      // It has not accepted anybody yet, as on a machine that is too busy.
      server.stop();
      server.accept(pool, 0);
      server.finishHeads(pool, null);

      // The answers to the first may make room for the last; four have it from the start.
      for (Client client : clients.subList(0, 4)) {
        assertEquals("200 OK", client.receive().status());
        client.leave();
      }
    } finally {
      for (Client client : clients) {
        client.leave();
      }
    }
  }

  @Test
  void stoppingEndsAlthoughClientsGoOnComing() throws Exception {
    AtomicBoolean enough = new AtomicBoolean();
    try (RunningServer running = new RunningServer(RunningServer.PATIENT, 4, 64, 0)) {
      Thread flood =
          new Thread(
              () -> {
                while (!enough.get()) {
                  try {
                    Client.get(running.address, "/");
                  } catch (IOException | RuntimeException refused) {
                    // It has ended.
                  }
                }
              });
      flood.start();
      assertEquals("200 OK", Client.get(running.address, "/").status());
      running.server.stop();
      running.joinAccepting();
      enough.set(true);
      flood.join();
    }
  }

  @Test
  void stoppingWakesAServerThatWaitsForRoom() throws Exception {
    try (RunningServer running = new RunningServer(RunningServer.PATIENT, 1, 1, 0);
        Client first = new Client(running.address)) {
      await().until(() -> running.server.connections() == 1);
      running.server.stop();
      running.joinAccepting();

      assertEquals("200 OK", first.send(GET).receive().status());
    }
  }
}
