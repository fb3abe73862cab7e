package io.threadpool;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.threadpool.internal.Latches;
import io.threadpool.internal.TaskQueue;
import io.threadpool.internal.Timers;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A crew with a thread for each task; on platform threads here, so that it runs on each Java. */
@Timeout(60)
class VirtualCrewTest {

  /** What is done where a run looks how many are queued, before it knows. */
  private volatile Runnable onLength = () -> {};

  /** What is done between saying that the pool aborts and taking what is queued. */
  private volatile Runnable onAbort = () -> {};

  private volatile ThreadFactory threads = VirtualCrewTest::daemon;
  private Timers clock = new Timers();

  /** After how long without progress that is told; 0 where nobody watches. */
  private long stillNanos;

  private PoolCore core;

  private static Thread daemon(Runnable body) {
    Thread thread = new Thread(body);
    thread.setDaemon(true);
    return thread;
  }

  private void start(int max) {
    start(max, Duration.ofHours(1));
  }

  private void start(int max, Duration grace) {
    core =
        new PoolCore(config(max, grace, stillNanos)) {
          @Override
          ThreadFactory newRunFactory() {
            return body -> threads.newThread(body);
          }

          @Override
          Timers newTimers() {
            return clock;
          }

          @Override
          Abort newAbort() {
            return new Abort(floor, crew, guests) {
              @Override
              boolean claim() {
                onAbort.run();
                return super.claim();
              }
            };
          }

          @Override
          TaskQueue newQueue(long roughLimit) {
            return new TaskQueue(TaskQueue.DEFAULT_SEGMENT_SIZE, roughLimit) {
              @Override
              public long length() {
                onLength.run();
                return super.length();
              }
            };
          }
        };
    core.start(null);
  }

  static PoolConfig config(int max, Duration grace) {
    return config(max, grace, 0);
  }

  private static PoolConfig config(int max, Duration grace, long stillNanos) {
    return new PoolConfig(
        "each",
        max,
        max,
        Duration.ZERO,
        true,
        true,
        ShutdownPolicy.drain(),
        grace,
        null,
        0,
        Long.MAX_VALUE,
        SaturationPolicy.reject(),
        null,
        null,
        new Patience(TaskOptions.NONE, 0, stillNanos),
        false,
        null);
  }

  @AfterEach
  void end() throws InterruptedException {
    onLength = () -> {};
    core.shutdown(ShutdownPolicy.abort());
    assertTrue(core.awaitTermination(TimeUnit.SECONDS.toNanos(20)), "not terminated");
  }

  private static void await(CountDownLatch latch) throws InterruptedException {
    assertTrue(latch.await(20, TimeUnit.SECONDS), "it does not come");
  }

  /** Its submitter has found no room. */
  @Test
  void whoIsOverLooksForWhatWaits() throws Exception {
    start(1);
    CountDownLatch gate = new CountDownLatch(1);
    CountDownLatch ran = new CountDownLatch(1);
    core.execute(() -> Latches.uninterruptibly(gate));
    core.execute(ran::countDown);
    gate.countDown();
    await(ran);
  }

  @Test
  void aLookThatFailsIsRepeated() throws Exception {
    start(1);
    CountDownLatch gate = new CountDownLatch(1);
    CountDownLatch ran = new CountDownLatch(1);
    AtomicInteger looks = new AtomicInteger();
    Thread submitter = Thread.currentThread(); // Looks for something else.
    onLength =
        () -> {
          if (Thread.currentThread() != submitter && looks.getAndIncrement() == 0) {
            throw new OutOfMemoryError("for the test");
          }
        };
    core.execute(() -> Latches.uninterruptibly(gate));
    core.execute(ran::countDown);
    gate.countDown();
    await(ran);
    assertTrue(looks.get() > 0, "no look");
  }

  /**
   * Two are queued, of whom nobody else will start a run. The one that is starting takes the first
   * while the one that is over looks, and stays with it.
   */
  @Test
  void aRunThatHasBegunIsNotCountedOnForTheNextTask() throws Exception {
    start(2);
    CountDownLatch over = new CountDownLatch(1);
    CountDownLatch begins = new CountDownLatch(1);
    CountDownLatch began = new CountDownLatch(1);
    CountDownLatch second = new CountDownLatch(1);
    core.execute(() -> Latches.uninterruptibly(over));
    threads =
        body ->
            daemon(
                () -> {
                  Latches.uninterruptibly(begins);
                  body.run();
                });
    core.execute(
        () -> {
          began.countDown();
          Latches.uninterruptibly(second);
        });
    core.execute(second::countDown);
    AtomicBoolean byWhoIsOver = new AtomicBoolean(true);
    onLength =
        () -> {
          if (byWhoIsOver.getAndSet(false)) {
            begins.countDown();
            Latches.uninterruptibly(began);
          }
        };
    over.countDown();
    await(second);
  }

