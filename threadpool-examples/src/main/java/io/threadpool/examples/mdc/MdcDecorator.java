package io.threadpool.examples.mdc;

import java.util.Map;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;
import org.slf4j.MDC;

/**
 * A task decorator that gives each task the SLF4J mapped diagnostic context (MDC) of the thread
 * that submitted it, and afterwards puts back what the running thread had.
 *
 * <p>Putting back, instead of clearing, matters where a task does not run on a bare worker: inline,
 * on top of the task that joins it, or on its submitter under {@code callerRuns}. Stateless and
 * thread-safe.
 *
 * <pre>{@code
 * WorkerPool pool = WorkerPool.builder().size(4).taskDecorator(new MdcDecorator()).build();
 * }</pre>
 */
public final class MdcDecorator implements UnaryOperator<Runnable> {

  /** Creates a decorator; one may serve many pools. */
  public MdcDecorator() {}

  @Override
  public Runnable apply(Runnable task) {
    Map<String, String> submitters = MDC.getCopyOfContextMap();
    return () -> {
      Map<String, String> before = MDC.getCopyOfContextMap();
      set(submitters);
      try {
        task.run();
      } finally {
        set(before);
      }
    };
  }

  private static void set(@Nullable Map<String, String> context) {
    if (context == null) {
      MDC.clear();
    } else {
      MDC.setContextMap(context);
    }
  }
}
