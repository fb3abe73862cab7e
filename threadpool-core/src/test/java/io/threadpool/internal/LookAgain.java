package io.threadpool.internal;

/**
 * Whether those that wait look again, after a second, should a signal have been missed. As long as
 * they do not, a wait that misses one does not end, however long a thread is kept off its
 * processor; so a test that ends has missed none.
 */
public final class LookAgain {

  private static final long NANOS = Gate.lookAgainNanos;

  private LookAgain() {}

  public static void off() {
    Gate.lookAgainNanos = Long.MAX_VALUE;
  }

  public static void on() {
    Gate.lookAgainNanos = NANOS;
  }
}
