package io.threadpool;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;
import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE_INTERESTING;
import static org.openjdk.jcstress.annotations.Expect.FORBIDDEN;

import io.threadpool.internal.Actors;
import java.lang.invoke.VarHandle;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.LLL_Result;
import org.openjdk.jcstress.infra.results.LL_Result;
import org.openjdk.jcstress.infra.results.ZZL_Result;
import org.openjdk.jcstress.infra.results.ZZ_Result;

/**
 * Who is interrupted: the body that was meant, while it owns its thread, and nobody after it. And
 * what a raw command, which has no state word, is counted as at the end of the abort grace.
 */
final class InterruptStress {

  private InterruptStress() {}

  /** Looks for an interrupt for a while, and leaves it. */
  private static boolean isInterrupted() {
    boolean interrupted = false;
    for (int i = 0; i < 20; i++) {
      interrupted |= Thread.currentThread().isInterrupted();
      Thread.onSpinWait();
    }
    return interrupted;
  }

  /** Waits for an interrupt; false where none comes. */
  private static boolean awaitInterrupt() {
    return Actors.await(Thread::interrupted);
  }

  /**
   * {@code cancel(true)} against finish. The canceller sets INTERRUPTING by the CAS that decides,
   * interrupts, and takes the bit away; {@code Task.finish} waits while the bit is there, and the
   * worker then clears the flag. So neither the next task nor the thread is interrupted later.
   */
  @JCStressTest
  @State
  @Outcome(id = "true, false, false", expect = ACCEPTABLE, desc = "Cancelled, before or amid it.")
  @Outcome(id = "false, false, false", expect = ACCEPTABLE, desc = "Too late to cancel.")
  @Outcome(expect = FORBIDDEN, desc = "An interrupt came through to what followed.")
  public static class CancelAgainstFinish {
    private final Rig rig = new Rig();
    private final Task<?> task = rig.submitRun(() -> {});
    private boolean cancelled;
    private boolean next;
    private boolean later;

    public CancelAgainstFinish() {
      rig.execute(() -> next = isInterrupted());
      rig.close();
    }

    @Actor
    public void worker() {
      rig.work();
      later = Actors.isInterruptedSoon();
    }

    @Actor
    public void canceller() {
      cancelled = task.cancel(true);
    }

    @Arbiter
    public void result(LLL_Result r) {
      r.r1 = cancelled;
      r.r2 = next;
      r.r3 = later;
    }
  }

  /**
   * {@code cancel(true)} against the start: a body that was claimed before the decision is
   * interrupted, even if its runner has not put its thread into the payload yet; the canceller
   * waits for that, opaque.
   */
  @JCStressTest
  @State
  @Outcome(id = "true, not run", expect = ACCEPTABLE, desc = "Cancelled before it started.")
  @Outcome(id = "true, interrupted", expect = ACCEPTABLE, desc = "Interrupted while it ran.")
  @Outcome(expect = FORBIDDEN, desc = "Started, and not interrupted.")
  public static class CancelAgainstStart {
    private final Rig rig = new Rig();
    private String ran = "not run";
    private final Task<?> task =
        rig.submitRun(() -> ran = awaitInterrupt() ? "interrupted" : "not interrupted");
    private boolean cancelled;

    @Actor
    public void worker() {
      rig.takeOne();
      Thread.interrupted();
    }

    @Actor
    public void canceller() {
      cancelled = task.cancel(true);
    }

    @Arbiter
    public void result(LL_Result r) {
      r.r1 = cancelled;
      r.r2 = ran;
    }
  }

  /** {@code cancel(false)} against a body: none is ever interrupted. */
  @JCStressTest
  @State
  @Outcome(id = "false, false", expect = ACCEPTABLE, desc = "Not interrupted.")
  @Outcome(expect = FORBIDDEN, desc = "Interrupted.")
  public static class CancelFalseAgainstRun {
    private final Rig rig = new Rig();
    private boolean seen;
    private final Task<?> task = rig.submitRun(() -> seen = isInterrupted());

    @Actor
    public void worker(ZZ_Result r) {
      rig.takeOne();
      r.r1 = seen;
      r.r2 = Actors.isInterruptedSoon();
    }

    @Actor
    public void canceller() {
      task.cancel(false);
    }
  }

  /**
   * The interrupt of a body on top of which another one runs waits for it: SUSPENDED, set by CAS
   * when the inner frame is entered and taken away when it is left, makes the canceller leave
   * INTERRUPT_DUE instead, which {@link Task#resume} delivers.
   */
  @JCStressTest
  @State
  @Outcome(id = "false, true", expect = ACCEPTABLE, desc = "The outer one alone.")
  @Outcome(expect = FORBIDDEN, desc = "The inner one was interrupted, or nobody.")
  public static class CancelOuterAgainstInline {
    private final Rig rig = new Rig();
    private volatile boolean started;
    private boolean inner;
    private boolean outer;
    private final Task<?> task =
        rig.submitRun(
            () -> {
              started = true;
              rig.submitRun(() -> inner = isInterrupted()).join();
              outer = awaitInterrupt();
            });

