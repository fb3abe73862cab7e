package io.threadpool;

import io.threadpool.FaultTask.Body;
import io.threadpool.FaultTask.Fate;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumMap;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/**
 * The books of one pool, kept outside it: every submission is entered, and when the pool is quiet
 * each must stand in exactly one class, which a {@link WorkerPool} must have counted likewise.
 *
 * <p>Used by one thread. Others may hand over tasks that were entered before.
 */
final class FaultBooks {

  private static final Duration LONG = Duration.ofSeconds(20);

  /** How long a pool that may have lost tasks is given, after it has settled the last. */
  private static final long PATIENCE_NANOS = 2_000_000_000L;

  private final ExecutorService pool;
  private final FaultFigures figures;
  private final Map<Fate, Long> totals = new EnumMap<>(Fate.class);
  private final Set<Object> back = Collections.newSetFromMap(new IdentityHashMap<>());
  private List<FaultTask> open = new ArrayList<>();

  /** By the pool's own exception, so that the pool counts them, too. */
  private long refused;

  /** Bodies that are known not to end. */
  private int stuck;

  FaultBooks(ExecutorService pool, FaultFigures figures) {
    this.pool = pool;
    this.figures = figures;
  }

  /** The books of tasks whose pools are not held. */
  FaultBooks(FaultFigures figures) {
    this(null, figures);
  }

  /** Enters a task, which is handed over elsewhere. */
  FaultTask enter(Body body) {
    FaultTask task = new FaultTask(body);
    open.add(task);
    return task;
  }

  /** Enters a task and hands it over. */
  FaultTask submit(boolean raw, Body body) {
    FaultTask task = enter(body);
    task.handTo(pool, raw);
    return task;
  }

  /** Enters a task and schedules it. */
  FaultTask schedule(long nanos, Body body) {
    FaultTask task = enter(body);
    task.handTo((ScheduledExecutorService) pool, nanos);
    return task;
  }

  /** Enters tasks that others made. */
  void enterAll(List<FaultTask> tasks) {
    open.addAll(tasks);
  }

  /** Notes what {@code shutdownNow} returned. */
  void returned(List<Runnable> tasks) {
    for (Runnable task : tasks) {
      if (!back.add(task)) {
        figures.contradict("returned twice");
      }
    }
  }

  /** Notes how many bodies still run, by intention, when the books are settled. */
  void expectStuck(int bodies) {
    stuck = bodies;
  }

  int size() {
    return open.size();
  }

  /** Waits until the pool has nothing to do; false where some task never ends. */
  boolean awaitQuiet() throws InterruptedException {
    boolean quiet = pool instanceof WorkerPool ours ? ours.awaitIdle(LONG) : awaitSettled();
    if (!quiet) {
      FaultMain.printStacks();
    }
    return quiet;
  }

  private boolean awaitSettled() {
    long last = System.nanoTime();
    for (int i = 0; i < open.size(); ) {
      if (open.get(i).isSettled()) {
        i++;
        last = System.nanoTime();
      } else if (System.nanoTime() - last > PATIENCE_NANOS) {
        return false;
      } else {
        LockSupport.parkNanos(20_000);
      }
    }
    return true;
  }

  /** Classes what was entered; a pool that is quiet, or never will be. */
  void settle() {
    settle(false);
  }

  /**
   * Classes what was entered, and compares with what a pool of ours has counted.
   *
   * @param mayVanish whether the pool was to discard tasks
   */
  void settle(boolean mayVanish) {
    Map<Fate, Long> now = new EnumMap<>(Fate.class);
    for (FaultTask task : open) {
      Fate fate = task.fate(back, mayVanish);
      now.merge(fate, 1L, Long::sum);
      String contradiction = task.contradiction(fate, back);
      if (contradiction != null) {
        figures.contradict(contradiction);
      }
      refused += task.refusal() instanceof RejectedExecutionException ? 1 : 0;
    }
    open = new ArrayList<>();
    now.forEach(figures::add);
    now.forEach((fate, count) -> totals.merge(fate, count, Long::sum));
    if (pool instanceof WorkerPool ours) {
      PoolStats stats = ours.stats();
      long start = System.nanoTime();
      while (stats.active() > stuck && System.nanoTime() - start < LONG.toNanos()) {
        Thread.yield(); // A worker has taken a dead entry, and not yet found that it is dead.
        stats = ours.stats();
      }
      compare(stats);
    }
  }

  private void compare(PoolStats stats) {
    boolean same =
        stats.completed() == total(Fate.COMPLETED)
            && stats.failed() == total(Fate.FAILED)
            && stats.cancelled() == total(Fate.CANCELLED)
            && stats.aborted() == total(Fate.ABORTED)
            && stats.rejected() == refused
            && stats.queued() == 0
            && stats.active() == stuck;
    figures.require(same, "the pool counted " + stats + ", the books " + totals);
  }

  private long total(Fate fate) {
    return totals.getOrDefault(fate, 0L);
  }

  /** Waits until the pool is quiet and settles; false where it lost tasks. */
  boolean balance() throws InterruptedException {
    boolean quiet = awaitQuiet();
    settle();
    return quiet && total(Fate.LOST) == 0;
  }

  /** How many were refused, with whatever throwable. */
  long rejected() {
    return total(Fate.REJECTED);
  }

  /**
   * Shuts the pool down and sees it end. A pool that lost tasks is not waited for, and is told on a
   * thread of its own, since it may have lost a lock as well.
   */
  void end() throws InterruptedException {
    if (total(Fate.LOST) > 0) {
      Thread end = new Thread(pool::shutdownNow, "end");
      end.setDaemon(true);
      end.start();
      return;
    }
    pool.shutdown();
    figures.require(pool.awaitTermination(20, TimeUnit.SECONDS), "never terminates: " + pool);
  }
}