  @Test
  void nobodyWaitsWhileThereIsRoom() throws Exception {
    start(1);
    CountDownLatch gate = new CountDownLatch(1);
    CountDownLatch ran = new CountDownLatch(1);
    core.execute(() -> Latches.uninterruptibly(gate));
    core.execute(ran::countDown);
    core.resize(2, 2);
    await(ran);
    gate.countDown();
  }

  /** A body has one place to lend, and tasks that it could lend it to. */
  @Test
  void whoWaitsForManyLendsItsPlaceToOneAtATime() throws Exception {
    start(1);
    WorkerPool pool = WorkerPoolBuilder.open(core);
    AtomicInteger made = new AtomicInteger();
    threads =
        body -> {
          made.incrementAndGet();
          return daemon(body);
        };
    AtomicReference<Thread> asker = new AtomicReference<>();
    CountDownLatch began = new CountDownLatch(1);
    CountDownLatch gate = new CountDownLatch(1);
    AtomicBoolean left = new AtomicBoolean();
    Callable<Boolean> first =
        () -> {
          began.countDown();
          Latches.uninterruptibly(gate);
          left.set(true);
          throw new IllegalStateException("for the test");
        };
    Task<Boolean> any =
        pool.submit(
            () -> {
              asker.set(Thread.currentThread());
              return pool.invokeAny(List.of(first, left::get));
            });
    await(began);
    Awaitility.await().until(() -> made.get() > 2 || isParked(asker.get()));
    gate.countDown();
    assertTrue(any.join(), "both at once");
  }

  private static boolean isParked(Thread thread) {
    return thread.getState() == Thread.State.WAITING
        || thread.getState() == Thread.State.TIMED_WAITING;
  }

  /** Nobody sleeps who could; with room for one alone, and for more. */
  @ParameterizedTest
  @ValueSource(ints = {1, 3})
  void aRunKeepsTheTimeOfATimerWithoutAThread(int max) throws Exception {
    clock = new DeniedTimers();
    start(max);
    WorkerPool pool = WorkerPoolBuilder.open(core);
    AtomicInteger beats = new AtomicInteger();
    pool.scheduleAtFixedRate(beats::incrementAndGet, Duration.ofMillis(10), Duration.ofMillis(10));
    Awaitility.await().until(() -> beats.get() >= 3);
    assertEquals(42, pool.submit(() -> 42).get(20, TimeUnit.SECONDS), "beside that");
  }

  /** It has no body. */
  @Test
  void aPoolWhoseRunKeepsTheTimeIsIdle() throws Exception {
    clock = new DeniedTimers();
    start(2);
    WorkerPool pool = WorkerPoolBuilder.open(core);
    pool.schedule(() -> {}, Duration.ofHours(1));
    Awaitility.await().until(() -> core.crew.alive() == 1);
    assertTrue(pool.awaitIdle(Duration.ofSeconds(20)));
    assertEquals(0, pool.stats().active());
    assertEquals(1, core.crew.alive());
    pool.shutdown(ShutdownPolicy.drain().withoutDelayed());
    assertTrue(pool.awaitTermination(Duration.ofSeconds(20)), "it keeps the time for nobody");
  }

  /** As of all that look at a pool without tasks, nobody waits for the time. */
  @Test
  void nobodyKeepsTheTimeOfAnIdlePool() throws Exception {
    clock = new DeniedTimers();
    stillNanos = TimeUnit.SECONDS.toNanos(10);
    start(2);
    WorkerPool pool = WorkerPoolBuilder.open(core);
    pool.submit(() -> {}).get(20, TimeUnit.SECONDS);
    Awaitility.await().until(() -> !clock.isStranded() && core.crew.alive() == 0);
  }

  /**
   * One runs, and the other keeps the time, as the size becomes one. It is held before its look at
   * the size: who is past that may still take.
   */
  @Test
  void whoKeepsTheTimeTakesNothingWhereItIsTooMuch() throws Exception {
    AtomicBoolean holds = new AtomicBoolean();
    CountDownLatch held = new CountDownLatch(1);
    CountDownLatch goesOn = new CountDownLatch(1);
    clock =
        new Timers() {
          @Override
          protected Thread newThread(Runnable body) {
            if (holds.get()) {
              held.countDown();
              Latches.uninterruptibly(goesOn);
            }
            return EndRig.none(body);
          }
        };
    start(2);
    WorkerPool pool = WorkerPoolBuilder.open(core);
    CountDownLatch gate = new CountDownLatch(1);
    CountDownLatch began = new CountDownLatch(1);
    pool.schedule(() -> {}, Duration.ofHours(1));
    pool.execute(
        () -> {
          began.countDown();
          Latches.uninterruptibly(gate);
        });
    await(began);
    Awaitility.await().until(() -> core.crew.alive() == 2);
    holds.set(true);
    await(held);
    pool.resize(1);
    AtomicBoolean beside = new AtomicBoolean();
    Task<?> next = pool.submit(() -> beside.set(gate.getCount() > 0));
    goesOn.countDown();
    Awaitility.await().until(() -> core.crew.alive() == 1);
    gate.countDown();
    assertNull(next.get(20, TimeUnit.SECONDS));
    assertFalse(beside.get(), "two at once");
  }

