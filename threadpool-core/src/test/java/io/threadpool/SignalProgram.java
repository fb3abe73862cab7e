package io.threadpool;

import io.threadpool.internal.RaceTeam;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;

/**
 * What {@link SignalRows} signals: a JVM with a pool that is shut down by the exit hook alone, and
 * that prints its books as it ends.
 */
final class SignalProgram {

  private static final Duration LONG = Duration.ofSeconds(30);
  private static final long MOST_NANOS = 300_000_000_000L;
  private static final int QUEUED = 2_000;
  private static final int PINGS_AFTER = 2_000;

  private final FaultContender who;
  private final FaultFigures figures = new FaultFigures();

  private SignalProgram(FaultContender who) {
    this.who = who;
  }

  public static void main(String[] args) throws Exception {
    daemon(
        () -> {
          LockSupport.parkNanos(MOST_NANOS);
          Runtime.getRuntime().halt(9); // Nobody is left to signal it.
        });
    SignalProgram program = new SignalProgram(FaultContender.valueOf(args[1]));
    int number = Integer.parseInt(args[2]);
    switch (args[0]) {
      case "sigterm" -> program.sigterm(number);
      case "exit" -> program.exit(number);
      case "ping" -> program.ping(number);
      case "beat" -> program.beat(number);
      default -> throw new IllegalArgumentException(args[0]);
    }
  }

  private static void say(String line) {
    System.out.println(line);
    System.out.flush();
  }

  private ExecutorService pool(int deadlineMillis, Duration grace) {
    return who.isOurs()
        ? who.builder(2)
            .abortGrace(grace)
            .onJvmExit(ShutdownPolicy.drainFor(Duration.ofMillis(deadlineMillis)))
            .build()
        : who.fixed(2);
  }

  /**
   * Has the books settled when the pool's own hook is done, or at once where it has none.
   *
   * @param ends whether the pool terminates; the handles that it aborts at its deadline are told on
   *     a thread of their own, for which the report at the end of the grace does not wait
   */
  private void settleAtExit(
      ExecutorService pool, FaultBooks books, int deadlineMillis, boolean ends) {
    Runtime.getRuntime()
        .addShutdownHook(
            new Thread(
                () -> {
                  if (pool instanceof WorkerPool ours) {
                    while (ours.report().isEmpty() || (ends && !ours.isTerminated())) {
                      LockSupport.parkNanos(1_000_000);
                    }
                    check(ours.report().orElseThrow(), ours.stats(), deadlineMillis);
                  }
                  books.settle(who.isOurs());
                  say(figures.toLine());
                }));
  }

  /** The deadline was kept, and the report counts what the pool does. */
  private void check(TerminationReport report, PoolStats stats, int deadlineMillis) {
    Duration most = Duration.ofMillis(deadlineMillis + 200L).plusSeconds(20); // A busy machine.
    figures.require(report.elapsed().compareTo(most) < 0, "took " + report.elapsed());
    figures.require(
        report.accepted() == stats.accepted()
            && report.completed() == stats.completed()
            && report.aborted() == stats.aborted(),
        report + " is not " + stats);
  }

  private void sigterm(int deadlineMillis) throws InterruptedException {
    ExecutorService pool = pool(deadlineMillis, LONG);
    FaultBooks books = new FaultBooks(pool, figures);
    settleAtExit(pool, books, deadlineMillis, true);
    for (int i = 0; i < QUEUED; i++) {
      books.submit(i % 2 == 0, () -> RaceTeam.jitter(400_000));
    }
    say("queued");
    pool.awaitTermination(60, TimeUnit.SECONDS);
  }

  private void exit(int deadlineMillis) throws InterruptedException {
    ExecutorService pool = pool(deadlineMillis, Duration.ofMillis(200));
    FaultBooks books = new FaultBooks(pool, figures);
    List<FaultTask> others = new ArrayList<>();
    for (int i = 0; i < 100; i++) {
      others.add(books.submit(i % 2 == 0, () -> RaceTeam.jitter(100_000)));
    }
    CountDownLatch handed = new CountDownLatch(1);
    FaultTask last =
        books.enter(
            () -> {
              handed.await();
              while (!others.stream().allMatch(FaultTask::isSettled)
                  || (pool instanceof WorkerPool ours && ours.stats().active() > 1)) {
                LockSupport.parkNanos(100_000); // Else one more may be found stuck.
              }
              System.exit(7);
            });
    books.expectStuck(1);
    settleAtExit(pool, books, deadlineMillis, false);
    last.handTo(pool, false);
    handed.countDown();
    pool.awaitTermination(60, TimeUnit.SECONDS);
  }

