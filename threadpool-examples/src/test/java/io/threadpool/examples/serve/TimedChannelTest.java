package io.threadpool.examples.serve;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Arrays;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class TimedChannelTest {
  private static final Deadline PAST = new Deadline(System.nanoTime() - 1);

  private SocketPair pair;
  private TimedChannel channel;

  @BeforeEach
  void connect() throws IOException {
    pair = SocketPair.connect();
    channel = new TimedChannel(pair.server());
  }

  @AfterEach
  void close() throws IOException {
    channel.close();
    pair.close();
  }

  private static Deadline soon() {
    return Deadline.in(Duration.ofMillis(100));
  }

  private static Deadline late() {
    return Deadline.in(Duration.ofSeconds(50));
  }

  @Test
  void nothingToReadEndsAtTheDeadline() {
    assertThrows(SocketTimeoutException.class, () -> channel.read(ByteBuffer.allocate(10), soon()));
  }

  @Test
  void whatHasArrivedIsReadAfterTheDeadlineToo() throws IOException {
    pair.client().getOutputStream().write(new byte[3]);
    ByteBuffer buffer = ByteBuffer.allocate(10);
    // The bytes take a moment to get through the loopback; then the deadline is long past.
    await().ignoreException(SocketTimeoutException.class).until(() -> read(buffer, PAST) > 0);

    assertEquals(3, buffer.position());
  }

  private int read(ByteBuffer buffer, Deadline deadline) throws IOException {
    return channel.read(buffer, deadline);
  }

  @Test
  void aReaderThatWaitsGetsWhatArrives() throws Exception {
    ByteBuffer buffer = ByteBuffer.allocate(10);
    CompletableFuture<Integer> read =
        CompletableFuture.supplyAsync(
            () -> {
              try {
                return channel.read(buffer, late());
              } catch (IOException e) {
                throw new AssertionError(e);
              }
            });
    pair.client().getOutputStream().write(new byte[2]);

    assertTrue(read.get() > 0);
  }

  @Test
  void theEndOfTheInputIsMinusOne() throws IOException {
    pair.client().shutdownOutput();

    assertEquals(-1, channel.read(ByteBuffer.allocate(1), late()));
  }

  @Test
  void aClientThatNeverReadsHoldsAWriterOnlyUntilTheDeadline() {
    ByteBuffer huge = ByteBuffer.allocate(64 * 1024 * 1024);

    assertThrows(SocketTimeoutException.class, () -> channel.write(huge, soon()));
    assertTrue(huge.hasRemaining());
  }

  @Test
  void aSlowReaderGetsAllOfALongAnswer() throws Exception {
    int length = 8 * 1024 * 1024;
    CompletableFuture<Integer> received =
        CompletableFuture.supplyAsync(
            () -> {
              try {
                return pair.client().getInputStream().readAllBytes().length;
              } catch (IOException e) {
                throw new AssertionError(e);
              }
            });
    channel.write(ByteBuffer.allocate(length), late());
    channel.close();

    assertEquals(length, received.get());
  }

  @Test
  void lingeringEndsWhenTheClientCloses() throws Exception {
    CompletableFuture<Void> lingering =
        CompletableFuture.runAsync(
            () -> {
              try {
                channel.linger(1000, late());
              } catch (IOException e) {
                throw new AssertionError(e);
              }
            });
    assertEquals(-1, pair.client().getInputStream().read());
    assertFalse(lingering.isDone());
    pair.client().close();

    lingering.get();
  }

  @Test
  void lingeringEndsAfterSoManyBytes() throws Exception {
    pair.client().getOutputStream().write(new byte[1000]);

    channel.linger(1000, late());
  }

  @Test
  void lingeringEndsAtTheDeadline() {
    assertThrows(SocketTimeoutException.class, () -> channel.linger(1000, soon()));
    assertThrows(SocketTimeoutException.class, () -> channel.linger(1000, PAST));
  }

  @Test
  void anInterruptEndsWaitingAndKeepsTheChannel() throws Exception {
    Thread self = Thread.currentThread();
    Thread interrupter = new Thread(() -> interruptWhenWaiting(self));
    interrupter.start();
    assertThrows(InterruptedIOException.class, () -> channel.read(ByteBuffer.allocate(1), late()));
    assertTrue(Thread.interrupted());
    interrupter.join();

    channel.write(ByteBuffer.wrap(new byte[] {42}), late());
    assertEquals(42, pair.client().getInputStream().read());
  }

  private static void interruptWhenWaiting(Thread reader) {
    await()
        .until(
            () ->
                Arrays.stream(reader.getStackTrace())
                    .anyMatch(frame -> frame.getMethodName().equals("select")));
    reader.interrupt();
  }
}