    public CancelOuterAgainstInline() {
      rig.execute(rig::close);
    }

    @Actor
    public void worker() {
      rig.work();
    }

    @Actor
    public void canceller() {
      Actors.await(() -> started);
      task.cancel(true);
    }

    @Arbiter
    public void result(ZZ_Result r) {
      r.r1 = inner;
      r.r2 = outer;
    }
  }

  /**
   * The interrupt of an inline body stays with it: {@code finish} waits the canceller out, and
   * {@link Frame#exit} clears what the inner body was sent.
   */
  @JCStressTest
  @State
  @Outcome(id = "true, false", expect = ACCEPTABLE, desc = "Cancelled; the outer one not touched.")
  @Outcome(id = "false, false", expect = ACCEPTABLE, desc = "Too late to cancel.")
  @Outcome(expect = FORBIDDEN, desc = "The outer one was interrupted.")
  public static class CancelInnerAgainstInline {
    private final Rig rig = new Rig();
    private volatile Task<?> handle;
    private boolean cancelled;
    private boolean outer;

    public CancelInnerAgainstInline() {
      rig.submitRun(
          () -> {
            Task<?> inner = rig.submitRun(() -> {});
            handle = inner;
            inner.run();
            outer = isInterrupted();
          });
      rig.execute(rig::close);
    }

    @Actor
    public void worker() {
      rig.work();
    }

    @Actor
    public void canceller() {
      if (Actors.await(() -> handle != null)) {
        cancelled = handle.cancel(true);
      }
    }

    @Arbiter
    public void result(ZZ_Result r) {
      r.r1 = cancelled;
      r.r2 = outer;
    }
  }

  /** A thread that runs a task as a guest keeps its own flag: none is left behind by a cancel. */
  @JCStressTest
  @State
  @Outcome(id = "(true|false), false, false", expect = ACCEPTABLE, desc = "No flag left.")
  @Outcome(expect = FORBIDDEN, desc = "The guest's thread is interrupted after its body.")
  public static class CancelAgainstGuest {
    private final Rig rig = new Rig();
    private final Task<?> task = rig.submitRun(() -> {});
    private boolean cancelled;
    private boolean flag;
    private boolean later;

    @Actor
    public void guest() {
      task.run();
      flag = Thread.interrupted();
      later = Actors.isInterruptedSoon();
    }

    @Actor
    public void canceller() {
      cancelled = task.cancel(true);
    }

    @Arbiter
    public void result(LLL_Result r) {
      r.r1 = cancelled;
      r.r2 = flag;
      r.r3 = later;
    }
  }

  /**
   * An abort against a guest that leaves: {@link Frame#interruptForAbort} and the frame's exit
   * exclude each other by the frame's monitor, so after the exit no interrupt comes, and the exit
   * clears the one that came.
   */
  @JCStressTest
  @State
  @Outcome(id = "false, false, 1 aborted", expect = ACCEPTABLE, desc = "Aborted before it ran.")
  @Outcome(id = "false, false, 1 completed", expect = ACCEPTABLE, desc = "Run; no flag left.")
  @Outcome(expect = FORBIDDEN, desc = "The guest's thread is interrupted after its body.")
  public static class AbortAgainstGuest {
    private final Rig rig = new Rig();
    private final Task<?> task = rig.submitRun(() -> {});
    private boolean flag;
    private boolean later;

    @Actor
    public void guest() {
      task.run();
      flag = Thread.interrupted();
      later = Actors.isInterruptedSoon();
    }

    @Actor
    public void aborter() {
      rig.abort();
    }

    @Arbiter
    public void result(ZZL_Result r) {
      rig.work();
      r.r1 = flag;
      r.r2 = later;
      r.r3 = rig.ends() ? rig.outcomes() : "does not end";
    }
  }

  /**
   * An abort reaches a body that starts amid it: {@code aborting} is written, volatile, before the
   * workers are interrupted, and read by the worker after it has cleared its flag.
   */
  @JCStressTest
  @State
  @Outcome(id = "not run, 1 aborted", expect = ACCEPTABLE, desc = "Aborted before it ran.")
  @Outcome(id = "interrupted, 1 completed", expect = ACCEPTABLE, desc = "Interrupted while it ran.")
  @Outcome(expect = FORBIDDEN, desc = "Started, and not interrupted.")
  public static class AbortAgainstStart {
    private final Rig rig = new Rig();
    private String ran = "not run";

    public AbortAgainstStart() {
      rig.execute(() -> ran = awaitInterrupt() ? "interrupted" : "not interrupted");
    }

    @Actor
    public void worker() {
      rig.work();
    }

    @Actor
    public void aborter() {
      rig.abort();
    }

    @Arbiter
    public void result(LL_Result r) {
      r.r2 = rig.ends() ? rig.outcomes() : "does not end";
      r.r1 = ran;
    }
  }

