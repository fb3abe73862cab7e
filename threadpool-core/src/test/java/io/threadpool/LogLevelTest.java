package io.threadpool;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A log that does not say which levels it wants: it blocks, or throws, when it is asked. */
@Timeout(120)
class LogLevelTest extends EndRig {

  /** Whether the log misbehaves by now. */
  private final AtomicBoolean due = new AtomicBoolean();

  /** Who stands in the log. */
  private final Set<Thread> inside = ConcurrentHashMap.newKeySet();

  private final Set<String> lines = ConcurrentHashMap.newKeySet();

  /** A pool whose log blocks who asks for a level, once that is due. */
  private PoolCore blocking(int size, String level) {
    return new PoolCore(
        WorkerPool.builder()
            .size(size)
            .shutdownPolicy(ShutdownPolicy.drainFor(Duration.ofMillis(50)))
            .abortGrace(Duration.ofMillis(50))
            .config(),
        log(
            call -> {
              if (due.get() && call.matches(level)) {
                inside.add(Thread.currentThread());
                uninterruptibly(end);
              }
              if (call.contains(" ")) {
                lines.add(call);
              }
              return call.equals("isDebugEnabled");
            }));
  }

  private static void assertBalanced(WorkerPool pool, long accepted) {
    TerminationReport r = pool.report().orElseThrow();
    assertEquals(accepted, r.accepted(), r::toString);
    assertEquals(accepted, r.completed() + r.failed() + r.cancelled() + r.aborted(), r::toString);
  }

  /** All workers stand in the log. Submitters do not, nor other pools, nor who runs a task. */
  @Test
  void submittersDoNotAskTheLog() throws Exception {
    WorkerPool pool = open(blocking(2, "is.*Enabled"));
    due.set(true);
    AtomicInteger runs = new AtomicInteger();
    List<Task<?>> tasks = new ArrayList<>();
    Thread submitter =
        started(
            () -> {
              for (int i = 0; i < 100; i++) {
                tasks.add(pool.submit(runs::incrementAndGet));
              }
            });
    submitter.join(LONG.toMillis());
    assertFalse(submitter.isAlive(), "a submitter stands in the log");
    Awaitility.await().atMost(LONG).until(() -> inside.size() == 2);
    try (WorkerPool other = WorkerPool.fixed(1)) {
      assertEquals("other", other.submit(() -> "other").get(LONG.toSeconds(), TimeUnit.SECONDS));
    }
    Thread runner = started(() -> tasks.forEach(Task::run));
    runner.join(LONG.toMillis());
    assertFalse(runner.isAlive());
    assertEquals(100, runs.get());
    assertEquals(2, inside.size());
    end.countDown();
    pool.close();
    assertBalanced(pool, 100);
    assertEquals(100, runs.get());
  }

  /** A worker that asks the log has taken a task, and another a command: neither begins. */
  @ParameterizedTest
  @ValueSource(strings = {"isDebugEnabled", "isTraceEnabled"})
  void theDeadlineHoldsThoughWorkersStandInTheLog(String level) throws Exception {
    WorkerPool pool = open(blocking(3, level));
    CountDownLatch busy = new CountDownLatch(1);
    CountDownLatch interrupted = new CountDownLatch(1);
    pool.execute(
        () -> {
          busy.countDown();
          try {
            end.await();
          } catch (InterruptedException asItShouldBe) {
            interrupted.countDown();
          }
        });
    busy.await();
    due.set(true);
    AtomicInteger runs = new AtomicInteger();
    Task<?> taken = pool.submit(runs::incrementAndGet);
    Awaitility.await().atMost(LONG).until(() -> inside.size() == 1);
    pool.execute(runs::incrementAndGet);
    Awaitility.await().atMost(LONG).until(() -> inside.size() == 2);
    Task<?> queued = pool.submit(runs::incrementAndGet);
    Thread closing = started(pool::close);
    closing.join(LONG.toMillis());
    assertFalse(closing.isAlive(), "close() waits for the log");
    assertTrue(interrupted.await(LONG.toSeconds(), TimeUnit.SECONDS));
    TaskAbortedException stuck = assertThrows(TaskAbortedException.class, taken::join);
    assertEquals(TaskAbortedException.Reason.STUCK, stuck.reason());
    assertThrows(TaskAbortedException.class, queued::join);
    List<String> told =
        pool.report().orElseThrow().stuck().stream().map(StuckTask::worker).toList();
    List<String> names = inside.stream().map(Thread::getName).toList();
    assertEquals(2, names.size());
    assertTrue(told.containsAll(names), told::toString); // The third may be late to leave.
    assertFalse(pool.isTerminated());
    end.countDown();
    assertTrue(pool.awaitTermination(LONG));
    assertEquals(0, runs.get(), "begun after it was given up");
    assertBalanced(pool, 4);
  }

  /** From the shutdown on whoever asks for a level blocks: nobody does, and the end is told. */
  @Test
  void theEndOfAPoolDoesNotAskTheLog() throws Exception {
    WorkerPool pool = open(blocking(2, "is.*Enabled"));
    pool.submit(() -> {}).get();
    due.set(true);
    Thread closing = started(pool::close);
    closing.join(LONG.toMillis());
    assertFalse(closing.isAlive(), "close() stands in the log");
    assertTrue(pool.awaitTermination(LONG));
    Awaitility.await()
        .atMost(LONG)
        .until(() -> isLogged("terminated") && isLogged("Shutting down worker")); // Or overlapping.
    assertEquals(Set.of(), inside);
    assertBalanced(pool, 1);
  }

  private boolean isLogged(String part) {
    return lines.stream().anyMatch(line -> line.contains(part));
  }

  /** The log throws whatever it is asked: when the pool is built, by its workers, at the end. */
  @Test
  void aLogThatThrowsWhereItIsAskedForLevelsHarmsNothing() throws Exception {
    PoolCore core =
        new PoolCore(
            WorkerPool.builder().size(2).config(),
            log(
                call -> {
                  throw new LinkageError("the log is down (for the test)");
                }));
    WorkerPool pool = open(core);
    AtomicInteger runs = new AtomicInteger();
    for (int i = 0; i < 100; i++) {
      pool.execute(runs::incrementAndGet);
      assertEquals(i, runs(pool, i));
    }
    pool.close();
    assertEquals(100, runs.get());
    assertTrue(pool.isTerminated());
    assertBalanced(pool, 200);
  }

  private static int runs(WorkerPool pool, int value) throws Exception {
    return pool.submit(() -> value).get(LONG.toSeconds(), TimeUnit.SECONDS);
  }
}
