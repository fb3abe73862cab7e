package io.threadpool;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.threadpool.internal.Latches;
import io.threadpool.internal.RaceTeam;
import io.threadpool.internal.Starter;
import io.threadpool.internal.TaskQueue;
import io.threadpool.internal.Timers;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Workers on threads that come and go. */
@Timeout(60)
class ThreadCrewTest {

  /** A factory of a core, which has it weakly. */
  private ThreadFactory kept;

  /** Timers on which nobody looks for threads that end without their runs. */
  private static final class Unwatched extends Timers {
    @Override
    public boolean schedule(Entry entry, long nanos) {
      return entry instanceof Watch || super.schedule(entry, nanos);
    }
  }

  private static void await(CountDownLatch latch) throws InterruptedException {
    assertTrue(latch.await(20, TimeUnit.SECONDS), "it does not come");
  }

  /** Starts runs at once, on the thread that decides; so nobody lingers to look. */
  private static class AtOnce extends PoolCore {
    AtOnce(WorkerPoolBuilder builder) {
      super(builder.config());
    }

    @Override
    Starter newStarter(Starter.Work work) {
      return new Starter(work, name(), true) {
        @Override
        public void want() {
          work.startOne();
        }
      };
    }
  }

  private static WorkerPoolBuilder elastic(int min, int max) {
    return WorkerPool.builder().size(min, max).keepAlive(Duration.ofMillis(1));
  }

  /** It has gone to sleep while it was the only one that was counted. */
  @Test
  void whoSleepsHearsOfTheFirstThatIsOneTooMany(Pools pools) throws Exception {
    PoolCore core = new AtOnce(elastic(1, 2).keepAlive(Duration.ofMillis(200)));
    core.start(null);
    WorkerPool pool = pools.add(WorkerPoolBuilder.open(core));
    Thread first = Crews.threads(core.crew).get(0);
    Awaitility.await().until(() -> first.getState() == Thread.State.WAITING);
    core.onNobodyAwake(); // As a submission says whose task that one has run meanwhile.
    Awaitility.await().until(() -> pool.stats().largest() == 2);
    CountDownLatch held = new CountDownLatch(1);
    try {
      pool.execute(() -> Latches.uninterruptibly(held)); // The last to sleep gets it.
      Awaitility.await().until(() -> pool.stats().workers() == 1);
    } finally {
      held.countDown();
    }
  }

  /** What came when it was still counted, and its submitter found no room. */
  @Test
  void whoLeavesLooksForWhatWasLeftToIt(Pools pools) throws Exception {
    CountDownLatch ran = new CountDownLatch(1);
    AtomicBoolean left = new AtomicBoolean();
    PoolCore core =
        new AtOnce(elastic(0, 1)) {
          @Override
          public void onLeaving() {
            if (left.compareAndSet(false, true)) {
              Runnable late = ran::countDown;
              queue.offer(late);
            }
            super.onLeaving();
          }
        };
    core.start(null);
    WorkerPool pool = pools.add(WorkerPoolBuilder.open(core));
    pool.execute(() -> {});
    await(ran);
  }

  @Test
  void whoSleepsHearsOfASmallerSize(Pools pools) throws Exception {
    WorkerPool pool = pools.fixed(3);
    CountDownLatch ran = new CountDownLatch(3);
    Queue<Thread> workers = new ConcurrentLinkedQueue<>();
    for (int i = 0; i < 3; i++) {
      pool.execute(
          () -> {
            workers.add(Thread.currentThread());
            ran.countDown();
            Latches.uninterruptibly(ran);
          });
    }
    assertTrue(pool.awaitIdle(Duration.ofSeconds(20)), "never idle");
    Awaitility.await()
        .until(() -> workers.stream().allMatch(w -> w.getState() == Thread.State.WAITING));
    pool.resize(1);
    assertEquals(1, pool.stats().size());
    Awaitility.await().until(() -> pool.stats().workers() == 1);
  }

  /** The pool itself is one body until its closed queue is drained. */
  @Test
  void aPoolOfNoRunsWaitsForOne(Pools pools) throws Exception {
    AtomicBoolean starts = new AtomicBoolean();
    AtomicInteger wanted = new AtomicInteger();
    PoolCore core =
        new PoolCore(elastic(0, 1).config()) {
          @Override
          Starter newStarter(Starter.Work work) {
            return new Starter(work, name(), true) {
              @Override
              public void want() {
                wanted.incrementAndGet();
                if (starts.get()) {
                  super.want();
                } else {
                  work.notStarted(new OutOfMemoryError("for the test"));
                }
              }
            };
          }

          @Override
          Timers newTimers() { // It would try until the pool is given up.
            return new EndRig.Dead();
          }
        };
    core.start(null);
    WorkerPool pool = pools.add(WorkerPoolBuilder.open(core));
    CountDownLatch ran = new CountDownLatch(1);
    pool.execute(ran::countDown);
    assertTrue(wanted.get() > 0);
    pool.shutdown();
    assertFalse(pool.isTerminated(), "with a task queued");
    starts.set(true);
    assertTrue(pool.awaitTermination(20, TimeUnit.SECONDS), "who waits looks");
    await(ran);
    assertEquals(1, pool.stats().completed());
  }