  /**
   * The worker's own flag after the abort: its thread is its maker's again, and not interrupted.
   */
  @JCStressTest
  @State
  @Outcome(id = "(0|1), false, 1", expect = ACCEPTABLE, desc = "No flag left.")
  @Outcome(expect = FORBIDDEN, desc = "The thread is interrupted after the worker has left.")
  public static class AbortAgainstLeavingWorker {
    private final Rig rig = new Rig();
    private int runs;
    private boolean later;

    public AbortAgainstLeavingWorker() {
      rig.execute(() -> runs++);
      rig.close();
    }

    @Actor
    public void worker() {
      rig.work();
      later = Actors.isInterruptedSoon();
    }

    @Actor
    public void aborter() {
      rig.abort();
    }

    @Arbiter
    public void result(LLL_Result r) {
      Counts counts = rig.core.ledger.counts();
      r.r1 = runs;
      r.r2 = later;
      r.r3 = counts.completed() + counts.aborted();
    }
  }

  /**
   * What a worker takes against the end of the abort grace. The worker names the slot, moves the
   * head (a CAS), and reads whether the grace has ended; the keeper writes that, fences, and looks
   * at the frame: one of them sees the other.
   */
  @JCStressTest
  @State
  @Outcome(id = "true, true", expect = ACCEPTABLE, desc = "Begins, and is seen.")
  @Outcome(id = "false, true", expect = ACCEPTABLE, desc = "Does not begin, and is seen.")
  @Outcome(id = "false, false", expect = ACCEPTABLE, desc = "Does not begin: it is what is left.")
  @Outcome(expect = FORBIDDEN, desc = "Begins, and is invisible.")
  public static class TakeAgainstEndOfGrace {
    private final Rig rig = new Rig();
    private final Frame frame =
        new Frame.OfLoop(
            rig.core.signal, rig.core.events, Thread.currentThread(), rig.core.ledger.tally(0));
    private volatile boolean ended;

    public TakeAgainstEndOfGrace() {
      rig.execute(() -> {});
    }

    @Actor
    public void worker(ZZ_Result r) {
      Object entry = rig.core.queue.poll(frame);
      r.r1 = entry != null && !ended;
    }

    @Actor
    public void keeper(ZZ_Result r) {
      ended = true;
      VarHandle.fullFence();
      r.r2 = frame.isBusy();
    }
  }

  /**
   * The same through the worker's loop and an abort without a grace: the report counts the command
   * once, as ended or as what is left. The body takes up to as long as the keeper does to get
   * there.
   */
  @JCStressTest
  @State
  @Outcome(id = "0, 1 aborted", expect = ACCEPTABLE, desc = "Aborted before it ran.")
  @Outcome(id = "1, 1 completed", expect = ACCEPTABLE, desc = "Ended in time.")
  @Outcome(id = "1, 1 aborted", expect = ACCEPTABLE_INTERESTING, desc = "Stuck when it was told.")
  @Outcome(expect = FORBIDDEN, desc = "Counted twice or not at all.")
  public static class RawCommandAgainstEndOfGrace {
    private final Rig rig = new Rig(Rig.NO_GRACE);
    private int runs;

    public RawCommandAgainstEndOfGrace() {
      rig.execute(
          () -> {
            runs++;
            Actors.pauseUpTo(150_000);
          });
    }

    @Actor
    public void worker() {
      rig.work();
    }

    @Actor
    public void aborter() {
      rig.abort();
      rig.core.lifecycle.advance();
    }

    @Arbiter
    public void result(LL_Result r) {
      boolean ended = rig.ends();
      r.r1 = runs;
      r.r2 = ended ? rig.outcomes() : rig.core.ledger.counts().text();
    }
  }

  /** The same for a task, whose state word decides: a stuck one is aborted, or has its outcome. */
  @JCStressTest
  @State
  @Outcome(id = "0, 1 aborted, cancelled", expect = ACCEPTABLE, desc = "Aborted before it ran.")
  @Outcome(id = "1, 1 completed, done", expect = ACCEPTABLE, desc = "Ended in time.")
  @Outcome(
      id = "1, 1 aborted, cancelled",
      expect = ACCEPTABLE_INTERESTING,
      desc = "Stuck when it was told.")
  @Outcome(expect = FORBIDDEN, desc = "Counted twice or not at all, or the handle differs.")
  public static class TaskAgainstEndOfGrace {
    private final Rig rig = new Rig(Rig.NO_GRACE);
    private int runs;
    private final Task<?> task =
        rig.submitRun(
            () -> {
              runs++;
              Actors.pauseUpTo(150_000);
            });

    @Actor
    public void worker() {
      rig.work();
    }

    @Actor
    public void aborter() {
      rig.abort();
      rig.core.lifecycle.advance();
    }

    @Arbiter
    public void result(LLL_Result r) {
      boolean ended = rig.ends() && Actors.await(task::isDone);
      r.r1 = runs;
      r.r2 = ended ? rig.outcomes() : rig.core.ledger.counts().text();
      r.r3 = task.isCancelled() ? "cancelled" : "done";
    }
  }
}
