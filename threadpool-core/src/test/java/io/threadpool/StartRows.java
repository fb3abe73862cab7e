package io.threadpool;

import io.threadpool.FaultThreads.Failure;
import io.threadpool.internal.Latches;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Rows 1 to 4: a thread factory whose threads cannot be started, or that makes none, and a fault
 * thrown in the workers' loop where no new thread can be had.
 */
final class StartRows {

  private static final int SIZE = 4;
  private static final int CAPACITY = 64;
  private static final int QUEUED = 50;

  /** How often a pool is let try in vain that tries again. */
  private static final int FAILURES = 6;

  private StartRows() {}

  /** Row 1: some of the threads ask for a stack that the system does not have. */
  static void someCannotStart(FaultContender who, FaultFigures figures, int rounds)
      throws Exception {
    for (int alive = 1; alive < SIZE; alive++) {
      int last = who.keepsThreads() ? Integer.MAX_VALUE : alive + FAILURES;
      goesOn(who, figures, Failure.IMPOSSIBLE_STACK, alive, last, rounds);
    }
    goesOn(who, figures, Failure.IMPOSSIBLE_STACK, 1, SIZE - 1, rounds); // From the middle.
  }

  /** Row 2: all of them do. */
  static void noneCanStart(FaultContender who, FaultFigures figures, int rounds) throws Exception {
    for (int i = 0; i < rounds; i++) {
      noneStarts(who, figures, Failure.IMPOSSIBLE_STACK);
    }
  }

  private static void noneStarts(FaultContender who, FaultFigures figures, Failure failure)
      throws Exception {
    if (who.keepsThreads()) {
      refusesToBuild(who, figures, failure);
    } else {
      endsWithoutRuns(who, figures, failure);
    }
  }

  /** A pool that has no worker until one is needed: what it accepts can be aborted, and it ends. */
  static void endsWithoutRuns(FaultContender who, FaultFigures figures, Failure failure)
      throws Exception {
    FaultThreads threads = new FaultThreads(failure, 0, Integer.MAX_VALUE);
    WorkerPool pool = (WorkerPool) who.build(SIZE, CAPACITY, threads);
    FaultBooks books = new FaultBooks(pool, figures);
    for (int i = 0; i < CAPACITY; i++) {
      books.submit(i % 2 == 0, () -> {});
    }
    figures.require(books.rejected() == 0, "refuses with room in the queue");
    books.returned(pool.shutdownNow());
    books.balance();
    books.end();
  }

  /** Row 4: a factory that throws, or returns null or a thread that it has started. */
  static void badFactories(FaultContender who, FaultFigures figures, int rounds) throws Exception {
    for (Failure failure : Failure.values()) {
      if (failure != Failure.IMPOSSIBLE_STACK && who.mayReturn(failure)) {
        goesOn(who, figures, failure, 1, SIZE, rounds);
        goesOn(who, figures, failure, 0, SIZE - 1, rounds);
        goesOn(who, figures, failure, 2, SIZE - 1, rounds);
        noneStarts(who, figures, failure);
      }
    }
  }

  /** The pool goes on with the workers it has: nothing is lost, and nothing refused for want. */
  static void goesOn(
      FaultContender who, FaultFigures figures, Failure failure, int from, int to, int rounds)
      throws Exception {
    FaultThreads threads = new FaultThreads(failure, from, to);
    ExecutorService pool = who.build(SIZE, CAPACITY, threads);
    FaultBooks books = new FaultBooks(pool, figures);
    boolean whole = true;
    for (int round = 0; round < rounds && whole; round++) {
      for (int i = 0; i < CAPACITY; i++) {
        books.submit(i % 2 == 0, () -> {}); // Refused where the room were less than it is.
      }
      whole = books.balance();
    }
    figures.require(books.rejected() == 0, "refuses with room in the queue");
    if (pool instanceof WorkerPool ours) {
      figures.require(
          !who.keepsThreads()
              || LackingEndRow.comes(() -> ours.stats().largest() == threads.made.size()),
          "those alive are not what started");
    }
    books.end();
    figures.require(threads.awaitEnd(), "a thread is left");
  }

