package io.threadpool;

import io.threadpool.BlockedEnd.Way;
import io.threadpool.internal.Latches;
import java.util.List;
import java.util.concurrent.CountDownLatch;

/**
 * Row 23: dependent stages of aborted tasks that block: at {@code shutdownNow()}, at {@code
 * close()}, at a deadline, and at the exit of a JVM, which is {@link BlockedExitProgram}.
 */
final class BlockedStageRow {

  private static final FaultContender OURS = FaultContender.WORKER_POOL;
  private static final List<String> OPTIONS =
      List.of("-Xmx64m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1");
  private static final int QUEUED = 24;
  private static final int BLOCKS_EVERY = 3;

  private BlockedStageRow() {}

  /** The row: so many rounds of each way to end, and half as many of each exit. */
  static void stages(FaultContender who, FaultFigures figures, int rounds) throws Exception {
    int played =
        BlockedEnd.play(
            figures,
            rounds,
            () -> {
              for (Way way : Way.values()) {
                if (figures.holds()) {
                  play(figures, way);
                }
              }
            });
    FaultFigures atExit = new FaultFigures();
    int pairs =
        BlockedEnd.play(
            atExit,
            Math.max(1, rounds / 2),
            () -> {
              exit(atExit, "abort");
              exit(atExit, "deadline");
            });
    figures.add(atExit);
    figures.note(played + " rounds, " + 2 * pairs + " exits");
  }

  /**
   * Once: stages of every third queued task, and of a body that is stuck, block. Whoever waits
   * since before the stage was there, or since after, comes back, and is not made to run it, as the
   * JDK's future has who waits for it; and stages of other tasks are told.
   */
  static void play(FaultFigures figures, Way way) throws Exception {
    CountDownLatch told = new CountDownLatch(QUEUED - QUEUED / BLOCKS_EVERY);
    try (BlockedEnd end = new BlockedEnd(OURS, figures, way, "stages", 2, Thread::new, true)) {
      CountDownLatch there = new CountDownLatch(1);
      FaultTask stuck =
          end.occupy(
              true,
              there,
              () -> {
                there.countDown();
                Latches.uninterruptibly(end.released);
              });
      end.occupyOthers(1);
      block(end, stuck);
      List<FaultTask> queued = end.queue(QUEUED, false);
      for (int i = 0; i < QUEUED; i++) {
        if (i % BLOCKS_EVERY == 1) {
          block(end, queued.get(i));
        } else {
          end.await(queued.get(i));
          handle(queued.get(i)).whenComplete((result, failure) -> told.countDown());
        }
      }
      end.play(() -> told.getCount() == 0, "stages of other tasks are not told");
    }
  }

  /** Adds a stage that blocks, between two threads that wait for the task. */
  private static void block(BlockedEnd end, FaultTask task) {
    end.await(task);
    handle(task).whenComplete((result, failure) -> Latches.uninterruptibly(end.released));
    end.await(task);
  }

  private static Task<?> handle(FaultTask task) {
    return (Task<?>) task.handle();
  }

  /**
   * A JVM exits with three pools, of one of which the stages block for ever: it ends, and the
   * others have drained.
   *
   * @param how {@code abort}, or {@code deadline}
   */
  static void exit(FaultFigures figures, String how) throws Exception {
    try (FaultJvm jvm = FaultJvm.start(BlockedExitProgram.class, OPTIONS, how)) {
      figures.add(jvm.awaitFigures());
      try {
        jvm.awaitExit(0);
      } catch (AssertionError halted) {
        figures.violate("exit, " + how + ": the JVM does not end");
      }
    }
  }
}
