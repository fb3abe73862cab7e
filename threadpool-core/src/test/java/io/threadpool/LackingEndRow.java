package io.threadpool;

import io.threadpool.TaskAbortedException.Reason;
import io.threadpool.internal.Errands;
import io.threadpool.internal.Latches;
import io.threadpool.internal.TaskQueue;
import io.threadpool.internal.Threads;
import io.threadpool.internal.Timers;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;

/**
 * Row 25: an {@code OutOfMemoryError} at each step of the end of a pool, once, three times (where
 * the second comes as to link a lambda throws it), or for as long as there are threads to be
 * started. Ours alone: the JDK's pool has no such steps.
 */
final class LackingEndRow {

  /** Where memory is short. */
  enum Step {
    /** The list of what the abort has taken out of the queue. */
    LIST,
    /** What follows the decision about an entry of the queue. */
    CLAIM,
    /** Having those interrupted that run, by an errand. */
    INTERRUPTING,
    /** The timer of the grace, which nobody keeps. */
    GRACE,
    /** What follows the decision about a task that is stuck. */
    STUCK,
    REPORT,
    /** What is undone when a pool has terminated. */
    COMPLETION,
    /** The exception of an aborted handle. */
    TELLING,
    /** No thread of the timer can be started, to the end. */
    TIMER_THREAD,
    /** Nor any for errands. */
    ERRAND_THREADS,
    /** Neither; so who waits does all. */
    THREADS;

    boolean lasts() {
      return compareTo(TIMER_THREAD) >= 0;
    }
  }

  /** How the pool is ended. */
  enum Way {
    SHUTDOWN_NOW(ShutdownPolicy.drain()),
    DEADLINE(ShutdownPolicy.drainFor(Duration.ofMillis(20))),
    CLOSE(ShutdownPolicy.abort());

    private final ShutdownPolicy policy;

    Way(ShutdownPolicy policy) {
      this.policy = policy;
    }
  }

  private static final Duration LONG = BlockedEnd.LONG;
  private static final int QUEUED = 8;

  private final FaultFigures figures;
  private final Step step;
  private final Way way;
  private final String what;

  /** How often memory is still short. Counted down by whoever comes to the step. */
  private final AtomicInteger left = new AtomicInteger();

  /** How often it was. */
  private final AtomicInteger lacked = new AtomicInteger();

  private final CountDownLatch released = new CountDownLatch(1);
  private volatile List<Runnable> returned = List.of();

  private LackingEndRow(FaultFigures figures, Step step, Way way, int times) {
    this.figures = figures;
    this.step = step;
    this.way = way;
    what = step + ", " + way + (step.lasts() ? "" : ", " + times + " times");
  }

  /** The row: so many rounds of each step and each way. */
  static void lacks(FaultContender who, FaultFigures figures, int rounds) throws Exception {
    int played =
        BlockedEnd.play(
            figures,
            rounds,
            () -> {
              for (Step step : Step.values()) {
                for (Way way : Way.values()) {
                  play(figures, step, way, 1);
                  if (!step.lasts()) {
                    play(figures, step, way, 3);
                  }
                }
              }
            });
    figures.note(played + " rounds");
  }

  /** Once. The pool ends within the grace, with every handle done and a report that balances. */
  static void play(FaultFigures figures, Step step, Way way, int times) throws Exception {
    if (figures.holds()) { // What hangs takes its time.
      new LackingEndRow(figures, step, way, times).play(step.lasts() ? Integer.MAX_VALUE : times);
    }
  }

  private boolean isLacking(Step here) {
    if (here != step || left.get() <= 0 || left.getAndDecrement() <= 0) {
      return false;
    }
    lacked.incrementAndGet();
    return true;
  }

  private void lack(Step here) {
    if (isLacking(here)) {
      OutOfMemoryError full = new OutOfMemoryError(here + ", for the test");
      if (lacked.get() % 2 == 0) {
        throw new InternalError(full); // As to link a lambda throws.
      }
      throw full;
    }
  }

  /** An engine with a seam at each step. */
  private final class Core extends PoolCore {
    Core() {
      super(
          WorkerPool.builder()
              .size(2)
              .unboundedQueue()
              .shutdownPolicy(way.policy)
              .abortGrace(Duration.ofMillis(20))
              .config());
    }

    @Override
    TaskQueue newQueue(long roughLimit) {
      return new TaskQueue(TaskQueue.DEFAULT_SEGMENT_SIZE, roughLimit) {
        @Override
        public long length() {
          lack(Step.LIST);
          return super.length();
        }
      };
    }

    @Override
    Timers newTimers() {
      return new Timers() {
        @Override
        public boolean schedule(Entry entry, long nanos) {
          boolean none = isLacking(Step.GRACE) || isLacking(Step.TIMER_THREAD);
          return !none && !isLacking(Step.THREADS) && super.schedule(entry, nanos);
        }
      };
    }

    @Override
    Errands newErrands() {
      return new Errands(timers, this::errandThread) {
        @Override
        protected void post(Errand errand, boolean before) {
          lack(Step.INTERRUPTING);
          super.post(errand, before);
        }
      };
    }

