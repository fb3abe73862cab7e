package io.threadpool.examples;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.IntConsumer;
import org.jline.utils.Signals;

/**
 * Tells of each Ctrl-C, SIGTERM and SIGHUP, also the second, in place of the JVM, which would begin
 * to shut down at the first: a shutdown hook never learns of another one, and cannot choose the
 * exit status. Where nobody may handle a signal ({@code -Xrs}) it tells of none. Thread-safe.
 */
public final class SignalListener implements AutoCloseable {
  /** With the numbers that they have everywhere. */
  private static final Map<String, Integer> SIGNALS = Map.of("HUP", 1, "INT", 2, "TERM", 15);

  /** A shell reports a process that a signal has ended by this and its number. */
  private static final int SIGNALLED = 128;

  private final Map<String, Object> handlersBefore = new LinkedHashMap<>();

  private SignalListener() {}

  /**
   * Starts to listen.
   *
   * @param listener called for each signal, on a thread of its own, with the exit status that a
   *     shell reports for it
   * @return what ends the listening
   */
  public static SignalListener listen(IntConsumer listener) {
    SignalListener added = new SignalListener();
    SIGNALS.forEach(
        (name, number) -> {
          Object before = Signals.register(name, () -> listener.accept(SIGNALLED + number));
          if (before != null) {
            added.handlersBefore.put(name, before);
          }
        });
    return added;
  }

  /** Leaves the signals to whom they belonged before; a second time it changes nothing. */
  @Override
  public synchronized void close() {
    handlersBefore.forEach(Signals::unregister);
    handlersBefore.clear();
  }
}
