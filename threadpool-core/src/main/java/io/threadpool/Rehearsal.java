package io.threadpool;

import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.slf4j.helpers.NOPLogger;

/**
 * Loads, initialises and links what submitting, running and settling need, before the first pool of
 * the class loader is open.
 *
 * <p>A class whose static initialiser meets the end of the stack, or of the heap, is broken for
 * good. The first use of a class may be at such a place, deep in a user's recursion; so a small
 * pool without threads is played through on the thread that builds the first pool, whose state is
 * put back.
 */
final class Rehearsal {

  private static volatile boolean done;

  private Rehearsal() {}

  static void once() {
    if (!done) {
      done = rehearse();
    }
  }

  /** Plays; returns whether the books of each pool balanced, as those of every pool do. */
  static boolean rehearse() {
    StackProbe.ensure();
    boolean interrupted = Thread.interrupted();
    Frame before = Frame.current();
    try {
      boolean balanced = play(SaturationPolicy.discardOldest());
      balanced &= play(SaturationPolicy.reject());
      balanced &= play(SaturationPolicy.callerRuns());
      return balanced;
    } finally {
      Frame.restore(before);
      Thread.interrupted(); // The abort has set it.
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }

  private static PoolConfig config(SaturationPolicy saturationPolicy) {
    return new PoolConfig(
        "rehearsal",
        1,
        ShutdownPolicy.drain(),
        Duration.ZERO,
        null,
        3,
        Long.MAX_VALUE,
        saturationPolicy,
        null,
        null,
        Duration.ZERO,
        null);
  }

  /** Fills the queue beyond its capacity, settles tasks in each way, and drains on this thread. */
  private static boolean play(SaturationPolicy saturationPolicy) {
    PoolCore core =
        new PoolCore(config(saturationPolicy), NOPLogger.NOP_LOGGER) {
          @Override
          Errands newErrands() {
            return new ErrandsHere();
          }

          @Override
          Timers newTimers() {
            return new NoTimers();
          }
        };
    PoolHandle pool = new PoolHandle(core);
    Task<?> inline = task(pool, () -> {});
    submit(core, inline);
    inline.run();
    Task<?> cancelled = task(pool, () -> {});
    submit(core, cancelled);
    cancelled.cancel(true);
    for (int i = 0; i < 2; i++) {
      submit(core, task(pool, () -> {}));
      submit(core, task(pool, Rehearsal::fail));
      try {
        core.execute(() -> {});
      } catch (RejectedTaskException full) {
        core.counts();
      }
    }
    core.sweeping.sweepIfWorthwhile();
    core.stats();
    core.shutdown(ShutdownPolicy.drain());
    core.runWorkerHere();
    core.stats(); // Again, now that a worker's frame has held something.
    submit(core, task(pool, () -> {}));
    core.shutdown(ShutdownPolicy.abort());
    core.remains();
    return core.counts().isBalanced();
  }

  private static Task<?> task(PoolHandle pool, Runnable body) {
    Task<?> task = new Task<>(pool, body, false);
    var unused = task.handle((result, failure) -> failure == null);
    return task;
  }

  private static void submit(PoolCore core, Task<?> task) {
    try {
      core.accept(task);
    } catch (RejectedTaskException refused) {
      core.counts(); // Not the handle: what was never accepted must not be counted.
    }
  }

  private static void fail() {
    throw new IllegalStateException("rehearsed");
  }

  /** Runs errands at once, since a thread takes longer to start than all the rest. */
  static final class ErrandsHere extends Errands {
    ErrandsHere() {
      super(new NoTimers(), Thread::new);
    }

    @Override
    void start(Runner started, @Nullable Runner before) {
      started.run();
    }
  }

  /** Nothing is waited for. */
  static final class NoTimers extends Timers {
    @Override
    boolean schedule(Entry entry, long nanos) {
      return true;
    }
  }
}
