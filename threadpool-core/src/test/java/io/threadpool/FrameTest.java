package io.threadpool;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.threadpool.internal.Latches;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Whose an abort's interrupt is: that of a frame which has not been left. */
@Timeout(60)
class FrameTest {

  private final PoolCore core = new PoolCore(WorkerPool.builder().size(1).config());

  @AfterEach
  void clear() {
    Thread.interrupted();
    Frame.restore(null);
  }

  private Frame worker(Thread thread) {
    return new Frame.OfLoop(core.signal, core.events, thread, core.ledger.tally(0));
  }

  @Test
  void aWorkersLoopIsInterruptedAndTakesThatWithItWhenItIsLeft() {
    Frame frame = worker(Thread.currentThread());
    frame.enterLoop();
    frame.interruptForAbort();
    assertTrue(Thread.currentThread().isInterrupted());
    frame.leaveLoop();
    assertFalse(Thread.currentThread().isInterrupted());
  }

  @Test
  void aWorkersThreadIsNotInterruptedAfterItHasLeftItsLoop() {
    Frame frame = worker(Thread.currentThread());
    frame.enterLoop();
    frame.leaveLoop();
    frame.interruptForAbort();
    assertFalse(Thread.currentThread().isInterrupted());
  }

  @Test
  void aCallersThreadIsInterruptedWhileItsGuestRunsAndNotAfterwards() {
    Frame frame = new Frame(core.signal, core.events, true, false);
    frame.enter(new Object());
    frame.interruptForAbort();
    assertTrue(Thread.currentThread().isInterrupted());
    frame.exit(true);
    assertFalse(Thread.currentThread().isInterrupted(), "the abort's stays");
    frame.interruptForAbort();
    assertFalse(Thread.currentThread().isInterrupted(), "it comes late");
  }

  /** Its own interrupt is kept apart. */
  @Test
  void whatACallerBroughtIsPutBack() {
    Frame frame = new Frame(core.signal, core.events, true, false);
    Thread.currentThread().interrupt();
    frame.enter(new Object());
    assertFalse(Thread.currentThread().isInterrupted());
    frame.interruptForAbort();
    frame.exit(true);
    assertTrue(Thread.currentThread().isInterrupted());
  }

  /** A thread whose interrupt does not come back until it is told to. */
  private static final class Slow extends Thread {
    final CountDownLatch interrupting = new CountDownLatch(1);
    final CountDownLatch comeBack = new CountDownLatch(1);

    Slow(Runnable body) {
      super(body);
    }

    @Override
    public void interrupt() {
      interrupting.countDown();
      Latches.uninterruptibly(comeBack);
      super.interrupt();
    }
  }

  @Test
  void aLoopIsNotLeftAmidAnInterrupt() throws Exception {
    CountDownLatch go = new CountDownLatch(1);
    Frame[] frame = new Frame[1];
    Boolean[] interrupted = new Boolean[1];
    Slow thread =
        new Slow(
            () -> {
              frame[0].enterLoop();
              Latches.uninterruptibly(go);
              frame[0].leaveLoop();
              interrupted[0] = Thread.currentThread().isInterrupted();
            });
    frame[0] = worker(thread);
    thread.start();
    Thread aborter = new Thread(() -> frame[0].interruptForAbort());
    aborter.start();
    thread.interrupting.await();
    go.countDown();
    Awaitility.await()
        .atMost(Duration.ofSeconds(20))
        .until(() -> thread.getState() == Thread.State.TIMED_WAITING);
    thread.comeBack.countDown();
    thread.join();
    aborter.join();
    assertEquals(false, interrupted[0]);
  }
}
