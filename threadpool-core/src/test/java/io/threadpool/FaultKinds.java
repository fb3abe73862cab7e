package io.threadpool;

import java.io.IOException;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletionException;
import java.util.function.Supplier;

/** Whatever a body, a handler, a decorator or a stage may throw. */
enum FaultKinds {
  UNCHECKED(IllegalStateException::new),
  CHECKED(IOException::new),
  ERROR(AssertionError::new),
  OUT_OF_MEMORY(() -> new OutOfMemoryError("thrown by hand")),
  STACK_OVERFLOW(() -> Overflow.REAL),
  THREAD_DEATH(FaultKinds::threadDeath),
  INTERRUPTED(InterruptedException::new),
  CANCELLATION(CancellationException::new),
  COMPLETION(() -> new CompletionException(new IOException())),
  BARE(() -> new Throwable("bare")),
  HOSTILE_TO_STRING(HostileToString::new),
  HOSTILE_MESSAGE(HostileMessage::new),
  NULL_TO_STRING(NullToString::new);

  private final Supplier<Throwable> maker;

  FaultKinds(Supplier<Throwable> maker) {
    this.maker = maker;
  }

  Throwable make() {
    return maker.get();
  }

  /** Throws one, also a checked one. */
  static RuntimeException raise(Throwable thrown) {
    FaultKinds.<RuntimeException>sneak(thrown);
    throw new AssertionError("unreachable");
  }

  @SuppressWarnings({"unchecked", "TypeParameterUnusedInFormals"})
  private static <E extends Throwable> void sneak(Throwable thrown) throws E {
    throw (E) thrown;
  }

  /** Dear to make, so it is made once. */
  private static final class Overflow {
    static final StackOverflowError REAL = make();

    private static StackOverflowError make() {
      try {
        throw new AssertionError(recurse(0));
      } catch (StackOverflowError real) {
        return real;
      }
    }

    private static int recurse(int depth) {
      return depth < 0 ? 0 : recurse(depth + 1) + 1;
    }
  }

  @SuppressWarnings({
    "removal",
    "deprecation"
  }) // It goes away in a later JDK; until then it is thrown.
  private static Throwable threadDeath() {
    return new ThreadDeath();
  }

  /** Its {@code toString} throws. */
  static final class HostileToString extends RuntimeException {
    private static final long serialVersionUID = 1L;

    @Override
    public String toString() {
      throw new IllegalArgumentException("toString");
    }
  }

  /** Its {@code getMessage} and {@code getLocalizedMessage} throw, and so its {@code toString}. */
  static final class HostileMessage extends Error {
    private static final long serialVersionUID = 1L;

    @Override
    public String getMessage() {
      throw new IllegalArgumentException("getMessage");
    }

    @Override
    public String getLocalizedMessage() {
      throw new IllegalArgumentException("getLocalizedMessage");
    }
  }

  /** Its {@code toString} returns null. */
  static final class NullToString extends Exception {
    private static final long serialVersionUID = 1L;

    @Override
    public String toString() {
      return null;
    }
  }
}
