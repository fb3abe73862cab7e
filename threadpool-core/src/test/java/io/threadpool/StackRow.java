package io.threadpool;

import io.threadpool.internal.Latches;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Row 7: submissions from ever deeper recursion on small stacks, so that the stack overflows at
 * each point inside {@code execute} and {@code submit} once; and joins that nest inline until the
 * stack ends, so that it does inside a settlement.
 */
final class StackRow {

  private static final int BEYOND_EDGE = 20;
  private static final int BEFORE_EDGE = 400;

  private StackRow() {}

  /** The row: so many threads, and for ours a settlement to every ten of them. */
  static void stackOverflows(FaultContender who, FaultFigures figures, int threads)
      throws Exception {
    int overflowed = 0;
    int thread = 0;
    for (; thread < threads && figures.holds(); thread++) {
      overflowed += inSubmit(who, figures, thread);
    }
    String text = String.format("%,d calls overflowed", overflowed);
    if (thread < threads || !figures.holds()) {
      text += ", wedged on thread " + thread + " of " + threads;
    } else {
      figures.require(overflowed > 0, "no call overflowed");
      for (int pass = 0; who == FaultContender.WORKER_POOL && pass < threads; pass += 10) {
        inSettlement(figures, pass / 10);
      }
    }
    figures.note(text);
  }

  /**
   * One thread with a small stack that submits at each depth near its end. Returns how often the
   * call overflowed.
   */
  static int inSubmit(FaultContender who, FaultFigures figures, int pass) throws Exception {
    boolean raw = pass % 2 == 0;
    int capacity = pass % 3 == 0 ? 4 : 0;
    ExecutorService pool = who.build(1, capacity, Thread::new);
    FaultBooks books = new FaultBooks(pool, figures);
    AtomicInteger overflowed = new AtomicInteger();
    Thread caller =
        new Thread(
            null,
            () -> {
              try {
                submitNearEdge(pool, books, raw, overflowed);
              } catch (Throwable thrown) {
                figures.violate("thrown at the caller: " + thrown);
              }
            },
            "small",
            200_000);
    caller.setDaemon(true);
    caller.start();
    caller.join(20_000);
    if (caller.isAlive()) {
      figures.violate(
          "wedged: a caller hangs in " + Arrays.stream(caller.getStackTrace()).limit(4).toList());
      books.settle();
      return overflowed.get();
    }
    boolean whole = books.balance();
    figures.require(whole, "wedged: accepted and never run");
    if (whole && capacity > 0) {
      checkCapacity(pool, books, figures, capacity);
    }
    books.end();
    return overflowed.get();
  }

  private static void submitNearEdge(
      ExecutorService pool, FaultBooks books, boolean raw, AtomicInteger overflowed)
      throws Exception {
    int edge = edge();
    for (int depth = edge + BEYOND_EDGE; depth > edge - BEFORE_EDGE; depth--) {
      FaultTask task = books.enter(() -> {});
      try {
        descend(depth, () -> task.handTo(pool, raw));
      } catch (StackOverflowError deep) {
        task.notHanded(deep);
      }
      overflowed.addAndGet(task.refusal() instanceof StackOverflowError ? 1 : 0);
      if (!books.awaitQuiet()) {
        return;
      }
    }
  }

  /** Calls the action at a depth of recursion. */
  static void descend(int depth, Runnable action) {
    if (depth == 0) {
      action.run();
    } else {
      descend(depth - 1, action);
    }
  }

  /** How deep the calling thread can go. */
  static int edge() {
    int low = 0;
    int high = 1 << 20;
    while (low < high - 1) {
      int middle = (low + high) / 2;
      try {
        descend(middle, () -> {});
        low = middle;
      } catch (StackOverflowError deep) {
        high = middle;
      }
    }
    return low;
  }

  /** No permit was lost: as many tasks fit as ever, and one more does not. */
  private static void checkCapacity(
      ExecutorService pool, FaultBooks books, FaultFigures figures, int capacity)
      throws InterruptedException {
    CountDownLatch gate = new CountDownLatch(1);
    CountDownLatch busy = new CountDownLatch(1);
    books.submit(
        true,
        () -> {
          busy.countDown();
          Latches.uninterruptibly(gate);
        });
    busy.await();
    int fits = 0;
    while (fits <= capacity && books.submit(true, () -> {}).isAccepted()) {
      fits++;
    }
    gate.countDown();
    figures.require(fits == capacity, "capacity " + capacity + ", but " + fits + " fit");
    books.balance();
  }

  /** Joins that nest inline until the stack ends, with cancels and completions at the edge. */
  static void inSettlement(FaultFigures figures, int kind) throws Exception {
    WorkerPool pool =
        WorkerPool.builder()
            .size(1)
            .threadFactory(worker -> new Thread(null, worker, "small", 300_000))
            .build();
    List<Task<?>> all = new ArrayList<>();
    AtomicBoolean over = new AtomicBoolean();
    Task<?> outermost = pool.submit(() -> nest(pool, all, kind, over));
    try {
      outermost.get(20, TimeUnit.SECONDS);
    } catch (ExecutionException overflow) {
      // Wherever the stack ended.
    } catch (TimeoutException wedged) {
      figures.violate("wedged in a settlement: " + pool);
      return;
    }
    pool.submit(() -> {}).get(20, TimeUnit.SECONDS);
    for (Task<?> task : all) {
      try {
        task.get(20, TimeUnit.SECONDS);
      } catch (TimeoutException hangs) {
        figures.violate("a handle is not done: " + task + ", " + pool);
      } catch (Exception failed) {
        // Settled.
      }
    }
    pool.close();
    figures.require(over.get(), "the stack did not end");
    figures.require(pool.isTerminated(), "not terminated: " + pool);
    Pools.assertLaw(pool);
    figures.add(pool.stats());
  }

  private static int nest(WorkerPool pool, List<Task<?>> all, int kind, AtomicBoolean over) {
    if (over.get()) {
      return 0; // Once to the end of the stack is enough.
    }
    try {
      Task<Integer> cancelled = pool.submit(() -> 1);
      all.add(cancelled);
      Task<Integer> inner = pool.submit(() -> nest(pool, all, kind, over));
      all.add(inner);
      inner.whenComplete((x, e) -> over.get());
      switch (kind % 4) {
        case 0 -> cancelled.cancel(true);
        case 1 -> cancelled.complete(2);
        case 2 -> cancelled.run();
        default -> {
          // Runs later.
        }
      }
      return kind % 2 == 0 ? inner.join() : getQuietly(inner);
    } catch (StackOverflowError end) {
      over.set(true);
      throw end;
    }
  }

  private static int getQuietly(Task<Integer> task) {
    try {
      return task.get();
    } catch (InterruptedException | ExecutionException e) {
      return -1;
    }
  }
}
