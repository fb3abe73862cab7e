package io.threadpool;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Future;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;

/**
 * The end of one pool while somebody else's code blocks: what has to come in time all the same, and
 * the books when that code has been let go.
 *
 * <p>In time is within {@link #LONG}, which only what hangs does not keep. Used by one thread.
 */
final class BlockedEnd implements AutoCloseable {

  /** Within it comes what does not hang, however busy the machine. */
  static final Duration LONG = Duration.ofSeconds(20);

  private static final Duration DRAIN = Duration.ofMillis(50);
  private static final Duration GRACE = Duration.ofMillis(100);

  /** How a pool is ended. */
  enum Way {
    /** {@code shutdownNow()}, then {@code close()}. */
    SHUTDOWN_NOW(ShutdownPolicy.drain()),
    /** {@code close()} with a deadline; of the JDK's pool what its documentation shows. */
    DEADLINE(ShutdownPolicy.drainFor(DRAIN)),
    /** {@code close()} with a policy of abort; ours alone. */
    CLOSE(ShutdownPolicy.abort()),
    /** {@code close()} by a caller that is interrupted; ours alone. */
    INTERRUPTED(ShutdownPolicy.drain());

    private final ShutdownPolicy policy;

    Way(ShutdownPolicy policy) {
      this.policy = policy;
    }

    boolean isFor(FaultContender who) {
      return who.isOurs() || compareTo(DEADLINE) <= 0;
    }
  }

  /** Plays every scenario of a row once, to the first that is broken. */
  interface Round {
    void play() throws Exception;
  }

  /** What blocks, blocks until this is open. */
  final CountDownLatch released = new CountDownLatch(1);

  private final FaultContender who;
  private final FaultFigures figures;
  private final Way way;
  private final String what;
  private final ExecutorService pool;
  private final FaultBooks books;
  private final List<String> broken = new ArrayList<>();

  /** The names of threads whose bodies stay until they are let go. */
  private final List<String> stuck = new ArrayList<>();

  private final List<FaultTask> handled = new ArrayList<>();
  private final List<Thread> waiters = new ArrayList<>();
  private final List<Thread> besides = new ArrayList<>();
  private final AtomicInteger othersLeft = new AtomicInteger();

  /** When everything has to be there that must not wait for what blocks; nanoTime. */
  private long by;

  // Written by the thread that ends the pool.
  private volatile String step = "nothing";
  private volatile boolean ended;
  private volatile List<Runnable> returned = List.of();

  /**
   * Builds the pool.
   *
   * @param what names the scenario
   * @param compares whether the pool has to count as the books do; not where it is open what
   *     becomes of a body
   */
  BlockedEnd(
      FaultContender who,
      FaultFigures figures,
      Way way,
      String what,
      int size,
      ThreadFactory factory,
      boolean compares) {
    this.who = who;
    this.figures = figures;
    this.way = way;
    this.what = what + ", " + way;
    pool =
        who.isOurs()
            ? WorkerPool.builder()
                .size(size)
                .threadFactory(factory)
                .unboundedQueue()
                .shutdownPolicy(way.policy)
                .abortGrace(GRACE)
                .build()
            : who.build(size, 0, factory);
    books = compares ? new FaultBooks(pool, figures) : new FaultBooks(figures);
  }

  /** Plays rounds while nothing is broken; returns how many were begun. */
  static int play(FaultFigures figures, int rounds, Round round) throws Exception {
    int played = 0;
    while (played < rounds && figures.holds()) { // What hangs takes its time.
      round.play();
      played++;
    }
    return played;
  }

  private FaultTask submit(boolean raw, FaultTask.Body body) {
    FaultTask task = books.enter(body);
    task.handTo(pool, raw);
    if (!raw) {
      handled.add(task);
    }
    return task;
  }

  /**
   * Gives a worker a body, and waits until that is where it says it is.
   *
   * @param stays whether it is sure to stay until it is let go
   */
  FaultTask occupy(boolean stays, CountDownLatch there, FaultTask.Body body)
      throws InterruptedException {
    CountDownLatch begun = new CountDownLatch(1);
    String[] thread = new String[1];
    FaultTask task =
        submit(
            false,
            () -> {
              thread[0] = Thread.currentThread().getName();
              begun.countDown();
              body.run();
            });
    begun.await();
    there.await();
    if (stays) {
      stuck.add(thread[0]);
    }
    return task;
  }

