package io.threadpool.examples.checksum;

import io.threadpool.examples.ExitStatus;
import io.threadpool.examples.SignalListener;
import java.io.PrintStream;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.IntConsumer;
import org.jspecify.annotations.Nullable;

/**
 * Ctrl-C or SIGTERM: asks the batch to end, waits until it has, and ends the process with status
 * 130.
 *
 * <pre>
 *   RUNNING --finish()--> FINISHED     the batch was faster: a signal ends the process as ever
 *      \-----signal()---> REQUESTED    the batch ends early, and finishes what it has begun
 *                            \--signal(), or the end of the drain--> ABORTED    that is dropped, too
 * </pre>
 */
final class Interruption implements AutoCloseable {
  /** What happens to the files in flight. */
  enum Policy {
    /** Those that are being read are finished and written. */
    DRAIN,
    /** They are dropped. */
    ABORT
  }

  /** What is interrupted. */
  interface Work {
    /** Says what the process will wait for. It has been told to end early already. */
    void tell();

    /** Drops what has been begun. */
    void abort();
  }

  private enum State {
    RUNNING,
    FINISHED,
    REQUESTED,
    ABORTED
  }

  /** A reader of the manifest that has stopped reading is not waited for longer than this. */
  private static final Duration PATIENCE = Duration.ofSeconds(5);

  /** What was aborted leaves within moments, unless the system itself keeps it. */
  private static final Duration LAST_PATIENCE = Duration.ofSeconds(1);

  /** Nor is a reader of what is said. */
  private static final Duration TIME_TO_SAY = Duration.ofSeconds(1);

  private static final long POLL_MILLIS = 100;

  /** What is said in the end. */
  static final String INCOMPLETE = "checksum: interrupted, the manifest may not be complete";

  private final CountDownLatch ended = new CountDownLatch(1);
  private final PrintStream err;
  private final IntConsumer halt;
  private final Policy policy;
  private final @Nullable Duration drain;
  private final Duration timeToSay;
  private final SignalListener signals;

  /** Written under this, read by all. */
  private volatile State state = State.RUNNING;

  /** Guarded by this. */
  private @Nullable Work work;

  /** What the batch writes to. Written by the batch, read by who waits. */
  private volatile @Nullable Output output;

  private Interruption(
      Policy policy,
      @Nullable Duration drain,
      PrintStream err,
      IntConsumer halt,
      Duration timeToSay) {
    this.err = err;
    this.policy = policy;
    this.drain = drain;
    this.halt = halt;
    this.timeToSay = timeToSay;
    this.signals = SignalListener.listen(status -> signal());
  }

  /**
   * Starts to listen for signals.
   *
   * @param policy what the first signal does to the files that are being read
   * @param drain how long those may take to be finished; null for as long as it takes
   * @param err is told when the process ends before the batch has
   * @param halt how to end the process
   */
  static Interruption listen(
      Policy policy, @Nullable Duration drain, PrintStream err, IntConsumer halt) {
    return listen(policy, drain, err, halt, TIME_TO_SAY);
  }

  /** The same, with another time for what is said. */
  static Interruption listen(
      Policy policy,
      @Nullable Duration drain,
      PrintStream err,
      IntConsumer halt,
      Duration timeToSay) {
    return new Interruption(policy, drain, err, halt, timeToSay);
  }

  /** Says what the batch writes to, so that nobody waits for a reader that has stopped. */
  void watch(Output written) {
    output = written;
  }

  /** Says what is to be interrupted, now if that is already wanted. */
  synchronized void attach(Work interrupted) {
    work = interrupted;
    if (isRequested()) {
      say(interrupted::tell);
    }
    if (state == State.ABORTED) {
      interrupted.abort();
    }
  }

  /** Whether the batch is to end early. */
  boolean isRequested() {
    return state == State.REQUESTED || state == State.ABORTED;
  }

  /**
   * Says that the work is done; {@return whether} that was before any signal. From then on signals
   * are left to whom they belonged before: what is still to be closed may take its time.
   */
  synchronized boolean finish() {
    if (state == State.RUNNING) {
      state = State.FINISHED;
      signals.close();
    }
    return state == State.FINISHED;
  }

  /** What each signal does, on a thread of its own: the first one's stays until the end. */
  void signal() {
    if (request()) {
      if (!awaitEnd()) {
        say(() -> err.println(INCOMPLETE));
      }
      halt.accept(ExitStatus.INTERRUPTED);
    } else {
      abort();
    }
  }

  /** Whether this was the first. */
  private synchronized boolean request() {
    if (state != State.RUNNING) {
      return false;
    }
    state = State.REQUESTED;
    if (policy == Policy.ABORT) {
      abort();
    } else if (work != null) {
      say(work::tell);
    }
    return true;
  }

  private synchronized void abort() {
    if (state == State.REQUESTED) {
      state = State.ABORTED;
      if (work != null) {
        work.abort();
      }
    }
  }

  /** Says something, and goes on without having said it where nobody listens. */
  private void say(Runnable words) {
    Thread speaker = new Thread(words, "checksum-interrupted");
    speaker.setDaemon(true);
    speaker.start();
    try {
      speaker.join(timeToSay.toMillis());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** Waits for the end of the batch; {@return whether} it came while there was patience. */
  private boolean awaitEnd() {
    long begin = System.nanoTime();
    long aborted = begin;
    try {
      while (!ended.await(POLL_MILLIS, TimeUnit.MILLISECONDS)) {
        long now = System.nanoTime();
        if (drain != null && now - begin >= drain.toNanos()) {
          abort();
        }
        if (state != State.ABORTED) {
          aborted = now;
        }
        Output written = output;
        boolean stalled = written != null && written.stalled().compareTo(PATIENCE) > 0;
        if (stalled || now - aborted > LAST_PATIENCE.toNanos()) {
          return false;
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    }
    return true;
  }

  /** The batch has ended, and has written what it will write. */
  @Override
  public void close() {
    ended.countDown();
    signals.close();
  }
}
