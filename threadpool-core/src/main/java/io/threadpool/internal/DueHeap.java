package io.threadpool.internal;

import java.util.Objects;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * A heap by time, of entries that are linked with each other, so that to put one in takes no
 * memory, and one that is cancelled is forgotten at once. Of two that are due at the same time the
 * one comes first that was put first. Not thread-safe: guarded by a monitor of its owner's.
 *
 * <p>It is a pairing heap (Fredman, Sedgewick, Sleator and Tarjan, 1986): a tree in which none is
 * due before the one above it. To put one in takes one comparison; to take one out, as many as
 * there are below it, which over many calls is their logarithm.
 *
 * @param <E> what it holds
 */
public final class DueHeap<E extends DueHeap.Entry> {

  /**
   * So far ahead, some 73 years, is as good as never: the times that are compared must not wrap.
   */
  public static final long LONGEST_NANOS = Long.MAX_VALUE / 4;

  /** Something that is due at a time, in one heap at the most. */
  public abstract static class Entry {
    /** When; nanoTime. Written by who puts it into a heap, read by others, too. */
    public volatile long due;

    /** The how manieth it was; 0: it is in no heap. Guarded by the heap's owner, as is the rest. */
    private long number;

    /** The first in the row of those right below it. */
    private @Nullable Entry below;

    /** The one behind it in its row. */
    private @Nullable Entry next;

    /** The one before it in its row, or, where it is the first, above it; null at the top. */
    private @Nullable Entry before;
  }

  private @Nullable Entry top;
  private int size;
  private long numbers;

  public int size() {
    return size;
  }

  /** The entry that is due first; null where there is none. */
  @SuppressWarnings("unchecked")
  public @Nullable E first() {
    return (E) top;
  }

  /** How long until the first is due; {@code Long.MAX_VALUE} where there is none. */
  public long untilFirst(long now) {
    E first = first();
    return first == null ? Long.MAX_VALUE : first.due - now;
  }

  /** Takes out the entry that is due first. */
  public @Nullable E poll() {
    E first = first();
    if (first != null) {
      remove(first);
    }
    return first;
  }

  /** Whether an entry is in it, or in another. */
  public boolean holds(E entry) {
    Entry held = entry;
    return held.number != 0;
  }

  /** Puts an entry in, or elsewhere if it was in. */
  public void put(E entry, long due) {
    remove(entry);
    Entry added = entry;
    added.due = due;
    added.number = ++numbers;
    size++;
    top = merge(top, added);
  }

  /** Takes an entry out; false where it was not in. */
  public boolean remove(E entry) {
    Entry removed = entry;
    if (removed.number == 0) {
      return false;
    }
    removed.number = 0;
    size--;
    Entry rest = mergeRow(removed.below);
    removed.below = null;
    if (removed == top) {
      top = rest;
    } else {
      unlink(removed);
      top = merge(top, rest);
    }
    return true;
  }

  /** Takes out those of which something is true. */
  @SuppressWarnings("unchecked")
  public void removeIf(Predicate<? super E> condition) {
    Entry open = top;
    top = null;
    while (open != null) {
      Entry entry = open;
      open = entry.next;
      Entry row = entry.below;
      if (row != null) { // Those below it come next.
        Entry last = row;
        while (last.next != null) {
          last = last.next;
        }
        last.next = open;
        open = row;
      }
      entry.below = null;
      entry.next = null;
      entry.before = null;
      if (condition.test((E) entry)) {
        entry.number = 0;
        size--;
      } else {
        top = merge(top, entry);
      }
    }
  }

  private static void unlink(Entry entry) {
    Entry before = entry.before;
    if (before == null) {
      return; // The stack has ended amid its put.
    }
    if (before.below == entry) {
      before.below = entry.next;
    } else {
      before.next = entry.next;
    }
    if (entry.next != null) {
      entry.next.before = before;
    }
    entry.next = null;
    entry.before = null;
  }

  /** Makes one heap of two, each by its top; that is due first of which the other comes below. */
  private static @Nullable Entry merge(@Nullable Entry one, @Nullable Entry other) {
    if (one == null || other == null) {
      return one == null ? other : one;
    }
    Entry above = isBefore(one, other) ? one : other;
    Entry added = above == one ? other : one;
    added.next = above.below;
    if (added.next != null) {
      added.next.before = added;
    }
    added.before = above;
    above.below = added;
    return above;
  }

  /** Makes one heap of those in a row: of each two, then of all from the last to the first. */
  private static @Nullable Entry mergeRow(@Nullable Entry row) {
    Entry pairs = null;
    for (Entry one = row; one != null; ) {
      Entry other = one.next;
      Entry following = other == null ? null : other.next;
      one.before = null;
      if (other != null) {
        other.before = null;
      }
      Entry pair = Objects.requireNonNull(merge(one, other), "pair");
      pair.next = pairs;
      pairs = pair;
      one = following;
    }
    Entry all = null;
    while (pairs != null) {
      Entry pair = pairs;
      pairs = pair.next;
      pair.next = null;
      all = merge(all, pair);
    }
    return all;
  }

  private static boolean isBefore(Entry one, Entry other) {
    long apart = one.due - other.due;
    return apart < 0 || (apart == 0 && one.number - other.number < 0);
  }
}
