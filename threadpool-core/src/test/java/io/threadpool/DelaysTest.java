package io.threadpool;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.threadpool.internal.DueHeap;
import io.threadpool.internal.Latches;
import io.threadpool.internal.Timers;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What is delayed, where the test is the timer, so that each step comes when it says. */
@Timeout(60)
class DelaysTest {

  private static final Duration LONG = Duration.ofSeconds(20);

  /** Due at once, and handed over by nobody but the test. */
  private static final long ALMOST_NONE = 1;

  /** A timer that keeps its word only if somebody else does. */
  private static final class Unkept extends Timers {
    private final boolean answer;

    Unkept(boolean answer) {
      this.answer = answer;
    }

    @Override
    public boolean schedule(Entry entry, long nanos) {
      return answer;
    }
  }

  private final CountDownLatch release = new CountDownLatch(1);

  /** Without a timer's thread: by what it answers, whoever schedules believes in one or not. */
  private static PoolCore core(WorkerPoolBuilder builder, boolean believed) {
    return believed
        ? new Believing(builder)
        : new PoolCore(builder.config()) {
          @Override
          Timers newTimers() {
            return new Unkept(false);
          }
        };
  }

  private static class Believing extends PoolCore {
    Believing(WorkerPoolBuilder builder) {
      super(builder.config());
    }

    @Override
    Timers newTimers() {
      return new Unkept(true);
    }
  }

  private static WorkerPool open(Pools pools, PoolCore core) {
    core.start(Crews.daemons(core.name()));
    return pools.add(WorkerPoolBuilder.open(core));
  }

  private static void awaitDue() {
    long start = System.nanoTime();
    while (System.nanoTime() - start <= ALMOST_NONE) {
      Thread.onSpinWait();
    }
  }

  private Task<?> occupy(WorkerPool pool) throws InterruptedException {
    CountDownLatch begun = new CountDownLatch(1);
    Task<?> task =
        pool.submit(
            () -> {
              begun.countDown();
              Latches.uninterruptibly(release);
            });
    begun.await();
    return task;
  }

  /**
   * A beat is run by who calls {@code run}, and the next one falls due, while a worker that has
   * taken the first has not claimed it.
   */
  @Test
  void whatWasTakenForAnEarlierBeatIsInOnePlace(Pools pools) throws Exception {
    CountDownLatch taken = new CountDownLatch(1);
    CountDownLatch claims = new CountDownLatch(1);
    AtomicInteger looks = new AtomicInteger();
    PoolCore core =
        new Believing(WorkerPool.builder().size(1)) {
          @Override
          Floor.Seam newSeam() {
            return new Floor.Seam() {
              @Override
              void onDue(int worker) {
                if (looks.getAndIncrement() == 0) {
                  taken.countDown();
                  Latches.uninterruptibly(claims);
                }
              }
            };
          }
        };
    WorkerPool pool = open(pools, core);
    ScheduledTask<?> beat =
        pool.scheduleWithFixedDelay(() -> {}, 0, ALMOST_NONE, TimeUnit.NANOSECONDS);
    taken.await();
    beat.toCompletableFuture().run();
    Awaitility.await()
        .atMost(LONG)
        .until(
            () -> {
              core.delays.handOver();
              return core.backlog.beside.due() == 1;
            });
    Task<?> other = pool.schedule(() -> {}, 0, TimeUnit.NANOSECONDS).toCompletableFuture();
    claims.countDown();
    other.get();
    beat.cancel(false);
    pool.close();
    assertEquals(0, core.backlog.beside.due());
  }

  /** It has passed the look whether the pool is closed. */
  @Test
  void aCloseTakesOutWhatIsBeingPutIn(Pools pools) throws Exception {
    AtomicInteger closers = new AtomicInteger();
    PoolCore core =
        new Believing(WorkerPool.builder().size(1)) {
          @Override
          Ledger newLedger() {
            return new Ledger(1, queue) {
              @Override
              void countScheduled() {
                super.countScheduled();
                Thread closer = new Thread(() -> shutdown(ShutdownPolicy.drain().withoutDelayed()));
                closer.start();
                Awaitility.await()
                    .atMost(LONG)
                    .until(
                        () ->
                            closer.getState() == Thread.State.BLOCKED
                                || closer.getState() == Thread.State.TERMINATED);
                closers.incrementAndGet();
              }
            };
          }
        };
    WorkerPool pool = open(pools, core);
    ScheduledTask<?> task = pool.schedule(() -> {}, 1, TimeUnit.DAYS);
    Awaitility.await().atMost(LONG).until(task::isCancelled);
    assertTrue(pool.awaitTermination(LONG.toSeconds(), TimeUnit.SECONDS));
    assertEquals(1, closers.get());
  }

