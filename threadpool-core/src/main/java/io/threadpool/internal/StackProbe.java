package io.threadpool.internal;

/**
 * Makes sure of some stack before a change that must not stop halfway.
 *
 * <p>A step that claims a task, counts it and settles it may run deep in a user's recursion. Where
 * it calls {@link #ensure} first, a stack that is nearly used up overflows there, while nothing has
 * been changed, and what follows at the same depth has the room that was probed.
 */
public final class StackProbe {

  private static final int DEPTH = 128;
  private static final int LITTLE_DEPTH = 24;

  private StackProbe() {}

  /**
   * Uses, and leaves again, about eight kibibytes of stack.
   *
   * @throws StackOverflowError if there is less
   */
  public static void ensure() {
    probe(DEPTH);
  }

  /**
   * Uses, and leaves again, what taking a permit and giving it back may need; costs some ten
   * nanoseconds.
   *
   * @throws StackOverflowError if there is less
   */
  public static void ensureLittle() {
    probe(LITTLE_DEPTH);
  }

  private static void probe(int depth) {
    if (descend(depth, 1, 2, 3, 4) == 0) {
      throw new AssertionError("unreachable");
    }
  }

  private static long descend(int depth, long a, long b, long c, long d) {
    return depth == 0 ? a | b | c | d : descend(depth - 1, b, c, d, a) + (a & 1) + 1;
  }
}