  @Test
  void aPoolOfNoRunsAndNoTasksEndsAtOnce(Pools pools) {
    WorkerPool pool = pools.build(elastic(0, 1));
    pool.shutdown();
    assertTrue(pool.isTerminated());
  }

  /** The run is counted out all the same. */
  @Test
  void aLookThatFailsDoesNotKeepThePoolFromItsEnd(Pools pools) throws Exception {
    AtomicBoolean fails = new AtomicBoolean();
    CountDownLatch failed = new CountDownLatch(1);
    PoolCore core =
        new AtOnce(WorkerPool.builder().size(2)) {
          @Override
          public void onMoreFound() {
            if (fails.compareAndSet(true, false)) {
              failed.countDown();
              throw new OutOfMemoryError("for the test");
            }
            super.onMoreFound();
          }
        };
    core.start(null);
    WorkerPool pool = pools.add(WorkerPoolBuilder.open(core));
    CountDownLatch began = new CountDownLatch(2);
    CountDownLatch leaves = new CountDownLatch(1);
    CountDownLatch stays = new CountDownLatch(1);
    for (CountDownLatch gate : List.of(leaves, stays)) {
      pool.execute(
          () -> {
            began.countDown();
            Latches.uninterruptibly(gate);
          });
    }
    await(began);
    pool.execute(() -> {});
    pool.resize(1);
    fails.set(true);
    leaves.countDown();
    await(failed);
    stays.countDown();
    pool.shutdown();
    assertTrue(pool.awaitTermination(20, TimeUnit.SECONDS), "not counted out");
  }

  /** All that there may be were counted in, so that the crew passed for complete. */
  @Test
  void whoSubmitsAfterAStartThatFailedAsksForAnother(Pools pools) throws Exception {
    AtomicInteger told = new AtomicInteger();
    AtomicReference<Starter.Work> wanted = new AtomicReference<>();
    PoolCore core =
        new PoolCore(WorkerPool.builder().size(1).config()) {
          @Override
          Starter newStarter(Starter.Work work) {
            return new Starter(work, name(), true) {
              @Override
              public void want() {
                wanted.set(work);
              }
            };
          }

          @Override
          Timers newTimers() {
            return new Timers() {
              @Override
              public boolean schedule(Entry entry, long nanos) {
                return true; // No time passes.
              }
            };
          }

          @Override
          public void onNobodyAwake() {
            told.incrementAndGet();
            super.onNobodyAwake();
          }
        };
    core.start(null);
    WorkerPool pool = pools.add(WorkerPoolBuilder.open(core));
    CountDownLatch began = new CountDownLatch(1);
    CountDownLatch gate = new CountDownLatch(1);
    pool.execute(
        () -> {
          began.countDown();
          Latches.uninterruptibly(gate);
        });
    await(began);
    pool.resize(2);
    pool.execute(() -> {});
    pool.execute(() -> {});
    wanted.get().notStarted(new OutOfMemoryError("for the test"));
    int before = told.get();
    pool.execute(() -> {});
    assertEquals(before + 1, told.get());
    gate.countDown();
  }

  /** A thread whose {@code start} throws once it has come to its worker. */
  private static final class ThrowsLate extends Thread {
    private final CountDownLatch came = new CountDownLatch(1);

    ThrowsLate(Runnable run) {
      super(run, "throws-late");
    }

    @Override
    public ClassLoader getContextClassLoader() {
      if (Thread.currentThread() == this) {
        came.countDown();
      }
      return super.getContextClassLoader();
    }

    @Override
    public synchronized void start() {
      super.start();
      Latches.uninterruptibly(came);
      throw new IllegalStateException("for the test");
    }
  }

  @Test
  void aThreadThatHasComeWasStartedWhateverItsStartThrows(Pools pools) throws Exception {
    WorkerPool pool = pools.build(WorkerPool.builder().size(1).threadFactory(ThrowsLate::new));
    CountDownLatch ran = new CountDownLatch(1);
    pool.execute(ran::countDown);
    await(ran);
    pool.shutdown();
    assertTrue(pool.awaitTermination(20, TimeUnit.SECONDS));
    assertEquals(1, pool.stats().completed());
  }