  // Due against the rest.

  @Test
  void whatIsCancelledBeforeItIsHandedOverIsNot(Pools pools) {
    PoolCore core = core(WorkerPool.builder().size(1), true);
    WorkerPool pool = open(pools, core);
    ScheduledTask<?> task = pool.schedule(() -> {}, ALMOST_NONE, TimeUnit.NANOSECONDS);
    awaitDue();
    assertEquals(1, pool.stats().delayed());
    assertTrue(task.cancel(false));
    core.delays.handOver();
    assertEquals(0, core.backlog.beside.due());
    assertEquals(0, core.backlog.beside.size());
    assertEquals(0, pool.stats().delayed());
  }

  @Test
  void whatIsCancelledInTheLineLeavesIt(Pools pools) throws Exception {
    PoolCore core = core(WorkerPool.builder().size(1), true);
    WorkerPool pool = open(pools, core);
    occupy(pool);
    List<ScheduledTask<?>> tasks = new ArrayList<>();
    for (int i = 0; i < 3; i++) {
      tasks.add(pool.schedule(() -> {}, ALMOST_NONE, TimeUnit.NANOSECONDS));
    }
    awaitDue();
    core.delays.handOver();
    assertEquals(3, core.backlog.beside.due());
    for (int left = 2, i = 1; left >= 0; left--, i = (i + 1) % 3) { // The middle one first.
      assertTrue(tasks.get(i).cancel(false));
      assertEquals(left, core.backlog.beside.due());
      assertEquals(left, pool.stats().queued());
    }
    release.countDown();
    assertTrue(pool.awaitIdle(LONG));
    assertEquals(3, pool.stats().cancelled());
  }

  /** A task settled while the timer has it in its hand: the count of both is made up for. */
  @Test
  void whatIsSettledAmidTheHandOverIsCountedOnce(Pools pools) throws Exception {
    PoolCore core = core(WorkerPool.builder().size(1), true);
    WorkerPool pool = open(pools, core);
    ScheduledTask<?> task = pool.schedule(() -> {}, ALMOST_NONE, TimeUnit.NANOSECONDS);
    awaitDue();
    Thread canceller = new Thread(() -> task.cancel(false));
    synchronized (core.delays) { // The decision needs no monitor, the forgetting does.
      canceller.start();
      Awaitility.await().until(() -> task.toCompletableFuture().isDecided());
      core.delays.handOver();
    }
    canceller.join();
    assertEquals(0, core.backlog.beside.due());
    assertTrue(pool.awaitIdle(LONG));
    assertEquals(1, pool.stats().cancelled());
    assertTrue(core.ledger.counts().isBalanced());
  }

  @Test
  void anAbortTakesWhatIsDueAndWhatIsNot(Pools pools) throws Exception {
    PoolCore core = core(WorkerPool.builder().size(1), true);
    WorkerPool pool = open(pools, core);
    occupy(pool);
    ScheduledTask<?> due = pool.schedule(() -> {}, ALMOST_NONE, TimeUnit.NANOSECONDS);
    awaitDue();
    core.delays.handOver();
    ScheduledTask<?> overdue = pool.schedule(() -> {}, ALMOST_NONE, TimeUnit.NANOSECONDS);
    ScheduledTask<?> delayed = pool.schedule(() -> {}, 1, TimeUnit.DAYS);
    assertEquals(3, pool.shutdownNow().size());
    core.delays.handOver();
    for (ScheduledTask<?> task : List.of(due, overdue, delayed)) {
      assertThrows(TaskAbortedException.class, task::get);
    }
    assertEquals(0, core.backlog.beside.due());
    release.countDown();
  }

  @Test
  void whatIsHandedOverAfterTheCloseRuns(Pools pools) throws Exception {
    for (int min = 0; min <= 1; min++) {
      PoolCore core = core(WorkerPool.builder().size(min, 1), true);
      WorkerPool pool = open(pools, core);
      ScheduledTask<Integer> task = pool.schedule(() -> 7, ALMOST_NONE, TimeUnit.NANOSECONDS);
      awaitDue();
      pool.shutdown();
      assertFalse(pool.isTerminated());
      core.delays.handOver();
      assertTrue(pool.awaitTermination(LONG));
      assertEquals(7, task.get());
    }
  }

