package io.threadpool;

import io.threadpool.RejectedTaskException.Reason;
import io.threadpool.internal.Gate;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What a {@link DefaultWorkerPool} has behind it: the pool that runs, {@link PoolCore}, or what
 * remains of it, {@link EndedPool}. As in {@link TaskHost}, the answers here are those of one that
 * has ended.
 */
abstract class PoolEngine extends TaskHost {

  PoolEngine(Events events, @Nullable TaskAbortedException[] shared, Gate stopped) {
    super(events, shared, stopped);
  }

  /**
   * Submits a task that nobody has seen yet.
   *
   * @param nanos how long a wait for room may last, whatever the policy says
   * @return why it was not accepted, or null
   */
  @Nullable Reason tryAccept(Object entry, long nanos) {
    return Reason.SHUTDOWN;
  }

  /** Accepts a {@link Delay} that nobody has seen yet, to be due after a time. */
  boolean tryDelay(Object delay, long nanos) {
    return false;
  }

  /** The exception for a refusal, which it counts. */
  abstract RejectedTaskException rejection(Reason reason);

  /** Whether a submission that finds no room waits for it. */
  boolean waitsForRoom() {
    return false;
  }

  /** The body of a task: what the user gave, or a call that runs it decorated. */
  Object bodyFor(Object given, boolean callable) {
    return given;
  }

  /** What is run of a command: it, or what the decorator has made of it. */
  Runnable decorated(Runnable command) {
    return command;
  }

  /** Starts the pool's own policy. */
  void shutdown() {}

  /** Starts a policy; returns what it aborted before it had started. */
  List<Runnable> shutdown(ShutdownPolicy policy) {
    return new ArrayList<>();
  }

  List<Runnable> shutdownNow() {
    return new ArrayList<>();
  }

  void close() {}

  boolean awaitTermination(long nanos) throws InterruptedException {
    return true;
  }

  boolean awaitIdle(long nanos) throws InterruptedException {
    return true;
  }

  boolean isShutdown() {
    return true;
  }

  public boolean isTerminated() {
    return true;
  }

  abstract Optional<TerminationReport> report();

  abstract PoolStats stats();

  /** How many workers there may be at the most, whatever is asked for. */
  abstract int largestSize();

  /** Changes how many workers there may be, and how many stay. */
  void resize(int min, int max) {}

  List<RunningTask> runningTasks() {
    return new ArrayList<>();
  }

  /** Accepts an entry, or throws what {@link #rejection} says. */
  final void accept(Object entry) {
    Reason refused = tryAccept(entry, Long.MAX_VALUE);
    if (refused != null) {
      throw rejection(refused);
    }
  }

  /** Refuses a wait for the pool that the calling thread, by running a body of it, prevents. */
  final void refuseSelfWait(String what) {
    if (isOnThisStack()) {
      throw new IllegalStateException(
          what + " of pool " + name() + " may not be called by a task of that pool");
    }
  }
}
