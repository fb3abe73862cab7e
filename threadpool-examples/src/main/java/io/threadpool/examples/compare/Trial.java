package io.threadpool.examples.compare;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentSkipListSet;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;

/**
 * One scenario, put to one pool: it opens pools, waits with a time limit, and cleans up. Waiting
 * and opening may be done on any thread.
 */
final class Trial {
  private static final long POLL_MILLIS = 2;

  private final Contender contender;
  private final Duration limit;
  private final Sightings sightings;
  private final Consumer<Cell> early;
  private final Set<String> notes = new ConcurrentSkipListSet<>();
  private final List<OpenPool> opened = new CopyOnWriteArrayList<>();
  private final List<CountDownLatch> gates = new CopyOnWriteArrayList<>();

  /**
   * A trial of a kind of pool.
   *
   * @param limit how long to wait before saying that something hangs
   * @param early takes an answer that is given by other means than by returning
   */
  Trial(Contender contender, Duration limit, Sightings sightings, Consumer<Cell> early) {
    this.contender = contender;
    this.limit = limit;
    this.sightings = sightings;
    this.early = early;
  }

  /** Runs a scenario and says what came of it. */
  Cell run(Scenario scenario) {
    sightings.forget();
    try {
      scenario.probe().run(this);
      return new Cell(Verdict.YES, new ArrayList<>(notes), "");
    } catch (MissingException e) {
      return Cell.of(Verdict.NOT_APPLICABLE, text(e));
    } catch (HangsException e) {
      return new Cell(Verdict.HANGS, new ArrayList<>(notes), text(e));
    } catch (NoException e) {
      return new Cell(Verdict.NO, new ArrayList<>(notes), text(e));
    } catch (ExecutionException e) {
      return new Cell(Verdict.NO, new ArrayList<>(notes), String.valueOf(e.getCause()));
    } catch (Throwable e) {
      return new Cell(Verdict.NO, new ArrayList<>(notes), e.toString());
    } finally {
      cleanUp();
    }
  }

  private static String text(RuntimeException e) {
    return String.valueOf(e.getMessage());
  }

  /** Lets go what still waits; none of it is waited for. */
  private void cleanUp() {
    gates.forEach(CountDownLatch::countDown);
    opened.forEach(pool -> daemon(pool::discard));
  }

  private static void daemon(Runnable body) {
    Thread thread = new Thread(body, "trial");
    thread.setDaemon(true);
    thread.start();
  }

  Duration limit() {
    return limit;
  }

  Sightings sightings() {
    return sightings;
  }

  /** Notes a documented option that the pool needs here. */
  void note(String option) {
    notes.add(option);
  }

  /** Gives the answer yes from where it cannot be returned. */
  void answerYes() {
    early.accept(new Cell(Verdict.YES, new ArrayList<>(notes), ""));
  }

  OpenPool open(Plan plan) {
    OpenPool pool = contender.open(plan, this);
    opened.add(pool);
    if (plan.drainsAtExit) {
      pool.drainAtExit();
    }
    return pool;
  }

  /** Opens a pool that this trial does not hold on to. */
  OpenPool openToDrop(Plan plan) {
    return contender.open(plan, this);
  }

  /** A gate that opens by itself at the end of the trial. */
  CountDownLatch gate() {
    CountDownLatch gate = new CountDownLatch(1);
    gates.add(gate);
    return gate;
  }

  /** Occupies a thread of a pool until the gate is opened, or until it is interrupted. */
  CountDownLatch block(OpenPool pool) {
    CountDownLatch gate = gate();
    CountDownLatch started = new CountDownLatch(1);
    pool.execute(
        () -> {
          started.countDown();
          try {
            gate.await();
          } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
          }
        });
    await("a task on an idle pool", started);
    return gate;
  }

  /** Runs something on a thread of its own. */
  <T> CompletableFuture<T> start(Callable<T> call) {
    CompletableFuture<T> result = new CompletableFuture<>();
    daemon(
        () -> {
          try {
            result.complete(call.call());
          } catch (Throwable e) {
            result.completeExceptionally(e);
          }
        });
    return result;
  }

  /** Runs something that should end within the time limit. */
  <T> T within(String who, Callable<T> call) throws Exception {
    return finish(who, start(call));
  }

  /** Waits for something that should end within the time limit. */
  <T> T finish(String who, Future<T> future) throws Exception {
    try {
      return future.get(limit.toMillis(), TimeUnit.MILLISECONDS);
    } catch (TimeoutException e) {
      throw new HangsException(who);
    } catch (ExecutionException e) {
      if (e.getCause() instanceof Exception cause) {
        throw cause;
      }
      throw e;
    }
  }

  /** Waits for something that should end within the time limit, however it ends. */
  void settle(String who, Future<?> future) throws InterruptedException {
    try {
      future.get(limit.toMillis(), TimeUnit.MILLISECONDS);
    } catch (TimeoutException e) {
      throw new HangsException(who);
    } catch (ExecutionException | java.util.concurrent.CancellationException e) {
      return;
    }
  }

  /** Waits for a latch that should open within the time limit. */
  void await(String who, CountDownLatch latch) {
    try {
      if (!latch.await(limit.toMillis(), TimeUnit.MILLISECONDS)) {
        throw new HangsException(who);
      }
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  /** Whether something comes true within the time limit. */
  boolean eventually(BooleanSupplier condition) throws InterruptedException {
    long end = System.nanoTime() + limit.toNanos();
    while (!condition.getAsBoolean()) {
      if (System.nanoTime() - end > 0) {
        return false;
      }
      Thread.sleep(POLL_MILLIS);
    }
    return true;
  }

  static void require(boolean condition, String whyNot) {
    if (!condition) {
      throw new NoException(whyNot);
    }
  }
}
