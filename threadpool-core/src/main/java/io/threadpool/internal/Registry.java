package io.threadpool.internal;

import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.atomic.AtomicReferenceArray;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * What is there at the moment, of things that come and go by themselves. Who is added, by CAS,
 * before it reads a word is seen by who writes that word, fences, and then looks here; or it sees
 * what that one has written.
 *
 * <p>Implementation note. Rows of slots, each twice as long as the one before and made when it is
 * needed. What is added takes a free one of a few slots, in the first row that has one there; so no
 * lock is taken, and those that come at once seldom meet.
 */
public final class Registry<E> {

  private static final int FIRST_LENGTH = 32;
  private static final int TRIES = 4;

  /** 2^32 by the golden ratio: spreads numbers that are close, or have a factor in common. */
  private static final int SPREAD = 0x9E3779B9;

  private static final int STRIDE = 17;

  private static final int ROW_SHIFT = 32;

  private final Row<E> first = new Row<>(FIRST_LENGTH);

  private static final class Row<E> {
    /** Written by CAS from null by who adds, and back to it by who removes. */
    private final AtomicReferenceArray<@Nullable E> slots;

    private final AtomicReference<@Nullable Row<E>> next = new AtomicReference<>();

    Row(int length) {
      slots = new AtomicReferenceArray<>(length);
    }

    /** Returns the slot that was taken, or -1. */
    int add(E element, int number) {
      int start = (number * SPREAD) >>> Integer.numberOfLeadingZeros(slots.length() - 1);
      for (int i = 0; i < TRIES; i++) {
        int slot = (start + i * STRIDE) & (slots.length() - 1);
        if (slots.getPlain(slot) == null && slots.compareAndSet(slot, null, element)) {
          return slot;
        }
      }
      return -1;
    }

    Row<E> nextOrNew() {
      Row<E> there = next.get();
      if (there != null) {
        return there;
      }
      Row<E> made = new Row<>(2 * slots.length());
      Row<E> witness = next.compareAndExchange(null, made);
      return witness == null ? made : witness;
    }
  }

  /**
   * Adds something.
   *
   * @param number its own, such as a thread's: of one number few may be there at a time
   * @return where it stands, to be removed from
   */
  public long add(E element, int number) {
    long at = 0;
    for (Row<E> row = first; ; row = row.nextOrNew(), at += 1L << ROW_SHIFT) {
      int slot = row.add(element, number);
      if (slot >= 0) {
        return at + slot;
      }
    }
  }

  /** Removes what was added there. */
  public void remove(long place) {
    Row<E> row = first;
    for (long i = place >>> ROW_SHIFT; i > 0; i--) {
      row = row.nextOrNew();
    }
    row.slots.setRelease((int) place, null);
  }

  /** Whether the test says so of one of those that are there. */
  public boolean any(Predicate<? super E> test) {
    for (Row<E> row = first; row != null; row = row.next.get()) {
      for (int i = 0; i < row.slots.length(); i++) {
        E element = row.slots.get(i);
        if (element != null && test.test(element)) {
          return true;
        }
      }
    }
    return false;
  }
}
