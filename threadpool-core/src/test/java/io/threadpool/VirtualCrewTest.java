package io.threadpool;

import static org.junit.jupiter.api.Assertions.assertTrue;

import io.threadpool.internal.Latches;
import io.threadpool.internal.TaskQueue;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A crew with a thread for each task; on platform threads here, so that it runs on each Java. */
@Timeout(60)
class VirtualCrewTest {

  /** What is done where a run looks how many are queued, before it knows. */
  private volatile Runnable onLength = () -> {};

  private volatile ThreadFactory threads = VirtualCrewTest::daemon;
  private PoolCore core;

  private static Thread daemon(Runnable body) {
    Thread thread = new Thread(body);
    thread.setDaemon(true);
    return thread;
  }

  private void start(int max) {
    core =
        new PoolCore(config(max)) {
          @Override
          ThreadFactory newRunFactory() {
            return body -> threads.newThread(body);
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

  private static PoolConfig config(int max) {
    return new PoolConfig(
        "each",
        max,
        max,
        Duration.ZERO,
        true,
        true,
        ShutdownPolicy.drain(),
        Duration.ofHours(1),
        null,
        0,
        Long.MAX_VALUE,
        SaturationPolicy.reject(),
        null,
        null,
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
    onLength =
        () -> {
          if (looks.getAndIncrement() == 0) {
            throw new OutOfMemoryError("for the test");
          }
        };
    core.execute(() -> Latches.uninterruptibly(gate));
    core.execute(ran::countDown);
    gate.countDown();
    await(ran);
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
}
