package io.threadpool;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;
import static org.openjdk.jcstress.annotations.Expect.FORBIDDEN;

import io.threadpool.internal.Actors;
import java.time.Duration;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.II_Result;
import org.openjdk.jcstress.infra.results.I_Result;
import org.openjdk.jcstress.infra.results.LI_Result;
import org.openjdk.jcstress.infra.results.ZI_Result;

/**
 * What happens before what, from the submitter through the body to everybody who may learn that it
 * has ended. The witness is a plain field each time: nothing but the order under test makes it
 * visible.
 */
final class PublicationStress {

  private PublicationStress() {}

  /**
   * Submit to run. The writes before {@code submit}, and the plain ones of {@code Task}'s
   * constructor (its payload, and the CALLABLE bit), are released by the CAS of {@link
   * Segment#fill} and acquired by {@link Segment#get}.
   */
  @JCStressTest
  @State
  @Outcome(id = "false, 0", expect = ACCEPTABLE, desc = "Nothing there yet.")
  @Outcome(id = "true, 42", expect = ACCEPTABLE, desc = "The body sees what its submitter wrote.")
  @Outcome(expect = FORBIDDEN, desc = "A half published task, or an older value.")
  public static class SubmitToRun {
    private final Rig rig = new Rig();
    private int written;
    private int seen;

    @Actor
    public void submitter() {
      written = 42;
      rig.submit(() -> seen = written);
    }

    @Actor
    public void worker(ZI_Result r) {
      r.r1 = rig.takeOne();
      r.r2 = seen;
    }
  }

  /**
   * Execute to run, through the worker's own loop: whichever way it finds the command, by the poll,
   * by the look after registering or woken by {@link IdleWorkers#wakeOne}, the acquire of {@link
   * Segment#get} is on that way.
   */
  @JCStressTest
  @State
  @Outcome(id = "42", expect = ACCEPTABLE, desc = "The body sees what its submitter wrote.")
  @Outcome(expect = FORBIDDEN, desc = "An older value, or not run.")
  public static class ExecuteToRun {
    private final Rig rig = new Rig();
    private int written;
    private int seen;

    @Actor
    public void submitter() {
      written = 42;
      rig.execute(() -> seen = written);
      rig.close();
    }

    @Actor
    public void worker(I_Result r) {
      rig.work();
      r.r1 = seen;
    }
  }

  /**
   * Submit to an inline run. The joiner claims the task through its handle, not through the queue;
   * what the submitter wrote reaches it with the handle, here through a volatile field, and the CAS
   * of {@link Task#claim} leaves it one runner.
   */
  @JCStressTest
  @State
  @Outcome(id = "0", expect = ACCEPTABLE, desc = "No handle yet.")
  @Outcome(id = "42", expect = ACCEPTABLE, desc = "The body sees what its submitter wrote.")
  @Outcome(expect = FORBIDDEN, desc = "A half published task, or an older value.")
  public static class SubmitToInlineRun {
    private final Rig rig = new Rig();
    private volatile Task<?> handle;
    private int written;
    private int seen;

    @Actor
    public void submitter() {
      written = 42;
      handle = rig.submit(() -> seen = written);
    }

    @Actor
    public void joiner(I_Result r) {
      Task<?> task = handle;
      if (task != null) {
        task.run();
      }
      r.r1 = seen;
    }
  }

  /** A rig with a task whose body writes. */
  abstract static class Running {
    final Rig rig = new Rig();
    final Task<int[]> task;
    int written;

    Running() {
      task =
          rig.submit(
              () -> {
                written = 42;
                return new int[] {7};
              });
    }
  }

  /**
   * Run to {@code isDone}. The body's writes come before the CAS of {@code Task.finish}, and that
   * before {@code CompletableFuture}'s CAS of its result, which {@code isDone} reads volatile.
   */
  @JCStressTest
  @State
  @Outcome(id = "false, 0", expect = ACCEPTABLE, desc = "Not done.")
  @Outcome(id = "true, 42", expect = ACCEPTABLE, desc = "Done, with what the body wrote.")
  @Outcome(expect = FORBIDDEN, desc = "Done without what the body wrote.")
  public static class RunToIsDone extends Running {
    @Actor
    public void worker() {
      rig.takeOne();
    }

    @Actor
    public void reader(ZI_Result r) {
      r.r1 = task.isDone();
      r.r2 = r.r1 ? written : 0;
    }
  }

