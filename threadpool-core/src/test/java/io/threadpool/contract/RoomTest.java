package io.threadpool.contract;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.threadpool.RejectedTaskException;
import io.threadpool.RejectedTaskException.Reason;
import io.threadpool.SaturationPolicy;
import io.threadpool.Task;
import io.threadpool.WorkerPool;
import io.threadpool.internal.RaceTeam;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Nobody is refused as saturated where there is room, and no refusal says so of an empty queue. */
class RoomTest {

  private static final int ROUNDS = RaceTeam.rounds(10_000);

  /** After so long no round begins, on a slow machine: 5 s in the normal suite. */
  private static final long MOST_NANOS = ROUNDS * 500_000L;

  @RegisterExtension final TestPools pools = new TestPools();

  private WorkerPool pool(int size, int capacity, SaturationPolicy policy) {
    return pools.build(
        WorkerPool.builder().size(size).queueCapacity(capacity).saturationPolicy(policy));
  }

  private static boolean isInTime(long start) {
    return System.nanoTime() - start < MOST_NANOS;
  }

  static Stream<SaturationPolicy> thatCanTell() {
    return Stream.of(
        SaturationPolicy.reject(),
        SaturationPolicy.block(Duration.ZERO),
        SaturationPolicy.callerRuns());
  }

  /** Nobody else submits; so there is room from when the pool has said so. */
  @ParameterizedTest
  @MethodSource("thatCanTell")
  void whoIsToldOfRoomFindsIt(SaturationPolicy policy) {
    WorkerPool pool = pool(1, 1, policy);
    Thread self = Thread.currentThread();
    AtomicInteger ranHere = new AtomicInteger();
    for (int i = 0; i < ROUNDS; i++) {
      while (pool.stats().queued() > 0) {
        Thread.yield(); // To the worker, on one processor.
      }
      pool.execute(
          () -> {
            if (Thread.currentThread() == self) {
              ranHere.incrementAndGet();
            }
          });
    }
    assertEquals(0, ranHere.get(), "ran by the caller");
    assertEquals(0, pool.stats().rejected());
  }

  /** The same with handles, of which some are cancelled. */
  @ParameterizedTest
  @MethodSource("thatCanTell")
  void soDoesWhoCancels(SaturationPolicy policy) {
    WorkerPool pool = pool(1, 1, policy);
    Thread self = Thread.currentThread();
    AtomicInteger ranHere = new AtomicInteger();
    for (int i = 0; i < ROUNDS; i++) {
      while (pool.stats().queued() > 0) {
        Thread.yield(); // To the worker, on one processor.
      }
      Task<?> task =
          pool.submit(
              () -> {
                if (Thread.currentThread() == self) {
                  ranHere.incrementAndGet();
                }
              });
      if ((i & 1) == 0) {
        task.cancel(false);
      }
    }
    assertEquals(0, ranHere.get(), "ran by the caller");
    assertEquals(0, pool.stats().rejected());
  }

  /** Others call {@code invokeAll} and take what room there is; a full queue is never empty. */
  @ParameterizedTest
  @ValueSource(ints = {1, 3})
  void noRefusalCallsAnEmptyQueueFull(int capacity) throws Exception {
    WorkerPool pool = pool(2, capacity, SaturationPolicy.reject());
    AtomicReference<RejectedTaskException> wrong = new AtomicReference<>();
    AtomicBoolean over = new AtomicBoolean();
    List<Caller<Integer>> callers = new ArrayList<>();
    long start = System.nanoTime();
    for (int i = 0; i < 3; i++) {
      Callable<Object> submission =
          i == 0
              ? () -> pool.invokeAll(List.of(() -> 1, () -> 2, () -> 3, () -> 4))
              : () -> pool.submit(() -> 1);
      callers.add(
          pools.call(
              () -> {
                int refusals = 0;
                for (int n = 0; n < ROUNDS && !over.get() && isInTime(start); n++) {
                  try {
                    submission.call();
                  } catch (RejectedTaskException e) {
                    refusals++;
                    if (e.reason() == Reason.SATURATED
                        && (e.queued() < 1 || e.getMessage().contains("queued 0"))) {
                      wrong.set(e);
                      over.set(true);
                    }
                  }
                }
                return refusals;
              }));
    }
    for (Caller<Integer> caller : callers) {
      caller.get();
    }
    if (wrong.get() != null) {
      throw new AssertionError("refused for an empty queue", wrong.get());
    }
  }

  /**
   * At most as many of the batch's tasks as the queue holds but one are unfinished, and none of the
   * submitter's; so there is room.
   */
  @Test
  void aSubmissionFindsRoomThoughAnotherCallsInvokeAll() throws Exception {
    WorkerPool pool = pool(1, 3, SaturationPolicy.reject());
    AtomicBoolean over = new AtomicBoolean();
    Caller<Integer> batches =
        pools.call(
            () -> {
              int calls = 0;
              while (!over.get()) {
                pool.invokeAll(List.of(() -> 1, () -> 2));
                calls++;
              }
              return calls;
            });
    try {
      long start = System.nanoTime();
      for (int i = 0; i < 5 * ROUNDS / 2 && isInTime(start); i++) {
        assertEquals(1, pool.submit(() -> 1).get());
      }
    } finally {
      over.set(true);
    }
    assertTrue(batches.get() > 0);
    assertEquals(0, pool.stats().rejected());
  }

  /** A thread that cannot be asked whether it is interrupted. */
  private static final class Unaskable extends Thread {
    final CountDownLatch broke = new CountDownLatch(1);
    volatile boolean armed;

    Unaskable(Runnable body) {
      super(body, "unaskable");
      setDaemon(true);
    }

    @Override
    public boolean isInterrupted() {
      if (armed) {
        throw new LinkageError("isInterrupted");
      }
      return super.isInterrupted();
    }
  }

  @Test
  void aSubmitterWhoseWaitBreaksLeavesTheLine() throws Exception {
    WorkerPool pool = pool(1, 1, SaturationPolicy.block());
    Held held = pools.occupy(pool);
    Task<?> queued = pool.submit(() -> 1);
    AtomicReference<Throwable> thrown = new AtomicReference<>();
    AtomicReference<Unaskable> self = new AtomicReference<>();
    self.set(
        new Unaskable(
            () -> {
              try {
                pool.execute(() -> {});
              } catch (Throwable broken) {
                thrown.set(broken);
              } finally {
                self.get().broke.countDown();
              }
            }));
    Unaskable breaking = self.get();
    breaking.start();
    TestPools.eventually().until(() -> Caller.isWaiting(breaking));
    breaking.armed = true;
    breaking.interrupt(); // It looks, and breaks.
    Held.await(breaking.broke, "broke");
    assertNotNull(thrown.get());
    assertEquals(2, pool.stats().accepted());
    queued.cancel(false);
    Caller<Task<Integer>> next = pools.call(() -> pool.submit(() -> 2));
    Task<Integer> accepted = next.get();
    held.release();
    assertEquals(2, accepted.get());
  }
}
