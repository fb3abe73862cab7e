package io.threadpool.internal;

/**
 * Whether anything is out of the ordinary that a worker has to heed before it takes a task: one
 * word, which is zero where nothing is, for the one read that workers make with each task. It holds
 * a phase, which only advances, and whether there are more workers than there are to be.
 *
 * <p>Written under its monitor, which is held for that alone; read by anybody, volatile.
 */
public class Notice {

  private static final int SURPLUS = 1;
  private static final int PHASE_SHIFT = 1;

  private volatile int word;

  public final boolean isGiven() {
    return word != 0;
  }

  public final int phase() {
    return word >> PHASE_SHIFT;
  }

  public final synchronized void advance(int to) {
    word = (to << PHASE_SHIFT) | (word & SURPLUS);
  }

  public final boolean isSurplus() {
    return (word & SURPLUS) != 0;
  }

  public final synchronized void surplus(boolean value) {
    word = value ? word | SURPLUS : word & ~SURPLUS;
  }
}
