package io.threadpool;

import io.threadpool.internal.Actors;
import io.threadpool.internal.Errands;
import io.threadpool.internal.TaskQueue;
import io.threadpool.internal.Timers;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Callable;
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
  final PoolCore core;

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
    core = core(config, segmentSize, pauseNanos);
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
      Floor.Seam newSeam() {
        return new Floor.Seam() {
          @Override
          void onEmpty(int worker) {
            Actors.pause(pauseNanos);
          }
        };
      }
    };
  }

  @Override
  TaskHost host() {
    return core;
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
    core.crew.runHere();
  }

  /** What the worker does with one entry; false where there was none. */
  boolean takeOne() {
    Object entry = core.queue.poll();
    if (entry == null) {
      return false;
    }
    if (entry instanceof Task<?> task && !task.claim(true)) {
      core.backlog.tookDead(task);
    } else {
      core.backlog.tookLive();
      core.bodies.run(entry, frameHere());
    }
    return true;
  }

  /**
   * The worker's, where it is not its loop that runs: of the thread that takes, since the one that
   * made the rig may be the other's, whose wait would pass for one for itself.
   */
  private Frame frameHere() {
    return new Frame.OfLoop(core.signal, core.events, Thread.currentThread(), core.ledger.tally(0));
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
      return core.lifecycle.awaitEnd(Actors.LONG, false);
    } catch (InterruptedException e) {
      return false;
    }
  }

  /**
   * The outcomes that were counted, for instance {@code 1 completed 1 aborted}; or {@code none}.
   */
  String outcomes() {
    Counts counts =
        core.lifecycle.report().map(TerminationReport::counts).orElseGet(core.ledger::counts);
    String text =
        text(counts.completed(), "completed")
            + text(counts.failed(), "failed")
            + text(counts.cancelled(), "cancelled")
            + text(counts.aborted(), "aborted");
    return text.isEmpty() ? "none" : text.substring(1);
  }

  private static String text(long count, String what) {
    return count == 0 ? "" : " " + count + " " + what;
  }

  /** How many more are accepted, up to two. */
  int room() {
    int room = 0;
    while (room < 2
        && core.admission.tryAccept(new Task<>(this, (Runnable) () -> {}, false), 0) == null) {
      room++;
    }
    return room;
  }
}
