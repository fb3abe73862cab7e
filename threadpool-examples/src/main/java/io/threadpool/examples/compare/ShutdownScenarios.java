package io.threadpool.examples.compare;

import static io.threadpool.examples.compare.Trial.require;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/** How pools end. */
final class ShutdownScenarios {
  private static final int ROUNDS = 100;
  private static final int SUBMITTERS = 2;
  private static final int MOST_TASKS = 20_000;
  private static final Duration MOMENT = Duration.ofMillis(300);

  private ShutdownScenarios() {}

  static List<Scenario> all() {
    return List.of(
        new Scenario(
            "drain", "an orderly shutdown runs all that was accepted", ShutdownScenarios::drain),
        new Scenario(
            "shutdown-race",
            "a submission racing it is run or refused, exactly",
            trial -> race(trial, false)),
        new Scenario(
            "abort-race",
            "... racing an abort is run, refused, or dropped and told",
            trial -> race(trial, true)),
        new Scenario(
            "aborted-waiter",
            "who waits for a task that an abort drops is told",
            ShutdownScenarios::abortedWaiter),
        new Scenario(
            "aborted-supply",
            "... also through CompletableFuture.supplyAsync",
            ShutdownScenarios::abortedSupply),
        new Scenario(
            "truly-terminated",
            "terminated means that no body runs any more",
            ShutdownScenarios::trulyTerminated),
        new Scenario(
            "deadline",
            "shutting down has a deadline, then what runs is interrupted",
            ShutdownScenarios::deadline),
        new Scenario(
            "deadline-stuck",
            "... and it holds with a task that ignores interrupts",
            ShutdownScenarios::deadlineStuck),
        new Scenario(
            "stuck-named", "... whose thread is then named", ShutdownScenarios::stuckNamed),
        new Scenario(
            "close-interrupted",
            "close() ends when interrupted, and keeps the interrupt",
            ShutdownScenarios::closeInterrupted),
        new Scenario(
            "dropped-pool",
            "the threads of a pool that nobody has any more end",
            ShutdownScenarios::droppedPool));
  }

  private static void drain(Trial trial) throws Exception {
    OpenPool pool = trial.open(Plan.threads(1));
    CountDownLatch gate = trial.block(pool);
    AtomicInteger ran = new AtomicInteger();
    for (int i = 0; i < 100; i++) {
      pool.execute(ran::incrementAndGet);
    }
    pool.shutdown();
    gate.countDown();
    if (!pool.awaitTermination(trial.limit())) {
      throw new HangsException("who awaits the end");
    }
    require(ran.get() == 100, ran + " of 100 ran");
  }

  /**
   * A task in a race.
   *
   * @param ran whether its body began
   * @param handle the handle, or null where it was refused
   */
  private record Raced(AtomicBoolean ran, @Nullable Future<?> handle) {}

  private static void race(Trial trial, boolean abort) throws Exception {
    for (int round = 0; round < ROUNDS; round++) {
      OpenPool pool = trial.open(Plan.threads(2));
      if (!abort && !pool.drains()) {
        throw new MissingException("an orderly shutdown drops what is queued");
      }
      List<CompletableFuture<List<Raced>>> submitting = new ArrayList<>();
      for (int i = 0; i < SUBMITTERS; i++) {
        submitting.add(trial.start(() -> submitUntilRefused(pool)));
      }
      LockSupport.parkNanos(50_000L * (round % 10));
      int dropped = 0;
      if (abort) {
        dropped = pool.abortAndTell().size();
      } else {
        pool.shutdown();
      }
      if (!pool.awaitTermination(trial.limit())) {
        throw new HangsException("who awaits the end");
      }
      List<Raced> tasks = new ArrayList<>();
      for (CompletableFuture<List<Raced>> submitted : submitting) {
        tasks.addAll(trial.finish("a submitter", submitted));
      }
      check(tasks, abort, dropped);
    }
  }

  private static List<Raced> submitUntilRefused(OpenPool pool) {
    List<Raced> tasks = new ArrayList<>();
    while (tasks.size() < MOST_TASKS) {
      AtomicBoolean ran = new AtomicBoolean();
      try {
        tasks.add(new Raced(ran, pool.submit(() -> ran.getAndSet(true))));
      } catch (RejectedExecutionException refused) {
        tasks.add(new Raced(ran, null));
        return tasks;
      }
    }
    return tasks;
  }

  /**
   * A pool tells what an abort drops by returning it, wrapped or not, or by settling the handle.
   *
   * @param dropped what it returned
   */
  private static void check(List<Raced> tasks, boolean abort, int dropped) {
    int lost = 0;
    int untold = 0;
    for (Raced task : tasks) {
      boolean ran = task.ran().get();
      require(!(ran && task.handle() == null), "a refused task ran");
      if (!ran && task.handle() != null) {
        lost++;
        untold += task.handle().isDone() ? 0 : 1;
      }
    }
    if (abort) {
      require(
          dropped == lost || (dropped == 0 && untold == 0),
          lost + " accepted tasks did not run, " + dropped + " were returned");
    } else {
      require(lost == 0, lost + " accepted tasks did not run");
    }
  }