  /** The beat is over after the close began, and before that has come to what repeats. */
  @Test
  void aBeatThatEndsAmidTheCloseEndsThePeriod(Pools pools) throws Exception {
    PoolCore core = core(WorkerPool.builder().size(1), true);
    WorkerPool pool = open(pools, core);
    CountDownLatch begun = new CountDownLatch(1);
    ScheduledTask<?> task =
        pool.scheduleWithFixedDelay(
            () -> {
              begun.countDown();
              Latches.uninterruptibly(release);
            },
            0,
            1,
            TimeUnit.DAYS);
    begun.await();
    core.backlog.beside.close();
    release.countDown();
    Awaitility.await().until(task::isDone);
    assertThrows(CancellationException.class, task::get);
    assertEquals(0, pool.stats().delayed());
    pool.close();
  }

  @Test
  void whatHasEnteredBeforeTheCloseIsDroppedByIt(Pools pools) throws Exception {
    PoolCore core = core(WorkerPool.builder().size(1), true);
    WorkerPool pool = open(pools, core);
    List<ScheduledTask<?>> periods = new ArrayList<>();
    for (int i = 1; i < 50; i++) {
      periods.add(pool.scheduleAtFixedRate(() -> {}, i * 7 % 50, 1, TimeUnit.DAYS));
      if (i % 3 == 0) {
        pool.schedule(() -> {}, ALMOST_NONE, TimeUnit.NANOSECONDS);
      }
    }
    pool.shutdown();
    for (ScheduledTask<?> period : periods) {
      assertTrue(period.isCancelled());
    }
    assertEquals(16, pool.stats().delayed());
    core.delays.handOver();
    assertTrue(pool.awaitTermination(LONG));
    assertEquals(16, pool.stats().completed());
  }

  // What broke off.

  /** A worker's loop breaks between taking what is due and claiming it, again and again. */
  @Test
  void whatAWorkerTookThatBreaksIsForOthers(Pools pools) throws Exception {
    AtomicInteger breaks = new AtomicInteger(2 * Bodies.MOST_REPAIRS);
    PoolCore core =
        new Believing(WorkerPool.builder().size(1)) {
          @Override
          Floor.Seam newSeam() {
            return new Floor.Seam() {
              @Override
              void onDue(int worker) {
                if (breaks.getAndDecrement() > 0) {
                  throw new IllegalStateException("for the test");
                }
              }
            };
          }
        };
    WorkerPool pool = open(pools, core);
    assertEquals(7, pool.schedule(() -> 7, 0, TimeUnit.NANOSECONDS).get(20, TimeUnit.SECONDS));
    pool.close();
    assertEquals(1, pool.stats().completed());
  }

  /** As if the thread, which ends without its worker, had taken it before. */
  @Test
  void whatADeadThreadTookIsForOthers(Pools pools) throws Exception {
    CountDownLatch taken = new CountDownLatch(1);
    Thread dies = new Thread(() -> Latches.uninterruptibly(taken));
    AtomicInteger made = new AtomicInteger();
    PoolCore core = core(WorkerPool.builder().size(2), true);
    core.start(worker -> made.getAndIncrement() == 0 ? dies : new Thread(worker));
    WorkerPool pool = pools.add(WorkerPoolBuilder.open(core));
    occupy(pool);
    ScheduledTask<Integer> task = pool.schedule(() -> 7, 0, TimeUnit.NANOSECONDS);
    for (Frame frame : core.crew.frames()) {
      if (frame.thread == dies) {
        assertSame(task.toCompletableFuture(), core.delays.take(frame));
      }
    }
    assertEquals(0, core.backlog.beside.due());
    taken.countDown();
    dies.join();
    release.countDown();
    pool.close();
    assertEquals(7, task.get());
  }

  /** Nobody takes it any more, and no frame that an aborter looks at will show it. */
  @Test
  void whatADeadThreadTookIsAbortedAmidAnAbort(Pools pools) throws Exception {
    CountDownLatch taken = new CountDownLatch(1);
    Thread dies = new Thread(() -> Latches.uninterruptibly(taken));
    AtomicInteger made = new AtomicInteger();
    PoolCore core = core(WorkerPool.builder().size(2).abortGrace(Duration.ofMinutes(1)), true);
    core.start(worker -> made.getAndIncrement() == 0 ? dies : new Thread(worker));
    WorkerPool pool = pools.add(WorkerPoolBuilder.open(core));
    occupy(pool);
    ScheduledTask<Integer> task = pool.schedule(() -> 7, 0, TimeUnit.NANOSECONDS);
    Frame dead = null;
    for (Frame frame : core.crew.frames()) {
      if (frame.thread == dies) {
        assertSame(task.toCompletableFuture(), core.delays.take(frame));
        dead = frame;
      }
    }
    core.signal.advance(AbortSignal.ABORTING); // And the aborter has been at the line.
    core.delays.giveBack(dead);
    assertSame(task.toCompletableFuture(), dead.entry(), "its thread is alive");
    taken.countDown();
    dies.join();
    core.delays.giveBack(dead);
    assertTrue(task.toCompletableFuture().isCompletedExceptionally());
    assertEquals(0, core.backlog.beside.due());
    release.countDown();
    pool.shutdownNow();
  }