  /** No worker at all: the pool is not built, and says why. */
  static void refusesToBuild(FaultContender who, FaultFigures figures, Failure failure)
      throws Exception {
    FaultThreads threads = new FaultThreads(failure, 0, Integer.MAX_VALUE);
    ExecutorService pool;
    try {
      pool = who.build(SIZE, CAPACITY, threads);
    } catch (IllegalStateException refused) {
      String cause = String.valueOf(refused.getCause());
      boolean named =
          switch (failure) {
            case IMPOSSIBLE_STACK -> refused.getCause() instanceof OutOfMemoryError;
            case START_FAILS -> refused.getCause() == FaultThreads.NO_THREAD;
            case THROWS -> cause.contains("from the factory");
            default -> cause.contains("factory returned");
          };
      figures.require(named, "refused to build, but the cause is " + cause);
      return;
    }
    figures.violate("built without a worker");
    FaultBooks books = new FaultBooks(pool, figures);
    books.submit(true, () -> {});
    books.submit(false, () -> {});
    books.balance();
    pool.shutdownNow();
  }

  /** Row 3: whatever it is that breaks the loop. */
  static void brokenLoops(FaultContender who, FaultFigures figures, int rounds) throws Exception {
    int stranded = 0;
    for (FaultKinds kind : FaultKinds.values()) {
      stranded = Math.max(stranded, brokenLoop(who, figures, kind, rounds));
    }
    figures.note(stranded + " of " + QUEUED + " stranded");
  }

  /**
   * Each worker's loop breaks with tasks queued, and no other thread can be started; then, round
   * after round, one turn in three breaks it. Returns how many of the first tasks were stranded.
   */
  static int brokenLoop(FaultContender who, FaultFigures figures, FaultKinds kind, int rounds)
      throws Exception {
    int most = who.keepsThreads() ? 2 : Integer.MAX_VALUE;
    FaultThreads exhausted = new FaultThreads(Failure.THROWS, most, Integer.MAX_VALUE);
    Set<Thread> broken = ConcurrentHashMap.newKeySet();
    AtomicBoolean armed = new AtomicBoolean();
    AtomicInteger oneIn = new AtomicInteger(Integer.MAX_VALUE);
    ExecutorService pool =
        who.breakable(
            2,
            exhausted,
            () -> {
              boolean first = isFirst(armed, broken);
              if (first || ThreadLocalRandom.current().nextInt(oneIn.get()) == 1) {
                throw FaultKinds.raise(kind.make());
              }
            });
    FaultBooks books = new FaultBooks(pool, figures);
    CountDownLatch busy = new CountDownLatch(2);
    CountDownLatch gate = new CountDownLatch(1);
    for (int i = 0; i < 2; i++) {
      books.submit(
          true,
          () -> {
            busy.countDown();
            Latches.uninterruptibly(gate);
          });
    }
    busy.await();
    long before = figures.count(FaultTask.Fate.LOST);
    for (int i = 0; i < QUEUED; i++) {
      books.submit(i % 2 == 0, () -> {});
    }
    armed.set(true);
    gate.countDown();
    boolean whole = books.balance();
    oneIn.set(3);
    for (int round = 0; round < rounds && whole; round++) {
      for (int i = 0; i < QUEUED; i++) {
        books.submit(i % 2 == 0, () -> {});
      }
      whole = books.balance();
    }
    figures.require(!broken.isEmpty(), "no loop was broken");
    figures.require(
        who == FaultContender.VIRTUAL_POOL || exhausted.made.containsAll(broken),
        "a loop on a thread of somebody else");
    figures.require(
        !who.isOurs() || !who.keepsThreads() || exhausted.made.size() == 2,
        "a thread was replaced");
    books.end();
    figures.require(exhausted.awaitEnd(), "a thread is left");
    return (int) (figures.count(FaultTask.Fate.LOST) - before);
  }

  private static boolean isFirst(AtomicBoolean armed, Set<Thread> broken) {
    return armed.get() && broken.size() < 2 && broken.add(Thread.currentThread());
  }
}