  /** Gives workers bodies that end when they are interrupted. */
  void occupyOthers(int count) throws InterruptedException {
    for (int i = 0; i < count; i++) {
      CountDownLatch there = new CountDownLatch(1);
      othersLeft.incrementAndGet();
      occupy(
          false,
          there,
          () -> {
            there.countDown();
            try {
              released.await();
            } catch (InterruptedException asItShouldBe) {
              othersLeft.decrementAndGet();
            }
          });
    }
  }

  /** Gives a worker a command that throws, which somebody has to be told. */
  void fail() throws InterruptedException {
    CountDownLatch begun = new CountDownLatch(1);
    submit(
        true,
        () -> {
          begun.countDown();
          throw new IllegalStateException("for the log");
        });
    begun.await();
  }

  /** Queues tasks behind the bodies, every other one a raw command if there may be some. */
  List<FaultTask> queue(int count, boolean raw) {
    List<FaultTask> tasks = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      tasks.add(submit(raw && i % 2 == 0, () -> {}));
    }
    return tasks;
  }

  /** Has a thread wait for a task, and returns when it does. */
  void await(FaultTask task) {
    Future<?> handle = task.handle();
    Thread waiter = start("waiter", () -> waitFor(handle));
    waiters.add(waiter);
    long start = System.nanoTime();
    while (waiter.isAlive()
        && waiter.getState() != Thread.State.WAITING
        && System.nanoTime() - start < LONG.toNanos()) {
      LockSupport.parkNanos(100_000);
    }
  }

  private static void waitFor(Future<?> handle) {
    try {
      handle.get();
    } catch (InterruptedException | ExecutionException | CancellationException over) {
      // It has come back.
    }
  }

  /** Starts a thread that may block until it is let go. */
  static Thread start(String name, Runnable action) {
    Thread thread = new Thread(action, name);
    thread.setDaemon(true);
    thread.start();
    return thread;
  }

  /** Starts a thread that is waited for when what blocks has been let go, and not before. */
  void besides(Runnable action) {
    besides.add(start("beside", action));
  }

  /**
   * Ends the pool on a thread of its own, and says what does not come in time; then lets go what
   * blocks, sees everything end, and settles the books.
   *
   * @param also what has to be so in time, too, and how it is called where it is not
   */
  void play(BooleanSupplier also, String otherwise) throws InterruptedException {
    by = System.nanoTime() + LONG.toNanos();
    Thread ender = start("ender", this::end);
    require(comes(() -> othersLeft.get() == 0), "other bodies are not interrupted");
    boolean back = comes(() -> !ender.isAlive());
    require(back, step + " does not come back");
    require(!back || ended, step + " throws");
    requireReport();
    long open = handled.stream().filter(task -> !answers(task)).count();
    require(open == 0, open + " of " + handled.size() + " handles are not done");
    boolean none = comes(() -> waiting(false) == 0);
    require(none, waiting(false) + " threads wait on");
    require(waiting(true) == 0, waiting(true) + " of them in what blocks");
    require(comes(also), otherwise);
    if (!broken.isEmpty()) {
      figures.violate(what + ": " + String.join(", ", broken));
      FaultMain.printStacks();
    }
    released.countDown();
    besides.add(ender);
    besides.addAll(waiters);
    finish();
  }

  /** How many threads still wait for a task, or of them are made to run what blocks. */
  private long waiting(boolean inside) {
    return waiters.stream()
        .filter(Thread::isAlive)
        .filter(thread -> !inside || isIn(thread))
        .count();
  }

  private static boolean isIn(Thread thread) {
    return Arrays.stream(thread.getStackTrace())
        .anyMatch(line -> line.getMethodName().equals("uninterruptibly"));
  }

  /** Whether a handle can be asked by now; of the JDK's pool a body that stays is not done. */
  private boolean answers(FaultTask task) {
    return comes(() -> task.handle().isDone() || (!who.isOurs() && task.runs() > 0));
  }

  private void requireReport() {
    if (pool instanceof WorkerPool ours) {
      boolean there = comes(() -> ours.report().isPresent());
      require(there, "no report");
      List<String> named =
          there
              ? ours.report().get().stuck().stream().map(StuckTask::worker).toList()
              : List.copyOf(stuck);
      require(named.containsAll(stuck), "not reported as stuck: " + stuck + " in " + named);
    }
  }

  private void require(boolean holds, String otherwise) {
    if (!holds) {
      broken.add(otherwise);
    }
  }

  /** Waits until something is so, as long as there is time. */
  private boolean comes(BooleanSupplier condition) {
    while (!condition.getAsBoolean()) {
      if (System.nanoTime() - by > 0) {
        return condition.getAsBoolean();
      }
      LockSupport.parkNanos(500_000);
    }
    return true;
  }

  private void end() {
    try {
      if (way == Way.INTERRUPTED) {
        Thread.currentThread().interrupt();
      }
      if (pool instanceof WorkerPool ours) {
        end(ours);
      } else {
        endAsDocumented();
      }
      ended = true;
    } catch (InterruptedException | RuntimeException | Error thrown) {
      step += " (" + thrown + ")";
    }
  }

  private void end(WorkerPool ours) {
    if (way == Way.SHUTDOWN_NOW) {
      step = "shutdownNow()";
      returned = ours.shutdownNow();
    }
    step = "close()";
    ours.close();
  }

  /** The handles of what is returned are done by whoever gets them, here at once. */
  private void endAsDocumented() throws InterruptedException {
    if (way == Way.DEADLINE) {
      step = "awaitTermination";
      pool.shutdown();
      pool.awaitTermination(DRAIN.toMillis(), TimeUnit.MILLISECONDS);
    }
    step = "shutdownNow()";
    returned = pool.shutdownNow();
    cancelReturned(returned);
    step = "awaitTermination";
    pool.awaitTermination(GRACE.toMillis(), TimeUnit.MILLISECONDS);
  }

  /** Has done the handles among what the JDK's pool returned, as its user has to. */
  static void cancelReturned(List<Runnable> tasks) {
    for (Runnable task : tasks) {
      if (task instanceof Future<?> handle) {
        handle.cancel(false);
      }
    }
  }

  /** Nothing blocks any more. */
  private void finish() throws InterruptedException {
    figures.require(
        pool.awaitTermination(LONG.toSeconds(), TimeUnit.SECONDS),
        what + ": never terminates, though let go");
    by = System.nanoTime() + LONG.toNanos();
    figures.require(
        comes(() -> besides.stream().noneMatch(Thread::isAlive)),
        what + ": a call never comes back, though let go");
    if (pool instanceof WorkerPool ours) {
      boolean none = comes(() -> threadsOf(ours).isEmpty());
      figures.require(none, what + ": threads left: " + threadsOf(ours));
      requireLaw(ours);
    }
    books.returned(returned);
    books.settle(way != Way.SHUTDOWN_NOW);
  }

  /** The live threads that are called after a pool, its keeper, say; others are of the JDK's. */
  private static List<String> threadsOf(WorkerPool ours) {
    return Thread.getAllStackTraces().keySet().stream()
        .map(Thread::getName)
        .filter(name -> name.startsWith(ours.name() + "-") && !name.contains("-thread-"))
        .toList();
  }

  /** Every task has one outcome, by the report and by the counts. */
  private void requireLaw(WorkerPool ours) {
    PoolStats stats = ours.stats();
    TerminationReport report = ours.report().orElseThrow();
    long ends = stats.completed() + stats.failed() + stats.cancelled() + stats.aborted();
    long reported = report.completed() + report.failed() + report.cancelled() + report.aborted();
    figures.require(stats.accepted() == ends, what + ": " + stats);
    figures.require(report.accepted() == reported, what + ": " + report);
    figures.require(stats.accepted() == books.size(), what + ": not all accepted: " + stats);
  }

  /** Lets go what blocks, if that was not done. */
  @Override
  public void close() {
    released.countDown();
    pool.shutdown();
  }
}
