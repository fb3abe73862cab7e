package io.threadpool.contract;

import java.util.Arrays;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** A thread of a test's own that makes one call, and what came of it. */
final class Caller<T> {

  private final FutureTask<T> call;
  private final Thread thread;

  Caller(Callable<T> callable) {
    call = new FutureTask<>(callable);
    thread = new Thread(call, "caller");
    thread.setDaemon(true);
  }

  Caller<T> start() {
    thread.start();
    return this;
  }

  Thread thread() {
    return thread;
  }

  /** Waits until the thread waits inside the library. */
  Caller<T> awaitBlocked() {
    TestPools.eventually().until(() -> isWaiting(thread));
    return this;
  }

  /** True where a thread waits in a call of the library. */
  static boolean isWaiting(Thread thread) {
    Thread.State state = thread.getState();
    return (state == Thread.State.WAITING || state == Thread.State.TIMED_WAITING)
        && Arrays.stream(thread.getStackTrace()).anyMatch(Caller::isOfLibrary);
  }

  private static boolean isOfLibrary(StackTraceElement line) {
    String name = line.getClassName();
    return name.startsWith("io.threadpool.") && !name.startsWith("io.threadpool.contract.");
  }

  void interrupt() {
    thread.interrupt();
  }

  boolean isDone() {
    return call.isDone();
  }

  /** What the call returned; what it threw is the cause of the exception. */
  T get() throws InterruptedException, ExecutionException, TimeoutException {
    return call.get(TestPools.LONG.toSeconds(), TimeUnit.SECONDS);
  }

  void joinThread() throws InterruptedException {
    thread.join(TestPools.LONG.toMillis());
  }
}
