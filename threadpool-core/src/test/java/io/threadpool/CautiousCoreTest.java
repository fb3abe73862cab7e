package io.threadpool;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.threadpool.internal.Latches;
import io.threadpool.internal.StackProbe;
import io.threadpool.internal.Starter;
import io.threadpool.internal.TaskQueue;
import io.threadpool.internal.Timers;
import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Submissions at the end of a stack, amid which the only worker leaves. */
class CautiousCoreTest {

  private static final Runnable PROBE = StackProbe::ensureTwice;
  private static final int PROBES = 20_000;
  private static final int BEYOND_EDGE = 200;
  private static final int BEFORE_EDGE = 40;
  private static final int STEP = 3;
  private static final int MOST_TRIES = 5;

  /** So many calls a test puts between the two looks; they take far less than those differ by. */
  private static final int APART = 20;

  /** Whether the next claim is to have the worker leave, and to wait for that. */
  private volatile boolean armed;

  private volatile boolean mayLeave;

  private static WorkerPoolBuilder builder() {
    return WorkerPool.builder().size(0, 1).keepAlive(Duration.ZERO);
  }

  private CautiousCore core(boolean leavesAfterTheLook) {
    int segmentSize = leavesAfterTheLook ? 1 : 1_024;
    CautiousCore core =
        new CautiousCore(builder().config()) {
          @Override
          TaskQueue newQueue(long roughLimit) {
            return new CautiousQueue(segmentSize, roughLimit) {
              @Override
              public void onClaim(long index) {
                if (leavesAfterTheLook) {
                  super.onClaim(index);
                }
                haveWorkerLeave();
                if (!leavesAfterTheLook) {
                  super.onClaim(index);
                }
              }
            };
          }

          private void haveWorkerLeave() {
            if (armed) {
              armed = false;
              mayLeave = true;
              while (crew.alive() != 0) {
                Thread.onSpinWait();
              }
            }
          }
        };
    core.start(null);
    return core;
  }

  /**
   * What was accepted runs, though nobody waits, or submits anything else: the worker had seen
   * neither the slot nor, where the segment was not there yet, the claim.
   */
  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void whatIsAcceptedWhileTheLastWorkerLeavesRuns(boolean leavesAfterTheLook, Pools pools)
      throws Exception {
    CautiousCore core = core(leavesAfterTheLook);
    WorkerPool pool = pools.add(WorkerPoolBuilder.open(core));
    onSmallStack(() -> sweep(depth -> isAcceptedAt(depth, core, pool)));
  }

  private static void onSmallStack(Executable body) throws Exception {
    AtomicReference<Throwable> broken = new AtomicReference<>();
    Runnable caught =
        () -> {
          try {
            body.execute();
          } catch (Throwable thrown) {
            broken.set(thrown);
          }
        };
    Thread caller = new Thread(null, caught, "small", 200_000);
    caller.start();
    caller.join();
    if (broken.get() != null) {
      throw new AssertionError(broken.get());
    }
  }

  /** What is tried at a depth of the stack; says whether there was enough of it. */
  private interface Trial {
    boolean at(int depth) throws Exception;
  }

  /**
   * Tries on both sides of the edge, and closely. Where that lies depends on what is compiled,
   * which may change meanwhile; so all this is done again until the edge has not moved.
   */
  private static void sweep(Trial trial) throws Exception {
    for (int i = 0; i < PROBES; i++) {
      PROBE.run(); // Compiled, it takes less.
    }
    int edge = edge(trial);
    int before;
    do {
      before = edge;
      for (int depth = edge + BEYOND_EDGE; depth > edge - BEFORE_EDGE; depth -= STEP) {
        trial.at(depth);
      }
      edge = edge(trial);
    } while (Math.abs(edge - before) >= STEP);
    assertNotEquals(0, edge, "never enough");
  }

  /** A depth that has enough stack, where the next one has not. */
  private static int edge(Trial trial) throws Exception {
    int low = 0;
    int high = 1;
    while (trial.at(high)) {
      low = high;
      high *= 2;
    }
    while (low < high - 1) {
      int middle = (low + high) / 2;
      if (trial.at(middle)) {
        low = middle;
      } else {
        high = middle;
      }
    }
    return low;
  }

  /** Looked at often, as it is soon so, and is awaited at each depth. */
  private static void until(Callable<Boolean> condition) {
    Awaitility.await().pollInterval(Duration.ofMillis(1)).until(condition);
  }

