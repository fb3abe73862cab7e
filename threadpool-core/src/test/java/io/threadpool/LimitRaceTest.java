package io.threadpool;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.threadpool.TaskAbortedException.Reason;
import io.threadpool.internal.Errands;
import io.threadpool.internal.RaceTeam;
import io.threadpool.internal.Timers;
import java.time.Duration;
import java.util.Queue;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * A limit that ends against the start and the end of a body, {@code cancel}, a joiner and an abort:
 * one outcome, and no interrupt for the next task. The test is the timer.
 */
class LimitRaceTest {

  private static final Duration LONG = Duration.ofSeconds(20);
  private static final int JITTER = 3_000;

  /** Keeps what is due, for the test to run it. */
  private static final class Hands extends Timers {
    final Queue<Entry> due = new ConcurrentLinkedQueue<>();

    @Override
    public synchronized boolean schedule(Entry entry, long nanos) {
      if (nanos < 1_000_000) {
        due.add(entry);
      }
      return true;
    }

    @Override
    public synchronized void cancel(Entry entry) {
      due.remove(entry);
    }

    /** Runs the next, once it is due, unless something else has happened. */
    void runNext(Task<?> unless) {
      for (Entry entry = due.poll(); ; entry = due.poll()) {
        if (entry != null) {
          entry.run();
          return;
        }
        if (unless.isDone()) {
          return;
        }
        Thread.onSpinWait();
      }
    }
  }

  private final Hands hands = new Hands();
  private PoolCore core;
  private WorkerPool pool;

  private void start(int size) {
    core =
        new PoolCore(
            WorkerPool.builder()
                .size(size)
                .name("race")
                .standstillWarning(Duration.ZERO)
                .config()) {
          @Override
          Timers newTimers() {
            return hands;
          }

          @Override
          Errands newErrands() {
            return new Errands(Timers.SHARED, errand -> daemon(new Thread(errand)));
          }
        };
    core.start(null);
    pool = WorkerPoolBuilder.open(core);
  }

  private static Thread daemon(Thread thread) {
    thread.setDaemon(true);
    return thread;
  }

  @AfterEach
  void end() throws InterruptedException {
    pool.shutdownNow();
    assertTrue(pool.awaitTermination(LONG));
    Pools.assertLaw(pool);
  }

  /** What looks for an interrupt that was not meant for it. */
  private boolean nextIsInterrupted() {
    return pool.submit(
            () -> {
              boolean interrupted = false;
              for (int i = 0; i < 40; i++) {
                interrupted |= Thread.interrupted();
                Thread.onSpinWait();
              }
              return interrupted;
            })
        .join();
  }

  private static TaskOptions run() {
    return TaskOptions.runningWithin(Duration.ofNanos(1));
  }

  private static TaskOptions start() {
    return TaskOptions.startingWithin(Duration.ofNanos(1));
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void theLimitOfARunAgainstItsEndAndACancel(boolean cancels) throws Exception {
    start(1);
    int rounds = RaceTeam.rounds(3_000);
    int ended = 0;
    int cancelled = 0;
    try (RaceTeam team = new RaceTeam(3)) {
      for (int i = 0; i < rounds; i++) {
        Task<Integer> task =
            pool.submit(
                () -> {
                  RaceTeam.jitter(JITTER);
                  return 1;
                },
                run());
        team.race(
            () -> assertTrue(task.awaitStopped(LONG)),
            () -> hands.runNext(task),
            () -> {
              RaceTeam.jitter(JITTER);
              if (cancels) {
                task.cancel(true);
              }
            });
        assertFalse(nextIsInterrupted());
        Object outcome = task.handle((x, e) -> e == null ? (Object) x : e).join();
        if (outcome instanceof TaskAbortedException) {
          ended++;
        } else if (outcome instanceof CancellationException) {
          cancelled++;
        } else {
          assertEquals(1, outcome);
        }
      }
    }
    pool.close();
    PoolStats stats = pool.stats();
    assertEquals(ended, stats.aborted());
    assertEquals(cancelled, stats.cancelled());
    assertEquals(2L * rounds, stats.accepted());
    RaceTeam.print("run limit against end", rounds, ended + " ended by it, " + cancelled);
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2})
  void theLimitOfAStartAgainstAWorkerAJoinerAndACancel(int size) throws Exception {
    start(size);
    int rounds = RaceTeam.rounds(2_000);
    AtomicInteger ran = new AtomicInteger();
    int late = 0;
    try (RaceTeam team = new RaceTeam(3)) {
      for (int i = 0; i < rounds; i++) {
        CountDownLatch hold = new CountDownLatch(1);
        Task<?> holder =
            pool.submit(
                () -> {
                  hold.await();
                  return 1;
                });
        Task<Integer> task = pool.submit(ran::incrementAndGet, TaskOptions.startingWithin(LONG));
        int before = ran.get();
        team.race(
            () -> {
              RaceTeam.jitter(JITTER);
              task.endLate();
            },
            () -> {
              RaceTeam.jitter(JITTER);
              task.run();
            },
            () -> {
              hold.countDown();
              RaceTeam.jitter(JITTER);
              if (size == 2) {
                task.cancel(true);
              }
            });
        holder.join();
        assertTrue(task.awaitStopped(LONG));
        boolean isLate = task.isAborted();
        late += isLate ? 1 : 0;
        if (isLate) {
          assertEquals(before, ran.get(), "aborted as too late, and it ran");
          assertEquals(
              Reason.START_TIMEOUT,
              task.handle((x, e) -> ((TaskAbortedException) e).reason()).join());
        }
      }
    }
    pool.close();
    assertEquals(late, pool.stats().aborted());
    assertEquals(0, pool.stats().queued());
    RaceTeam.print("start limit against claim", rounds, late + " were late");
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void aLimitAgainstAnAbort(boolean ofTheRun) throws Exception {
    int rounds = RaceTeam.rounds(200);
    try (RaceTeam team = new RaceTeam(2)) {
      for (int i = 0; i < rounds; i++) {
        start(1);
        CountDownLatch never = new CountDownLatch(1);
        CountDownLatch begun = new CountDownLatch(1);
        Task<?> running =
            pool.submit(
                () -> {
                  begun.countDown();
                  never.await();
                  return 1;
                },
                ofTheRun ? run() : TaskOptions.named("holder"));
        begun.await();
        Task<?> queued = pool.submit(() -> 1, ofTheRun ? TaskOptions.named("queued") : start());
        team.race(
            () -> hands.runNext(ofTheRun ? running : queued),
            () -> {
              RaceTeam.jitter(JITTER);
              pool.shutdownNow();
            });
        assertTrue(pool.awaitTermination(LONG));
        Pools.assertLaw(pool);
        assertTrue(ofTheRun ? queued.isDone() : queued.isAborted(), queued::toString);
        assertTrue(running.isDone(), running::toString);
        hands.due.clear();
      }
    }
  }

  /** Where nobody comes to say so, who takes a task that is too late finds it out. */
  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void whoTakesWhatIsTooLateDoesNotRunIt(boolean joins) throws Exception {
    start(1);
    AtomicInteger ran = new AtomicInteger();
    Task<Boolean> outer =
        pool.submit(
            () -> {
              Task<Integer> late = pool.submit(ran::incrementAndGet, start());
              if (joins) {
                late.run();
                return late.isCancelled();
              }
              return true;
            });
    assertTrue(outer.join());
    pool.close();
    assertEquals(0, ran.get());
    assertEquals(1, pool.stats().aborted());
  }
}
