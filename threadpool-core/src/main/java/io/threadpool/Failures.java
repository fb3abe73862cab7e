package io.threadpool;

import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletionException;

/** How a throwable travels through a {@code CompletableFuture}, whose rules it might break. */
final class Failures {

  private Failures() {}

  /**
   * The throwable as a body's failure. A {@link CancellationException} is wrapped, so that the
   * future is not taken for cancelled; a {@link CompletionException}, so that the future does not
   * take it for its own wrapping; and one whose {@code toString} throws, since the JDK calls that
   * amid completing dependent stages, which would then stay open.
   */
  static Throwable asFailure(Throwable thrown) {
    if (thrown instanceof CancellationException
        || thrown instanceof CompletionException
        || !prints(thrown)) {
      return new CompletionException(thrown.getClass().getName(), thrown);
    }
    return thrown;
  }

  private static boolean prints(Throwable thrown) {
    try {
      return thrown.toString() != null || thrown.getMessage() == null;
    } catch (Throwable hostile) {
      return false;
    }
  }

  /** The exception that settled the future; later JDKs wrap it when they report it. */
  static CancellationException original(CancellationException reported) {
    return reported.getCause() instanceof CancellationException settled ? settled : reported;
  }

  /** Throws anything, checked or not, as it is. */
  @SuppressWarnings({"unchecked", "TypeParameterUnusedInFormals"})
  static <E extends Throwable> RuntimeException sneakyThrow(Throwable thrown) throws E {
    throw (E) thrown;
  }
}
