package io.threadpool;

import java.util.Iterator;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.atomic.LongAdder;
import java.util.stream.Stream;

/**
 * Does the same with each item of a source of any length, on the workers of a {@link WorkerPool},
 * with at most a <em>window</em> of items in flight: in constant memory.
 *
 * <p><b>Behaviour.</b> Each item is one task of the pool, submitted under its saturation policy in
 * the order of the source. The source is read, lazily, by the thread that calls {@link #forEach},
 * or that takes from the {@link BatchResults} of {@link #map}. Where the pool has no room for an
 * item while others of the batch are in flight, it waits for the oldest of them and tries again; so
 * a window larger than the queue works, though each refusal counts in the pool's {@code
 * rejected()}; but not under {@link SaturationPolicy#discardOldest}, where the items of the batch
 * itself are what is oldest. Names and limits of the items are those that the pool has for all
 * ({@link WorkerPoolBuilder#taskOptions}).
 *
 * <p><b>In a task of the pool.</b> A body may run a batch on its own pool, one of a single worker
 * included: instead of waiting for an item that has not begun it runs that item itself, as {@link
 * Task#join} does.
 *
 * <p><b>Failures.</b> What {@code forEach} does with an item that fails, and {@code map}, they say.
 * What the source throws comes out behind everything that came before it; so does the {@link
 * RejectedTaskException} of a pool that is closed, or has no room while nothing of the batch is in
 * flight.
 *
 * <p><b>Thread safety.</b> A batch is immutable but for its counts, and may be used by any thread,
 * also by several at once; {@link BatchResults} are for one thread at a time.
 *
 * <p><b>Memory effects.</b> What was done before an item came from the source happens before its
 * step; the step happens before the return of its result, and all of them before the return of
 * {@code forEach} and of {@link BatchResults#close}.
 *
 * <p><b>Interruption.</b> Waits for an item are interruptible.
 *
 * <pre>{@code
 * Batch batch = Batch.on(pool).window(100);
 * try (BatchResults<String> pages = batch.map(addresses.iterator(), address -> fetch(address))) {
 *   while (pages.hasNext()) {
 *     System.out.println(pages.next());
 *   }
 * }
 * System.out.println(batch.progress());
 * }</pre>
 */
public final class Batch {

  private static final int DEFAULT_WINDOW = 1_024;
  private static final int MOST = 1 << 20;

  private final WorkerPool pool;
  private final int window;

  // Written by the steps, begun before the others; read in the other order.
  private final LongAdder begun = new LongAdder();
  private final LongAdder done = new LongAdder();
  private final LongAdder failed = new LongAdder();

  private Batch(WorkerPool pool, int window) {
    this.pool = pool;
    this.window = window;
  }

  /**
   * Returns a batch with a window of 1,024 items.
   *
   * @param pool runs the steps; closing it is not the batch's
   * @return a batch that has begun nothing
   * @throws NullPointerException if {@code pool} is null
   */
  public static Batch on(WorkerPool pool) {
    return new Batch(Checks.nonNull(pool, "pool"), DEFAULT_WINDOW);
  }

  /**
   * Returns a batch with another window. More than the workers of the pool, since an item that
   * takes long lets the others get ahead by a window at the most.
   *
   * @param items how many may be in flight, their results not yet taken: from 1 to 1,048,576
   * @return a batch that has begun nothing
   * @throws IllegalArgumentException if {@code items} is out of range
   */
  public Batch window(int items) {
    return new Batch(pool, Checks.inRange(items, 1, MOST, "items"));
  }

  /**
   * What is done with an item, for its result.
   *
   * @param <T> the type of the items
   * @param <R> the type of the results
   */
  @FunctionalInterface
  public interface Step<T, R> {
    /**
     * Does it.
     *
     * @param item the item
     * @return its result, which may be null
     * @throws Exception if it fails
     */
    R apply(T item) throws Exception;
  }

  /**
   * What is done with an item.
   *
   * @param <T> the type of the items
   */
  @FunctionalInterface
  public interface Action<T> {
    /**
     * Does it.
     *
     * @param item the item
     * @throws Exception if it fails
     */
    void accept(T item) throws Exception;
  }

  /**
   * How far a batch is, in all its calls together.
   *
   * @param begun how many items' steps have begun
   * @param done how many of them have returned
   * @param failed how many of them have thrown; what is neither runs
   */
  public record Progress(long begun, long done, long failed) {}

