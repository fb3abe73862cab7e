package io.threadpool;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;
import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE_INTERESTING;
import static org.openjdk.jcstress.annotations.Expect.FORBIDDEN;

import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.ILI_Result;
import org.openjdk.jcstress.infra.results.ILL_Result;
import org.openjdk.jcstress.infra.results.LLI_Result;
import org.openjdk.jcstress.infra.results.LLLL_Result;
import org.openjdk.jcstress.infra.results.LLL_Result;
import org.openjdk.jcstress.infra.results.ZZL_Result;

/**
 * One task, two threads that want to decide about it: one does, and that is counted once, with one
 * permit given back. All of it hangs on the CAS of the task's state word.
 */
final class ClaimStress {

  private ClaimStress() {}

  /** A full queue of one, with one task. */
  abstract static class Queued {
    final Rig rig = new Rig(Rig.ROOM_FOR_ONE);
    int runs;
    final Task<String> task =
        rig.submit(
            () -> {
              runs++;
              return "body";
            });

    /** What the handle says, in a word. */
    final String handle() {
      return task.isCancelled() ? "cancelled" : task.join();
    }
  }

  /** Worker against canceller: {@link Task#claim} against the CAS of {@code Task.settle}. */
  @JCStressTest
  @State
  @Outcome(id = "0, true, 1 cancelled, 1", expect = ACCEPTABLE, desc = "Cancelled before it ran.")
  @Outcome(id = "1, true, 1 cancelled, 1", expect = ACCEPTABLE, desc = "Cancelled while it ran.")
  @Outcome(id = "1, false, 1 completed, 1", expect = ACCEPTABLE, desc = "Completed.")
  @Outcome(expect = FORBIDDEN, desc = "Decided twice, or a permit was lost or made.")
  public static class WorkerAgainstCanceller extends Queued {
    private boolean cancelled;

    @Actor
    public void worker() {
      rig.takeOne();
    }

    @Actor
    public void canceller() {
      cancelled = task.cancel(false);
    }

    @Arbiter
    public void result(LLLL_Result r) {
      r.r1 = runs;
      r.r2 = cancelled == task.isCancelled() ? cancelled : "handle differs";
      r.r3 = rig.outcomes();
      r.r4 = rig.room();
    }
  }

  /** Worker against joiner, who runs the task inline: {@link Task#claim} by both. */
  @JCStressTest
  @State
  @Outcome(id = "1, 1 completed, 1", expect = ACCEPTABLE, desc = "One of them ran it.")
  @Outcome(expect = FORBIDDEN, desc = "Run by both or neither, or a permit was lost or made.")
  public static class WorkerAgainstJoiner extends Queued {
    @Actor
    public void worker() {
      rig.takeOne();
    }

    @Actor
    public void joiner() {
      task.run();
    }

    @Arbiter
    public void result(ILI_Result r) {
      rig.takeAll();
      r.r1 = runs;
      r.r2 = rig.outcomes();
      r.r3 = rig.room();
    }
  }

  /** Two joiners of the same task. */
  @JCStressTest
  @State
  @Outcome(id = "1, 1 completed, 1", expect = ACCEPTABLE, desc = "One of them ran it.")
  @Outcome(expect = FORBIDDEN, desc = "Run by both or neither, or a permit was lost or made.")
  public static class JoinerAgainstJoiner extends Queued {
    @Actor
    public void one() {
      task.run();
    }

    @Actor
    public void other() {
      task.run();
    }

    @Arbiter
    public void result(ILI_Result r) {
      rig.takeAll();
      r.r1 = runs;
      r.r2 = rig.outcomes();
      r.r3 = rig.room();
    }
  }

  /** Joiner against canceller: neither took the entry from the queue, and one permit comes back. */
  @JCStressTest
  @State
  @Outcome(id = "0, true, 1 cancelled, 1", expect = ACCEPTABLE, desc = "Cancelled before it ran.")
  @Outcome(id = "1, true, 1 cancelled, 1", expect = ACCEPTABLE, desc = "Cancelled while it ran.")
  @Outcome(id = "1, false, 1 completed, 1", expect = ACCEPTABLE, desc = "Completed.")
  @Outcome(expect = FORBIDDEN, desc = "Decided twice, or a permit was lost or made.")
  public static class JoinerAgainstCanceller extends Queued {
    private boolean cancelled;

