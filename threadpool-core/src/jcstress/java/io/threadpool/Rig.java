package io.threadpool;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.slf4j.helpers.NOPLogger;

/**
 * The real engine of a pool of one worker, without a thread: the actors of a case submit, work,
 * cancel and close.
 *
 * <p>What an actor does as the worker is {@link #work}, the worker's own loop, which ends once the
 * pool is closed and drained; or {@link #takeOne}, one turn of it, where the case must go on
 * afterwards.
 */
final class Rig extends PoolHandle {

  /** As long as a wait may last that does not have to end by itself. */
  static final long LONG = TimeUnit.SECONDS.toNanos(10);

  private static final List<String> ANSWERS =
      List.of("GRANTED", "TIMEOUT", "INTERRUPTED", "CLOSED");

  /** The settings of a pool without limits. */
  static final PoolConfig PLAIN = config(0, SaturationPolicy.reject(), Duration.ofSeconds(5));

  /** Those of a pool with room for one. */
  static final PoolConfig ROOM_FOR_ONE =
      config(1, SaturationPolicy.reject(), Duration.ofSeconds(5));

  static final PoolConfig DISCARD =
      config(1, SaturationPolicy.discardOldest(), Duration.ofSeconds(5));

  static final PoolConfig DISCARD_OF_TWO =
      config(2, SaturationPolicy.discardOldest(), Duration.ofSeconds(5));

  static final PoolConfig CALLER_RUNS =
      config(1, SaturationPolicy.callerRuns(), Duration.ofSeconds(5));

  static final PoolConfig NO_GRACE = config(0, SaturationPolicy.reject(), Duration.ZERO);

  static {
    Rehearsal.once();
  }

  /** The engine, which a case keeps though it terminates. */
  final PoolCore core = core();

  /** What came of waiting for a permit, in a word. */
  static String answer(int answer) {
    return ANSWERS.get(answer);
  }

  Rig() {
    this(PLAIN);
  }

  Rig(PoolConfig config) {
    this(config, 4);
  }

  Rig(PoolConfig config, int segmentSize) {
    this(config, segmentSize, 0);
  }

  /**
   * A pool that is ready.
   *
   * @param pauseNanos how long the worker is held up between finding the queue empty and asking
   *     whether it is drained
   */
  Rig(PoolConfig config, int segmentSize, int pauseNanos) {
    super(core(config, segmentSize, pauseNanos));
  }

  private static PoolConfig config(int capacity, SaturationPolicy saturation, Duration grace) {
    WorkerPoolBuilder builder =
        WorkerPool.builder().size(1).name("rig").saturationPolicy(saturation).abortGrace(grace);
    return (capacity == 0 ? builder.unboundedQueue() : builder.queueCapacity(capacity)).config();
  }

  private static PoolCore core(PoolConfig config, int segmentSize, int pauseNanos) {
    return new PoolCore(config, NOPLogger.NOP_LOGGER) {
      @Override
      TaskQueue newQueue(long roughLimit) {
        return new TaskQueue(segmentSize, roughLimit);
      }

      @Override
      Timers newTimers() {
        return new Rehearsal.NoTimers();
      }

      @Override
      Errands newErrands() {
        return new Rehearsal.ErrandsHere();
      }

      @Override
      void onEmpty(int worker) {
        pause(pauseNanos);
      }
    };
  }

  @Override
  public void execute(Runnable command) {
    core.execute(command);
  }

  <T> Task<T> submit(Callable<T> body) {
    Task<T> task = new Task<>(this, body, true);
    core.accept(task);
    return task;
  }

  Task<?> submitRun(Runnable body) {
    Task<?> task = new Task<>(this, body, false);
    core.accept(task);
    return task;
  }

  /** Submits, and says whether that was accepted. */
  boolean isAccepted(Runnable body) {
    try {
      core.execute(body);
      return true;
    } catch (RejectedTaskException refused) {
      return false;
    }
  }

  /** The life of the worker, until the pool is closed and drained. */
  void work() {
    core.runWorkerHere();
  }

  /** What the worker does with one entry; false where there was none. */
  boolean takeOne() {
    Object entry = core.queue.poll();
    if (entry == null) {
      return false;
    }
    Ledger.Tally tally = core.ledger.tally(0);
    if (!(entry instanceof Task<?> task)) {
      core.tookLive();
      tally.count(core.runRaw(entry, null));
    } else if (task.claim(true)) {
      core.tookLive();
      task.runClaimed(tally);
    } else {
      core.tookDead(task);
    }
    return true;
  }

  /** Does what a worker does with all that is there. */
  void takeAll() {
    while (takeOne()) {
      // Each turn takes one.
    }
  }

  /** Starts to drain. */
  void close() {
    core.shutdown(ShutdownPolicy.drain());
  }

  /** Aborts, and returns what had not started. */
  List<Runnable> abort() {
    return core.shutdown(ShutdownPolicy.abort());
  }

  /** True where the pool ends in time. */
  boolean ends() {
    try {
      return core.lifecycle.awaitTermination(LONG);
    } catch (InterruptedException e) {
      return false;
    }
  }

  /**
   * The outcomes that were counted, for instance {@code 1 completed 1 aborted}; or {@code none}.
   */
  String outcomes() {
    Counts counts = core.lifecycle.report().map(TerminationReport::counts).orElseGet(core::counts);
    String text =
        text(counts.completed, "completed")
            + text(counts.failed, "failed")
            + text(counts.cancelled, "cancelled")
            + text(counts.aborted, "aborted");
    return text.isEmpty() ? "none" : text.substring(1);
  }

  private static String text(long count, String what) {
    return count == 0 ? "" : " " + count + " " + what;
  }

  /** How many more are accepted, up to two. */
  int room() {
    int room = 0;
    while (room < 2
        && core.admission().tryAccept(new Task<>(this, (Runnable) () -> {}, false), 0) == null) {
      room++;
    }
    return room;
  }

  /** Calls what does not throw here. */
  static <T> T sure(Callable<T> call) {
    try {
      return call.call();
    } catch (Exception unexpected) {
      throw new AssertionError(unexpected);
    }
  }

  /** Waits until a flag is seen set; false where it is not, for long. */
  static boolean await(BooleanSupplier flag) {
    long start = System.nanoTime();
    for (int turn = 0; !flag.getAsBoolean(); turn++) {
      if (System.nanoTime() - start > LONG) {
        return false;
      }
      if (turn < 1_000) {
        Thread.onSpinWait();
      } else {
        Thread.yield(); // There may be no processor left for who sets it.
      }
    }
    return true;
  }

  /** Holds the calling thread up for a time, in nanoseconds. */
  static void pause(int nanos) {
    if (nanos > 0) {
      for (long start = System.nanoTime(); System.nanoTime() - start < nanos; ) {
        Thread.onSpinWait();
      }
    }
  }

  /** Holds the calling thread up for any time up to so many nanoseconds. */
  static void pauseUpTo(int nanos) {
    pause(ThreadLocalRandom.current().nextInt(nanos));
  }

  /** True where the calling thread is interrupted, or soon will be; clears that. */
  static boolean isInterruptedSoon() {
    boolean interrupted = false;
    for (int i = 0; i < 20; i++) {
      interrupted |= Thread.interrupted();
      Thread.onSpinWait();
    }
    return interrupted;
  }
}
