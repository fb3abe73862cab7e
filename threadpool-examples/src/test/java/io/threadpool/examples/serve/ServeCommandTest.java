package io.threadpool.examples.serve;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import io.threadpool.examples.UsageException;
import io.threadpool.examples.VirtualThreads;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.slf4j.LoggerFactory;
import picocli.CommandLine;

@Timeout(120)
class ServeCommandTest {
  private static final Duration LONG = Duration.ofSeconds(60);
  private static final Limits ENDLESS_SLEEP = new Limits(LONG, Duration.ofHours(1), LONG, LONG);

  private final ByteArrayOutputStream out = new ByteArrayOutputStream();
  private final ByteArrayOutputStream err = new ByteArrayOutputStream();

  /** What the pool of virtual threads logs. */
  private final ListAppender<ILoggingEvent> begun = new ListAppender<>();

  private final Logger virtual = (Logger) LoggerFactory.getLogger(VirtualServerPool.class);

  @BeforeEach
  void listen() {
    begun.list = new CopyOnWriteArrayList<>();
    begun.start();
    virtual.addAppender(begun);
  }

  @AfterEach
  void detach() {
    virtual.detachAppender(begun);
  }

  private CompletableFuture<Integer> start(Limits limits, String... args) {
    ServeCommand command =
        new ServeCommand(
            new PrintStream(out, true, UTF_8), new PrintStream(err, true, UTF_8), limits);
    return CompletableFuture.supplyAsync(() -> new CommandLine(command).execute(args));
  }

  private InetSocketAddress address() {
    await().until(() -> out.toString(UTF_8).contains("\n"));
    URI uri = URI.create(out.toString(UTF_8).strip().replace("Listening on ", ""));
    return new InetSocketAddress(uri.getHost(), uri.getPort());
  }

  @ParameterizedTest
  @EnumSource
  void servesTwoRequestsAndEnds(PoolChoice pool) throws Exception {
    assumeTrue(pool != PoolChoice.VIRTUAL || VirtualThreads.available());
    CompletableFuture<Integer> status =
        start(RunningServer.PATIENT, "--port", "0", "--pool", pool.toString());
    InetSocketAddress address = address();

    assertEquals("200 OK", Client.get(address, "/").status());
    assertEquals("200 OK", Client.get(address, "/sleep").status());
    assertEquals(0, status.get());
    assertEquals(
        List.of("Listening on http://127.0.0.1:" + address.getPort(), "Shutting down."),
        out.toString(UTF_8).lines().toList());
    assertEquals("", err.toString(UTF_8));
  }

  @Test
  void virtualThreadsAreRefusedWhereThereAreNone() {
    assumeTrue(!VirtualThreads.available());

    assertEquals(
        "--pool virtual needs Java 21 or later, this is " + Runtime.version().feature(),
        assertThrows(UsageException.class, PoolChoice.VIRTUAL::checkAvailable).getMessage());
  }

  @ParameterizedTest
  @EnumSource
  void atTheDrainDeadlineEveryClientIsCutOffAndCounted(PoolChoice pool) throws Exception {
    assumeTrue(pool != PoolChoice.VIRTUAL || VirtualThreads.available());
    CompletableFuture<Integer> status =
        start(
            ENDLESS_SLEEP,
            "--port=0",
            "--workers=1",
            "--requests=4",
            "--drain=1s",
            "--log",
            "--pool=" + pool);
    InetSocketAddress address = address();
    String sleep = "GET /sleep HTTP/1.1\r\nHost: test\r\n\r\n";
    try (Client served = new Client(address).send(sleep)) {
      await().until(() -> hasBegun(pool));
      try (Client queued = new Client(address).send(sleep);
          Client gone = new Client(address)) {
        // Where it is known that this one has gone, the one before it has been handed over, too.
        gone.vanish();
        await().until(() -> ended() == 1);
        // The fourth to connect is the last, and with it the drain begins.
        try (Client silent = new Client(address)) {
          assertEquals("503 Service Unavailable", silent.receive().status());
        }
        assertTrue(isTold(served));
        // These two interrupt what runs before what waits, so that it may yet begin.
        boolean mayBegin = pool == PoolChoice.JBOSS || pool == PoolChoice.VIRTUAL;
        assertTrue(!isTold(queued) || mayBegin, "nobody was there to tell it");
        assertEquals(1, status.get());
        assertEquals(
            "serve: connections cut off at the end of --drain: 3", err.toString(UTF_8).strip());
        assertEquals(4, ended());
      }
    }
  }

  /** Whether a worker is at a request; a virtual one is in no list, and logs that it is. */
  private boolean hasBegun(PoolChoice pool) {
    return pool == PoolChoice.VIRTUAL
        ? begun.list.stream().anyMatch(event -> event.getMessage().contains("got a job"))
        : Thread.getAllStackTraces().values().stream()
            .flatMap(Arrays::stream)
            .anyMatch(frame -> frame.getClassName().equals(Site.class.getName()));
  }