  /** A thread whose {@code start} starts nothing. */
  private static final class StartsLate extends Thread {
    StartsLate(Runnable run) {
      super(run, "starts-late");
    }

    @Override
    public synchronized void start() {
      // Somebody else does.
    }

    void come() {
      super.start();
    }
  }

  /**
   * The first thread is about to say that it has come when its run is counted out, and another run
   * begins at its place.
   */
  @Test
  void aThreadOfAnEarlierRunDoesNotComeInThePlaceOfTheNext(Pools pools) throws Exception {
    AtomicReference<StartsLate> late = new AtomicReference<>();
    CountDownLatch lateIsThere = new CountDownLatch(1);
    CountDownLatch lateGoesOn = new CountDownLatch(1);
    CountDownLatch nextIsThere = new CountDownLatch(1);
    CountDownLatch nextGoesOn = new CountDownLatch(1);
    PoolCore core =
        new AtOnce(WorkerPool.builder().size(0, 1).keepAlive(Duration.ofHours(1))) {
          @Override
          Timers newTimers() {
            return new Unwatched();
          }

          @Override
          Floor.Seam newSeam() {
            return new Floor.Seam() {
              @Override
              void onCome(int worker) {
                boolean first = Thread.currentThread() == late.get();
                (first ? lateIsThere : nextIsThere).countDown();
                Latches.uninterruptibly(first ? lateGoesOn : nextGoesOn);
              }
            };
          }
        };
    kept =
        run -> {
          if (late.compareAndSet(null, new StartsLate(run))) {
            return late.get();
          }
          return new Thread(run, "next");
        };
    core.start(kept);
    WorkerPool pool = pools.add(WorkerPoolBuilder.open(core));
    AtomicReference<Thread> runner = new AtomicReference<>();
    CountDownLatch ran = new CountDownLatch(1);
    pool.execute(
        () -> {
          runner.set(Thread.currentThread());
          ran.countDown();
        });
    Worker worker = Crews.of(core).get(0);
    int seen = worker.presence();
    assertTrue(worker.isDead());
    late.get().come();
    await(lateIsThere);
    assertTrue(worker.countOut(seen));
    Crews.carrier(core).bury(worker);
    core.onRoom();
    await(nextIsThere);
    lateGoesOn.countDown();
    late.get().join();
    nextGoesOn.countDown();
    await(ran);
    assertEquals("next", runner.get().getName());
  }

  /** The factory has the thread of the second, and does not come back. */
  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void nobodyLeavesWhileTheOtherIsInTheFactory(boolean elastic, Pools pools) throws Exception {
    CountDownLatch never = new CountDownLatch(1);
    CountDownLatch inFactory = new CountDownLatch(1);
    AtomicInteger calls = new AtomicInteger();
    WorkerPoolBuilder builder = elastic ? elastic(1, 2) : WorkerPool.builder().size(1);
    WorkerPool pool =
        builder
            .threadFactory(
                run -> {
                  if (calls.incrementAndGet() > 1) {
                    inFactory.countDown();
                    Latches.uninterruptibly(never);
                  }
                  return new Thread(run);
                })
            .build();
    if (!elastic) {
      pool.resize(2);
    }
    pools.add(pool);
    try {
      CountDownLatch gate = new CountDownLatch(1);
      for (int i = 0; i < 2; i++) {
        pool.execute(() -> Latches.uninterruptibly(gate));
      }
      await(inFactory);
      gate.countDown();
      if (!elastic) {
        pool.resize(1);
      }
      long start = System.nanoTime();
      Awaitility.await()
          .until(() -> pool.stats().workers() == 0 || System.nanoTime() - start > 50_000_000);
      assertEquals(42, pool.submit(() -> 42).get(20, TimeUnit.SECONDS));
    } finally {
      never.countDown();
    }
  }

  /** It was not noticed that its thread has ended without it. */
  @Test
  void aSizeThatIsAskedForBesideADeadThreadIsKept(Pools pools) throws Exception {
    AtomicInteger calls = new AtomicInteger();
    Thread dead = new Thread(() -> {});
    WorkerPool pool =
        pools.add(
            elastic(0, 4)
                .threadFactory(run -> calls.incrementAndGet() == 1 ? dead : new Thread(run))
                .build());
    Task<Integer> task = pool.submit(() -> 42);
    Awaitility.await().until(() -> dead.getState() == Thread.State.TERMINATED);
    pool.resize(1);
    assertEquals(42, task.get(20, TimeUnit.SECONDS));
    assertEquals(1, pool.stats().size());
  }

