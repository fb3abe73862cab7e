package io.threadpool.internal;

import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * The room in a bounded queue: one permit a queued task, and the line of submitters that wait for
 * one.
 *
 * <p>Implementation note. A permit is taken before the queue's slot is claimed and released by
 * whoever moves the task out of <em>queued</em>, or by the submitter whose offer was refused,
 * exactly once.
 *
 * <p>Invariants: where somebody waits and nobody holds the monitor, no permit is free, except
 * between the two steps of {@link #release}; a newcomer does not overtake who waits. Who is refused
 * without waiting has seen no free permit, or, under the monitor, none that is not owed: so nobody
 * is refused on account of one that is about to join the line, or to be granted what is free.
 *
 * <p>No lost permit: {@code release} adds to {@link #free}, then reads {@link #waiting}; a
 * submitter writes {@code waiting}, then reads {@code free}. All four are volatile, so one of them
 * sees the other: either the submitter takes the permit itself, or the releaser enters {@link
 * #grant}.
 *
 * <p>The monitor guards the line alone, and its blocks call nothing but {@link #tryTake} and {@link
 * Threads#unpark}. It is a monitor and not a lock object because the virtual machine leaves it even
 * when the stack overflows.
 */
@SuppressWarnings("NonAtomicVolatileUpdate") // waiting is written under the monitor.
public final class Permits {

  /** What comes of waiting for a permit: the permit, or why there is none. */
  public static final int GRANTED = 0;

  public static final int TIMED_OUT = 1;
  public static final int INTERRUPTED = 2;
  public static final int CLOSED = 3;

  private static final int BROKEN = 4;

  /** A submitter in the line. */
  private static final class Waiter {
    final Thread thread = Thread.currentThread();

    /** Written under the monitor by {@link Permits#grant}, read by the waiter. */
    volatile boolean granted;

    /** The neighbours; guarded by the monitor. */
    @Nullable Waiter previous;

    @Nullable Waiter next;
  }

  /** The permits left; negative where discard-oldest has appended first. Written by all. */
  private final AtomicLong free;

  /** How many submitters wait. Written under the monitor, read by {@link #release}. */
  private volatile int waiting;

  private volatile boolean closed;

  /** The ends of the line; guarded by the monitor. */
  private @Nullable Waiter first;

  private @Nullable Waiter last;

  public Permits(int capacity) {
    free = new AtomicLong(capacity);
  }

  /**
   * Takes a permit if one is free that nobody in the line is owed. So where this fails there was an
   * instant without a free one.
   */
  public boolean tryAcquire() {
    return waiting == 0 ? tryTake() : tryBehindTheLine();
  }

  private synchronized boolean tryBehindTheLine() {
    grant();
    return first == null && tryTake();
  }

  /** How many permits are free; negative where more are taken than there are. */
  public long free() {
    return free.get();
  }

  private boolean tryTake() {
    for (long n = free.get(); n > 0; n = free.get()) {
      if (free.compareAndSet(n, n - 1)) {
        return true;
      }
    }
    return false;
  }

  /** Takes a permit whether there is one or not; {@link #isOverdrawn} tells. */
  public void overdraw() {
    free.getAndDecrement();
  }

  public boolean isOverdrawn() {
    return free.get() < 0;
  }

  /** Gives a permit back, to who waits first if anybody does. */
  public void release() {
    free.getAndIncrement();
    if (waiting > 0) {
      grant();
    }
  }

  private synchronized void grant() {
    while (first != null && tryTake()) {
      Waiter waiter = first;
      unlink(waiter);
      waiter.granted = true;
      Threads.unpark(waiter.thread);
    }
  }

  /**
   * Waits for a permit in the order of arrival. Interrupted, it leaves the flag set.
   *
   * @param nanos how long; {@code Long.MAX_VALUE}: without end
   * @return {@link #GRANTED}, {@link #TIMED_OUT}, {@link #INTERRUPTED} or {@link #CLOSED}
   */
  public int acquire(long nanos) {
    if (tryAcquire()) {
      return GRANTED;
    }
    if (nanos <= 0) {
      return closed ? CLOSED : TIMED_OUT;
    }
    Waiter waiter = new Waiter();
    if (!enqueue(waiter)) {
      return GRANTED;
    }
    int end = BROKEN;
    boolean granted = false;
    try {
      end = await(waiter, nanos);
    } finally {
      // Also where the wait broke off, for want of memory, say: who is gone must not be granted
      // one.
      granted = leave(waiter);
      if (granted && (end == INTERRUPTED || end == CLOSED || end == BROKEN)) {
        release();
      }
    }
    // Granted in the race with what ended the wait? Time that ran out does not make it less
    // welcome.
    return granted && end == TIMED_OUT ? GRANTED : end;
  }

  /** Joins the line, or takes a permit that nobody in the line is owed; false for the latter. */
  private synchronized boolean enqueue(Waiter waiter) {
    waiting++;
    if (first == null && tryTake()) {
      waiting--;
      return false;
    }
    waiter.previous = last;
    if (last == null) {
      first = waiter;
    } else {
      last.next = waiter;
    }
    last = waiter;
    return true;
  }

  private int await(Waiter waiter, long nanos) {
    long start = System.nanoTime();
    while (!waiter.granted) {
      if (closed) {
        return CLOSED;
      }
      if (waiter.thread.isInterrupted()) {
        return INTERRUPTED;
      }
      long left = nanos - (System.nanoTime() - start);
      if (left <= 0) {
        return TIMED_OUT;
      }
      LockSupport.parkNanos(this, Math.min(left, Gate.lookAgainNanos));
    }
    return GRANTED;
  }

  /** Leaves the line; true where the waiter had been granted a permit. */
  private synchronized boolean leave(Waiter waiter) {
    if (!waiter.granted) {
      unlink(waiter);
    }
    return waiter.granted;
  }

  private void unlink(Waiter waiter) {
    Waiter before = waiter.previous;
    Waiter after = waiter.next;
    if (before == null) {
      first = after;
    } else {
      before.next = after;
    }
    if (after == null) {
      last = before;
    } else {
      after.previous = before;
    }
    waiting--;
  }

  /** Ends every wait, now and later. Permits are still taken and given back. */
  public void close() {
    closed = true;
    synchronized (this) {
      for (Waiter waiter = first; waiter != null; waiter = waiter.next) {
        Threads.unpark(waiter.thread);
      }
    }
  }
}
