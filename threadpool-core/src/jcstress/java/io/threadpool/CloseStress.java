package io.threadpool;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;
import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE_INTERESTING;
import static org.openjdk.jcstress.annotations.Expect.FORBIDDEN;

import java.util.List;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.II_Result;
import org.openjdk.jcstress.infra.results.LI_Result;
import org.openjdk.jcstress.infra.results.LLL_Result;
import org.openjdk.jcstress.infra.results.LL_Result;
import org.openjdk.jcstress.infra.results.ZII_Result;
import org.openjdk.jcstress.infra.results.ZI_Result;

/**
 * The close against what is submitted: accepted and so drained or aborted, or refused and so
 * nowhere; never both, never neither.
 */
final class CloseStress {

  private CloseStress() {}

  /** A queue, its producer of three entries, and its closer that drains. */
  private static final class Closing3 {
    private final TaskQueue queue;

    Closing3(int segmentSize) {
      queue = new TaskQueue(segmentSize, Long.MAX_VALUE);
    }

    /** Says which were accepted. */
    String offer() {
      StringBuilder accepted = new StringBuilder("|");
      for (int i = 1; i <= 3; i++) {
        if (queue.offer(i) >= 0) {
          accepted.append(i).append('|');
        }
      }
      return accepted.toString();
    }

    /** Says which were drained. */
    String closeAndDrain() {
      StringBuilder drained = new StringBuilder("|");
      queue.close();
      while (!queue.isDrained()) {
        Object entry = queue.poll();
        if (entry == null) {
          Thread.onSpinWait();
        } else {
          drained.append(entry).append('|');
        }
      }
      return drained.toString();
    }
  }

  /**
   * Close against one offer. Both are atomic operations on {@code tail}: the claim that returns the
   * closed bit is refused, and what was claimed before the bit lies below the bound that {@code
   * isDrained} waits for.
   */
  @JCStressTest
  @State
  @Outcome(id = "true, 1", expect = ACCEPTABLE, desc = "Accepted, and drained.")
  @Outcome(id = "false, 0", expect = ACCEPTABLE, desc = "Refused.")
  @Outcome(expect = FORBIDDEN, desc = "Accepted and lost, or refused and there.")
  public static class CloseAgainstOffer {
    private final TaskQueue queue = new TaskQueue(4, Long.MAX_VALUE);

    @Actor
    public void producer(ZI_Result r) {
      r.r1 = queue.offer("entry") >= 0;
    }

    @Actor
    public void closer(ZI_Result r) {
      queue.close();
      while (!queue.isDrained()) {
        r.r2 += queue.poll() == null ? 0 : 1;
      }
    }
  }

  /**
   * Close against offers where each needs a segment of its own: a link that the producer makes,
   * against SEALED that a consumer puts there once the bound is reached; both by CAS on {@link
   * Segment#casNext}'s field.
   */
  @JCStressTest
  @State
  @Outcome(id = "(.*), \\1", expect = ACCEPTABLE, desc = "Drained is what was accepted.")
  @Outcome(expect = FORBIDDEN, desc = "Accepted and lost, out of order, or refused and there.")
  public static class CloseAgainstOffersInSegmentsOf1 {
    private final Closing3 closing = new Closing3(1);

    @Actor
    public void producer(LL_Result r) {
      r.r1 = closing.offer();
    }

    @Actor
    public void closer(LL_Result r) {
      r.r2 = closing.closeAndDrain();
    }
  }

  /** The same with segments of two, so that the bound may lie in the midst of one. */
  @JCStressTest
  @State
  @Outcome(id = "(.*), \\1", expect = ACCEPTABLE, desc = "Drained is what was accepted.")
  @Outcome(expect = FORBIDDEN, desc = "Accepted and lost, out of order, or refused and there.")
  public static class CloseAgainstOffersInSegmentsOf2 {
    private final Closing3 closing = new Closing3(2);

    @Actor
    public void producer(LL_Result r) {
      r.r1 = closing.offer();
    }