  /**
   * Run to {@code getNow}: the plain content of the result is published with it, by the CAS of
   * {@code CompletableFuture}'s result in {@code Task.publish}.
   */
  @JCStressTest
  @State
  @Outcome(id = "0, 0", expect = ACCEPTABLE, desc = "Not done.")
  @Outcome(id = "7, 42", expect = ACCEPTABLE, desc = "The whole result, and what the body wrote.")
  @Outcome(expect = FORBIDDEN, desc = "A result that is not filled, or the body is not seen.")
  public static class RunToGetNow extends Running {
    @Actor
    public void worker() {
      rig.takeOne();
    }

    @Actor
    public void reader(II_Result r) {
      int[] result = task.getNow(null);
      r.r1 = result == null ? 0 : result[0];
      r.r2 = result == null ? 0 : written;
    }
  }

  /**
   * Run to {@code get}: the reader waits, and is woken by the publication, or finds it done. The
   * order is that of {@link RunToIsDone}, whether or not it slept.
   */
  @JCStressTest
  @State
  @Outcome(id = "7, 42", expect = ACCEPTABLE, desc = "The whole result, and what the body wrote.")
  @Outcome(expect = FORBIDDEN, desc = "A result that is not filled, or the body is not seen.")
  public static class RunToGet extends Running {
    @Actor
    public void worker() {
      rig.takeOne();
    }

    @Actor
    public void reader(II_Result r) {
      r.r1 = Actors.sure(task::get)[0];
      r.r2 = written;
    }
  }

  /** Run to {@code join}, as {@link RunToGet}, where the worker's own loop runs the task. */
  @JCStressTest
  @State
  @Outcome(id = "7, 42", expect = ACCEPTABLE, desc = "The whole result, and what the body wrote.")
  @Outcome(expect = FORBIDDEN, desc = "A result that is not filled, or the body is not seen.")
  public static class RunToJoin extends Running {
    @Actor
    public void worker() {
      rig.work();
    }

    @Actor
    public void reader(II_Result r) {
      r.r1 = task.join()[0];
      r.r2 = written;
      rig.close();
    }
  }

  /**
   * A failure to its reader: the exception's own fields, and what the body wrote before it threw,
   * are published by the same CAS as a result.
   */
  @JCStressTest
  @State
  @Outcome(id = "none, 0", expect = ACCEPTABLE, desc = "Not done.")
  @Outcome(id = "thrown, 42", expect = ACCEPTABLE, desc = "The whole exception, and the writes.")
  @Outcome(expect = FORBIDDEN, desc = "Part of an exception, or the body is not seen.")
  public static class FailureToHandle {
    private final Rig rig = new Rig();
    private final Task<?> task;
    private int written;

    public FailureToHandle() {
      task =
          rig.submitRun(
              () -> {
                written = 42;
                throw new IllegalStateException("thrown");
              });
    }

    @Actor
    public void worker() {
      rig.takeOne();
    }

    @Actor
    public void reader(LI_Result r) {
      r.r1 = "none";
      if (task.isCompletedExceptionally()) {
        r.r1 = task.handle((result, thrown) -> thrown.getMessage()).join();
        r.r2 = written;
      }
    }
  }

  /**
   * Run to {@code awaitStopped}. The CAS of {@code Task.finish} that sets LEFT comes after all of
   * the body; {@code hasStopped} reads that word volatile. The waiter sets AWAITED by an atomic or
   * before it looks, and {@code finish} reads it with its CAS, so that one of them sees the other.
   */
  @JCStressTest
  @State
  @Outcome(id = "true, 42", expect = ACCEPTABLE, desc = "Stopped, with what the body wrote.")
  @Outcome(expect = FORBIDDEN, desc = "Stopped before the end of the body, or not told.")
  public static class RunToAwaitStopped extends Running {
    @Actor
    public void worker() {
      rig.takeOne();
    }

    @Actor
    public void reader(ZI_Result r) {
      r.r1 = Actors.sure(() -> task.awaitStopped(Duration.ofNanos(Actors.LONG)));
      r.r2 = written;
    }
  }

