package io.threadpool.internal;

import java.util.Arrays;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * What is due at times: a binary heap by those, each entry with its place in it, so that one that
 * is cancelled is forgotten at once. Of two that are due at the same time the one comes first that
 * was put first. Not thread-safe: guarded by a monitor of its owner's.
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
    private static final int NOWHERE = -1;

    /** When; nanoTime. Written by who puts it into a heap, read by others, too. */
    protected volatile long due;

    /** The how manieth it was. Guarded by the owner of the heap, as is the next. */
    private long number;

    private int place = NOWHERE;
  }

  private @Nullable Entry[] heap = new Entry[16];
  private int size;
  private long numbers;

  public int size() {
    return size;
  }

  /** The entry that is due first; null where there is none. */
  @SuppressWarnings("unchecked")
  public @Nullable E first() {
    return (E) heap[0];
  }

  /** How long until the first is due; {@code Long.MAX_VALUE} where there is none. */
  public long untilFirst() {
    E first = first();
    return first == null ? Long.MAX_VALUE : first.due - System.nanoTime();
  }

  /** Takes out the entry that is due first. */
  public @Nullable E poll() {
    E first = first();
    if (first != null) {
      remove(first);
    }
    return first;
  }

  /** Makes room for so many, so that to put them takes no memory. */
  public void ensureRoom(int entries) {
    if (entries > heap.length) {
      heap = Arrays.copyOf(heap, Math.max(entries, 2 * heap.length));
    }
  }

  /** Puts an entry in, or elsewhere if it was in. */
  public void put(E entry, long due) {
    Entry added = entry;
    if (added.place == Entry.NOWHERE) {
      ensureRoom(size + 1);
      set(added, size++);
    }
    added.due = due;
    added.number = numbers++;
    settle(added);
  }

  /** Takes an entry out; false where it was not in. */
  public boolean remove(E entry) {
    Entry removed = entry;
    int place = removed.place;
    if (place == Entry.NOWHERE) {
      return false;
    }
    Entry last = at(--size);
    heap[size] = null;
    removed.place = Entry.NOWHERE;
    if (last != removed) {
      set(last, place);
      settle(last);
    }
    return true;
  }

  /** One of those that are in it, in no order. */
  @SuppressWarnings("unchecked")
  public E get(int place) {
    return (E) at(place);
  }

  private void set(Entry entry, int place) {
    heap[place] = entry;
    entry.place = place;
  }

  private Entry at(int place) {
    return Objects.requireNonNull(heap[place], "entry");
  }

  /** Moves an entry up or down to where its time belongs. */
  private void settle(Entry entry) {
    int place = entry.place;
    for (int above = (place - 1) / 2; place > 0 && isBefore(entry, at(above)); ) {
      set(at(above), place);
      place = above;
      above = (place - 1) / 2;
    }
    for (int child = earlierChild(place); child > 0 && isBefore(at(child), entry); ) {
      set(at(child), place);
      place = child;
      child = earlierChild(place);
    }
    set(entry, place);
  }

  /** The place of the earlier child, or 0 where there is none. */
  private int earlierChild(int place) {
    int left = 2 * place + 1;
    if (left >= size) {
      return 0;
    }
    return left + 1 < size && isBefore(at(left + 1), at(left)) ? left + 1 : left;
  }

  private static boolean isBefore(Entry one, Entry other) {
    long apart = one.due - other.due;
    return apart < 0 || (apart == 0 && one.number - other.number < 0);
  }
}
