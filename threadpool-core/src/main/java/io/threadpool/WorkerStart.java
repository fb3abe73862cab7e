package io.threadpool;

import java.util.concurrent.ThreadFactory;
import org.jspecify.annotations.Nullable;

/** Starts a worker on a thread of a factory that may do anything. */
final class WorkerStart {

  private WorkerStart() {}

  /** Starts the worker; returns what prevented it, or null. */
  static @Nullable Throwable start(Worker worker, ThreadFactory factory) {
    try {
      Thread thread = factory.newThread(worker);
      if (thread == null) {
        return new IllegalStateException("the thread factory returned null");
      }
      if (thread.getState() != Thread.State.NEW) {
        return new IllegalStateException(
            "the thread factory returned a thread that was started already: " + thread.getName());
      }
      worker.assign(thread);
      thread.start();
      worker.started();
      return null;
    } catch (Throwable failed) {
      worker.unassign();
      return failed;
    }
  }
}