    @Actor
    public void joiner() {
      task.run();
    }

    @Actor
    public void canceller() {
      cancelled = task.cancel(true);
    }

    @Arbiter
    public void result(LLLL_Result r) {
      rig.takeAll();
      r.r1 = runs;
      r.r2 = cancelled == task.isCancelled() ? cancelled : "handle differs";
      r.r3 = rig.outcomes();
      r.r4 = rig.room();
    }
  }

  /**
   * Worker against abort. The abort takes the entry out of the queue, so the head's CAS decides
   * between them: run, or returned as unstarted.
   */
  @JCStressTest
  @State
  @Outcome(id = "0, 1, 1 aborted", expect = ACCEPTABLE, desc = "Aborted before it ran.")
  @Outcome(id = "1, 0, 1 completed", expect = ACCEPTABLE, desc = "Run.")
  @Outcome(expect = FORBIDDEN, desc = "Run and returned, or neither.")
  public static class WorkerAgainstAbort extends Queued {
    private int returned;

    @Actor
    public void worker() {
      rig.work();
    }

    @Actor
    public void aborter() {
      returned = rig.abort().size();
    }

    @Arbiter
    public void result(ILL_Result r) {
      boolean ended = rig.ends();
      r.r1 = runs;
      r.r2 = returned;
      r.r3 = ended ? rig.outcomes() : "does not end";
    }
  }

  /**
   * Joiner against abort: the abort has the entry, the joiner the handle, and {@link
   * Task#abortUnstarted} gives way to a claim.
   */
  @JCStressTest
  @State
  @Outcome(id = "0, 1, 1 aborted", expect = ACCEPTABLE, desc = "Aborted before it ran.")
  @Outcome(id = "1, 0, 1 completed", expect = ACCEPTABLE, desc = "Run by the joiner.")
  @Outcome(expect = FORBIDDEN, desc = "Run and returned, or neither.")
  public static class JoinerAgainstAbort extends Queued {
    private int returned;

    @Actor
    public void joiner() {
      task.run();
      Thread.interrupted();
    }

    @Actor
    public void aborter() {
      returned = rig.abort().size();
    }

    @Arbiter
    public void result(ILL_Result r) {
      rig.work();
      boolean ended = rig.ends();
      r.r1 = runs;
      r.r2 = returned;
      r.r3 = ended ? rig.outcomes() : "does not end";
    }
  }

  /** Canceller against abort: two that settle, one that counts. */
  @JCStressTest
  @State
  @Outcome(id = "true, 0, 1 cancelled", expect = ACCEPTABLE, desc = "Cancelled.")
  @Outcome(id = "true, 1, 1 aborted", expect = ACCEPTABLE, desc = "Aborted; cancel says so, too.")
  @Outcome(expect = FORBIDDEN, desc = "Counted twice, or not told.")
  public static class CancellerAgainstAbort extends Queued {
    private boolean cancelled;
    private int returned;

    @Actor
    public void canceller() {
      cancelled = task.cancel(false);
    }

    @Actor
    public void aborter() {
      returned = rig.abort().size();
    }

    @Arbiter
    public void result(LLL_Result r) {
      rig.work();
      r.r1 = cancelled && task.isCancelled();
      r.r2 = returned;
      r.r3 = rig.ends() ? rig.outcomes() : "does not end";
    }
  }

  /**
   * Discard-oldest against the worker's take, in a queue with room for one that is full: the older
   * task is run or discarded, the newer one runs, and one permit is left at the end. The permits
   * are overdrawn first and the head's CAS decides who gets the older.
   */
  @JCStressTest
  @State
  @Outcome(id = "ab, 2 completed, 1", expect = ACCEPTABLE, desc = "Both run.")
  @Outcome(id = "b, 1 completed 1 aborted, 1", expect = ACCEPTABLE, desc = "The older discarded.")
  @Outcome(expect = FORBIDDEN, desc = "The newer was discarded, one was lost, or a permit was.")
  public static class DiscardAgainstTake {
    private final Rig rig = new Rig(Rig.DISCARD);
    private volatile String ran = "";

    public DiscardAgainstTake() {
      rig.submitRun(() -> ran += "a");
    }

    @Actor
    public void worker() {
      rig.takeOne();
    }

    @Actor
    public void submitter() {
      rig.submitRun(() -> ran += "b");
    }