  /**
   * Again where it lacked stack: what is compiled, or is no more, may need less, or more, amid it.
   */
  private boolean isAcceptedAt(int depth, CautiousCore core, WorkerPool pool) throws Exception {
    for (int i = 0; i < MOST_TRIES; i++) {
      Boolean accepted = acceptedAt(depth, core, pool);
      if (accepted != null) {
        return accepted;
      }
    }
    throw new AssertionError("accepted without stack to ask for a worker, each time");
  }

  /** Null where it was accepted without stack to ask for a worker. */
  private Boolean acceptedAt(int depth, CautiousCore core, WorkerPool pool) throws Exception {
    CountDownLatch begun = new CountDownLatch(1);
    mayLeave = false;
    pool.execute(
        () -> {
          begun.countDown();
          while (!mayLeave) {
            Thread.onSpinWait();
          }
        });
    Latches.uninterruptibly(begun);
    CountDownLatch ran = new CountDownLatch(1);
    Runnable task = ran::countDown;
    AtomicBoolean accepted = new AtomicBoolean();
    boolean lacks = false;
    armed = true;
    try {
      StackRow.descend(
          depth,
          () -> {
            pool.execute(task);
            accepted.set(true);
            PROBE.run(); // The submission looked for it further down.
          });
    } catch (StackOverflowError little) {
      lacks = accepted.get();
    }
    armed = false;
    mayLeave = true;
    if (lacks) {
      core.crew.look(); // As it may not have been asked for.
    }
    assertTrue(!accepted.get() || ran.await(20, TimeUnit.SECONDS), "accepted, and never run");
    until(() -> core.crew.alive() == 0);
    return lacks ? null : accepted.get();
  }

  /**
   * Where nobody is there, what is refused for want of stack leaves nothing in the queue, since it
   * has claimed nothing: the first look is for more than the second.
   */
  @Test
  void whatIsRefusedLeavesNoClaim(Pools pools) throws Exception {
    AtomicBoolean claimed = new AtomicBoolean();
    CautiousCore core =
        new CautiousCore(builder().config()) {
          @Override
          TaskQueue newQueue(long roughLimit) {
            return new CautiousQueue(TaskQueue.DEFAULT_SEGMENT_SIZE, roughLimit) {
              @Override
              public void onClaim(long index) {
                claimed.set(true);
                StackRow.descend(APART, () -> super.onClaim(index));
              }
            };
          }
        };
    core.start(null);
    WorkerPool pool = pools.add(WorkerPoolBuilder.open(core));
    AtomicInteger ran = new AtomicInteger();
    Runnable task = ran::incrementAndGet; // Made before, as linking it may fail at the end.
    Runnable submission = () -> pool.execute(task);
    submission.run();
    AtomicInteger accepted = new AtomicInteger(1);
    onSmallStack(
        () ->
            sweep(
                depth -> {
                  until(() -> ran.get() == accepted.get() && core.crew.alive() == 0);
                  assertEquals(0, pool.stats().queued());
                  claimed.set(false);
                  try {
                    StackRow.descend(depth, submission);
                    accepted.incrementAndGet();
                    return true;
                  } catch (StackOverflowError refused) {
                    assertFalse(claimed.get(), "claimed, and refused");
                    return false;
                  }
                }));
  }

  private static void runOneAndLeave(PoolCore core, WorkerPool pool) throws Exception {
    pool.submit(() -> {}).get();
    Awaitility.await().until(() -> core.crew.alive() == 0);
  }

  /** Who wakes somebody at this moment may find that nobody is left, and lack stack for more. */
  @Test
  void whoSubmitsDoesNotRelyOnWhoHoldsTheFlag(Pools pools) throws Exception {
    CautiousCore core = core(false);
    WorkerPool pool = pools.add(WorkerPoolBuilder.open(core));
    runOneAndLeave(core, pool);
    CountDownLatch ran = new CountDownLatch(1);
    assertTrue(core.idle.trySearch());
    pool.execute(ran::countDown);
    assertTrue(ran.await(20, TimeUnit.SECONDS), "left to who holds the flag");
    core.idle.stopSearching();
  }

