package io.threadpool;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A task that has been decided by its worker, which is held up before it tells the handle. */
@Timeout(60)
class DecidedNotToldTest extends EndRig {

  private final CountDownLatch decided = new CountDownLatch(1);
  private volatile CountDownLatch tells = new CountDownLatch(1);
  private volatile boolean returned;

  private WorkerPool open() {
    return open(
        counted(
            outcome -> {
              if (outcome == Outcome.COMPLETED) {
                decided.countDown();
                uninterruptibly(tells);
              }
            }));
  }

  /** Has the worker go on once the calling thread waits for that there, or has not waited. */
  private void tellsWhenAwaitedBy(Class<?> place) {
    Thread waiter = Thread.currentThread();
    started(
        () -> {
          Awaitility.await().until(() -> returned || isAwaitedBy(place, waiter));
          tells.countDown();
        });
  }

  private static boolean isAwaitedBy(Class<?> place, Thread waiter) {
    return Arrays.stream(waiter.getStackTrace())
        .anyMatch(
            frame ->
                frame.getClassName().equals(place.getName())
                    && frame.getMethodName().equals("awaitTold"));
  }

  @Test
  void aTimedInvokeAllReturnsWhatIsDone() throws Exception {
    int millis = 50;
    while (!returnsWhatIsDone(millis)) {
      millis *= 4;
    }
  }

  /** False where the time was up before the task had been decided. */
  private boolean returnsWhatIsDone(int millis) throws Exception {
    WorkerPool pool = open();
    returned = false;
    tells = new CountDownLatch(1);
    tellsWhenAwaitedBy(BulkCall.class);
    List<Future<Integer>> all = pool.invokeAll(List.of(() -> 1), millis, TimeUnit.MILLISECONDS);
    boolean done = all.get(0).isDone();
    returned = true;
    assertTrue(done);
    return !all.get(0).isCancelled();
  }

  @Test
  void aGroupIsClosedWhenItsHandlesAreDone() throws Exception {
    WorkerPool pool = open();
    Task<?> task;
    try (TaskGroup group = TaskGroup.on(pool)) {
      task = group.fork(() -> {});
      decided.await();
      tellsWhenAwaitedBy(Leaving.class);
    }
    boolean done = task.isDone();
    returned = true;
    assertTrue(done);
  }
}