  // Without a timer's thread.

  @Test
  void whoeverWaitsKeepsTheTime(Pools pools) throws Exception {
    WorkerPool pool = open(pools, core(WorkerPool.builder().size(1), false));
    assertEquals(1, pool.schedule(() -> 1, 2, TimeUnit.MILLISECONDS).get());
    ScheduledTask<Integer> joined = pool.schedule(() -> 2, 2, TimeUnit.MILLISECONDS);
    assertEquals(2, joined.toCompletableFuture().join());
    assertEquals(3, pool.schedule(() -> 3, 2, TimeUnit.MILLISECONDS).get(20, TimeUnit.SECONDS));
    ScheduledTask<Integer> inside = pool.schedule(() -> 4, 2, TimeUnit.MILLISECONDS);
    assertEquals(4, pool.submit(() -> inside.get()).get());
    ScheduledTask<Integer> last = pool.schedule(() -> 5, 2, TimeUnit.MILLISECONDS);
    pool.close();
    assertEquals(5, last.get());
  }

  // Joins.

  @Test
  void aBodyOfAPoolOfOneJoinsWhatIsDelayed(Pools pools) throws Exception {
    WorkerPool pool = pools.fixed(1);
    Task<Boolean> outer =
        pool.submit(
            () -> {
              Thread own = Thread.currentThread();
              ScheduledTask<Thread> inner =
                  pool.schedule(() -> Thread.currentThread(), 5, TimeUnit.MILLISECONDS);
              return inner.get() == own;
            });
    assertTrue(outer.get());
    Task<Boolean> joins =
        pool.submit(
            () -> {
              Thread.currentThread().interrupt();
              ScheduledTask<Boolean> inner =
                  pool.schedule(
                      () -> !Thread.currentThread().isInterrupted(), 5, TimeUnit.MILLISECONDS);
              return inner.toCompletableFuture().join() && Thread.currentThread().isInterrupted();
            });
    assertTrue(joins.get());
  }

  @Test
  void anInterruptEndsTheWaitForWhatIsDelayed(Pools pools) throws Exception {
    WorkerPool pool = pools.fixed(1);
    ScheduledTask<?> never = pool.schedule(() -> {}, 1, TimeUnit.DAYS);
    Task<Boolean> outer =
        pool.submit(
            () -> {
              Thread.currentThread().interrupt();
              assertThrows(InterruptedException.class, never::get);
              return true;
            });
    assertTrue(outer.get());
    Thread.currentThread().interrupt();
    assertThrows(InterruptedException.class, never::get);
  }

  @Test
  void whatIsCancelledMeanwhileEndsTheWaitOfItsJoiner(Pools pools) throws Exception {
    WorkerPool pool = pools.fixed(1);
    ScheduledTask<?> never = pool.schedule(() -> {}, 1, TimeUnit.DAYS);
    CountDownLatch begun = new CountDownLatch(1);
    Task<?> outer =
        pool.submit(
            () -> {
              begun.countDown();
              assertThrows(CancellationException.class, () -> never.toCompletableFuture().join());
            });
    begun.await();
    never.cancel(false);
    assertNull(outer.get());
  }

  @Test
  void aBodyMayNotJoinWhatRepeats(Pools pools) throws Exception {
    WorkerPool pool = pools.fixed(2);
    ScheduledTask<?> period = pool.scheduleAtFixedRate(() -> {}, 1, 1, TimeUnit.DAYS);
    Task<?> outer =
        pool.submit(
            () -> {
              assertThrows(IllegalStateException.class, period::get);
              assertThrows(IllegalStateException.class, () -> period.toCompletableFuture().join());
            });
    assertNull(outer.get());
    assertFalse(period.isDone());
  }

