package io.threadpool;

import io.threadpool.RejectedTaskException.Reason;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.concurrent.Callable;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * What comes of the items of a {@link Batch}, in the order of its source.
 *
 * <p>Whoever takes a result has as many items submitted as there is room for in the window, but one
 * where the oldest is done already. Between two calls the window is worked off and nothing is
 * submitted: so where results are taken slowly, up to a window of them are kept. Results that are
 * neither taken nor closed run to the end of their window, and hold nothing else.
 *
 * <p>For one thread at a time.
 *
 * @param <R> the type of the results
 */
public final class BatchResults<R> implements Iterator<R>, AutoCloseable {

  /** How far ahead of the oldest item, and for how long at the most, to wait for another first. */
  private static final int MOST_AHEAD = 128;

  private static final long PATIENCE_NANOS = 100_000;

  private final WorkerPool pool;
  private final int size;
  private final Source<R> source;

  /** In flight, in the order of the source. */
  private final ArrayDeque<Body> window = new ArrayDeque<>();

  /** What was taken and may not have left its thread yet. */
  private final List<Task<R>> leaving = new ArrayList<>();

  /** Taken from the source, and refused by the pool for want of room. */
  private @Nullable Body refused;

  /** Whether the pool is being given an item, whose body it may run on this thread. */
  private boolean submitting;

  /** What the source has thrown, or the pool. */
  private @Nullable Throwable broken;

  /** Whether the source is not asked any more. */
  private boolean ended;

  /** Written by {@link #close}, before it cancels; read by the bodies before they begin. */
  private volatile boolean closed;

  /** Where the steps come from. */
  interface Source<R> {
    /** The step for the next item, or null behind the last. */
    @Nullable Callable<R> next();
  }

  /**
   * Results of which none is asked for yet.
   *
   * @param size how many items may be in flight
   */
  BatchResults(WorkerPool pool, int size, Source<R> source) {
    this.pool = pool;
    this.size = size;
    this.source = source;
  }

  /** One item, as the body of its task. */
  private final class Body implements Callable<R> {
    private final Callable<R> step;

    /** Set when it is submitted; used by who takes the results. */
    private @Nullable Task<R> task;

    /** Written, plain, by its thread; a hint, of which who takes the results may see less. */
    private boolean hasBegun;

    Body(Callable<R> step) {
      this.step = step;
    }

    Task<R> task() {
      return Checks.nonNull(task, "task");
    }

    @Override
    public R call() throws Exception {
      if (closed) {
        throw new CancellationException("Not begun: the results are closed");
      }
      hasBegun = true;
      return step.call();
    }
  }

  /**
   * Returns whether there is a result, or a failure, that {@link #next} would tell. Asks the source
   * where nothing is in flight, and then waits for it, and for room in the pool.
   *
   * @return whether there is another
   * @throws IllegalStateException if the calling thread runs the step of an item that it submits
   */
  @Override
  public boolean hasNext() {
    if (window.isEmpty() && broken == null && !closed) {
      try {
        fill();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt(); // Which next() tells.
      }
    }
    return !closed && (!window.isEmpty() || broken != null || refused != null);
  }

  /**
   * Waits for the next result. One that failed is told in its place, and the next call goes on
   * behind it.
   *
   * @return the result
   * @throws CompletionException if the step of this item has thrown, with that as its cause
   * @throws TaskAbortedException if the pool has aborted the item
   * @throws CancellationException with an {@link InterruptedException} as its cause, if the calling
   *     thread is interrupted before or while it waits; the interrupt flag is set, and the result
   *     is the next one still
   * @throws NoSuchElementException if there is none, or the results are closed
   * @throws RejectedTaskException if the pool is closed, or full while nothing of the batch is in
   *     flight; nothing comes behind it
   * @throws IllegalStateException if the calling thread runs the step of an item that it submits
   */
  @Override
  public R next() {
    try {
      return take();
    } catch (ExecutionException e) {
      throw new CompletionException(e.getCause());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      CancellationException interrupted = new CancellationException("Interrupted");
      interrupted.initCause(e);
      throw interrupted;
    }
  }

  /** Waits for the next result; returns what the item has failed with, or null. */
  @Nullable Throwable skip() throws InterruptedException {
    try {
      take();
      return null;
    } catch (ExecutionException e) {
      return e.getCause();
    } catch (TaskAbortedException e) {
      return e;
    }
  }

