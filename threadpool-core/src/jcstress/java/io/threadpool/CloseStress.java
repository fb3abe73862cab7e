package io.threadpool;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;
import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE_INTERESTING;
import static org.openjdk.jcstress.annotations.Expect.FORBIDDEN;

import io.threadpool.internal.Actors;
import io.threadpool.internal.TaskQueue;
import java.util.List;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.LI_Result;
import org.openjdk.jcstress.infra.results.LLL_Result;
import org.openjdk.jcstress.infra.results.LL_Result;
import org.openjdk.jcstress.infra.results.ZII_Result;

/**
 * The close against what is submitted: accepted and so drained or aborted, or refused and so
 * nowhere; never both, never neither.
 */
final class CloseStress {

  private CloseStress() {}

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
      r.r3 =
          rig.core.ledger.counts().isBalanced() ? rig.outcomes() : rig.core.ledger.counts().text();
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
      r.r3 = rig.core.ledger.counts().aborted() == returned.size() ? handle : rig.outcomes();
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
      r.r3 =
          rig.core.ledger.counts().isBalanced() ? rig.outcomes() : rig.core.ledger.counts().text();
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
            Actors.pauseUpTo(5_000);
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