    private Thread errandThread(Runnable runner) {
      lack(Step.ERRAND_THREADS);
      lack(Step.THREADS);
      return Threads.daemon("lacking-errand", runner, null);
    }

    @Override
    Backlog newBacklog() {
      return new Backlog(queue, config().capacity(), idle, ledger, events) {
        @Override
        boolean abort(Object entry, Reason reason) {
          boolean claimed = super.abort(entry, reason);
          lack(Step.CLAIM);
          return claimed;
        }
      };
    }

    @Override
    void decided(Outcome outcome, Ledger.Tally tally) {
      super.decided(outcome, tally);
      if (outcome == Outcome.ABORTED && signal.hasGraceEnded()) {
        lack(Step.STUCK);
      }
    }

    @Override
    Ledger newLedger() {
      return new Ledger(config().max(), queue) {
        @Override
        Counts counts() {
          lack(Step.REPORT);
          return super.counts();
        }
      };
    }

    @Override
    TaskAbortedException aborted(Reason reason) {
      lack(Step.TELLING);
      return super.aborted(reason);
    }

    @Override
    public void onTerminated() {
      lack(Step.COMPLETION);
      super.onTerminated();
    }
  }

  private void play(int times) throws InterruptedException {
    PoolCore core = new Core();
    core.start(Crews.daemons(core.name()));
    DefaultWorkerPool pool = (DefaultWorkerPool) WorkerPoolBuilder.open(core);
    FaultBooks books = new FaultBooks(pool, figures);
    CountDownLatch begun = new CountDownLatch(2);
    CountDownLatch interrupted = new CountDownLatch(1);
    List<FaultTask> tasks = new ArrayList<>();
    tasks.add(
        books.submit(
            false,
            () -> {
              begun.countDown();
              Latches.uninterruptibly(released);
            }));
    tasks.add(
        books.submit(
            false,
            () -> {
              begun.countDown();
              try {
                released.await();
              } catch (InterruptedException asItShouldBe) {
                interrupted.countDown();
              }
            }));
    begun.await();
    CountDownLatch told = new CountDownLatch(QUEUED / 2);
    for (int i = 0; i < QUEUED; i++) {
      FaultTask task = books.submit(i % 4 == 3, () -> {});
      tasks.add(task);
      if (i % 2 == 0) {
        var unused = handle(task).whenComplete((result, failure) -> told.countDown());
      }
    }
    left.set(times);
    Thread ender = BlockedEnd.start("ender", () -> end(pool));
    Thread waiter = BlockedEnd.start("waiter", () -> await(pool));
    require(comes(() -> interrupted.getCount() == 0), "the other body is not interrupted");
    require(comes(() -> pool.report().isPresent()), "no report");
    require(comes(() -> tasks.stream().allMatch(LackingEndRow::isDone)), "handles are not done");
    require(comes(() -> told.getCount() == 0), "stages are not told");
    pool.report().ifPresent(r -> require(r.stuck().size() > 0, "nothing is reported as stuck"));
    released.countDown();
    require(pool.awaitTermination(LONG), "never terminates");
    require(comes(() -> !ender.isAlive() && !waiter.isAlive()), "a call never comes back");
    require(comes(() -> pool.host() != core), "the handle keeps the engine");
    left.set(0);
    figures.require(lacked.get() > 0, what + ": memory was not short");
    requireLaw(pool);
    books.returned(returned);
    books.settle(true); // Where shutdownNow() throws, nobody has what it would have returned.
  }

  private static Task<?> handle(FaultTask task) {
    return (Task<?>) task.handle();
  }

  private static boolean isDone(FaultTask task) {
    return task.handle() == null || task.handle().isDone();
  }

  private void end(WorkerPool pool) {
    try {
      if (way == Way.SHUTDOWN_NOW) {
        returned = pool.shutdownNow();
      }
      pool.close();
    } catch (OutOfMemoryError itsOwn) {
      // Others go on.
    }
  }

  private static void await(WorkerPool pool) {
    try {
      var unused = pool.awaitTermination(LONG.multipliedBy(3));
    } catch (InterruptedException impossible) {
      throw new AssertionError(impossible);
    }
  }

  /** Waits until something is so; only what hangs takes so long. */
  static boolean comes(BooleanSupplier condition) {
    long by = System.nanoTime() + LONG.toNanos();
    while (!condition.getAsBoolean() && System.nanoTime() - by < 0) {
      LockSupport.parkNanos(TimeUnit.MICROSECONDS.toNanos(200));
    }
    return condition.getAsBoolean();
  }

  private void require(boolean holds, String otherwise) {
    if (!holds) {
      figures.violate(what + ": " + otherwise);
      FaultMain.printStacks();
    }
  }

  private void requireLaw(WorkerPool pool) {
    TerminationReport r = pool.report().orElseThrow();
    long ends = r.completed() + r.failed() + r.cancelled() + r.aborted();
    require(r.accepted() == ends && ends == QUEUED + 2, "the report does not balance: " + r);
    require(r.aborted() > QUEUED, "not all aborted: " + r);
  }
}