    @Actor
    public void closer(LL_Result r) {
      r.r2 = closing.closeAndDrain();
    }
  }

  /**
   * Two closes, and what was there before them: {@code bound} is written by the one whose atomic or
   * found the bit clear, and the other, who may see the bit before the bound, waits for it.
   */
  @JCStressTest
  @State
  @Outcome(
      id = {"0, 2", "1, 1", "2, 0"},
      expect = ACCEPTABLE,
      desc = "Both entries, once.")
  @Outcome(expect = FORBIDDEN, desc = "An entry was lost or taken twice.")
  public static class CloseAgainstClose {
    private final TaskQueue queue = new TaskQueue(1, Long.MAX_VALUE);

    public CloseAgainstClose() {
      queue.offer("one");
      queue.offer("two");
    }

    private int closeAndDrain() {
      queue.close();
      int drained = 0;
      while (!queue.isDrained()) {
        drained += queue.poll() == null ? 0 : 1;
      }
      return drained;
    }

    @Actor
    public void one(II_Result r) {
      r.r1 = closeAndDrain();
    }

    @Actor
    public void other(II_Result r) {
      r.r2 = closeAndDrain();
    }
  }

  /**
   * A shutdown that drains against a submission, through the whole of the engine: what was accepted
   * runs, what was refused does not, and the books balance.
   */
  @JCStressTest
  @State
  @Outcome(id = "true, 1, 1 completed", expect = ACCEPTABLE, desc = "Accepted, and run.")
  @Outcome(id = "false, 0, none", expect = ACCEPTABLE, desc = "Refused.")
  @Outcome(expect = FORBIDDEN, desc = "Both or neither.")
  public static class ShutdownAgainstSubmit {
    private final Rig rig = new Rig();
    private boolean accepted;
    private int runs;

    @Actor
    public void submitter() {
      accepted = rig.isAccepted(() -> runs++);
    }

    @Actor
    public void closer() {
      rig.close();
    }

    @Arbiter
    public void result(LLL_Result r) {
      rig.work();
      r.r1 = accepted;
      r.r2 = runs;
      r.r3 = rig.core.counts().isBalanced() ? rig.outcomes() : rig.core.counts().text();
    }
  }

  /**
   * The worker in its loop against a submission and the close that follows it: between finding the
   * queue empty and finding it closed, the worker asks {@link TaskQueue#isDrained}, whose bound and
   * head are volatile, so what was accepted before the close is polled once more. The worker is
   * held up there, for about as long as both take.
   */
  @JCStressTest
  @State
  @Outcome(id = "1, 1 completed", expect = ACCEPTABLE, desc = "Run.")
  @Outcome(expect = FORBIDDEN, desc = "The worker left without it.")
  public static class LastTaskAgainstLeavingWorker {
    private final Rig rig = new Rig(Rig.PLAIN, 1, 2_000);
    private int runs;

    @Actor
    public void worker() {
      rig.work();
    }

    @Actor
    public void submitter() {
      rig.execute(() -> runs++);
      rig.close();
    }

    @Arbiter
    public void result(LL_Result r) {
      r.r1 = runs;
      r.r2 = rig.outcomes();
    }
  }

  /**
   * An abort against a submission: what was accepted is in the list that the abort returns, and its
   * handle is settled when that returns.
   */
  @JCStressTest
  @State
  @Outcome(id = "true, 1, aborted", expect = ACCEPTABLE, desc = "Accepted, and aborted.")
  @Outcome(id = "false, 0, none", expect = ACCEPTABLE, desc = "Refused.")
  @Outcome(expect = FORBIDDEN, desc = "Returned and refused, or accepted and not returned.")
  public static class AbortAgainstSubmit {
    private final Rig rig = new Rig();
    private boolean accepted;
    private List<Runnable> returned;
    private String handle = "none";

    @Actor
    public void submitter() {
      accepted = rig.isAccepted(() -> {});
    }

    @Actor
    public void aborter() {
      returned = rig.abort();
      for (Runnable each : returned) {
        handle = each == null ? "null" : "aborted";
      }
    }