    @Arbiter
    public void result(LLI_Result r) {
      rig.takeAll();
      r.r1 = ran;
      r.r2 = rig.outcomes();
      r.r3 = DiscardAgainstTake.room(rig);
    }

    /** How many fit before one is discarded. */
    static int room(Rig rig) {
      long aborted = rig.core.ledger.counts().aborted();
      int fits = 0;
      while (fits < 3) {
        rig.submitRun(() -> {});
        if (rig.core.ledger.counts().aborted() > aborted) {
          return fits;
        }
        fits++;
      }
      return fits;
    }
  }

  /**
   * The same with room for two: one is discarded at the most. The second may be, where the worker
   * has taken the first and not given its permit back yet.
   */
  @JCStressTest
  @State
  @Outcome(id = "abc, 3 completed, 2", expect = ACCEPTABLE, desc = "All run.")
  @Outcome(id = "bc, 2 completed 1 aborted, 2", expect = ACCEPTABLE, desc = "The first discarded.")
  @Outcome(
      id = "ac, 2 completed 1 aborted, 2",
      expect = ACCEPTABLE_INTERESTING,
      desc = "The second discarded: the first was taken, but still had its permit.")
  @Outcome(expect = FORBIDDEN, desc = "The newest was discarded, one was lost, or a permit was.")
  public static class DiscardAgainstTakeOfTwo {
    private final Rig rig = new Rig(Rig.DISCARD_OF_TWO);
    private volatile String ran = "";

    public DiscardAgainstTakeOfTwo() {
      rig.submitRun(() -> ran += "a");
      rig.submitRun(() -> ran += "b");
    }

    @Actor
    public void worker() {
      rig.takeOne();
    }

    @Actor
    public void submitter() {
      rig.submitRun(() -> ran += "c");
    }

    @Arbiter
    public void result(LLI_Result r) {
      rig.takeAll();
      r.r1 = ran;
      r.r2 = rig.outcomes();
      r.r3 = DiscardAgainstTake.room(rig);
    }
  }

  /**
   * Discard-oldest against itself: of three tasks in a queue with room for one, two are discarded,
   * and not the one that came last into the queue; the monitor in {@code Admission} lets one
   * discard at a time, and each looks at the permits first.
   */
  @JCStressTest
  @State
  @Outcome(id = "[bc], 1 completed 2 aborted, 1", expect = ACCEPTABLE, desc = "One is left.")
  @Outcome(expect = FORBIDDEN, desc = "Too few or too many were discarded.")
  public static class DiscardAgainstDiscard {
    private final Rig rig = new Rig(Rig.DISCARD);
    private volatile String ran = "";

    public DiscardAgainstDiscard() {
      rig.submitRun(() -> ran += "a");
    }

    @Actor
    public void one() {
      rig.submitRun(() -> ran += "b");
    }

    @Actor
    public void other() {
      rig.submitRun(() -> ran += "c");
    }

    @Arbiter
    public void result(LLI_Result r) {
      rig.takeAll();
      r.r1 = ran;
      r.r2 = rig.outcomes();
      r.r3 = DiscardAgainstTake.room(rig);
    }
  }

  /** Discard-oldest against a canceller of what it wants to discard: one permit, one count. */
  @JCStressTest
  @State
  @Outcome(
      id = {"b, 1 completed 1 aborted, 1", "b, 1 completed 1 cancelled, 1"},
      expect = ACCEPTABLE,
      desc = "The older is gone, once.")
  @Outcome(expect = FORBIDDEN, desc = "Gone twice, or the newer is, or a permit was lost or made.")
  public static class DiscardAgainstCanceller {
    private final Rig rig = new Rig(Rig.DISCARD);
    private volatile String ran = "";
    private final Task<?> older = rig.submitRun(() -> ran += "a");

    @Actor
    public void canceller() {
      older.cancel(false);
    }

    @Actor
    public void submitter() {
      rig.submitRun(() -> ran += "b");
    }

    @Arbiter
    public void result(LLI_Result r) {
      rig.takeAll();
      r.r1 = ran;
      r.r2 = rig.outcomes();
      r.r3 = DiscardAgainstTake.room(rig);
    }
  }

