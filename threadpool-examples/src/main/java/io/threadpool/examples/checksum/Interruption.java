package io.threadpool.examples.checksum;

import io.threadpool.examples.ExitStatus;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.IntConsumer;
import org.jspecify.annotations.Nullable;

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
  private final IntConsumer halt;
  private final Thread hook = new Thread(this::request, "checksum-interrupt");

  /** What makes the batch end sooner. Guarded by this. */
  private @Nullable Runnable action;

  /** What the batch writes to. Written by the batch, read by the hook. */
  private volatile @Nullable Output output;

  private Interruption(IntConsumer halt) {
    this.halt = halt;
  }

  /**
   * Starts to listen for signals.
   *
   * @param halt how to end the process
   */
  static Interruption listen(IntConsumer halt) {
    Interruption added = new Interruption(halt);
    Runtime.getRuntime().addShutdownHook(added.hook);
    return added;
  }

  /** Says what the batch writes to, so that nobody waits for a reader that has stopped. */
  void watch(Output written) {
    output = written;
  }

  /** Says what makes the batch end sooner; runs it now if that is what is wanted. */
  synchronized void onRequest(Runnable sooner) {
    action = sooner;
    if (isRequested()) {
      sooner.run();
    }
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
    endSooner();
    try {
      while (!ended.await(POLL_MILLIS, TimeUnit.MILLISECONDS)) {
        Output written = output;
        if (written != null && written.stalled().compareTo(PATIENCE) > 0) {
          break;
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    halt.accept(ExitStatus.INTERRUPTED);
  }

  private synchronized void endSooner() {
    if (action != null) {
      action.run();
    }
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
