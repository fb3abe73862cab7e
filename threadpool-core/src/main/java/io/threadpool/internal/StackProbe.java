package io.threadpool.internal;

/**
 * Makes sure of some stack before a change that must not stop halfway.
 *
 * <p>A step that claims a task, counts it and settles it may run deep in a user's recursion. Where
 * it calls {@link #ensure} first, a stack that is nearly used up overflows there, while nothing has
 * been changed, and what follows at the same depth has the room that was probed.
 */
public final class StackProbe {

  private static final int DEPTH = 5;
  private static final int LITTLE_DEPTH = 1;
  private static final int SOME_DEPTH = 3;

  private StackProbe() {}

  /**
   * Uses, and leaves again, five kibibytes of stack or more.
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

  /**
   * Uses, and leaves again, what it may take to put something off: less than {@link #ensure}, which
   * those have called that put off what they could not do.
   *
   * @throws StackOverflowError if there is less
   */
  public static void ensureSome() {
    probe(SOME_DEPTH);
  }

  /**
   * As {@link #ensure}, before what leads to somebody who calls that in his turn.
   *
   * @throws StackOverflowError if there is not twice as much
   */
  public static void ensureTwice() {
    probe(2 * DEPTH);
  }

  /**
   * As {@link #ensureTwice}, before what leads to somebody who calls that in his turn.
   *
   * @throws StackOverflowError if there is not three times as much
   */
  public static void ensureThrice() {
    probe(3 * DEPTH);
  }

  private static void probe(int depth) {
    if (descend(depth, 1) == 0) {
      throw new AssertionError("unreachable");
    }
  }

  private static long descend(int depth, long a) {
    return wide(
        depth, a, a, a, a, a, a, a, a, a, a, a, a, a, a, a, a, a, a, a, a, a, a, a, a, a, a, a, a,
        a, a, a, a, a, a, a, a, a, a, a, a, a, a, a, a, a, a, a, a, a, a, a, a, a, a, a, a, a, a, a,
        a);
  }

  /**
   * A kibibyte with each call: few large frames take a fifth of the time that many small ones do.
   */
  private static long wide(
      int depth,
      long a0,
      long a1,
      long a2,
      long a3,
      long a4,
      long a5,
      long a6,
      long a7,
      long a8,
      long a9,
      long a10,
      long a11,
      long a12,
      long a13,
      long a14,
      long a15,
      long a16,
      long a17,
      long a18,
      long a19,
      long a20,
      long a21,
      long a22,
      long a23,
      long a24,
      long a25,
      long a26,
      long a27,
      long a28,
      long a29,
      long a30,
      long a31,
      long a32,
      long a33,
      long a34,
      long a35,
      long a36,
      long a37,
      long a38,
      long a39,
      long a40,
      long a41,
      long a42,
      long a43,
      long a44,
      long a45,
      long a46,
      long a47,
      long a48,
      long a49,
      long a50,
      long a51,
      long a52,
      long a53,
      long a54,
      long a55,
      long a56,
      long a57,
      long a58,
      long a59) {
    long s0 = a0 ^ a1 ^ a2 ^ a3 ^ a4 ^ a5 ^ a6 ^ a7 ^ a8 ^ a9 ^ a10 ^ a11;
    long s1 = a12 ^ a13 ^ a14 ^ a15 ^ a16 ^ a17 ^ a18 ^ a19 ^ a20 ^ a21 ^ a22 ^ a23;
    long s2 = a24 ^ a25 ^ a26 ^ a27 ^ a28 ^ a29 ^ a30 ^ a31 ^ a32 ^ a33 ^ a34 ^ a35;
    long s3 = a36 ^ a37 ^ a38 ^ a39 ^ a40 ^ a41 ^ a42 ^ a43 ^ a44 ^ a45 ^ a46 ^ a47;
    long s4 = a48 ^ a49 ^ a50 ^ a51 ^ a52 ^ a53 ^ a54 ^ a55 ^ a56 ^ a57 ^ a58 ^ a59;
    long last = s0 | s1 | s2 | s3 | s4 | 1;
    return depth <= 1
        ? last
        : wide(
                depth - 1, a0, a1, a2, a3, a4, a5, a6, a7, a8, a9, a10, a11, a12, a13, a14, a15,
                a16, a17, a18, a19, a20, a21, a22, a23, a24, a25, a26, a27, a28, a29, a30, a31, a32,
                a33, a34, a35, a36, a37, a38, a39, a40, a41, a42, a43, a44, a45, a46, a47, a48, a49,
                a50, a51, a52, a53, a54, a55, a56, a57, a58, a59)
            | last;
  }
}
