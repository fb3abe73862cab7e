package io.threadpool.examples.serve;

import java.io.Closeable;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import org.jspecify.annotations.Nullable;

/**
 * A connection whose every wait ends at a deadline.
 *
 * <p>The timeout of a plain socket restarts with each byte that arrives and does not cover writing
 * at all, so a client that sends a byte a second, or never reads, could hold a worker as long as it
 * likes. Not thread-safe. Waiting ends early, with an {@link InterruptedIOException}, when the
 * thread is interrupted; the interrupt flag stays set.
 *
 * <p>The first wait opens a selector, so that a client who need not be waited for costs no further
 * descriptors.
 */
final class TimedChannel implements Closeable {
  private final SocketChannel channel;
  private @Nullable SelectionKey key;

  /** Takes over {@code channel}: it is closed with this, also when this constructor fails. */
  TimedChannel(SocketChannel channel) throws IOException {
    this.channel = channel;
    try {
      channel.configureBlocking(false);
    } catch (IOException | RuntimeException e) {
      channel.close();
      throw e;
    }
  }

  /**
   * Reads at least one byte. What has already arrived is read even when the deadline has passed.
   *
   * @return the number of bytes, or -1 when the client has ended its output
   * @throws SocketTimeoutException if nothing arrived in time
   */
  int read(ByteBuffer to, Deadline deadline) throws IOException {
    int read = channel.read(to);
    while (read == 0) {
      await(SelectionKey.OP_READ, deadline);
      read = channel.read(to);
    }
    return read;
  }

  /**
   * Writes all of {@code from}.
   *
   * @throws SocketTimeoutException if the system could not take all of it in time
   */
  void write(ByteBuffer from, Deadline deadline) throws IOException {
    channel.write(from);
    while (from.hasRemaining()) {
      await(SelectionKey.OP_WRITE, deadline);
      channel.write(from);
    }
  }

  /**
   * Ends the output and waits until the client has closed its side, or has sent {@code maxBytes}.
   * Closing while input is unread resets the connection, which may take the answer away from the
   * client before it has read it.
   *
   * @throws SocketTimeoutException at the deadline, whether the client is silent or goes on sending
   */
  void linger(int maxBytes, Deadline deadline) throws IOException {
    channel.shutdownOutput();
    ByteBuffer unwanted = ByteBuffer.allocate(Limits.HEAD_BYTES);
    for (int left = maxBytes; left > 0; ) {
      if (deadline.hasPassed()) {
        throw tooLong();
      }
      int read = read(unwanted.clear(), deadline);
      if (read < 0) {
        return;
      }
      left -= read;
    }
  }

  private static SocketTimeoutException tooLong() {
    return new SocketTimeoutException("the client took too long");
  }

  private void await(int operation, Deadline deadline) throws IOException {
    long millis = deadline.millisLeft();
    if (millis == 0) {
      throw tooLong();
    }
    SelectionKey waiting = key();
    waiting.interestOps(operation);
    Selector selector = waiting.selector();
    selector.select(millis);
    selector.selectedKeys().clear();
    if (Thread.currentThread().isInterrupted()) {
      throw new InterruptedIOException("interrupted while waiting for the client");
    }
  }

  private SelectionKey key() throws IOException {
    if (key == null) {
      key = channel.register(channel.provider().openSelector(), 0);
    }
    return key;
  }

  @Override
  public void close() throws IOException {
    try (channel) {
      if (key != null) {
        key.selector().close();
      }
    }
  }
}