    @Arbiter
    public void result(LLL_Result r) {
      rig.work();
      r.r1 = accepted;
      r.r2 = returned.size();
      r.r3 = rig.core.counts().aborted == returned.size() ? handle : rig.outcomes();
    }
  }

  /**
   * A submission that its caller runs, since the queue is full, against the close: the guest counts
   * itself in and then looks at the closed bit; the closer sets the bit and then looks at the
   * count. All are atomic or volatile, so it is run and accepted, or neither.
   */
  @JCStressTest
  @State
  @Outcome(id = "true, 1, 2 completed", expect = ACCEPTABLE, desc = "Accepted, and run.")
  @Outcome(id = "false, 0, 1 completed", expect = ACCEPTABLE, desc = "Refused.")
  @Outcome(expect = FORBIDDEN, desc = "Both or neither.")
  public static class CloseAgainstCallerRuns {
    private final Rig rig = new Rig(Rig.CALLER_RUNS);
    private boolean accepted;
    private int runs;

    public CloseAgainstCallerRuns() {
      rig.execute(() -> {});
    }

    @Actor
    public void submitter() {
      accepted = rig.isAccepted(() -> runs++);
    }

    @Actor
    public void closer() {
      rig.close();
      rig.work();
    }

    @Arbiter
    public void result(LLL_Result r) {
      r.r1 = accepted;
      r.r2 = runs;
      r.r3 = rig.core.counts().isBalanced() ? rig.outcomes() : rig.core.counts().text();
    }
  }

  /**
   * No termination while a submitter runs its own task: the worker that leaves is the last body out
   * only if no guest stands in {@code Lifecycle}'s count, which the guest entered by CAS.
   */
  @JCStressTest
  @State
  @Outcome(id = "false, 1, 2", expect = ACCEPTABLE, desc = "Run before the termination.")
  @Outcome(id = "false, 0, 1", expect = ACCEPTABLE, desc = "Refused.")
  @Outcome(expect = FORBIDDEN, desc = "Terminated while it ran, or the report is wrong.")
  public static class TerminationAgainstCallerRuns {
    private final Rig rig = new Rig(Rig.CALLER_RUNS);
    private boolean terminated;
    private int runs;

    public TerminationAgainstCallerRuns() {
      rig.execute(() -> {});
    }

    @Actor
    public void submitter() {
      rig.isAccepted(
          () -> {
            runs++;
            Rig.pauseUpTo(5_000);
            terminated = rig.core.lifecycle.isTerminated();
          });
    }

    @Actor
    public void worker() {
      rig.close();
      rig.work();
    }

    @Arbiter
    public void result(ZII_Result r) {
      r.r1 = terminated || !rig.core.lifecycle.isTerminated();
      r.r2 = runs;
      r.r3 = (int) rig.core.lifecycle.report().orElseThrow().completed();
    }
  }

  /**
   * A refusal tells why: the submitter that finds the queue full, while it is closed, says SHUTDOWN
   * or SATURATED, by a volatile look at the closed bit after it was refused.
   */
  @JCStressTest
  @State
  @Outcome(id = "SHUTDOWN, 1", expect = ACCEPTABLE, desc = "It saw the close.")
  @Outcome(id = "SATURATED, 1", expect = ACCEPTABLE_INTERESTING, desc = "It was before the close.")
  @Outcome(expect = FORBIDDEN, desc = "Accepted without room, or not counted as rejected.")
  public static class RefusalAgainstClose {
    private final Rig rig = new Rig(Rig.ROOM_FOR_ONE);

    public RefusalAgainstClose() {
      rig.execute(() -> {});
    }

    @Actor
    public void submitter(LI_Result r) {
      try {
        rig.execute(() -> {});
        r.r1 = "accepted";
      } catch (RejectedTaskException refused) {
        r.r1 = refused.reason();
      }
      r.r2 = (int) rig.core.stats().rejected();
    }

    @Actor
    public void closer() {
      rig.close();
    }
  }
}
