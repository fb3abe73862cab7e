package io.threadpool;

import io.threadpool.RejectedTaskException.Reason;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What a {@link DefaultWorkerPool} has behind it: the pool that runs, {@link PoolCore}, or what
 * remains of it, {@link EndedPool}.
 */
abstract class PoolEngine extends TaskHost {

  /**
   * Submits a task that nobody has seen yet.
   *
   * @param nanos how long a wait for room may last, whatever the policy says
   * @return why it was not accepted, or null
   */
  abstract @Nullable Reason tryAccept(Object entry, long nanos);

  /** The exception for a refusal, which it counts. */
  abstract RejectedTaskException rejection(Reason reason);

  /** Whether a submission that finds no room waits for it. */
  abstract boolean waitsForRoom();

  /** The body of a task: what the user gave, or a call that runs it decorated. */
  abstract Object bodyFor(Object given, boolean callable);

  /** Starts the pool's own policy. */
  abstract void shutdown();

  /** Starts a policy; returns what it aborted before it had started. */
  abstract List<Runnable> shutdown(ShutdownPolicy policy);

  abstract List<Runnable> shutdownNow();

  abstract void close();

  abstract boolean awaitTermination(long nanos) throws InterruptedException;

  abstract boolean awaitIdle(long nanos) throws InterruptedException;

  abstract boolean isShutdown();

  abstract boolean isTerminated();

  abstract Optional<TerminationReport> report();

  abstract PoolStats stats();

  /** Accepts an entry, or throws what {@link #rejection} says. */
  final void accept(Object entry) {
    Reason refused = tryAccept(entry, Long.MAX_VALUE);
    if (refused != null) {
      throw rejection(refused);
    }
  }
}
