package io.threadpool;

import java.util.concurrent.atomic.AtomicInteger;

/**
 * Whether nothing is queued and nothing runs, and those that wait for that.
 *
 * <p>Implementation note. {@link #isQuiescent} reads the idle workers' word and the guests' word,
 * then the queue, then both words again. Both change with every worker that wakes or sleeps and
 * every guest that starts or ends, so if they are the same twice, with every worker asleep and no
 * guest, then all workers slept while the queue was seen empty: that was one instant with nothing
 * queued or running.
 *
 * <p>No missed instant: who waits raises {@link #awaited}, then looks; a worker registers as idle,
 * then reads {@code awaited}, then looks, and so does the guest that ends. All are volatile, so
 * whichever is later sees the other.
 */
@SuppressWarnings("NonAtomicVolatileUpdate") // seen is written under the gate.
final class Quiescence {

  private final PoolCore core;
  private final Gate gate = new Gate();
  private final AtomicInteger awaited = new AtomicInteger();

  /** Rises when somebody waits and the pool is seen quiescent. Written under the gate. */
  private volatile long seen;

  Quiescence(PoolCore core) {
    this.core = core;
  }

  boolean isAwaited() {
    return awaited.get() > 0;
  }

  boolean isQuiescent() {
    if (core.lifecycle.isTerminated()) {
      return true;
    }
    long word = core.idle.snapshot();
    long activity = core.guests.activity();
    return IdleWorkers.registered(word) == core.size()
        && (int) activity == 0
        && !core.queue.hasWork()
        && core.idle.snapshot() == word
        && core.guests.activity() == activity;
  }

  /** Tells who waits, if anybody does and the pool is quiescent. */
  void check() {
    if (isAwaited() && isQuiescent()) {
      synchronized (gate) {
        seen++;
      }
      gate.signalAll();
    }
  }

  boolean await(long nanos) throws InterruptedException {
    if (isQuiescent()) {
      return true;
    }
    if (nanos <= 0) {
      return false;
    }
    long before = seen;
    awaited.getAndIncrement();
    try {
      if (core.queue.hasWork()) {
        core.idle.wakeOne(); // To give up a slot whose producer stands between claim and fill.
      }
      return isQuiescent() || gate.await(() -> seen != before, nanos);
    } finally {
      awaited.getAndDecrement();
    }
  }
}
