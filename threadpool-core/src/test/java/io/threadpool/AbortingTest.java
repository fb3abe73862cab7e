package io.threadpool;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What begins, what is interrupted and what is told while a pool is being aborted. */
@Timeout(60)
class AbortingTest {

  private static final Duration LONG = Duration.ofSeconds(20);

  private final CountDownLatch begun = new CountDownLatch(1);
  private final CountDownLatch end = new CountDownLatch(1);
  private final AtomicInteger ran = new AtomicInteger();

  private void hold() {
    begun.countDown();
    boolean over = false;
    while (!over) {
      try {
        end.await();
        over = true;
      } catch (InterruptedException ignored) {
        // It goes on, as a body may.
      }
    }
  }

  /**
   * The aborter comes late: between the decision to abort and the taking of what is queued, the
   * body that ran ends, and its worker could go on with what is queued.
   */
  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void nothingBeginsThatHadNotStarted(boolean raw, Pools pools) throws Exception {
    PoolCore core =
        new PoolCore(WorkerPool.builder().size(1).config()) {
          @Override
          List<Object> claimUnstarted() {
            end.countDown();
            Thread worker = workerThreads().get(0);
            Awaitility.await()
                .until(() -> ran.get() > 0 || worker.getState() == Thread.State.TERMINATED);
            return super.claimUnstarted();
          }
        };
    core.start();
    WorkerPool pool = pools.add(WorkerPoolBuilder.open(core));
    pool.execute(this::hold);
    begun.await();
    for (int i = 0; i < 3; i++) {
      if (raw) {
        pool.execute(ran::incrementAndGet);
      } else {
        pool.submit(ran::incrementAndGet);
      }
    }

    List<Runnable> unstarted = pool.shutdownNow();

    assertEquals(3, unstarted.size());
    assertTrue(pool.awaitTermination(LONG));
    assertEquals(0, ran.get());
    TerminationReport report = pool.report().orElseThrow();
    assertEquals(1, report.completed());
    assertEquals(3, report.aborted());
  }

  /** The joined task is about to be aborted, so the joiner waits for that and does not run it. */
  @Test
  void aJoinerBeginsNothingEither(Pools pools) throws Exception {
    CountDownLatch aborting = new CountDownLatch(1);
    PoolCore core =
        new PoolCore(WorkerPool.builder().size(1).config()) {
          @Override
          List<Object> claimUnstarted() {
            aborting.countDown();
            Thread worker = workerThreads().get(0);
            Awaitility.await()
                .until(() -> ran.get() > 0 || worker.getState() == Thread.State.TIMED_WAITING);
            return super.claimUnstarted();
          }
        };
    core.start();
    WorkerPool pool = pools.add(WorkerPoolBuilder.open(core));
    Task<String> joiner =
        pool.submit(
            () -> {
              Task<?> inner = pool.submit(ran::incrementAndGet);
              begun.countDown();
              aborting.await();
              return assertThrows(TaskAbortedException.class, inner::join).reason().name();
            });
    begun.await();

    assertEquals(1, pool.shutdownNow().size());

    assertEquals("SHUTDOWN", joiner.get(20, TimeUnit.SECONDS));
    assertEquals(0, ran.get());
  }

  /** Two tasks are aborted together, and a stage of the first one waits for the second. */
  @Test
  void aStageOfAnAbortedTaskMayJoinAnother(Pools pools) throws Exception {
    WorkerPool pool = pools.add(WorkerPool.fixed(1));
    pool.execute(this::hold);
    begun.await();
    CompletableFuture<Task<?>> other = new CompletableFuture<>();
    CompletableFuture<String> told =
        pool.submit(() -> {})
            .handle(
                (result, failure) ->
                    assertThrows(TaskAbortedException.class, () -> other.join().join())
                        .reason()
                        .name());
    other.complete(pool.submit(() -> {}));

    assertEquals(2, pool.shutdownNow().size());

    assertEquals("SHUTDOWN", told.get(20, TimeUnit.SECONDS));
    end.countDown();
  }

  /** A task is not interrupted by its own call, but by somebody else's that follows. */
  @Test
  void anAbortFromElsewhereInterruptsWhoAbortedFirst(Pools pools) throws Exception {
    WorkerPool pool = pools.add(WorkerPool.fixed(1));
    Task<Boolean> aborter =
        pool.submit(
            () -> {
              pool.shutdownNow();
              boolean byItself = Thread.currentThread().isInterrupted();
              begun.countDown();
              assertThrows(InterruptedException.class, end::await);
              return byItself;
            });
    begun.await();

    pool.shutdownNow();

    assertFalse(aborter.get(20, TimeUnit.SECONDS));
    assertTrue(pool.awaitTermination(LONG));
    assertEquals(1, pool.report().orElseThrow().completed());
  }

  /** However deep the joins, the message says what failed first. */
  @Test
  void aFailureThroughJoinsSaysWhatFailedFirst(Pools pools) {
    WorkerPool pool = pools.add(WorkerPool.fixed(1));
    Task<?> outer =
        pool.submit(
            () ->
                pool.submit(
                        () ->
                            pool.submit(
                                    () -> {
                                      throw new IllegalArgumentException("root");
                                    })
                                .join())
                    .join());

    assertEquals(
        "java.lang.IllegalArgumentException: root",
        assertThrows(CompletionException.class, outer::join).getMessage());
    end.countDown();
  }
}
