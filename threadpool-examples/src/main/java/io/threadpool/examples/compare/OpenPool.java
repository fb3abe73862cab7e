package io.threadpool.examples.compare;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Future;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Supplier;

/**
 * A pool as the scenarios see it, ours and every peer's alike. What is implemented here, most could
 * do with; the rest asks for a feature, and here it is missing.
 */
abstract class OpenPool {
  final Trial trial;

  OpenPool(Trial trial) {
    this.trial = trial;
  }

  /**
   * A handle that both cancels and composes.
   *
   * @param handle cancels
   * @param end completes with or after {@code handle}
   */
  record Composable(Future<?> handle, CompletableFuture<?> end) {}

  /** Hands a task over without a handle. */
  abstract void execute(Runnable task);

  abstract <T> Future<T> submit(Callable<T> task);

  /** Starts an orderly shutdown, which runs what is queued, and does not wait for its end. */
  abstract void shutdown();

  /** Interrupts what runs and drops what is queued; returns what it dropped, if it does. */
  abstract List<Runnable> abort();

  /** Aborts so that who waits for what is dropped is told. */
  List<Runnable> abortAndTell() {
    return abort();
  }

  /** Ends the pool when nobody looks at it any more. */
  void discard() {
    abort();
  }

  abstract boolean isTerminated();

  abstract boolean awaitTermination(Duration timeout) throws InterruptedException;

  /** Shuts down and waits for the end, as a user would who does not know on which thread. */
  abstract void shutdownAndAwait() throws Exception;

  /** What the end of a try-with-resources statement does. */
  abstract void close() throws Exception;

  /**
   * Shuts down: all may run until the deadline, then what runs is interrupted.
   *
   * @return whether all had ended when this returned
   */
  abstract boolean closeWithin(Duration drain, Duration grace) throws InterruptedException;

  /** Like {@link #closeWithin}; returns what there is to read about those that did not end. */
  String closeAndTell(Duration drain, Duration grace) throws InterruptedException {
    closeWithin(drain, grace);
    return trial.sightings().text();
  }

  /** Whether {@link #shutdown} runs what is queued. */
  boolean drains() {
    return true;
  }

  Composable composable(Callable<?> body) {
    trial.note("a FutureTask of one's own, whose done() completes a CompletableFuture");
    CompletableFuture<Object> end = new CompletableFuture<>();
    FutureTask<Object> handle =
        new FutureTask<>(body::call) {
          @Override
          protected void done() {
            try {
              end.complete(get());
            } catch (Exception e) {
              end.completeExceptionally(e);
            }
          }
        };
    execute(handle);
    return new Composable(handle, end);
  }

  /** A step, and an asynchronous step after it. */
  <T> CompletableFuture<T> twoSteps(Runnable first, Supplier<T> second) {
    trial.note("the pool named at each step: thenApplyAsync(step, pool)");
    return CompletableFuture.runAsync(first, this::execute)
        .thenApplyAsync(nothing -> second.get(), this::execute);
  }

  /** Waits, on a thread of the pool, in the way that the pool wants such waits to be announced. */
  boolean awaitOn(CountDownLatch latch, Duration timeout) throws InterruptedException {
    return latch.await(timeout.toMillis(), TimeUnit.MILLISECONDS);
  }

  /** Gives back what cancelled tasks hold, where the pool wants to be asked to. */
  void reclaim() {}

  /** How many tasks the pool says have ended. */
  long finished() {
    throw new NoException("it does not count");
  }

  /** How many tasks the pool says have failed. */
  long failed() {
    return 0;
  }

  boolean awaitIdle(Duration timeout) throws InterruptedException {
    throw new NoException("it cannot be waited for");
  }

  void resize(int size) {
    throw new NoException("the size is fixed");
  }

  void schedule(Runnable task, Duration delay) {
    throw new NoException("there are no delays");
  }

  /** Sees to it that at the exit of the JVM all that was accepted is run. */
  void drainAtExit() {
    trial.note("a hook of one's own with Runtime.addShutdownHook");
    Thread hook =
        new Thread(
            () -> {
              shutdown();
              try {
                awaitTermination(trial.limit());
              } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
              }
            });
    Runtime.getRuntime().addShutdownHook(hook);
  }

  /** For {@link java.util.concurrent.Future#get(long, TimeUnit)}. */
  static <T> T getWithin(Future<T> future, Duration timeout) throws Exception {
    try {
      return future.get(timeout.toMillis(), TimeUnit.MILLISECONDS);
    } catch (TimeoutException e) {
      throw new NoException("not within " + timeout.toMillis() + " ms");
    }
  }
}