  /**
   * Returns how far the batch is. Never blocks; may be called by any thread at any time.
   *
   * @return the counts of about this moment
   */
  public Progress progress() {
    long failures = failed.sum();
    long successes = done.sum();
    return new Progress(begun.sum(), successes, failures);
  }

  /**
   * Does something with each item, and returns when all is done. An item that fails does not keep
   * the others from being done: to end at the first failure, take the results of {@link #map}.
   *
   * <p>What else is thrown ends it early: then what is in flight is cancelled, and its bodies have
   * left when this returns.
   *
   * @param <T> the type of the items
   * @param source the items; what it throws is thrown when those before are done
   * @param action what to do with each
   * @throws ExecutionException if an item has failed: its cause is what the first of them, in the
   *     order of the source, has thrown, or the {@link TaskAbortedException} of one that the pool
   *     has aborted
   * @throws InterruptedException if the calling thread is interrupted before or while it waits
   * @throws IllegalStateException as by {@link BatchResults#close}
   * @throws NullPointerException if an argument is null
   * @throws RejectedTaskException if the pool is closed, or full while nothing of the batch is in
   *     flight
   */
  public <T> void forEach(Iterator<? extends T> source, Action<? super T> action)
      throws InterruptedException, ExecutionException {
    Checks.nonNull(action, "action");
    Throwable first = null;
    try (BatchResults<Boolean> results = map(source, item -> accepted(action, item))) {
      while (results.hasNext()) {
        Throwable failure = results.skip();
        first = first == null ? failure : first;
      }
    } catch (RuntimeException | Error | InterruptedException broken) {
      if (first != null && first != broken) {
        broken.addSuppressed(first);
      }
      throw broken;
    }
    if (first != null) {
      throw new ExecutionException(first);
    }
  }

  private static <T> Boolean accepted(Action<? super T> action, T item) throws Exception {
    action.accept(item);
    return true;
  }

  /**
   * Does something with each item of a stream, as {@link #forEach(Iterator, Action)} does. Closing
   * the stream is the caller's.
   *
   * @param <T> the type of the items
   * @param source the items
   * @param action what to do with each
   * @throws ExecutionException if an item has failed
   * @throws InterruptedException if the calling thread is interrupted before or while it waits
   * @throws IllegalStateException as by {@link BatchResults#close}, or if the stream is used
   *     already
   * @throws NullPointerException if an argument is null
   * @throws RejectedTaskException if the pool is closed, or full while nothing of the batch is in
   *     flight
   */
  public <T> void forEach(Stream<? extends T> source, Action<? super T> action)
      throws InterruptedException, ExecutionException {
    Checks.nonNull(source, "source");
    Checks.nonNull(action, "action"); // Before the stream is used up.
    forEach(source.iterator(), action);
  }

  /**
   * Returns what comes of the items, in the order of the source. Nothing is read from the source
   * before the first result is asked for, and never more than a window ahead. One step after the
   * other is handed to the pool until the window is full or the oldest result is there, so a source
   * that waits for its next item holds up results that are there.
   *
   * @param <T> the type of the items
   * @param <R> the type of the results
   * @param source the items
   * @param step what to do with each
   * @return the results, to be closed
   * @throws NullPointerException if an argument is null
   */
  public <T, R> BatchResults<R> map(
      Iterator<? extends T> source, Step<? super T, ? extends R> step) {
    Checks.nonNull(source, "source");
    Checks.nonNull(step, "step");
    return new BatchResults<>(
        pool, window, () -> source.hasNext() ? counted(step, source.next()) : null);
  }

  private <T, R> Callable<R> counted(Step<? super T, ? extends R> step, T item) {
    return () -> {
      begun.increment();
      try {
        R result = step.apply(item);
        done.increment();
        return result;
      } catch (Throwable thrown) {
        failed.increment();
        throw thrown;
      }
    };
  }

  /**
   * Returns what comes of the items of a stream, as {@link #map(Iterator, Step)} does. Closing the
   * stream is the caller's.
   *
   * @param <T> the type of the items
   * @param <R> the type of the results
   * @param source the items
   * @param step what to do with each
   * @return the results, to be closed
   * @throws IllegalStateException if the stream is used already
   * @throws NullPointerException if an argument is null
   */
  public <T, R> BatchResults<R> map(Stream<? extends T> source, Step<? super T, ? extends R> step) {
    Checks.nonNull(source, "source");
    Checks.nonNull(step, "step"); // Before the stream is used up.
    return map(source.iterator(), step);
  }
}
