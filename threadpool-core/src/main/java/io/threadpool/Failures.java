package io.threadpool;

import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletionException;

/** How a throwable travels through a {@code CompletableFuture}, whose rules it might break. */
final class Failures {

  private Failures() {}

  /**
   * The throwable as a body's failure. A {@link CancellationException} is wrapped, so that the
   * future is not taken for cancelled; a {@link CompletionException}, so that the future does not
   * take it for its own wrapping. That one lends its message, so that a failure that comes through
   * many joins still says what failed first.
   */
  static Throwable asFailure(Throwable thrown) {
    Throwable printable = printable(thrown);
    boolean joined = thrown instanceof CompletionException;
    if (!joined && !(thrown instanceof CancellationException)) {
      return printable;
    }
    String message = joined ? printable.getMessage() : null;
    return new CompletionException(
        message == null ? thrown.getClass().getName() : message, printable);
  }

  /**
   * The throwable, or one in its place that can be printed: the JDK prints causes amid completing
   * dependent stages, which would stay open. Wrapped twice, since the JDK unwraps once.
   */
  static Throwable printable(Throwable thrown) {
    if (prints(thrown)) {
      return thrown;
    }
    String name = thrown.getClass().getName();
    return new CompletionException(name, new CompletionException(name, thrown));
  }

  /**
   * What a user has given, or, where that cannot be printed, the like of it: a cancellation too.
   */
  static Throwable given(Throwable given) {
    Throwable printable = printable(given);
    return printable != given && given instanceof CancellationException
        ? new CancellationException(given.getClass().getName())
        : printable;
  }

  private static boolean prints(Throwable thrown) {
    try {
      return thrown.toString() != null || thrown.getMessage() == null;
    } catch (Throwable hostile) {
      return false;
    }
  }

  /** The throwable as a {@code CompletableFuture} wraps what a supplier throws. */
  static Throwable asCompletion(Throwable thrown) {
    if (thrown instanceof CompletionException) {
      return thrown;
    }
    return prints(thrown) ? new CompletionException(thrown) : printable(thrown);
  }

  /** Throws anything, checked or not, as it is. */
  @SuppressWarnings({"unchecked", "TypeParameterUnusedInFormals"})
  static <E extends Throwable> RuntimeException sneakyThrow(Throwable thrown) throws E {
    throw (E) thrown;
  }
}
