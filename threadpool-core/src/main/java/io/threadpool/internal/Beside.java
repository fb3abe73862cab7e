package io.threadpool.internal;

import java.util.concurrent.atomic.AtomicLong;

/**
 * Counts what is accepted and does not stand in the queue: how much of it there is, in one word,
 * with the close of it; and how much of it waits for a worker in a line beside the queue. That
 * count serves one line, as it is written under the monitor of whose that is; another line needs
 * one of its own.
 *
 * <pre>
 *   n --enter--> n + 1      accepted                 n --leave--> n - 1     over
 *   n --close--> CLOSED n   no more is               CLOSED 1 --leave--> CLOSED 0: it is over for good
 * </pre>
 *
 * <p>Implementation note. Workers leave when the closed queue is drained and this is CLOSED with
 * nothing; who makes it so wakes all of them after that, and who registers as asleep reads it after
 * that: one of the two sees the other. The same with what is put into the line.
 */
public final class Beside {

  private static final long CLOSED = Long.MIN_VALUE;

  /** How much there is, and CLOSED. Written by CAS and by atomic addition. */
  private final AtomicLong word = new AtomicLong();

  /** How much waits in the line. Written under the monitor of the line's owner, read by workers. */
  private volatile int due;

  /** Counts one in; false where it is closed. */
  public boolean enter() {
    for (long w = word.get(); w >= 0; w = word.get()) {
      if (word.compareAndSet(w, w + 1)) {
        return true;
      }
    }
    return false;
  }

  /** Counts one out; returns whether none is left. */
  public boolean leave() {
    return (word.decrementAndGet() & ~CLOSED) == 0;
  }

  /** From here on nothing is counted in. */
  public void close() {
    for (long w = word.get(); w >= 0; w = word.get()) {
      if (word.compareAndSet(w, w | CLOSED)) {
        return;
      }
    }
  }

  public boolean isClosed() {
    return word.get() < 0;
  }

  /** Closed, and nothing left. */
  public boolean isOver() {
    return word.get() == CLOSED;
  }

  /** How much there is that was counted in. */
  public long size() {
    return word.get() & ~CLOSED;
  }

  public int due() {
    return due;
  }

  /** Something has come into the line, or has left it. Under the monitor of the line's owner. */
  @SuppressWarnings("NonAtomicVolatileUpdate")
  public void addDue(int change) {
    due += change;
  }
}