  /** The bound is raised by then, and whoever ends finds room, and does not look. */
  @Test
  void whatAResizeFailsToLookForIsLookedForAgain() throws Exception {
    start(1);
    WorkerPool pool = WorkerPoolBuilder.open(core);
    CountDownLatch gate = new CountDownLatch(1);
    CountDownLatch ran = new CountDownLatch(1);
    pool.execute(() -> Latches.uninterruptibly(gate));
    pool.execute(ran::countDown);
    AtomicBoolean full = new AtomicBoolean(true);
    onLength =
        () -> {
          if (full.getAndSet(false)) {
            throw new StackOverflowError("for the test");
          }
        };
    pool.resize(2);
    await(ran);
    gate.countDown();
  }

  /** It is amid the interrupt of an abort, which has taken the task. */
  @Test
  void aRunThatHasNotClaimedWhatItWasLentIsNotStuck() throws Exception {
    start(1, Duration.ofMillis(500));
    WorkerPool pool = WorkerPoolBuilder.open(core);
    CountDownLatch lent = new CountDownLatch(1);
    CountDownLatch aborts = new CountDownLatch(1);
    CountDownLatch interrupted = new CountDownLatch(1);
    CountDownLatch reported = new CountDownLatch(1);
    CountDownLatch joined = new CountDownLatch(1);
    AtomicReference<Task<?>> target = new AtomicReference<>();
    CountDownLatch ready = new CountDownLatch(1);
    pool.execute(
        () -> {
          Latches.uninterruptibly(ready);
          try {
            target.get().join();
          } finally {
            joined.countDown();
          }
        });
    target.set(pool.submit(() -> {}));
    threads =
        body ->
            new Thread(body, "lent") {
              @Override
              public void run() {
                lent.countDown();
                Latches.uninterruptibly(aborts);
                super.run();
              }

              @Override
              public void interrupt() {
                interrupted.countDown();
                Latches.uninterruptibly(reported);
                super.interrupt();
              }
            };
    ready.countDown();
    await(lent);
    core.lifecycle.begin(ShutdownPolicy.drainFor(Duration.ofNanos(1)), null);
    await(joined);
    aborts.countDown();
    await(interrupted);
    Awaitility.await().atMost(20, TimeUnit.SECONDS).until(() -> core.report().isPresent());
    reported.countDown();
    List<StuckTask> stuck = core.report().orElseThrow().stuck(); // The joiner may be late to leave.
    assertTrue(stuck.stream().noneMatch(task -> task.worker().equals("lent")), stuck::toString);
  }

  /** What was queued is aborted while a thread is being made for it, which fails. */
  @Test
  void theLastStartThatFailsEndsThePool() {
    start(1);
    AtomicReference<Thread> asked = new AtomicReference<>();
    threads =
        body -> {
          asked.set(Thread.currentThread());
          core.shutdown(ShutdownPolicy.abort());
          throw new IllegalStateException("for the test");
        };
    core.execute(() -> {});
    assertTrue(asked.get() == Thread.currentThread());
    Awaitility.await().atMost(20, TimeUnit.SECONDS).until(core::isTerminated);
  }

  /** The run that has its place sees the abort, and leaves the task to that; so does the joiner. */
  @Test
  void aJoinerBeginsNothingAmidAnAbort() throws Exception {
    start(1);
    WorkerPool pool = WorkerPoolBuilder.open(core);
    CountDownLatch claims = new CountDownLatch(1);
    onAbort = () -> Latches.uninterruptibly(claims);
    AtomicBoolean ran = new AtomicBoolean();
    CountDownLatch lentRunIsOver = new CountDownLatch(1);
    AtomicReference<Thread> joiner = new AtomicReference<>();
    Task<Object> outer =
        pool.submit(
            () -> {
              joiner.set(Thread.currentThread());
              Task<?> inner = pool.submit(() -> ran.set(true));
              threads =
                  body -> {
                    daemon(pool::shutdownNow).start();
                    Awaitility.await().until(core::isAborting);
                    return daemon(
                        () -> {
                          body.run();
                          lentRunIsOver.countDown();
                        });
                  };
              return inner.join();
            });
    await(lentRunIsOver);
    Awaitility.await().until(() -> ran.get() || isPaused(joiner.get()));
    claims.countDown();
    assertThrows(ExecutionException.class, outer::get);
    assertFalse(ran.get(), "a body began amid the abort");
  }

  /** Waits for the decision in turns, as the lent run has let it go. */
  private static boolean isPaused(Thread joiner) {
    return Arrays.stream(joiner.getStackTrace())
        .anyMatch(call -> call.getMethodName().equals("awaitDecision"));
  }
}