  /** A user completes the handle while the body runs: one result, and one count. */
  @JCStressTest
  @State
  @Outcome(id = "true, user, 1 completed", expect = ACCEPTABLE, desc = "The user was first.")
  @Outcome(id = "false, body, 1 completed", expect = ACCEPTABLE, desc = "The body was first.")
  @Outcome(expect = FORBIDDEN, desc = "Both counted, or the loser's result is there.")
  public static class CompleteAgainstRun extends Queued {
    private boolean completed;

    @Actor
    public void worker() {
      rig.takeOne();
    }

    @Actor
    public void user() {
      completed = task.complete("user");
    }

    @Arbiter
    public void result(LLL_Result r) {
      rig.takeAll();
      r.r1 = completed;
      r.r2 = handle();
      r.r3 = rig.outcomes();
    }
  }

  /** Complete against cancel: one of them returns true. */
  @JCStressTest
  @State
  @Outcome(
      id = "true, false, user, 1 completed",
      expect = ACCEPTABLE,
      desc = "Completed by the user.")
  @Outcome(id = "false, true, cancelled, 1 cancelled", expect = ACCEPTABLE, desc = "Cancelled.")
  @Outcome(expect = FORBIDDEN, desc = "Both or neither.")
  public static class CompleteAgainstCancel extends Queued {
    private boolean completed;
    private boolean cancelled;

    @Actor
    public void user() {
      completed = task.complete("user");
    }

    @Actor
    public void canceller() {
      cancelled = task.cancel(true);
    }

    @Arbiter
    public void result(LLLL_Result r) {
      r.r1 = completed;
      r.r2 = cancelled;
      r.r3 = handle();
      r.r4 = rig.outcomes();
    }
  }

  /** Complete against completeExceptionally: one winner, and its outcome is counted. */
  @JCStressTest
  @State
  @Outcome(id = "true, false, 1 completed", expect = ACCEPTABLE, desc = "Completed.")
  @Outcome(id = "false, true, 1 failed", expect = ACCEPTABLE, desc = "Failed.")
  @Outcome(expect = FORBIDDEN, desc = "Both or neither.")
  public static class CompleteAgainstCompleteExceptionally extends Queued {
    private boolean completed;
    private boolean failed;

    @Actor
    public void one() {
      completed = task.complete("user");
    }

    @Actor
    public void other() {
      failed = task.completeExceptionally(new IllegalStateException());
    }

    @Arbiter
    public void result(ZZL_Result r) {
      r.r1 = completed && !task.isCompletedExceptionally();
      r.r2 = failed && task.isCompletedExceptionally();
      r.r3 = rig.outcomes();
    }
  }

  /**
   * Obtrude against complete: the obtruded value stands in the end, since the loser's publication
   * does not replace a result, and one of the two was counted.
   */
  @JCStressTest
  @State
  @Outcome(
      id = {"true, false, obtruded, 1 completed", "false, false, obtruded, 1 completed"},
      expect = ACCEPTABLE,
      desc = "The value that was put there by force, counted once.")
  @Outcome(expect = FORBIDDEN, desc = "Counted twice, or the value was replaced.")
  public static class ObtrudeAgainstComplete extends Queued {
    private boolean completed;

    @Actor
    public void user() {
      completed = task.complete("user");
    }

    @Actor
    public void obtruder() {
      task.obtrudeValue("obtruded");
    }

    @Arbiter
    public void result(LLLL_Result r) {
      r.r1 = completed;
      r.r2 = task.isCancelled();
      r.r3 = handle();
      r.r4 = rig.outcomes();
    }
  }

  /** Obtrude against the body: the same, where the worker publishes. */
  @JCStressTest
  @State
  @Outcome(
      id = "true, false, obtruded, 1",
      expect = ACCEPTABLE,
      desc = "The value that was put there by force, counted once.")
  @Outcome(expect = FORBIDDEN, desc = "Counted twice, or the value was replaced.")
  public static class ObtrudeAgainstRun extends Queued {
    @Actor
    public void worker() {
      rig.takeOne();
    }

    @Actor
    public void obtruder() {
      task.obtrudeValue("obtruded");
    }

    @Arbiter
    public void result(LLLL_Result r) {
      rig.takeAll();
      r.r1 = task.isDone();
      r.r2 = task.isCompletedExceptionally();
      r.r3 = handle();
      r.r4 = (int) rig.core.ledger.counts().completed();
    }
  }
}
