package io.threadpool;

import io.threadpool.internal.Spinner;
import io.threadpool.internal.Yielder;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * How a thread waits for one task's handle without running the stages of others, of which one might
 * not come back.
 *
 * <p>Implementation note. The wait that {@link CompletableFuture} inherits runs, when it is woken,
 * the stages that stand below it, and though there were none, some may come before it has
 * registered. So does a stage that is added while the handle is told. What {@link
 * CompletableFuture#anyOf} adds passes the result on and runs nothing but the stages of its own
 * result, which here has none; and it takes itself back when another of its futures is completed,
 * here by the thread that gives up. Of one future alone it makes a copy, which runs stages again.
 */
final class Waiter {

  /**
   * How often a wait without end lets others run before it parks; about as long as it would take to
   * park and to be woken, in which a short task has ended.
   */
  static final int YIELDS = 30;

  private Waiter() {}

  /**
   * Looks for a moment, then lets others run until a handle is done, a few times, or until dear.
   */
  static void letRun(CompletableFuture<?> handle, Spinner spinner, Yielder yielder) {
    boolean cheap = !spinner.spin(handle);
    for (int i = 0; i < YIELDS && cheap && !handle.isDone(); i++) {
      cheap = yielder.letRun();
    }
  }

  /**
   * Waits until a handle is told.
   *
   * @param nanos how long; {@code Long.MAX_VALUE}: without end
   * @return false where the time ran out
   */
  static boolean await(CompletableFuture<?> handle, long nanos) throws InterruptedException {
    CompletableFuture<Object> over = new CompletableFuture<>();
    CompletableFuture<Object> told = CompletableFuture.anyOf(handle, over);
    try {
      Object unused = nanos == Long.MAX_VALUE ? told.get() : told.get(nanos, TimeUnit.NANOSECONDS);
      return true;
    } catch (ExecutionException | CancellationException alsoTold) {
      return true;
    } catch (TimeoutException late) {
      return false;
    } finally {
      over.complete(over);
    }
  }
}
