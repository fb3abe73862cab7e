package io.threadpool;

import io.threadpool.internal.Latches;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.locks.LockSupport;

/**
 * What {@link BlockedStageRow} has exit: a JVM with pools that are shut down by the exit hook
 * alone. Stages of one block for ever, and nobody lets them go. Halts where it does not end.
 */
final class BlockedExitProgram {

  private static final int HALTED = 99;
  private static final int QUEUED = 8;
  private static final int OTHERS = 2;
  private static final Duration GRACE = Duration.ofMillis(100);

  /** Nobody needs so long for a few empty tasks. */
  private static final Duration LATE = Duration.ofMinutes(10);

  private final FaultFigures figures = new FaultFigures();
  private final List<WorkerPool> pools = new ArrayList<>();
  private final List<FaultBooks> books = new ArrayList<>();
  private final CountDownLatch never = new CountDownLatch(1);

  private BlockedExitProgram() {}

  public static void main(String[] args) throws Exception {
    BlockedExitProgram program = new BlockedExitProgram();
    boolean now = args[0].equals("abort");
    for (int i = 0; i < OTHERS; i++) {
      program.other();
    }
    program.blocked(now ? ShutdownPolicy.abort() : ShutdownPolicy.drainFor(Duration.ofMillis(1)));
    Runtime.getRuntime().addShutdownHook(new Thread(program::settle));
    BlockedEnd.start("watch", program::halt);
    System.exit(0);
  }

  private WorkerPool pool(ShutdownPolicy policy) {
    WorkerPool pool = WorkerPool.builder().size(1).abortGrace(GRACE).onJvmExit(policy).build();
    pools.add(pool);
    books.add(new FaultBooks(pool, figures));
    return pool;
  }

  /** One that aborts, with a body that heeds its interrupt. */
  private void blocked(ShutdownPolicy policy) throws InterruptedException {
    pool(policy);
    FaultBooks own = books.get(books.size() - 1);
    CountDownLatch begun = new CountDownLatch(1);
    own.submit(
        false,
        () -> {
          begun.countDown();
          never.await();
        });
    begun.await();
    for (int i = 0; i < QUEUED; i++) {
      Task<?> handle = (Task<?>) own.submit(false, () -> {}).handle();
      if (i % 2 == 0) {
        handle.whenComplete((result, failure) -> Latches.uninterruptibly(never));
      }
    }
  }

  /** One that drains, once the exit has come to it. */
  private void other() {
    WorkerPool pool = pool(ShutdownPolicy.drainFor(LATE));
    FaultBooks own = books.get(books.size() - 1);
    own.submit(
        false,
        () -> {
          while (!pool.isShutdown()) {
            LockSupport.parkNanos(1_000_000);
          }
        });
    for (int i = 0; i < QUEUED; i++) {
      own.submit(i % 2 == 0, () -> {});
    }
  }

  /** Beside the pools' own hook: waits for their reports, settles, and prints. */
  private void settle() {
    long start = System.nanoTime();
    for (int i = 0; i < pools.size(); i++) {
      boolean blocked = i == OTHERS;
      String what = "exit: " + (blocked ? "the pool that blocks" : "another pool");
      WorkerPool pool = pools.get(i);
      while (pool.report().isEmpty() && System.nanoTime() - start < BlockedEnd.LONG.toNanos()) {
        LockSupport.parkNanos(1_000_000);
      }
      figures.require(pool.isShutdown(), what + " is not shut down");
      if (pool.report().isPresent()) {
        books.get(i).settle(false);
        figures.require(blocked || pool.stats().aborted() == 0, what + " does not drain");
      } else {
        figures.violate(what + " has no report");
      }
    }
    System.out.println(figures.toLine());
    System.out.flush();
  }

  private void halt() {
    long start = System.nanoTime();
    while (System.nanoTime() - start < 2 * BlockedEnd.LONG.toNanos()) {
      LockSupport.parkNanos(100_000_000);
    }
    Runtime.getRuntime().halt(HALTED);
  }
}
