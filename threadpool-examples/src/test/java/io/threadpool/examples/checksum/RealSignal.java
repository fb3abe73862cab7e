package io.threadpool.examples.checksum;

/** A signal to this very process, which has to listen to it. */
final class RealSignal {
  private RealSignal() {}

  /** Raises one, TERM say. By reflection, since the compiler warns of each use of its class. */
  static void raise(String name) {
    try {
      Class<?> type = Class.forName("sun.misc.Signal");
      Object signal = type.getConstructor(String.class).newInstance(name);
      type.getMethod("raise", type).invoke(null, signal);
    } catch (ReflectiveOperationException e) {
      throw new AssertionError(e);
    }
  }
}
