package io.threadpool.examples.users;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.failsafe.Bulkhead;
import dev.failsafe.Failsafe;
import dev.failsafe.RetryPolicy;
import dev.failsafe.Timeout;
import dev.failsafe.TimeoutExceededException;
import io.threadpool.WorkerPool;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Failsafe, which submits each attempt, and waits between them on a scheduler of its own. */
@org.junit.jupiter.api.Timeout(120)
class FailsafeTest {

  // Its scheduler and where that runs what has no pool, daemons for all, which stay.
  @RegisterExtension
  final UserPools pools = new UserPools("FailsafeDelayScheduler", "ForkJoinPool-");

  private final Held held = new Held();

  @AfterEach
  void release() {
    held.release();
  }

  @Test
  void eachAttemptIsATask() throws Exception {
    WorkerPool pool = pools.fixed(4);
    RetryPolicy<Integer> twice =
        RetryPolicy.<Integer>builder().withMaxRetries(2).withDelay(Duration.ofMillis(1)).build();
    List<CompletableFuture<Integer>> answers = new ArrayList<>();
    for (int i = 0; i < 50; i++) {
      int n = i;
      AtomicInteger attempts = new AtomicInteger();
      answers.add(
          Failsafe.with(twice)
              .with(pool)
              .getAsync(
                  () -> {
                    if (attempts.incrementAndGet() < 3) {
                      throw new IllegalStateException("not yet");
                    }
                    return n;
                  }));
    }
    for (int i = 0; i < answers.size(); i++) {
      assertEquals(i, answers.get(i).get(UserPools.LONG.toSeconds(), TimeUnit.SECONDS));
    }
    pool.close();
    assertEquals(150, pool.report().orElseThrow().accepted());
  }

  /** Where the executor's {@code cancel(true)} does not interrupt, nor does this. */
  @Test
  void aTimeoutInterruptsTheBodyAndNotTheNextTask() throws Exception {
    WorkerPool pool = pools.fixed(1);
    AtomicBoolean begun = new AtomicBoolean();
    for (long millis = 50; !begun.get(); millis *= 2) { // Again where it is up before the body.
      Timeout<Object> brief = Timeout.builder(Duration.ofMillis(millis)).withInterrupt().build();
      CompletableFuture<Void> late =
          Failsafe.with(brief)
              .with(pool)
              .runAsync(
                  () -> {
                    begun.set(true);
                    held.run();
                  });
      Throwable thrown = assertThrows(ExecutionException.class, late::get).getCause();
      assertInstanceOf(TimeoutExceededException.class, thrown);
    }
    held.awaitInterrupted();
    assertFalse(pool.submit(() -> Thread.currentThread().isInterrupted()).get());
    pool.close();
  }

  @Test
  void aBulkheadAndACancelHoldAndFreeTheWorker() throws Exception {
    WorkerPool pool = pools.fixed(2);
    Bulkhead<Object> one = Bulkhead.of(1);
    CompletableFuture<Void> inside = Failsafe.with(one).with(pool).runAsync(held::run);
    held.awaitStarted(1);
    CompletableFuture<Void> refused = Failsafe.with(one).with(pool).runAsync(() -> {});
    assertThrows(CompletionException.class, refused::join);

    assertTrue(inside.cancel(true));
    held.awaitInterrupted();
    assertTrue(pool.awaitIdle(UserPools.LONG));
    pool.close();
  }

  /** The pool keeps the time for Failsafe; its refusal ends the execution. */
  @Test
  void anExecutionThatIsToBeRetriedAfterTheCloseFails() throws Exception {
    WorkerPool pool = pools.fixed(1);
    RetryPolicy<Object> once =
        RetryPolicy.builder().withMaxRetries(1).withDelay(Duration.ofMillis(1)).build();
    CompletableFuture<Void> retried =
        Failsafe.with(once)
            .with(pool)
            .runAsync(
                () -> {
                  held.run();
                  throw new IllegalStateException("again, please");
                });
    held.awaitStarted(1);
    pool.shutdown();
    held.release();
    pool.close();
    assertThrows(ExecutionException.class, retried::get);
    assertEquals(1, pool.stats().rejected());
  }
}