  /**
   * A cancelled body to {@code awaitStopped}: the outcome is decided before the body ends, so it is
   * LEFT alone, set by the CAS of {@code Task.finish}, that says it has.
   */
  @JCStressTest
  @State
  @Outcome(id = "true, 0", expect = ACCEPTABLE, desc = "Cancelled before it started.")
  @Outcome(id = "true, 42", expect = ACCEPTABLE, desc = "Waited for the end of the body.")
  @Outcome(expect = FORBIDDEN, desc = "Stopped in the midst of the body, or not told.")
  public static class CancelledBodyToAwaitStopped {
    private final Rig rig = new Rig();
    private final Task<?> task;
    private int written;

    public CancelledBodyToAwaitStopped() {
      task =
          rig.submitRun(
              () -> {
                written = 1;
                Actors.pauseUpTo(2_000);
                written = 42;
              });
    }

    @Actor
    public void worker() {
      rig.takeOne();
    }

    @Actor
    public void canceller(ZI_Result r) {
      task.cancel(false);
      r.r1 = Actors.sure(() -> task.awaitStopped(Duration.ofNanos(Actors.LONG)));
      r.r2 = written;
    }
  }

  /**
   * Run to a dependent stage, which runs on the thread that settles the task, or on the one that
   * adds it: in both cases after the CAS of the result, and once.
   */
  @JCStressTest
  @State
  @Outcome(id = "1, 42", expect = ACCEPTABLE, desc = "Ran once, and saw what the body wrote.")
  @Outcome(expect = FORBIDDEN, desc = "Ran twice or not at all, or did not see the body.")
  public static class RunToStage extends Running {
    private int runs;
    private int seen;

    @Actor
    public void worker() {
      rig.takeOne();
    }

    @Actor
    public void reader(II_Result r) {
      task.thenRun(
              () -> {
                runs++;
                seen = written;
              })
          .join();
      r.r1 = runs;
      r.r2 = seen;
    }
  }

  /**
   * Run to an {@code ...Async} stage: its step is a submission of its own, so the order of {@link
   * SubmitToRun} follows that of {@link RunToStage}.
   */
  @JCStressTest
  @State
  @Outcome(id = "1, 42", expect = ACCEPTABLE, desc = "Ran once, and saw what the body wrote.")
  @Outcome(expect = FORBIDDEN, desc = "Ran twice or not at all, or did not see the body.")
  public static class RunToAsyncStage extends Running {
    private int runs;
    private int seen;

    @Actor
    public void worker() {
      rig.work();
    }

    @Actor
    public void reader(II_Result r) {
      task.thenRunAsync(
              () -> {
                runs++;
                seen = written;
              })
          .join();
      r.r1 = runs;
      r.r2 = seen;
      rig.close();
    }
  }

  /**
   * Run to {@code awaitIdle}. The worker's tally, a release store after the body ({@link
   * PaddedLong#incrementOwned}), is what {@link Quiescence} reads first; and the one who waits is
   * not missed, since the worker looks again after a full fence before it sleeps.
   */
  @JCStressTest
  @State
  @Outcome(id = "true, 42", expect = ACCEPTABLE, desc = "Idle, with what the body wrote.")
  @Outcome(expect = FORBIDDEN, desc = "Idle before the body had ended, or not told.")
  public static class RunToAwaitIdle {
    private final Rig rig = new Rig();
    private int written;

    public RunToAwaitIdle() {
      rig.execute(() -> written = 42);
    }

    @Actor
    public void worker() {
      rig.work();
    }

    @Actor
    public void reader(ZI_Result r) {
      r.r1 = Actors.sure(() -> rig.core.quiescence.await(Actors.LONG, rig.core.timers));
      r.r2 = written;
      rig.close();
    }
  }

  /**
   * Run to the first look of {@code awaitIdle}: a body whose task was settled by a canceller may
   * still be on its thread, where the release store of {@link Frame#set}, read with acquire, shows
   * it until it has ended.
   */
  @JCStressTest
  @State
  @Outcome(id = "false, [01]", expect = ACCEPTABLE, desc = "Not idle.")
  @Outcome(id = "true, 0", expect = ACCEPTABLE, desc = "Idle: the body never started.")
  @Outcome(id = "true, 42", expect = ACCEPTABLE, desc = "Idle, with what the body wrote.")
  @Outcome(id = "false, 42", expect = ACCEPTABLE, desc = "Not idle, though the body was over.")
  @Outcome(expect = FORBIDDEN, desc = "Idle in the midst of the body.")
  public static class SettledBodyToIsQuiescent {
    private final Rig rig = new Rig();
    private final Task<?> task;
    private int written;

