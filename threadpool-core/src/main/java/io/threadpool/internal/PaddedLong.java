package io.threadpool.internal;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;

/**
 * The value of a {@link PaddedLong}, since a class's fields are laid out after its superclass's.
 */
class PaddedValue extends PaddingBefore {
  volatile long value;
}

/**
 * A {@code long} that shares its cache line, and the line that is prefetched with it, with nothing.
 *
 * <p>Every access but {@link #incrementOwned} is volatile, so that the accesses of all such words
 * stand in one total order; the proofs of the queue and of the idle workers rest on that.
 */
public final class PaddedLong extends PaddedValue {
  long a1, a2, a3, a4, a5, a6, a7, a8, a9, a10, a11, a12, a13, a14, a15;

  private static final VarHandle VALUE = Handles.field(MethodHandles.lookup(), "value", long.class);

  public PaddedLong(long initial) {
    value = initial;
  }

  public long get() {
    return value;
  }

  /**
   * Adds one, for a word that a single thread writes. A release store is enough: readers sum such
   * words and want what happened before the count, not an order among counts. So is a plain read:
   * it is of the thread's own last write.
   */
  public void incrementOwned() {
    VALUE.setRelease(this, (long) VALUE.get(this) + 1);
  }

  public boolean compareAndSet(long expected, long replacement) {
    return VALUE.compareAndSet(this, expected, replacement);
  }

  public long getAndAdd(long delta) {
    return (long) VALUE.getAndAdd(this, delta);
  }
}
