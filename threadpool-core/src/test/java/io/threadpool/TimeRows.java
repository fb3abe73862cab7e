package io.threadpool;

import io.threadpool.internal.Latches;
import io.threadpool.internal.Timers;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;

/**
 * Rows 26 to 28: what is delayed where the machine stood still, where no thread is to be had, and
 * where the heap is full when it falls due. Beside ours the JDK's {@code
 * ScheduledThreadPoolExecutor}.
 */
final class TimeRows {

  private static final int TASKS = 500;
  private static final int LATE = 50;
  private static final long DUE_NANOS = TimeUnit.MILLISECONDS.toNanos(20);

  /** What keeps the heap full. */
  private static volatile Object ballast;

  private TimeRows() {}

  static ScheduledExecutorService pool(FaultContender who, int size) {
    return pool(who, size, Thread::new);
  }

  private static ScheduledExecutorService pool(FaultContender who, int size, ThreadFactory made) {
    return who.isOurs()
        ? (ScheduledExecutorService) who.build(size, 0, made)
        : new ScheduledThreadPoolExecutor(size, made);
  }

  /** Row 26: stopped for so many seconds. */
  static void stoodStill(FaultContender who, FaultFigures figures, int seconds) throws Exception {
    stoodStillFor(who, figures, Duration.ofSeconds(seconds));
  }

  /** The same: each task runs once, and the beats go on. */
  static void stoodStillFor(FaultContender who, FaultFigures figures, Duration time)
      throws Exception {
    Duration most = Duration.ofMinutes(5);
    String millis = Long.toString(time.toMillis());
    try (FaultJvm jvm =
        FaultJvm.start(most, SignalProgram.class, List.of("-Xmx64m"), "beat", who.name(), millis)) {
      jvm.awaitLine("beating");
      jvm.signal("STOP");
      LockSupport.parkNanos(time.toNanos()); // So long it stands still.
      jvm.signal("CONT");
      jvm.closeInput();
      figures.add(jvm.awaitFigures());
      jvm.awaitExit(0);
    }
    figures.note(time.toSeconds() + " s; " + figures.note());
  }

  /**
   * Row 27: ours gets no thread for its timer; of the JDK's pool, whose workers keep the time, the
   * first two cannot be started. Each task is refused, or runs.
   */
  static void noThread(FaultContender who, FaultFigures figures, int rounds) throws Exception {
    for (int round = 0; round < rounds && figures.holds(); round++) {
      AtomicInteger starts = new AtomicInteger();
      ScheduledExecutorService pool =
          who.isOurs()
              ? timerless(who)
              : pool(who, 1, run -> starts.getAndIncrement() < 2 ? none() : new Thread(run));
      FaultBooks books = new FaultBooks(pool, figures);
      List<FaultTask> tasks = new ArrayList<>();
      for (int i = 0; i < 10; i++) {
        tasks.add(books.schedule(i * 100_000, () -> {}));
      }
      if (tasks.get(5).isAccepted()) {
        tasks.get(5).handle().get(20, TimeUnit.SECONDS);
      }
      books.end(); // What is delayed runs before.
      books.settle();
    }
    figures.note(rounds + " rounds");
  }

  private static Thread none() {
    throw new OutOfMemoryError("unable to create native thread, for the test");
  }

  private static WorkerPool timerless(FaultContender who) {
    PoolCore core =
        new PoolCore(who.builder(2).config()) {
          @Override
          Timers newTimers() {
            return new Timers() {
              @Override
              protected Thread newThread(Runnable body) {
                return none();
              }
            };
          }
        };
    core.start(null);
    return WorkerPoolBuilder.open(core);
  }

  /** Row 28: each task runs once, the beats go on, and of what was late the handler hears. */
  static void fullHeap(FaultContender who, FaultFigures figures, int runs) throws Exception {
    ScheduledExecutorService pool = pool(who, 2);
    FaultBooks books = new FaultBooks(pool, figures);
    Beats beats = new Beats(who);
    Late late = who.isOurs() ? new Late(who) : null;
    for (int run = 0; run < runs && figures.holds(); run++) {
      FaultTask[] tasks = new FaultTask[TASKS];
      for (int i = 0; i < TASKS; i++) {
        tasks[i] = books.schedule(DUE_NANOS + i * 10_000L, () -> {});
      }
      if (late != null) {
        late.submit();
      }
      long start = System.nanoTime();
      fillHeap();
      while (System.nanoTime() - start < 2 * DUE_NANOS) {
        Thread.onSpinWait(); // All fall due while it is full, or did while it was being filled.
      }
      if (late != null) {
        late.release();
      }
      for (int i = 0; i < 1_000; i++) {
        Thread.yield();
      }
      ballast = null;
      for (FaultTask task : tasks) {
        figures.require(
            LackingEndRow.comes(task::isSettled), "stranded in run " + run + " of " + runs);
      }
      figures.require(beats.goOn(), "the beats end in run " + run + " of " + runs);
      figures.require(late == null || late.isTold(), "late commands are not told: " + late);
      if (figures.holds()) {
        books.balance();
      }
    }
    figures.note(
        runs + " runs, " + beats.count() + " beats" + (late == null ? "" : ", all late told"));
    books.settle();
    if (figures.holds()) {
      books.end();
      beats.end();
      if (late != null) {
        late.pool.close();
      }
    }
  }

  /** A beat each millisecond. */
  private static final class Beats {
    private final AtomicInteger count = new AtomicInteger();
    private final ScheduledExecutorService pool;
    private final Future<?> beat;

    Beats(FaultContender who) {
      pool = TimeRows.pool(who, 1);
      Runnable body = count::incrementAndGet;
      beat = pool.scheduleAtFixedRate(body, 1, 1, TimeUnit.MILLISECONDS);
    }

    int count() {
      return count.get();
    }

    boolean goOn() {
      int before = count.get();
      return LackingEndRow.comes(() -> count.get() > before + 1);
    }

    void end() {
      beat.cancel(false);
      pool.shutdown();
    }
  }

  /** Commands that stand behind a body until they are late. */
  private static final class Late {
    private final AtomicInteger told = new AtomicInteger();
    private final WorkerPool pool;
    private final TaskOptions start = TaskOptions.startingWithin(Duration.ofNanos(DUE_NANOS));
    private CountDownLatch gate;
    private int expected;

    Late(FaultContender who) {
      pool = who.builder(1).uncaughtHandler((thread, thrown) -> hear(thrown)).build();
    }

    /** What holds the worker may throw, too: its wait takes memory. */
    private void hear(Throwable thrown) {
      if (thrown instanceof TaskAbortedException) {
        told.incrementAndGet();
      }
    }

    void submit() throws InterruptedException {
      CountDownLatch begun = new CountDownLatch(1);
      CountDownLatch opened = new CountDownLatch(1);
      gate = opened;
      pool.execute(
          () -> {
            begun.countDown();
            Latches.uninterruptibly(opened);
          });
      begun.await();
      for (int i = 0; i < LATE; i++) {
        pool.execute(() -> {}, start);
      }
      expected += LATE;
    }

    void release() {
      gate.countDown();
    }

    @Override
    public String toString() {
      return told + " of " + expected + ", " + pool.stats();
    }

    boolean isTold() {
      return LackingEndRow.comes(() -> told.get() == expected);
    }
  }

  private static void fillHeap() {
    for (int size = 1 << 20; size >= 1; size /= 4) {
      try {
        while (true) {
          ballast = new Object[] {ballast, new byte[size]};
        }
      } catch (OutOfMemoryError full) {
        // Smaller pieces, then.
      }
    }
  }
}