  /**
   * Hands tasks to and fro until the standard input ends, and some more. A second pool of ours has
   * submitters that block for a second.
   */
  private void ping(int stops) throws Exception {
    ExecutorService pool = who.build(2, 64, Thread::new);
    FaultBooks books = new FaultBooks(pool, figures);
    AtomicBoolean over = new AtomicBoolean();
    daemon(() -> over.set(System.in.read() < 0));
    try (Blocked blocked = who.isOurs() ? new Blocked() : null) {
      say("pinging");
      for (int after = 0; after < PINGS_AFTER; after += over.get() ? 1 : 0) {
        Future<?> one = books.submit(false, () -> {}).handle();
        Future<?> two = books.submit(false, one::get).handle();
        two.get(LONG.toSeconds(), TimeUnit.SECONDS);
        if (books.size() >= 64) {
          books.balance();
        }
      }
      books.balance();
      books.end();
      if (blocked != null) {
        blocked.end(stops);
      }
    }
    say(figures.toLine());
  }

  /**
   * Has tasks fall due for twice as long as it will be stopped for, and beats that are a 60th of
   * that apart; says how many of those came at another's time.
   */
  private void beat(int millis) throws Exception {
    long nanos = TimeUnit.MILLISECONDS.toNanos(millis);
    long period = nanos / 60;
    ScheduledExecutorService pool = TimeRows.pool(who, 2);
    ScheduledExecutorService beating = TimeRows.pool(who, 1);
    FaultBooks books = new FaultBooks(pool, figures);
    List<FaultTask> tasks = new ArrayList<>();
    for (int i = 0; i < 200; i++) {
      tasks.add(books.schedule(i * nanos / 100, () -> {}));
    }
    List<Long> beats = new CopyOnWriteArrayList<>();
    long start = System.nanoTime();
    Future<?> beat =
        beating.scheduleAtFixedRate(
            () -> beats.add((System.nanoTime() - start) / period), 0, period, TimeUnit.NANOSECONDS);
    say("beating");
    while (System.in.read() >= 0) {
      // Meanwhile it is stopped.
    }
    for (FaultTask task : tasks) {
      task.handle().get(MOST_NANOS, TimeUnit.NANOSECONDS);
    }
    int before = beats.size();
    while (beats.size() < before + 3) { // They go on, or the time for all is over.
      LockSupport.parkNanos(1_000_000);
    }
    beat.cancel(false);
    books.balance();
    books.end();
    beating.shutdown();
    figures.require(beating.awaitTermination(LONG.toSeconds(), TimeUnit.SECONDS), "never ends");
    long madeUp = beats.size() - beats.stream().distinct().count();
    // A beat that is late may have the number of the next; who makes up for a stop has some 60.
    figures.require(!who.isOurs() || madeUp <= 20, madeUp + " beats made up");
    figures.note(beats.size() + " beats, " + madeUp + " made up");
    say(figures.toLine());
  }

  private static void daemon(RaceTeam.Action action) {
    Thread thread =
        new Thread(
            () -> {
              try {
                action.run();
              } catch (Exception e) {
                throw new AssertionError(e);
              }
            });
    thread.setDaemon(true);
    thread.start();
  }

  /** Two submitters of a full pool that wait for room, a second at the most. */
  private final class Blocked implements AutoCloseable {
    private final WorkerPool pool =
        WorkerPool.builder()
            .size(1)
            .queueCapacity(1)
            .saturationPolicy(SaturationPolicy.block(Duration.ofSeconds(1)))
            .build();
    private final AtomicBoolean over = new AtomicBoolean();
    private final List<Thread> submitters = new ArrayList<>();

    Blocked() {
      for (int i = 0; i < 2; i++) {
        Thread submitter = new Thread(this::submit);
        submitters.add(submitter);
        submitter.start();
      }
    }

    private void submit() {
      while (!over.get()) {
        try {
          pool.execute(() -> LockSupport.parkNanos(1_000_000));
        } catch (RejectedTaskException late) {
          // Counted by the pool.
        }
      }
    }

    /** A stop ends at the most the waits that there were: one a submitter. */
    void end(int stops) throws InterruptedException {
      close();
      for (Thread submitter : submitters) {
        submitter.join();
      }
      pool.close();
      long late = pool.stats().rejected();
      figures.require(late <= 2L * stops, "a storm of time-outs: " + late);
      figures.add(pool.stats());
      figures.note(late + " of 2 waits timed out");
    }

    @Override
    public void close() {
      over.set(true);
    }
  }
}