  private R take() throws InterruptedException, ExecutionException {
    Checks.notInterrupted();
    if (!closed) {
      fill();
    }
    Body oldest = closed ? null : window.peek(); // Some stand there after a close that has thrown.
    if (oldest == null) {
      throw nothing();
    }
    if (oldest.hasBegun && !oldest.task().isDone()) {
      awaitSome();
    }
    boolean interrupted = false;
    try {
      return oldest.task().get();
    } catch (InterruptedException e) {
      interrupted = true;
      throw e;
    } finally {
      if (!interrupted && oldest.task().isDone()) {
        window.remove();
        keepUntilItHasLeft(oldest.task());
      }
    }
  }

  /** Of an item that was settled before its body had left, which the close waits for. */
  private void keepUntilItHasLeft(Task<R> settled) {
    if (settled.isCancelled() && !Leaving.hasLeft(settled)) {
      leaving.removeIf(Leaving::hasLeft);
      leaving.add(settled);
    }
  }

  /**
   * Waits a little for an item in the middle of the window: where steps are short, to be woken for
   * each of them would cost more than they do.
   */
  private void awaitSome() throws InterruptedException {
    Iterator<Body> ahead = window.iterator();
    Body middle = ahead.next();
    for (int i = Math.min(window.size() / 2, MOST_AHEAD); i > 0; i--) {
      middle = ahead.next();
    }
    try {
      middle.task().get(PATIENCE_NANOS, TimeUnit.NANOSECONDS);
    } catch (TimeoutException | ExecutionException | CancellationException unimportant) {
      // The oldest is what is waited for.
    }
  }

  /** Why there is no result: what broke the source, once. */
  private RuntimeException nothing() {
    Throwable why = broken;
    broken = null;
    if (why instanceof Error error) {
      throw error;
    }
    if (why instanceof RuntimeException exception) {
      throw exception;
    }
    return why == null ? new NoSuchElementException() : new CompletionException(why);
  }

  /** Submits as much as there is room for, but one where the oldest is done. */
  private void fill() throws InterruptedException {
    refuseInBody();
    boolean more = true;
    while (more && window.size() < size) {
      Body body = refused == null ? read() : refused;
      more = body != null && submit(body) && !window.element().task().isDone();
    }
  }

  private @Nullable Body read() {
    try {
      Callable<R> step = ended ? null : source.next();
      if (step == null || closed) { // By the source itself.
        ended = true;
        return null;
      }
      return new Body(step);
    } catch (Throwable thrown) {
      if (closed) { // By the source itself, and what that throws then is for nobody.
        ended = true;
      } else {
        end(thrown);
      }
      return null;
    }
  }

  private void end(Throwable why) {
    ended = true;
    refused = null;
    broken = why;
  }

  /** Submits an item; false where there is no room for it, or the pool takes no more. */
  private boolean submit(Body body) throws InterruptedException {
    try {
      refused = body;
      submitting = true;
      window.add(body); // First, as it may lack memory, and what is accepted is to stand here.
      body.task = pool.submit(body);
      refused = null;
      return true;
    } catch (Throwable thrown) {
      if (window.peekLast() == body) { // It grows when it has added.
        window.removeLast();
      }
      Reason reason = thrown instanceof RejectedTaskException e ? e.reason() : null;
      if (reason == Reason.INTERRUPTED) {
        Thread.interrupted();
        throw new InterruptedException();
      }
      if (reason == null || reason == Reason.SHUTDOWN || window.isEmpty()) {
        end(thrown); // What a decorator throws, too.
      }
      return false;
    } finally {
      submitting = false;
    }
  }

  /** The bodies below on the stack are known by their handles, but for one not yet submitted. */
  private void refuseInBody() {
    if (submitting) {
      throw new IllegalStateException("The calling thread runs the body of an item of the batch");
    }
  }

  /**
   * Cancels what is in flight and waits until its bodies have left their threads; nothing more is
   * read from the source. Calling it again does no harm. An interrupt does not end the wait, and
   * stays set.
   *
   * @throws IllegalStateException if the pool was aborted and has reported, at the end of its
   *     grace, a body of the batch that still runs; or if the calling thread runs one
   */
  @Override
  public void close() {
    refuseInBody();
    List<Task<R>> newestFirst = new ArrayList<>();
    window.descendingIterator().forEachRemaining(body -> newestFirst.add(body.task()));
    newestFirst.addAll(leaving);
    Leaving.refuseInBody(newestFirst);
    closed = true;
    refused = null;
    broken = null;
    Leaving.await(pool, newestFirst);
    window.clear();
    leaving.clear();
  }
}
