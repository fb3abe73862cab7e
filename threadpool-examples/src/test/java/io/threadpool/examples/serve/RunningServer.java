package io.threadpool.examples.serve;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.threadpool.TerminationReport;
import io.threadpool.WorkerPool;
import java.io.ByteArrayOutputStream;
import java.io.Closeable;
import java.io.IOException;
import java.io.PrintStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/** A server in this process, with limits as a test needs them. */
final class RunningServer implements Closeable {
  static final Limits PATIENT =
      new Limits(
          Duration.ofSeconds(60),
          Duration.ofMillis(200),
          Duration.ofSeconds(60),
          Duration.ofSeconds(60));

  final WebServer server;
  final InetSocketAddress address;
  private final WorkerPool pool;
  private final Thread accepting;
  private final CountDownLatch accepted = new CountDownLatch(1);
  private final ByteArrayOutputStream err = new ByteArrayOutputStream();

  RunningServer(Limits limits, int workers, int room, int requests) throws IOException {
    server =
        WebServer.listen(
            new InetSocketAddress(InetAddress.getLoopbackAddress(), 0),
            limits,
            room,
            new PrintStream(err, true, StandardCharsets.UTF_8),
            ended -> {});
    address = server.address();
    pool = WorkerPool.builder().size(workers).queueCapacity(room).build();
    accepting = new Thread(() -> accept(requests), "accepting");
    accepting.start();
  }

  private void accept(int requests) {
    try {
      server.accept(pool, requests);
      accepted.countDown();
      server.finishHeads(pool, null);
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  /** Waits until no more connections are accepted. */
  void joinAccepting() throws InterruptedException {
    assertTrue(accepted.await(60, TimeUnit.SECONDS), "the server still accepts");
  }

  String err() {
    return err.toString(StandardCharsets.UTF_8);
  }

  private static void assertBalanced(TerminationReport report) {
    long outcomes = report.completed() + report.failed() + report.cancelled() + report.aborted();
    assertEquals(report.accepted(), outcomes, report.toString());
    assertEquals(0, report.failed(), report.toString());
  }

  @Override
  public void close() throws IOException {
    server.stop();
    try {
      accepting.join();
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
    pool.close();
    server.close();
    assertBalanced(pool.report().orElseThrow());
  }
}