  private static void abortedWaiter(Trial trial) throws Exception {
    OpenPool pool = trial.open(Plan.threads(1).queued());
    stick(trial, pool);
    Future<Boolean> queued = pool.submit(() -> true);
    CompletableFuture<Boolean> waiting = trial.start(queued::get);
    pool.abortAndTell();
    trial.settle("who waits for a task that was dropped", waiting);
  }

  private static void abortedSupply(Trial trial) throws Exception {
    OpenPool pool = trial.open(Plan.threads(1).queued());
    stick(trial, pool);
    CompletableFuture<Boolean> supplied = CompletableFuture.supplyAsync(() -> true, pool::execute);
    pool.abortAndTell();
    try {
      Boolean ran = supplied.get(1, TimeUnit.SECONDS);
      require(ran, "another result");
    } catch (TimeoutException e) {
      throw new NoException("not in a second; who waits without a limit waits in vain");
    } catch (ExecutionException | CancellationException told) {
      return;
    }
  }

  private static void trulyTerminated(Trial trial) throws Exception {
    OpenPool pool = trial.open(Plan.threads(1));
    AtomicBoolean running = new AtomicBoolean();
    CountDownLatch started = new CountDownLatch(1);
    pool.execute(
        () -> {
          running.set(true);
          started.countDown();
          ignoreInterrupts(Duration.ofSeconds(1));
          running.set(false);
        });
    trial.await("a task on an idle pool", started);
    pool.abort();
    require(trial.eventually(pool::isTerminated), "it does not terminate");
    require(!running.get(), "it says so while a body runs");
  }

  /** A body that cannot be stopped. */
  private static void ignoreInterrupts(Duration time) {
    long end = System.nanoTime() + time.toNanos();
    while (System.nanoTime() - end < 0) {
      LockSupport.parkNanos(1_000_000);
      Thread.interrupted();
    }
  }

  private static void deadline(Trial trial) throws Exception {
    OpenPool pool = trial.open(Plan.threads(2));
    CountDownLatch interrupted = new CountDownLatch(1);
    AtomicBoolean ended = new AtomicBoolean();
    CountDownLatch gate = trial.gate();
    CountDownLatch started = new CountDownLatch(2);
    pool.execute(
        () -> {
          started.countDown();
          try {
            gate.await();
          } catch (InterruptedException e) {
            interrupted.countDown();
          }
        });
    pool.execute(
        () -> {
          started.countDown();
          ignoreInterrupts(Duration.ofMillis(50));
          ended.set(true);
        });
    trial.await("two tasks on two threads", started);
    boolean terminated = trial.within("who shuts down", () -> pool.closeWithin(MOMENT, MOMENT));
    require(ended.get(), "a task that had time to end did not");
    require(interrupted.getCount() == 0, "the endless task was not interrupted");
    require(terminated, "it has not terminated");
  }

  private static void deadlineStuck(Trial trial) throws Exception {
    OpenPool pool = trial.open(Plan.threads(1));
    stick(trial, pool);
    trial.within("who shuts down", () -> pool.closeWithin(MOMENT, MOMENT));
  }

  private static void stuckNamed(Trial trial) throws Exception {
    OpenPool pool = trial.open(Plan.threads(1));
    String thread = stick(trial, pool);
    String told = trial.within("who shuts down", () -> pool.closeAndTell(MOMENT, MOMENT));
    require(told.contains(thread), "nothing in a report or a log names " + thread);
  }

  /** Puts a task on a pool that nothing stops for some time; returns the name of its thread. */
  private static String stick(Trial trial, OpenPool pool) throws Exception {
    CompletableFuture<String> name = new CompletableFuture<>();
    pool.execute(
        () -> {
          name.complete(Thread.currentThread().getName());
          ignoreInterrupts(trial.limit().multipliedBy(2));
        });
    return trial.finish("a task on an idle pool", name);
  }

  private static void closeInterrupted(Trial trial) throws Exception {
    OpenPool pool = trial.open(Plan.threads(1));
    CountDownLatch gate = trial.block(pool);
    boolean kept =
        trial.within(
            "who closes the pool",
            () -> {
              Thread.currentThread().interrupt();
              pool.close();
              return Thread.currentThread().isInterrupted();
            });
    require(kept, "the interrupt is lost");
    require(gate.getCount() == 1, "it waited for the task");
  }

  private static void droppedPool(Trial trial) throws Exception {
    Thread worker = workerOfADroppedPool(trial);
    boolean ended =
        trial.eventually(
            () -> {
              System.gc();
              return !worker.isAlive();
            });
    require(ended, "its thread is still there");
  }

  private static Thread workerOfADroppedPool(Trial trial) throws Exception {
    OpenPool pool = trial.openToDrop(Plan.threads(1).endsWhenDropped());
    return trial.finish("a task on an idle pool", pool.submit(Thread::currentThread));
  }
}
