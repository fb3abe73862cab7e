package io.threadpool;

import org.slf4j.helpers.NOPLogger;

/** Does a thing where the heap has no room for anything; prints what is thrown. */
final class FullHeapProgram {

  private static Object filling;

  private FullHeapProgram() {}

  public static void main(String[] args) {
    Runnable thing = args[0].equals("tell") ? troubles() : end();
    Throwable escaped = thrownBy(thing); // Loads what is needed.
    for (int i = 0; i < 3; i++) {
      fill(1 << 16);
      fill(1 << 8);
      fill(1);
      Throwable thrown = thrownBy(thing);
      filling = null; // Room again.
      escaped = escaped == null ? thrown : escaped;
    }
    System.out.println("escaped " + escaped);
  }

  private static Runnable troubles() {
    Events events = new Events(NOPLogger.NOP_LOGGER, "full", null);
    Throwable cause = new IllegalStateException("for the test");
    return () -> {
      events.stagesLost(cause);
      events.interruptFailed(cause);
      events.cancelFailed(cause);
    };
  }

  private static Runnable end() {
    Abort abort = new PoolCore(WorkerPool.builder().size(20).config()).abort;
    return () -> {
      if (!abort.isOver()) {
        throw new IllegalStateException("there is nothing to tell");
      }
    };
  }

  private static Throwable thrownBy(Runnable thing) {
    try {
      thing.run();
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
