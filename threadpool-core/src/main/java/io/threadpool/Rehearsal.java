package io.threadpool;

import io.threadpool.internal.Errands;
import io.threadpool.internal.IdleWorkers;
import io.threadpool.internal.PaddedLong;
import io.threadpool.internal.Parker;
import io.threadpool.internal.Segment;
import io.threadpool.internal.StackProbe;
import io.threadpool.internal.TaskQueue;
import io.threadpool.internal.Timers;
import java.time.Duration;
import java.util.function.BiFunction;
import org.jspecify.annotations.Nullable;
import org.slf4j.helpers.NOPLogger;

/**
 * Loads, initialises and links what submitting, running and settling need, before the first pool of
 * the class loader is open; most of the time that building that one takes is this.
 *
 * <p>A class whose static initialiser meets the end of the stack, or of the heap, is broken for
 * good. The first use of a class may be at such a place, deep in a user's recursion; so a small
 * pool without threads is played through on the thread that builds the first pool, whose state is
 * put back. And each class links each access by a handle when it first comes to it, which takes
 * memory and stack, also where nothing may fail between; so none is left to be linked later.
 */
final class Rehearsal {

  private static volatile boolean done;

  private Rehearsal() {}

  static void once() {
    if (!done) {
      done = rehearse();
    }
  }

  /** Plays; returns whether the books of each pool balanced, as those of every pool do. */
  static boolean rehearse() {
    StackProbe.ensure();
    boolean interrupted = Thread.interrupted();
    Frame before = Frame.current();
    try {
      sleepAndWake();
      boolean balanced = play(SaturationPolicy.discardOldest());
      return play(SaturationPolicy.callerRuns()) && balanced;
    } finally {
      Frame.restore(before);
      Thread.interrupted(); // The abort has set it.
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }

  /** The parts of a small pool without threads. */
  private static PoolCore small(SaturationPolicy saturationPolicy) {
    WorkerPoolBuilder builder =
        WorkerPool.builder().size(1).name("rehearsal").daemon(true).queueCapacity(3);
    PoolConfig config = builder.saturationPolicy(saturationPolicy).config();
    return new PoolCore(config, NOPLogger.NOP_LOGGER, new Sight()) {
      @Override
      Errands newErrands() {
        return new ErrandsHere();
      }

      @Override
      Timers newTimers() {
        return new NoTimers();
      }
    };
  }

  /** Fills the queue beyond its capacity, settles tasks in each way, and drains on this thread. */
  private static boolean play(SaturationPolicy saturationPolicy) {
    PoolCore core = small(saturationPolicy);
    DefaultWorkerPool pool = new DefaultWorkerPool(core, null);
    Body body = new Body(false);
    endLimits(core, pool);
    Task<?> done = pool.submit(body);
    done.run();
    core.letRun(done); // As before a wait.
    pool.submit(body).cancel(true);
    for (int i = 0; i < 2; i++) {
      var unused1 = pool.submit(body).handle(body);
      var unused2 = pool.submit(new Body(true)).handle(body);
      pool.execute(body);
    }
    pool.schedule(body, Duration.ofHours(1)).cancel(true);
    var unused3 = pool.schedule(body, Duration.ZERO);
    var unused4 = pool.scheduleAtFixedRate(body, Duration.ZERO, Duration.ofNanos(1));
    core.backlog.sweepIfWorthwhile();
    core.ledger.time(0, 0, 1);
    pool.stats();
    pool.shutdown();
    core.crew.runHere();
    pool.stats(); // Again, now that a worker's frame has held something.
    try {
      pool.execute(body);
    } catch (RejectedTaskException refused) {
      core.beforeWaiting();
    }
    pool.shutdown(ShutdownPolicy.abort());
    core.remains();
    return core.ledger.counts().isBalanced();
  }

  /** Goes through segments, and through what a worker does that sleeps, is woken and leaves. */
  private static void sleepAndWake() {
    TaskQueue queue = new TaskQueue(1, 2);
    for (int i = 0; i < 2; i++) {
      queue.offer(queue);
      queue.poll();
    }
    Segment segment = new Segment(0, 1);
    segment.casNext(null, segment);
    Parker parker = new Parker(0);
    parker.mayLeave = true;
    IdleWorkers idle = new IdleWorkers(new Parker[] {parker}, queue);
    idle.register(parker, false);
    if (idle.wakeOne()) {
      idle.stopSearching();
    }
    idle.vacate(parker);
    new PaddedLong(0).getAndAdd(1);
  }

  /** Has tasks aborted as if they were too late; a command would be told to a handler. */
  private static void endLimits(PoolCore core, PoolHandle pool) {
    TaskOptions options = TaskOptions.startingWithin(Duration.ofHours(1));
    for (int i = 0; i < 2; i++) {
      Limit limit = new Limit(new Terms(pool, options, null), new Body(false), false);
      core.accept(limit.task);
      limit.arm();
      limit.run(); // It is not late yet.
      Errands.Errand told = i == 0 ? limit.task.endRun(null) : null;
      if (told != null) {
        core.errands.post(told);
      }
      limit.task.endLate();
    }
  }

  /** A body, and a stage behind it. No lambda: the first ones of a JVM take a millisecond each. */
  private static final class Body
      implements Runnable, BiFunction<Object, Throwable, @Nullable Object> {
    private final boolean fails;

    Body(boolean fails) {
      this.fails = fails;
    }

    @Override
    public void run() {
      if (fails) {
        throw new IllegalStateException("rehearsed");
      }
    }

    @Override
    public @Nullable Object apply(Object result, Throwable failure) {
      return null;
    }
  }

  /** Runs errands at once, since a thread takes longer to start than all the rest. */
  static final class ErrandsHere extends Errands {
    ErrandsHere() {
      super(new NoTimers(), new EndedPool.Daemons()); // Which are never asked for.
    }

    @Override
    protected void start(Runner started, @Nullable Runner before) {
      started.run();
    }
  }

  /** Nothing is waited for. */
  static final class NoTimers extends Timers {
    @Override
    public boolean schedule(Entry entry, long nanos) {
      return true;
    }
  }
}
