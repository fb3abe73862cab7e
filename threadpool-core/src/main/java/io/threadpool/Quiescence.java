package io.threadpool;

import io.threadpool.internal.Gate;
import io.threadpool.internal.IdleWorkers;
import io.threadpool.internal.StackProbe;
import io.threadpool.internal.TaskQueue;
import io.threadpool.internal.Timers;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Whether nothing is queued and nothing runs, and those that wait for that.
 *
 * <p>Implementation note. What is delayed is neither queued nor running; from when it falls due it
 * counts as entered, with what was accepted. {@link #isQuiescent} reads the outcomes, then what has
 * entered: where they balance, every task that had entered by then was settled. A settled body may
 * still be on its thread's stack, where its frame shows it, from before it was claimed. So it looks
 * at the frames next, and then at what has entered, as before all that: if there is none more, no
 * body can have begun meanwhile, and this was an instant with nothing queued and nothing running.
 *
 * <p>No missed instant: who waits draws a ticket and raises {@link #awaited}, then looks; a worker
 * clears its frame, then reads {@code awaited}, then looks, and so do the guest that ends and
 * whoever settles a queued task. Where a worker's release store is not yet seen by who waits, the
 * worker looks again before it sleeps or leaves its place, after a fence. Should that look fail for
 * want of stack or memory, who waits looks itself, the gate's once a second.
 */
final class Quiescence {

  private final Ledger ledger;
  private final TaskQueue queue;
  private final IdleWorkers idle;
  private final Observer pool;
  private final Gate gate = new Gate();
  private final AtomicInteger awaited = new AtomicInteger();

  /** How many have ever waited; each has the number at its arrival as its ticket. */
  private final AtomicLong arrivals = new AtomicLong();

  /** Up to which ticket an instant since its arrival was seen. Written by who saw it. */
  private final AtomicLong seenUpTo = new AtomicLong();

  Quiescence(Ledger ledger, TaskQueue queue, IdleWorkers idle, Observer pool) {
    this.ledger = ledger;
    this.queue = queue;
    this.idle = idle;
    this.pool = pool;
  }

  boolean isAwaited() {
    return awaited.get() > 0;
  }

  boolean isQuiescent() {
    if (pool.isTerminated()) {
      return true;
    }
    long entered = ledger.entered();
    return ledger.counts().isBalanced() && pool.nothingRuns() && ledger.entered() == entered;
  }

  /**
   * Tells who waits, if anybody does and the pool is quiescent. Does not throw, since it is called
   * amid what must be finished.
   */
  void check() {
    if (!isAwaited()) {
      return;
    }
    try {
      long upTo = arrivals.get(); // Before the look: who arrives later wants a later instant.
      if (isQuiescent()) {
        for (long seen = seenUpTo.get(); seen < upTo; seen = seenUpTo.get()) {
          seenUpTo.compareAndSet(seen, upTo);
        }
        gate.signalAll();
      }
    } catch (Throwable noStackOrMemory) {
      // Who waits looks itself.
    }
  }

  /** Waits for an instant since the call; helps meanwhile where the timer has no thread. */
  boolean await(long nanos, Timers timers) throws InterruptedException {
    if (isQuiescent()) {
      return true;
    }
    if (nanos <= 0) {
      timers.help();
      return isQuiescent();
    }
    StackProbe.ensure(); // Who is woken, or started, is so from here.
    long start = System.nanoTime();
    long ticket = arrivals.incrementAndGet();
    awaited.getAndIncrement();
    try {
      for (long left = nanos; left > 0; left = nanos - (System.nanoTime() - start)) {
        look();
        if (gate.await(() -> isSeen(ticket), Math.min(left, timers.helpNanos()))) {
          return true;
        }
        timers.help();
      }
      return isSeen(ticket);
    } finally {
      awaited.getAndDecrement();
    }
  }

  private boolean isSeen(long ticket) {
    return seenUpTo.get() >= ticket || isQuiescent();
  }

  private void look() {
    idle.settleDoubt();
    if (queue.hasWork() && !idle.wakeOne()) { // To give up a slot that is claimed and not filled.
      pool.onNobodyAwake();
    }
  }
}
