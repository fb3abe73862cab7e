package io.threadpool;

import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * A thread factory that makes good threads, the first {@code from} and those from {@code to} on,
 * and fails between; keeps the good ones.
 */
final class FaultThreads implements ThreadFactory {

  static final OutOfMemoryError NO_THREAD = new OutOfMemoryError("no native thread");

  /** How a factory fails. */
  enum Failure {
    /** The system refuses the thread for its stack, as it would for a lack of memory. */
    IMPOSSIBLE_STACK,
    START_FAILS,
    RETURNS_NULL,
    RETURNS_STARTED,
    THROWS;

    Thread thread(Runnable worker) {
      return switch (this) {
        case IMPOSSIBLE_STACK -> new Thread(null, worker, "impossible", 1L << 46);
        case START_FAILS ->
            new Thread(worker) {
              @Override
              public synchronized void start() {
                throw NO_THREAD;
              }
            };
        case RETURNS_NULL -> null;
        case RETURNS_STARTED -> {
          Thread thread = new Thread(worker);
          thread.start();
          yield thread;
        }
        case THROWS -> throw new IllegalArgumentException("from the factory");
      };
    }
  }

  final Queue<Thread> made = new ConcurrentLinkedQueue<>();
  private final Failure failure;
  private final int from;
  private final int to;
  private final AtomicInteger calls = new AtomicInteger();
  private volatile Thread.UncaughtExceptionHandler handler = (thread, thrown) -> {};

  FaultThreads(Failure failure, int from, int to) {
    this.failure = failure;
    this.from = from;
    this.to = to;
  }

  /** One that never fails. */
  static FaultThreads good() {
    return new FaultThreads(Failure.THROWS, Integer.MAX_VALUE, Integer.MAX_VALUE);
  }

  boolean fails() {
    return from < to;
  }

  /** Sets what the threads have for what tasks throw; nothing unless told. */
  FaultThreads handler(Thread.UncaughtExceptionHandler uncaught) {
    handler = uncaught;
    return this;
  }

  @Override
  public Thread newThread(Runnable worker) {
    int call = calls.getAndIncrement();
    if (call >= from && call < to) {
      return failure.thread(worker);
    }
    Thread thread = new Thread(worker);
    thread.setUncaughtExceptionHandler(handler);
    made.add(thread);
    return thread;
  }

  /** Waits for the good threads to end; false where one does not. */
  boolean awaitEnd() throws InterruptedException {
    for (Thread thread : made) {
      thread.join(20_000);
      if (thread.isAlive()) {
        return false;
      }
    }
    return true;
  }
}