  @Test
  void theTaskItselfIsNotRunBeforeItIsDue(Pools pools) {
    WorkerPool pool = pools.fixed(1);
    AtomicInteger runs = new AtomicInteger();
    ScheduledTask<?> task = pool.schedule(() -> runs.incrementAndGet(), 1, TimeUnit.DAYS);
    task.toCompletableFuture().run();
    assertEquals(0, runs.get());
    assertTrue(task.toString().endsWith("[Delayed]"), task::toString);
  }

  // Beats.

  @Test
  void missedBeatsAreNotMadeUp() throws Exception {
    long period = 1_000_000;
    PoolHandle pool = new DefaultWorkerPool(core(WorkerPool.builder().size(1), true), null);
    Delay<?> delay = new Delay<>(pool, (Runnable) () -> {}, false, period, false);
    DueHeap<Delay<?>> heap = new DueHeap<>();
    long start = System.nanoTime();
    long first = start - TimeUnit.MINUTES.toNanos(1) - period / 3;
    heap.put(delay, first);
    assertSame(TaskState.AGAIN, delay.call());
    assertTrue(delay.due > start, "a beat that was missed comes again");
    assertTrue(delay.due <= System.nanoTime() + period);
    assertEquals(0, (delay.due - first) % period, "off the beat");
  }

  @Test
  void theDecoratorIsAppliedOnceAndWrapsEachBeat(Pools pools) throws Exception {
    AtomicInteger applied = new AtomicInteger();
    AtomicInteger around = new AtomicInteger();
    WorkerPool pool =
        pools.build(
            WorkerPool.builder()
                .size(1)
                .taskDecorator(
                    body -> {
                      applied.incrementAndGet();
                      return () -> {
                        around.incrementAndGet();
                        body.run();
                      };
                    }));
    CountDownLatch often = new CountDownLatch(3);
    ScheduledTask<?> task = pool.scheduleAtFixedRate(often::countDown, 0, 1, TimeUnit.MILLISECONDS);
    assertTrue(often.await(20, TimeUnit.SECONDS));
    task.cancel(false);
    assertTrue(pool.awaitIdle(LONG));
    assertEquals(1, applied.get());
    assertTrue(around.get() >= 3, around::toString);
    assertEquals(5, pool.schedule(() -> 5, 1, TimeUnit.MILLISECONDS).get());
    assertEquals(2, applied.get());
  }

  @Test
  void aRunningBeatIsShownByItsName(Pools pools) throws Exception {
    WorkerPool pool = pools.fixed(1);
    for (int i = 0; i < 2; i++) {
      CountDownLatch begun = new CountDownLatch(1);
      CountDownLatch over = new CountDownLatch(1);
      ScheduledTask<?> task =
          pool.scheduleAtFixedRate(
              () -> {
                begun.countDown();
                Latches.uninterruptibly(over);
              },
              0,
              1,
              TimeUnit.DAYS);
      begun.await();
      RunningTask running = pool.runningTasks().get(0);
      assertTrue(running.task().startsWith(DelaysTest.class.getName()), running::task);
      assertTrue(task.toString().contains("[Running for PT"), task::toString);
      over.countDown();
      Awaitility.await().until(() -> running.stack().isEmpty());
    }
  }

  // Nothing is kept.

  @Test
  void whatIsForTomorrowIsForgottenWhenItIsCancelled(Pools pools) {
    PoolCore core = core(WorkerPool.builder().size(1), true);
    WorkerPool pool = open(pools, core);
    List<ScheduledTask<?>> tasks = new ArrayList<>();
    for (int round = 0; round < 10; round++) {
      for (int i = 0; i < 5_000; i++) {
        tasks.add(pool.schedule(() -> {}, 1, TimeUnit.DAYS));
      }
      tasks.forEach(task -> task.cancel(false));
      tasks.clear();
      assertEquals(0, core.delays.size());
      assertEquals(0, core.backlog.beside.size());
    }
    assertEquals(50_000, pool.stats().cancelled());
  }

  /** By the clock, though it has not been handed over. */
  @Test
  void whatIsDueAtTheCloseRuns(Pools pools) throws Exception {
    WorkerPool pool = open(pools, core(WorkerPool.builder().size(1), true));
    ScheduledTask<String> due = pool.schedule(() -> "ran", Duration.ofNanos(ALMOST_NONE));
    ScheduledTask<String> later = pool.schedule(() -> "ran", Duration.ofHours(1));
    awaitDue();
    pool.shutdown(ShutdownPolicy.drain().withoutDelayed());
    assertTrue(later.isCancelled());
    assertEquals("ran", due.get());
  }
}
