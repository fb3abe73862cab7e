package io.threadpool;

import org.slf4j.helpers.NOPLogger;

/** Tells of troubles where the heap has no room for anything; prints what comes of it. */
final class FullLogProgram {

  private static Object filling;

  private FullLogProgram() {}

  public static void main(String[] args) {
    Events events = new Events(NOPLogger.NOP_LOGGER, "full", null);
    Throwable cause = new IllegalStateException("for the test");
    Throwable escaped = tell(events, cause); // Loads what is needed.
    for (int i = 0; i < 3; i++) {
      fill(1 << 16);
      fill(1 << 8);
      fill(1);
      Throwable thrown = tell(events, cause);
      filling = null; // Room again.
      escaped = escaped == null ? thrown : escaped;
    }
    System.out.println("escaped " + escaped);
  }

  private static Throwable tell(Events events, Throwable cause) {
    try {
      events.stagesLost(cause);
      events.interruptFailed(cause);
      events.cancelFailed(cause);
      return null;
    } catch (Throwable escaped) {
      return escaped;
    }
  }

  private static void fill(int size) {
    try {
      for (; ; ) {
        Object[] next = new Object[size];
        next[0] = filling;
        filling = next;
      }
    } catch (OutOfMemoryError full) {
      // That is what is wanted.
    }
  }
}