  /** Whoever has found the crew complete has told that to all that follow. */
  @Test
  void whoLeavesTellsThatThereIsRoom(Pools pools) throws Exception {
    Queue<Integer> alive = new ConcurrentLinkedQueue<>();
    PoolCore core =
        new PoolCore(WorkerPool.builder().size(2).config()) {
          @Override
          public void onCountedOut() {
            super.onCountedOut();
            alive.add(((ThreadCrew) crew).floor.headcount().alive());
          }
        };
    core.start(null);
    WorkerPool pool = pools.add(WorkerPoolBuilder.open(core));
    pool.resize(1);
    Awaitility.await().until(() -> alive.contains(1));
  }

  /** Each call that fails has changed nothing. */
  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void atTheEndOfAStackTheSizeIsNotChangedByHalf(boolean virtual, Pools pools) throws Exception {
    PoolCore core =
        virtual
            ? new CautiousCore(VirtualCrewTest.config(1, Duration.ofHours(1))) {
              @Override
              ThreadFactory newRunFactory() {
                return Thread::new;
              }
            }
            : new PoolCore(WorkerPool.builder().size(1).config());
    core.start(null);
    WorkerPool pool = pools.add(WorkerPoolBuilder.open(core));
    pool.submit(() -> {}).join();
    List<Integer> sizes = new ArrayList<>();
    Thread deep = new Thread(null, () -> resizeAtTheEnd(pool, sizes), "deep", 1 << 20);
    deep.start();
    deep.join();
    assertEquals(3, pool.stats().size());
    assertFalse(sizes.isEmpty(), "no call failed");
    assertEquals(Set.of(1), Set.copyOf(sizes));
  }

  /**
   * Calls itself until the stack ends, then resizes as deep as it can; notes what failed calls
   * left.
   */
  @SuppressWarnings("InfiniteRecursion") // Until the stack ends.
  private static boolean resizeAtTheEnd(WorkerPool pool, List<Integer> sizes) {
    boolean done = false;
    try {
      done = resizeAtTheEnd(pool, sizes);
    } catch (StackOverflowError end) {
      // Here it ends.
    }
    if (done) {
      return true;
    }
    try {
      pool.resize(3);
      return true;
    } catch (StackOverflowError tooDeep) {
      sizes.add(pool.stats().size());
      return false;
    }
  }

  /** Its starter is what keeps the virtual machine alive until then. */
  @Test
  void aStarterIsAwaitedUntilARunHasCome(Pools pools) throws Exception {
    AtomicReference<Starter.Work> asked = new AtomicReference<>();
    AtomicBoolean fails = new AtomicBoolean();
    AtomicInteger attends = new AtomicInteger();
    AtomicInteger calls = new AtomicInteger();
    PoolCore core =
        new PoolCore(elastic(0, 1).config()) {
          @Override
          Timers newTimers() {
            return new Unwatched();
          }

          @Override
          Starter newStarter(Starter.Work work) {
            asked.set(work);
            return new Starter(work, name(), true) {
              @Override
              public void want() {
                if (fails.get()) {
                  work.notStarted(new OutOfMemoryError("for the test"));
                } else {
                  super.want();
                }
              }

              @Override
              public void attend() {
                attends.incrementAndGet();
              }
            };
          }
        };
    kept = run -> calls.incrementAndGet() == 1 ? new Thread(() -> {}) : new Thread(run);
    core.start(kept);
    WorkerPool pool = pools.add(WorkerPoolBuilder.open(core));
    assertFalse(asked.get().isAwaited());
    ScheduledTask<?> late = pool.schedule(() -> {}, Duration.ofHours(1));
    assertTrue(asked.get().isAwaited(), "one is kept for that, and its thread ends without it");
    late.cancel(false);
    Task<?> task = pool.submit(() -> {});
    assertTrue(asked.get().isAwaited() || task.isDone(), "its thread ends without it");
    assertNull(task.get(20, TimeUnit.SECONDS));
    fails.set(true);
    Awaitility.await().until(() -> pool.stats().workers() == 0);
    Task<?> next = pool.submit(() -> {});
    Awaitility.await()
        .until(
            () -> {
              pool.execute(() -> {}); // Amid the pause after a start that failed.
              return attends.get() > 0;
            });
    fails.set(false);
    assertNull(next.get(20, TimeUnit.SECONDS));
  }