  /** How many connections have ended, as the log has them. */
  private long ended() {
    return out.toString(UTF_8).lines().filter(line -> line.contains(" 127.0.0.1 ")).count();
  }

  /** Whether the client gets a 503: one that no worker has taken up is closed, or reset. */
  private static boolean isTold(Client client) {
    try {
      assertEquals("503 Service Unavailable", client.receive().status());
      return true;
    } catch (StringIndexOutOfBoundsException | IOException closedWithoutAnAnswer) {
      return false;
    }
  }

  @Test
  void aLineForEachConnectionAndNothingElse() throws Exception {
    int port;
    try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      port = free.getLocalPort();
    }
    CompletableFuture<Integer> status =
        start(
            RunningServer.PATIENT,
            "--port=" + port,
            "--requests=4",
            "--workers=1",
            "--quiet",
            "--log");
    InetSocketAddress address = new InetSocketAddress(InetAddress.getLoopbackAddress(), port);
    await()
        .ignoreExceptions()
        .until(() -> Client.get(address, "/sleep?x").status(), "200 OK"::equals);
    assertEquals("404 Not Found", Client.get(address, "/no%20page").status());
    try (Client odd = new Client(address)) {
      assertEquals("400 Bad Request", odd.send("odd\r\n\r\n").receive().status());
    }
    new Client(address).vanish();

    assertEquals(0, status.get());
    List<String> lines = out.toString(UTF_8).lines().toList();
    String time = "\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d\\.\\d{3}Z 127\\.0\\.0\\.1 ";
    List<String> expected =
        List.of("/sleep 200 \\d{3,}", "/no%20page 404 \\d+", "- 400 \\d+", "- - \\d+");
    assertEquals(expected.size(), lines.size(), lines::toString);
    for (String one : expected) { // One that goes away may end before another that is answered.
      assertEquals(
          1, lines.stream().filter(line -> line.matches(time + one)).count(), lines::toString);
    }
    assertEquals("", err.toString(UTF_8));
  }

  @ParameterizedTest
  @CsvSource({"0.0.0.0, http://0.0.0.0:", "::, http://[::]:", "127.0.0.1, http://127.0.0.1:"})
  void listensWhereItIsTold(String host, String url) throws Exception {
    CompletableFuture<Integer> status =
        start(RunningServer.PATIENT, "--port=0", "--requests=1", "--host=" + host);
    await().until(() -> out.toString(UTF_8).contains("\n"));
    String line = out.toString(UTF_8).strip();
    assertTrue(line.startsWith("Listening on " + url), line);
    int port = Integer.parseInt(line.substring(line.lastIndexOf(':') + 1));

    assertEquals(
        "200 OK",
        Client.get(new InetSocketAddress(InetAddress.getByName("127.0.0.1"), port), "/").status());
    assertEquals(0, status.get());
  }

  @Test
  void aPortInUseIsOneLineAndStatus2() throws Exception {
    try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      String port = String.valueOf(taken.getLocalPort());
      int status = start(RunningServer.PATIENT, "--port", port).get();

      assertEquals(2, status);
      String message = err.toString(UTF_8);
      assertTrue(message.startsWith("serve: cannot listen on 127.0.0.1:" + port + ": "), message);
      assertEquals(1, message.lines().count(), message);
      assertEquals("", out.toString(UTF_8));
    }
  }

  @Test
  void aPageWhosePortIsInUseIsOneLineAndStatus2() throws Exception {
    try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      String port = String.valueOf(taken.getLocalPort());

      assertEquals(2, start(RunningServer.PATIENT, "--port=0", "--page", port).get());
      String message = err.toString(UTF_8);
      assertTrue(
          message.startsWith("serve: cannot show the page on 127.0.0.1:" + port + ": "), message);
      assertEquals(1, message.lines().count(), message);
      assertEquals("", out.toString(UTF_8));
    }
  }

  @ParameterizedTest
  @CsvSource({
    "127.0.0.1, http://127.0.0.1:80",
    "::1, http://[::1]:80",
    "::, http://[::]:80",
    "2001:db8::1, http://[2001:db8::1]:80",
    "2001:db8:1:2:3:4:5:6, http://[2001:db8:1:2:3:4:5:6]:80",
    "1:0:0:2:0:0:0:3, http://[1::2:0:0:0:3]:80",
    "fe80::, http://[fe80::]:80",
  })
  void anAddressIsShownAsABrowserTakesIt(String ip, String url) throws IOException {
    assertEquals(url, ServeCommand.url(new InetSocketAddress(InetAddress.getByName(ip), 80)));
  }
}
