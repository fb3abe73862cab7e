package io.threadpool;

import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicIntegerFieldUpdater;

/**
 * One submission as it is seen from outside the pool: how the call ended, how often its body ran
 * and how that ended, and what its handle says.
 */
final class FaultTask implements Runnable, Callable<Object> {

  /** What a task does; it may throw anything. */
  interface Body {
    void run() throws Throwable;
  }

  /** The classes; each submission belongs in one of the first five. */
  enum Fate {
    COMPLETED,
    FAILED,
    CANCELLED,
    ABORTED,
    REJECTED,
    /** Accepted, and in no class although the pool is quiet. */
    LOST
  }

  private static final AtomicIntegerFieldUpdater<FaultTask> RUNS =
      AtomicIntegerFieldUpdater.newUpdater(FaultTask.class, "runs");

  private final Body body;

  // Written by the thread that runs the body.
  private volatile int runs;
  private volatile boolean returned;
  private volatile boolean threw;

  // Written by the thread that submits.
  private volatile boolean accepted;
  private volatile Future<?> handle;
  private volatile Throwable refusal;

  FaultTask(Body body) {
    this.body = body;
  }

  @Override
  public void run() {
    RUNS.getAndIncrement(this);
    try {
      body.run();
      returned = true;
    } catch (Throwable thrown) {
      threw = true;
      throw FaultKinds.raise(thrown);
    }
  }

  @Override
  public Object call() {
    run();
    return this;
  }

  /**
   * Hands itself to a pool, with a handle or without. After the pool's own call it writes fields
   * and calls nothing, so that it also works at the end of the stack.
   */
  void handTo(ExecutorService pool, boolean raw) {
    try {
      if (raw) {
        pool.execute(this);
      } else {
        handle = pool.submit((Callable<Object>) this);
      }
      accepted = true;
    } catch (Throwable thrown) {
      refusal = thrown;
    }
  }

  /** The same, to be due after a time. */
  void handTo(ScheduledExecutorService pool, long nanos) {
    try {
      handle = pool.schedule((Callable<Object>) this, nanos, TimeUnit.NANOSECONDS);
      accepted = true;
    } catch (Throwable thrown) {
      refusal = thrown;
    }
  }

  /** Notes that the stack or the heap ended before the pool's own call was made. */
  void notHanded(Throwable thrown) {
    if (!accepted && refusal == null) {
      refusal = thrown;
    }
  }

  int runs() {
    return runs;
  }

  boolean isAccepted() {
    return accepted;
  }

  /** What the call threw, or null. */
  Throwable refusal() {
    return refusal;
  }

  /** The handle; null without one. */
  Future<?> handle() {
    return handle;
  }

  /** True once nothing more can become of it: what a pool that cannot be asked is polled for. */
  boolean isSettled() {
    Future<?> future = handle;
    return refusal != null || (future != null ? future.isDone() : returned || threw);
  }

  /**
   * Its class, at a moment when the pool is quiet.
   *
   * @param back what {@code shutdownNow} returned
   * @param mayVanish whether the pool was to discard tasks, which a raw command cannot tell from
   *     being lost; the pool's own count does
   */
  Fate fate(Set<Object> back, boolean mayVanish) {
    if (refusal != null) {
      return Fate.REJECTED;
    }
    if (handle != null) {
      return fateOfHandle();
    }
    if (back.contains(this)) {
      return Fate.ABORTED;
    }
    if (returned || threw) {
      return returned ? Fate.COMPLETED : Fate.FAILED;
    }
    return runs == 0 && mayVanish ? Fate.ABORTED : Fate.LOST;
  }

  private Fate fateOfHandle() {
    if (!handle.isDone()) {
      return Fate.LOST;
    }
    try {
      handle.get();
      return Fate.COMPLETED;
    } catch (TaskAbortedException byThePool) {
      return Fate.ABORTED;
    } catch (CancellationException byTheUser) {
      return Fate.CANCELLED;
    } catch (ExecutionException thrown) {
      return Fate.FAILED;
    } catch (RuntimeException unprintable) {
      return Fate.FAILED; // Thrown by the cause's toString, which the JDK's handle calls.
    } catch (InterruptedException impossible) {
      throw new AssertionError("a handle that is done does not wait", impossible);
    }
  }

  /** What contradicts its class: run twice, run and returned, failed without a throw; or null. */
  String contradiction(Fate fate, Set<Object> back) {
    boolean isBack = back.contains(this) || (handle != null && back.contains(handle));
    if (runs > 1) {
      return "run " + runs + " times";
    }
    if (runs == 1 && isBack) {
      return "run, and returned by shutdownNow";
    }
    if (fate == Fate.REJECTED && (runs > 0 || isBack)) {
      return "refused, and run or returned";
    }
    if ((fate == Fate.COMPLETED && !returned) || (fate == Fate.FAILED && !threw)) {
      return fate + ", which its body did not";
    }
    return null;
  }
}
