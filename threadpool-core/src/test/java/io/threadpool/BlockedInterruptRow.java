package io.threadpool;

import io.threadpool.BlockedEnd.Way;
import io.threadpool.internal.Latches;
import java.io.IOException;
import java.nio.channels.spi.AbstractInterruptibleChannel;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;

/**
 * Row 22: {@link Thread#interrupt()} runs other people's code: it closes the channel that a body is
 * blocked in, and a subclass may override it. That blocks whoever interrupts, or throws at it.
 */
final class BlockedInterruptRow {

  /** More than the threads that a pool may reasonably have for them beforehand. */
  private static final int BLOCKED = 5;

  private static final int OTHERS = 3;
  private static final int QUEUED = 40;

  /** What an interrupt does. */
  enum Interrupt {
    /** Closes a channel, which waits for its peer. */
    CLOSES_CHANNEL,
    /** Blocks in the thread's own method. */
    BLOCKS,
    /** Throws, and interrupts nobody. */
    THROWS
  }

  private BlockedInterruptRow() {}

  /** The row: so many rounds of each interrupt with each way to end, and after cancellations. */
  static void interrupts(FaultContender who, FaultFigures figures, int rounds) throws Exception {
    int played =
        BlockedEnd.play(
            figures,
            rounds,
            () -> {
              for (Interrupt interrupt : Interrupt.values()) {
                for (Way way : Way.values()) {
                  if (way.isFor(who) && figures.holds()) {
                    play(who, figures, interrupt, way, false);
                  }
                }
                if (figures.holds()) {
                  play(who, figures, interrupt, Way.DEADLINE, true);
                }
              }
            });
    figures.note(played + " rounds");
  }

  /**
   * Once: the other bodies are interrupted, what is queued is settled, the end comes with a report.
   *
   * @param cancels whether the bodies are cancelled before; their handles answer at once
   */
  static void play(
      FaultContender who, FaultFigures figures, Interrupt interrupt, Way way, boolean cancels)
      throws Exception {
    AtomicInteger threads = new AtomicInteger();
    String what = interrupt + (cancels ? " after cancel(true)" : "");
    try (BlockedEnd end =
        new BlockedEnd(
            who,
            figures,
            way,
            what,
            BLOCKED + OTHERS,
            worker -> new Touchy(worker, "touchy-" + threads.incrementAndGet()),
            true)) {
      List<FaultTask> bodies = new ArrayList<>();
      CountDownLatch touched = new CountDownLatch(BLOCKED);
      for (int i = 0; i < BLOCKED; i++) {
        bodies.add(occupy(end, interrupt, touched));
      }
      end.occupyOthers(OTHERS);
      FaultTask awaited = end.queue(QUEUED, true).get(QUEUED - 1);
      end.await(awaited);
      if (cancels) {
        for (FaultTask body : bodies) {
          end.await(body);
          end.besides(() -> body.handle().cancel(true));
        }
        figures.require(
            touched.await(BlockedEnd.LONG.toSeconds(), TimeUnit.SECONDS),
            what + ": a cancelled body is not interrupted");
        boolean done = bodies.stream().allMatch(body -> body.handle().isCancelled());
        figures.require(done, what + ": a cancelled handle is not done");
      }
      end.play(() -> touched.getCount() == 0, "a body is not interrupted");
    }
  }

  private static FaultTask occupy(BlockedEnd end, Interrupt interrupt, CountDownLatch touched)
      throws InterruptedException {
    CountDownLatch there = new CountDownLatch(1);
    if (interrupt == Interrupt.CLOSES_CHANNEL) {
      Channel channel = new Channel(there, touched, end.released);
      return end.occupy(false, there, channel::read); // Newer JDKs let the body go at once.
    }
    boolean blocks = interrupt == Interrupt.BLOCKS;
    return end.occupy(
        true,
        there,
        () -> {
          Touchy thread = (Touchy) Thread.currentThread();
          CountDownLatch first = new CountDownLatch(1);
          thread.onInterrupt =
              () -> {
                touch(first, touched);
                if (!blocks) {
                  throw new IllegalStateException("not to be interrupted");
                }
                Latches.uninterruptibly(end.released);
              };
          there.countDown();
          Latches.uninterruptibly(end.released);
          thread.onInterrupt = null;
        });
  }

  /** Counts the first interrupt of each body. */
  private static synchronized void touch(CountDownLatch first, CountDownLatch touched) {
    if (first.getCount() > 0) {
      first.countDown();
      touched.countDown();
    }
  }

  /** A thread that does something else when it is interrupted, if it has something else to do. */
  private static final class Touchy extends Thread {
    volatile Runnable onInterrupt;

    Touchy(Runnable worker, String name) {
      super(worker, name);
    }

    @Override
    public void interrupt() {
      Runnable action = onInterrupt;
      if (action == null) {
        super.interrupt();
      } else {
        action.run();
      }
    }
  }

  /** A channel that waits for its peer when it is closed, on the thread that interrupts. */
  private static final class Channel extends AbstractInterruptibleChannel {
    private final CountDownLatch reading;
    private final CountDownLatch touched;
    private final CountDownLatch peer;

    Channel(CountDownLatch reading, CountDownLatch touched, CountDownLatch peer) {
      this.reading = reading;
      this.touched = touched;
      this.peer = peer;
    }

    @Override
    protected void implCloseChannel() {
      touched.countDown();
      Latches.uninterruptibly(peer);
    }

    void read() throws IOException {
      begin();
      boolean complete = false;
      try {
        reading.countDown();
        while (isOpen() && peer.getCount() > 0) {
          LockSupport.parkNanos(1_000_000); // Ended by the interrupt, too.
        }
        complete = true;
      } finally {
        end(complete);
      }
    }
  }
}
