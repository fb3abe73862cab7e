package io.threadpool.examples.checksum;

import io.threadpool.examples.ExitStatus;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.IntConsumer;

/**
 * Ctrl-C or SIGTERM: asks the batch to end, waits until it has, and ends the process with status
 * 130.
 *
 * <pre>
 *   RUNNING --finish()--> FINISHED     the batch was faster: the signal changes nothing any more
 *      \-----request()--> REQUESTED    the batch ends early
 * </pre>
 */
final class Interruption implements AutoCloseable {
  /** What happens to the files in flight. */
  enum Policy {
    /** They are finished and written. */
    DRAIN,
    /** They are dropped. */
    ABORT
  }

  private enum State {
    RUNNING,
    FINISHED,
    REQUESTED
  }

  /** A reader of the manifest that has stopped reading is not waited for longer than this. */
  private static final Duration PATIENCE = Duration.ofSeconds(5);

  private static final long POLL_MILLIS = 100;

  private final AtomicReference<State> state = new AtomicReference<>(State.RUNNING);
  private final CountDownLatch ended = new CountDownLatch(1);
  private final Runnable onRequest;
  private final Output output;
  private final IntConsumer halt;
  private final Thread hook = new Thread(this::request, "checksum-interrupt");

  private Interruption(Runnable onRequest, Output output, IntConsumer halt) {
    this.onRequest = onRequest;
    this.output = output;
    this.halt = halt;
  }

  /**
   * Starts to listen for signals.
   *
   * @param onRequest what makes the batch end sooner
   * @param output what the batch writes to
   * @param halt how to end the process
   */
  static Interruption listen(Runnable onRequest, Output output, IntConsumer halt) {
    Interruption added = new Interruption(onRequest, output, halt);
    Runtime.getRuntime().addShutdownHook(added.hook);
    return added;
  }

  /** Whether the batch is to end early. */
  boolean isRequested() {
    return state.get() == State.REQUESTED;
  }

  /** Says that the work is done; {@return whether} that was before any signal. */
  boolean finish() {
    return state.compareAndSet(State.RUNNING, State.FINISHED);
  }

  /**
   * What the hook does. Only halting gives a status of our choice once the JVM is shutting down.
   */
  void request() {
    if (!state.compareAndSet(State.RUNNING, State.REQUESTED)) {
      return;
    }
    onRequest.run();
    try {
      while (!ended.await(POLL_MILLIS, TimeUnit.MILLISECONDS)) {
        if (output.stalled().compareTo(PATIENCE) > 0) {
          break;
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    halt.accept(ExitStatus.INTERRUPTED);
  }

  /** The batch has ended, and has written what it will write. */
  @Override
  public void close() {
    ended.countDown();
    try {
      Runtime.getRuntime().removeShutdownHook(hook);
    } catch (IllegalStateException shuttingDown) {
      // The hook has started, and now ends.
    }
  }
}