  /** Nor does a worker that leaves, or who looks for another reason. */
  @Test
  void whoLooksDoesNotRelyOnWhoHoldsTheFlag(Pools pools) throws Exception {
    PoolCore core = new PoolCore(builder().config());
    core.start(null);
    WorkerPool pool = pools.add(WorkerPoolBuilder.open(core));
    runOneAndLeave(core, pool);
    CountDownLatch ran = new CountDownLatch(1);
    assertTrue(core.idle.trySearch());
    pool.execute(ran::countDown);
    core.crew.look();
    assertTrue(ran.await(20, TimeUnit.SECONDS), "left to who holds the flag");
    core.idle.stopSearching();
  }

  /** Its submitter has run it; the worker has gone, and has left nothing. */
  @Test
  void nobodyIsAskedForWhereNothingWaits(Pools pools) throws Exception {
    AtomicInteger asked = new AtomicInteger();
    WorkerPoolBuilder builder =
        WorkerPool.builder()
            .size(0, 1)
            .keepAlive(Duration.ZERO)
            .queueCapacity(1)
            .saturationPolicy(SaturationPolicy.callerRuns());
    CautiousCore core =
        new CautiousCore(builder.config()) {
          @Override
          Starter newStarter(Starter.Work work) {
            return new Starter(work, name(), true) {
              @Override
              public void want() {
                asked.incrementAndGet();
                super.want();
              }
            };
          }
        };
    core.start(null);
    WorkerPool pool = pools.add(WorkerPoolBuilder.open(core));
    CountDownLatch begun = new CountDownLatch(1);
    CountDownLatch go = new CountDownLatch(1);
    CountDownLatch queuedRan = new CountDownLatch(1);
    pool.execute(
        () -> {
          begun.countDown();
          Latches.uninterruptibly(go);
        });
    Latches.uninterruptibly(begun);
    pool.execute(queuedRan::countDown);
    AtomicInteger askedBefore = new AtomicInteger();
    pool.execute(
        () -> {
          go.countDown();
          Latches.uninterruptibly(queuedRan);
          Awaitility.await().until(() -> core.crew.alive() == 0);
          askedBefore.set(asked.get());
        });
    assertEquals(askedBefore.get(), asked.get());
    assertEquals(3, pool.stats().completed());
  }

  /** What the watch lacks does not refuse what was accepted. */
  @Test
  void whatIsAcceptedIsNotRefusedForWantOfTheWatch(Pools pools) throws Exception {
    Thread submitter = Thread.currentThread();
    AtomicInteger lacked = new AtomicInteger();
    WorkerPoolBuilder builder =
        WorkerPool.builder().size(1).taskOptions(TaskOptions.startingWithin(Duration.ofDays(1)));
    CautiousCore core =
        new CautiousCore(builder.config()) {
          @Override
          Timers newTimers() {
            return new Timers() {
              @Override
              public boolean schedule(Entry entry, long nanos) {
                if (entry instanceof TaskWatch && Thread.currentThread() == submitter) {
                  lacked.incrementAndGet();
                  throw new StackOverflowError("for the test"); // JUnit ends at a lack of memory.
                }
                return !(entry instanceof TaskWatch) && super.schedule(entry, nanos);
              }
            };
          }
        };
    core.start(null);
    WorkerPool pool = pools.add(WorkerPoolBuilder.open(core));
    AtomicInteger ran = new AtomicInteger();
    int accepted = 0;
    while (lacked.get() == 0) { // The worker may be asking at that moment.
      pool.execute(ran::incrementAndGet);
      accepted++;
    }
    int all = accepted;
    Awaitility.await().until(() -> ran.get() == all);
  }

  /** A tick that could not be asked for at the end of a stack can be afterwards. */
  @Test
  void whatBreaksOffIsNotTakenForAsked() throws Exception {
    Timers timers = new Timers();
    Beat later = new Beat();
    timers.schedule(later, TimeUnit.DAYS.toNanos(1));
    onSmallStack(
        () ->
            sweep(
                depth -> {
                  Beat beat = new Beat();
                  boolean enough = true;
                  try {
                    StackRow.descend(depth, () -> timers.scheduleOnce(beat.asked, beat, 0));
                  } catch (StackOverflowError deep) {
                    enough = false;
                    timers.scheduleOnce(beat.asked, beat, 0);
                  }
                  assertTrue(beat.came.await(20, TimeUnit.SECONDS), "asked for, and never due");
                  return enough;
                }));
    timers.cancel(later);
  }

  private static final class Beat extends Timers.Entry {
    final AtomicBoolean asked = new AtomicBoolean();
    final CountDownLatch came = new CountDownLatch(1);

    @Override
    public void run() {
      asked.set(false);
      came.countDown();
    }
  }
}
