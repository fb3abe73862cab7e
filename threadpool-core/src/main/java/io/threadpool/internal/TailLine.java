package io.threadpool.internal;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;

/** The words of a {@link TailLine}, since a class's fields are laid out after its superclass's. */
class TailWords extends PaddingBefore {

  /**
   * Of the {@link TaskQueue}: twice the next index to claim, plus the closed bit. Written by
   * producers and by who closes.
   */
  volatile long tail;

  /** Of the {@link IdleWorkers}. Written by who sleeps, searches or wakes; read by producers. */
  volatile long sleepers;
}

/**
 * The cache line that a producer and a searching worker hand to each other with each task: he adds
 * to the tail and reads the sleepers' word, it changes that word and reads the tail. On two lines
 * that would take twice as long. It shares the line, and the one that is prefetched with it, with
 * nothing else; of eight objects one lies so that a line ends between the two words, and has two.
 *
 * <p>Every access is volatile: with the fills of slots, and what is volatile of each {@link
 * PaddedLong}, they stand in one total order.
 */
final class TailLine extends TailWords {
  long a1, a2, a3, a4, a5, a6, a7, a8, a9, a10, a11, a12, a13, a14, a15;

  static final VarHandle TAIL = Handles.field(MethodHandles.lookup(), "tail", long.class);
  static final VarHandle SLEEPERS = Handles.field(MethodHandles.lookup(), "sleepers", long.class);
}
