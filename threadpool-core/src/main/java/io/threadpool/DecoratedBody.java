package io.threadpool;

import java.util.concurrent.Callable;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * The body of a submitted task under a decorator: hands the decorator a {@code Runnable} that keeps
 * what the user's body returned or threw, so that the handle gets it.
 *
 * <p>What the user's body throws passes through the decorated runnable too, so that it can see it.
 * Confined to the thread that runs the task; the queue hands it over.
 */
final class DecoratedBody implements Runnable, Callable<@Nullable Object> {

  private final Object given;
  private final boolean callable;
  private @Nullable Runnable decorated;

  private boolean ran;
  private @Nullable Object result;
  private @Nullable Throwable thrown;

  private DecoratedBody(Object given, boolean callable) {
    this.given = given;
    this.callable = callable;
  }

  /** What is to be called instead of the body that the user gave. */
  static Object of(UnaryOperator<Runnable> decorator, Object given, boolean callable) {
    DecoratedBody body = new DecoratedBody(given, callable);
    Runnable decorated = decorate(decorator, body);
    if (decorated == body) {
      return given;
    }
    body.decorated = decorated;
    return body;
  }

  /** What the user gave, of what may be decorated. */
  static Object given(Object body) {
    return body instanceof DecoratedBody decorated ? decorated.given : body;
  }

  static Runnable decorate(UnaryOperator<Runnable> decorator, Runnable body) {
    return Checks.nonNull(decorator.apply(body), "the task decorator's result");
  }

  /** Calls a {@code Callable}, or runs a {@code Runnable}, which has no result. */
  static @Nullable Object callOrRun(Object body, boolean callable) throws Exception {
    if (callable) {
      return ((Callable<?>) body).call();
    }
    ((Runnable) body).run();
    return null;
  }

  @Override
  public void run() {
    ran = true;
    try {
      result = callOrRun(given, callable);
    } catch (Throwable failure) {
      thrown = failure;
      throw Failures.<RuntimeException>sneakyThrow(failure);
    }
  }

  @Override
  public @Nullable Object call() {
    ran = false; // It may be a later beat of one that repeats.
    result = null;
    thrown = null;
    try {
      Checks.nonNull(decorated, "decorated").run();
    } catch (Throwable outermost) {
      thrown = thrown == null ? outermost : thrown;
    }
    if (thrown != null) {
      throw Failures.<RuntimeException>sneakyThrow(thrown);
    }
    if (!ran) {
      throw new IllegalStateException("The decorated task returned without having run the task");
    }
    return result;
  }
}