    public SettledBodyToIsQuiescent() {
      task =
          rig.submitRun(
              () -> {
                written = 1;
                Actors.pauseUpTo(2_000);
                written = 42;
              });
      rig.close();
    }

    @Actor
    public void worker() {
      rig.work();
    }

    @Actor
    public void canceller(ZI_Result r) {
      task.cancel(false);
      r.r1 = rig.core.quiescence.isQuiescent();
      r.r2 = written;
    }
  }

  /** A rig that is closed, with a command whose body writes. */
  abstract static class Ending {
    final Rig rig = new Rig();
    int written;

    Ending() {
      rig.execute(() -> written = 42);
      rig.close();
    }
  }

  /**
   * Run to {@code isTerminated}: the last body out counts itself out by an atomic subtraction and
   * then writes {@code terminated}, which is volatile.
   */
  @JCStressTest
  @State
  @Outcome(id = "false, 0", expect = ACCEPTABLE, desc = "Not terminated.")
  @Outcome(id = "true, 42", expect = ACCEPTABLE, desc = "Terminated, with what the body wrote.")
  @Outcome(expect = FORBIDDEN, desc = "Terminated before the body had ended.")
  public static class RunToIsTerminated extends Ending {
    @Actor
    public void worker() {
      rig.work();
    }

    @Actor
    public void reader(ZI_Result r) {
      r.r1 = rig.core.lifecycle.isTerminated();
      r.r2 = r.r1 ? written : 0;
    }
  }

  /**
   * Run to {@code awaitTermination}: as {@link RunToIsTerminated}, and the signal of {@link Gate}
   * is not missed, since the condition is written before its monitor is entered.
   */
  @JCStressTest
  @State
  @Outcome(id = "true, 42", expect = ACCEPTABLE, desc = "Terminated, with what the body wrote.")
  @Outcome(expect = FORBIDDEN, desc = "Terminated before the body had ended, or not told.")
  public static class RunToAwaitTermination extends Ending {
    @Actor
    public void worker() {
      rig.work();
    }

    @Actor
    public void reader(ZI_Result r) {
      r.r1 = rig.ends();
      r.r2 = written;
    }
  }

  /**
   * Run to {@code report}: the report is written, volatile, after the counts were read and found to
   * balance, and the tallies that they sum are release stores after the body.
   */
  @JCStressTest
  @State
  @Outcome(id = "none, 0", expect = ACCEPTABLE, desc = "No report yet.")
  @Outcome(id = "1 of 1, 42", expect = ACCEPTABLE, desc = "All counted, with what the body wrote.")
  @Outcome(expect = FORBIDDEN, desc = "A report that is wrong, or too early.")
  public static class RunToReport extends Ending {
    @Actor
    public void worker() {
      rig.work();
    }

    @Actor
    public void reader(LI_Result r) {
      TerminationReport report = rig.core.lifecycle.report().orElse(null);
      r.r1 = report == null ? "none" : report.completed() + " of " + report.accepted();
      r.r2 = report == null ? 0 : written;
    }
  }

  /**
   * A guest's run to {@code isTerminated}: the guest counts itself in by CAS before its body, and
   * out after it, so the worker that leaves meanwhile is not the last.
   */
  @JCStressTest
  @State
  @Outcome(id = "false, [01]", expect = ACCEPTABLE, desc = "Not terminated.")
  @Outcome(id = "false, 42", expect = ACCEPTABLE, desc = "Not terminated, the body was over.")
  @Outcome(id = "true, 42", expect = ACCEPTABLE, desc = "Terminated, with what the body wrote.")
  @Outcome(expect = FORBIDDEN, desc = "Terminated in the midst of the body, or it did not run.")
  public static class GuestToIsTerminated {
    private final Rig rig = new Rig();
    private final Task<?> task;
    private int written;

    public GuestToIsTerminated() {
      task =
          rig.submitRun(
              () -> {
                written = 1;
                Actors.pauseUpTo(5_000);
                written = 42;
              });
      rig.close();
    }

    @Actor
    public void guest() {
      task.run();
    }

    @Actor
    public void worker(ZI_Result r) {
      rig.work();
      r.r1 = rig.core.lifecycle.isTerminated();
      r.r2 = written;
    }
  }
}
