package io.threadpool.internal;

import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * The timer: one thread, for all pools, that exists while anything is due at a time.
 *
 * <p>It decides and hands over: what it calls is the library's own, short, waits for nothing, and
 * calls no user code. Where its thread cannot be started, {@link #schedule} says so, and whoever
 * waits for what was to be done does it.
 *
 * <p>Implementation note. All of it is guarded by the monitor; entries run outside. The thread
 * looks under it, and parks after that; who puts in what is due first does so under it, and unparks
 * after that: so the thread has seen it, or does not park.
 */
public class Timers implements Runnable {

  /** For all pools of the class loader. */
  public static final Timers SHARED = new Timers();

  /** After how long what failed for want of memory is tried again. */
  private static final long AGAIN_NANOS = 1_000_000;

  private static final long HELP_NANOS = 5_000_000;

  /** Something that is due once. It may be scheduled again, also by itself. */
  public abstract static class Entry extends DueHeap.Entry {
    /** Does what is due, on the timers' thread; where it throws, it is called again. */
    public abstract void run();
  }

  private final DueHeap<Entry> heap = new DueHeap<>();
  private @Nullable Thread thread;

  /** Whether the last thread that was wanted could not be had. Written under the monitor. */
  private volatile boolean stranded;

  /** When that was; nanoTime. Guarded by the monitor. */
  private long failedAt;

  /**
   * Has an entry run after a time, or after that instead of what was said before. Needs no memory.
   *
   * @return false where no thread could be had that keeps it: it waits for one, or for {@link
   *     #help}
   */
  public synchronized boolean schedule(Entry entry, long nanos) {
    heap.put(entry, System.nanoTime() + Math.max(0, Math.min(nanos, DueHeap.LONGEST_NANOS)));
    return isKept(entry);
  }

  /** Tells the thread of an entry that is in the heap; false where there is none. */
  private boolean isKept(Entry entry) {
    if (thread == null) {
      return startThread();
    }
    if (heap.first() == entry) {
      LockSupport.unpark(thread);
    }
    return true;
  }

  /** What its thread does. */
  @Override
  public final void run() {
    while (runNext()) {
      // Each turn runs one.
    }
  }

  /** Under the monitor, so that nobody counts on a thread that proves not to be had. */
  private boolean startThread() {
    if (stranded && System.nanoTime() - failedAt < HELP_NANOS) {
      return false; // Each try costs, and the virtual machine may tell of each.
    }
    try {
      Thread started = newThread(this);
      started.start();
      thread = started;
      stranded = false;
      return true;
    } catch (Throwable noThread) {
      stranded = true;
      failedAt = System.nanoTime();
      return false;
    }
  }

  /** A seam for tests in which no thread is to be had. */
  protected Thread newThread(Runnable body) {
    return Threads.daemon("threadpool-timer", body, null);
  }

  /**
   * The same, unless that was asked for already and the entry has not begun since. Where it waits
   * for a thread, that is asked for again, and it is not put off.
   *
   * @param asked whether it was; the entry clears it when it begins
   */
  public final void scheduleOnce(AtomicBoolean asked, Entry entry, long nanos) {
    if (asked.get()) {
      return;
    }
    StackProbe.ensureSome(); // What breaks off half way would stand nowhere, and pass for asked.
    if (!asked.compareAndSet(false, true)) {
      return;
    }
    boolean kept = false;
    try {
      kept = keep(entry, nanos);
    } finally {
      if (!kept) { // Else it stays: the entry may have begun, and have cleared it, by now.
        asked.set(false);
      }
    }
  }

  private synchronized boolean keep(Entry entry, long nanos) {
    return heap.holds(entry) ? isKept(entry) : schedule(entry, nanos);
  }

  /** Forgets an entry, unless it runs at this moment. */
  public synchronized void cancel(Entry entry) {
    if (heap.remove(entry) && heap.size() == 0) {
      LockSupport.unpark(thread); // The thread has nothing to exist for.
    }
  }

  /** Whether what is due waits for a thread; then those that wait do it. */
  public final boolean isStranded() {
    return stranded;
  }

  /** After how long who waits for what may be due here calls {@link #help}. */
  public final long helpNanos() {
    return stranded ? HELP_NANOS : Gate.lookAgainNanos;
  }

  /** Where no thread could be had: gets one, or else runs what is due on the calling thread. */
  public final void help() {
    while (stranded) {
      StackProbe.ensure(); // What breaks off half way would be lost.
      Entry entry = takeStranded();
      if (entry == null) {
        return;
      }
      run(entry);
    }
  }

  private synchronized @Nullable Entry takeStranded() {
    stranded = heap.size() > 0 && thread == null && !startThread();
    return stranded && heap.untilFirst(System.nanoTime()) <= 0 ? heap.poll() : null;
  }

  /**
   * Runs the next entry, once it is due; false where there is none. In a method of its own, since a
   * variable of the loop would keep the last one, and its pool, reachable while nothing is due.
   */
  private boolean runNext() {
    Entry entry = awaitDue();
    if (entry == null) {
      return false;
    }
    run(entry);
    return true;
  }

  private void run(Entry entry) {
    try {
      entry.run();
    } catch (Throwable noMemory) {
      schedule(entry, AGAIN_NANOS);
    }
  }

  /**
   * Waits for the first entry and takes it out; null, and the thread is to end, if none is left. No
   * variable refers to the entry over the wait: it would keep one that is cancelled meanwhile, and
   * its pool, reachable until it would have been due, since the thread is not woken for that while
   * others are left.
   */
  private @Nullable Entry awaitDue() {
    while (true) {
      long left;
      synchronized (this) {
        if (heap.size() == 0) {
          thread = null;
          return null;
        }
        left = heap.untilFirst(System.nanoTime());
        if (left <= 0) {
          return heap.poll();
        }
      }
      LockSupport.parkNanos(this, left); // To wait in the monitor takes whole milliseconds.
      Thread.interrupted(); // Nobody's business, and it would not park again.
    }
  }
}