  /** There was no memory for the segment, and nobody is there to give the claim up. */
  @Test
  void aClaimWithoutASegmentDoesNotOutliveTheClose(Pools pools) throws Exception {
    PoolCore core =
        new AtOnce(elastic(0, 1)) {
          @Override
          TaskQueue newQueue(long roughLimit) {
            return new TaskQueue(2, roughLimit) {
              @Override
              public void onClaim(long index) {
                if (index == 2) {
                  throw new OutOfMemoryError("for the test");
                }
              }
            };
          }
        };
    core.start(null);
    WorkerPool pool = pools.add(WorkerPoolBuilder.open(core));
    for (int i = 0; i < 2; i++) {
      pool.execute(() -> {});
      Awaitility.await()
          .until(() -> pool.stats().workers() == 0); // Nobody gives the next claim up.
    }
    assertThrows(OutOfMemoryError.class, () -> pool.execute(() -> {}));
    pool.shutdown();
    assertTrue(pool.awaitTermination(20, TimeUnit.SECONDS), "nobody drains it");
    assertEquals(2, pool.stats().completed());
  }

  /** Nobody waits, and nobody submits anything else. */
  @Test
  void threadsThatNeverComeAreReplaced(Pools pools) throws Exception {
    AtomicInteger made = new AtomicInteger();
    WorkerPool pool =
        pools.build(
            elastic(0, 1)
                .threadFactory(
                    run -> new Thread(made.incrementAndGet() <= 2 ? () -> {} : run, "late")));
    CountDownLatch ran = new CountDownLatch(1);
    pool.execute(ran::countDown);
    await(ran);
    assertEquals(3, made.get());
  }

  /** Nor does what they were started for stay undecided. */
  @Test
  void threadsThatEndWithoutTheirRunsDoNotKeepAClosedPool(Pools pools) throws Exception {
    WorkerPool pool =
        pools.build(WorkerPool.builder().size(0, 2).threadFactory(run -> new Thread(() -> {})));
    Task<?> task = pool.submit(() -> {});
    pool.shutdown();
    assertTrue(pool.awaitTermination(40, TimeUnit.SECONDS), () -> pool.stats().toString());
    assertTrue(task.isDone());
    assertEquals(
        TaskAbortedException.Reason.NO_WORKER,
        assertThrows(TaskAbortedException.class, task::join).reason());
  }

  /** It is a start that has failed, and not one for each that looks. */
  @Test
  void oneThreadThatEndsWithoutItsRunDoesNotEndAClosedPool(Pools pools) throws Exception {
    AtomicInteger made = new AtomicInteger();
    WorkerPool pool =
        pools.build(
            WorkerPool.builder()
                .size(0, 2)
                .threadFactory(run -> new Thread(made.getAndIncrement() < 2 ? () -> {} : run)));
    List<Task<?>> tasks = List.of(pool.submit(() -> {}), pool.submit(() -> {}));
    pool.shutdown();
    Thread other = new Thread(pool::close);
    other.start();
    assertTrue(pool.awaitTermination(40, TimeUnit.SECONDS), () -> pool.stats().toString());
    other.join();
    for (Task<?> task : tasks) {
      task.join();
    }
  }

  /** Which pauses there are after two have raced, where there was none before. */
  private static Set<Duration> pauses(Pools pools, Consumer<PoolCore> one, Consumer<PoolCore> other)
      throws Exception {
    PoolCore core = new PoolCore(WorkerPool.builder().size(0, 2).config());
    core.start(null);
    pools.add(WorkerPoolBuilder.open(core));
    Set<Duration> pauses = new HashSet<>();
    try (RaceTeam team = new RaceTeam(2)) {
      for (int i = 0; i < RaceTeam.rounds(20_000); i++) {
        core.onCome();
        team.race(raced(core, one), raced(core, other));
        pauses.add(Duration.ofNanos(Crews.pause(core)));
      }
    }
    return pauses;
  }

  private static RaceTeam.Action raced(PoolCore core, Consumer<PoolCore> doing) {
    return () -> {
      RaceTeam.jitter(500);
      doing.accept(core);
    };
  }

  /** Two that look at once, and each bury one, have found one failure. */
  @Test
  void whatTwoHaveFoundAtOnceIsOneFailure(Pools pools) throws Exception {
    assertEquals(Set.of(Duration.ofMillis(500)), pauses(pools, PoolCore::onRoom, PoolCore::onRoom));
  }

  /** It comes before that, which lasts then, or ends it; and nothing in between. */
  @Test
  void aRunThatComesAmidAFailureEndsThePauseOrNot(Pools pools) throws Exception {
    Set<Duration> either = Set.of(Duration.ZERO, Duration.ofMillis(500));
    Set<Duration> pauses = pauses(pools, PoolCore::onRoom, PoolCore::onCome);
    assertTrue(either.containsAll(pauses), pauses::toString);
  }
}
