package io.threadpool.examples.page;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.io.OutputStream;
import java.time.Duration;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/**
 * The browsers that are there, each with the events that it has not taken yet. Thread-safe.
 *
 * <p>Who sends never waits: a browser that falls behind is dropped, comes back by itself, and is
 * told all anew.
 */
final class Streams {
  /** How many may be there at once. */
  static final int MOST = 16;

  private static final int MOST_WAITING = 16;
  private static final byte[] RETRY = "retry: 2000\n\n".getBytes(UTF_8);

  /** Guarded by this. */
  private final Set<Stream> streams = new HashSet<>();

  /** Guarded by this. */
  private boolean ended;

  /** Adds one, unless it is one too many or too late. */
  synchronized Optional<Stream> add(Event first) {
    if (ended || streams.size() == MOST) {
      return Optional.empty();
    }
    Stream stream = new Stream();
    streams.add(stream);
    stream.offer(first);
    return Optional.of(stream);
  }

  synchronized boolean isAnybodyThere() {
    return !streams.isEmpty();
  }

  synchronized void send(Event event) {
    streams.forEach(stream -> stream.offer(event));
  }

  /** Lets each of them end when it has taken what was sent. */
  synchronized void end() {
    ended = true;
    send(Event.END);
  }

  private synchronized void remove(Stream stream) {
    streams.remove(stream);
    notifyAll();
  }

  /** Waits until nobody is there any more, not longer than for that time. */
  synchronized void awaitEnd(Duration time) {
    long end = System.nanoTime() + time.toNanos();
    try {
      for (long left = time.toNanos(); !streams.isEmpty() && left > 0; ) {
        TimeUnit.NANOSECONDS.timedWait(this, left);
        left = end - System.nanoTime();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** One browser. */
  final class Stream implements AutoCloseable {
    private final BlockingQueue<Event> waiting = new LinkedBlockingQueue<>(MOST_WAITING);

    /** Written by who sends, read by who writes to the browser. */
    private volatile boolean behind;

    private void offer(Event event) {
      behind |= !waiting.offer(event);
    }

    /** Writes events until the end, or until the browser has gone or has fallen behind. */
    void run(OutputStream out) throws IOException, InterruptedException {
      out.write(RETRY);
      for (boolean goesOn = true; goesOn; ) {
        Event event = waiting.take();
        out.write(event.bytes());
        out.flush();
        goesOn = !event.isLast() && !behind;
      }
    }

    @Override
    public void close() {
      remove(this);
    }
  }
}
