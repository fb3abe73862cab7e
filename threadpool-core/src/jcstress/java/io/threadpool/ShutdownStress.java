package io.threadpool;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;
import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE_INTERESTING;
import static org.openjdk.jcstress.annotations.Expect.FORBIDDEN;

import io.threadpool.internal.Actors;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.IIL_Result;
import org.openjdk.jcstress.infra.results.LII_Result;
import org.openjdk.jcstress.infra.results.ZII_Result;
import org.openjdk.jcstress.infra.results.ZIL_Result;
import org.openjdk.jcstress.infra.results.ZI_Result;

/** Policies against each other, and the end: it comes once, and when nothing runs. */
final class ShutdownStress {

  private ShutdownStress() {}

  private static final ShutdownPolicy IN_AN_HOUR = ShutdownPolicy.drainFor(Duration.ofHours(1));

  private static final ShutdownPolicy IN_AN_INSTANT =
      ShutdownPolicy.drainFor(Duration.ofNanos(500_000));

  /** A pool with two tasks that have not started. */
  abstract static class Two {
    final Rig rig = new Rig();

    Two() {
      rig.submitRun(() -> {});
      rig.execute(() -> {});
    }

    final int start(ShutdownPolicy policy) {
      return rig.core.shutdown(policy).size();
    }

    /** What was counted at the end, the worker having come last. */
    final String end() {
      rig.work();
      return rig.ends() ? rig.outcomes() : "does not end";
    }
  }

  /**
   * Drain against abort: the abort takes all, whichever comes first, since the step is decided
   * under the monitor of {@code Lifecycle} and only ever moves on.
   */
  @JCStressTest
  @State
  @Outcome(id = "0, 2, 2 aborted", expect = ACCEPTABLE, desc = "Aborted.")
  @Outcome(expect = FORBIDDEN, desc = "Relaxed, or returned by the wrong one.")
  public static class DrainAgainstAbort extends Two {
    @Actor
    public void one(IIL_Result r) {
      r.r1 = start(ShutdownPolicy.drain());
    }

    @Actor
    public void other(IIL_Result r) {
      r.r2 = start(ShutdownPolicy.abort());
    }

    @Arbiter
    public void result(IIL_Result r) {
      r.r3 = end();
    }
  }

  /** Two aborts: one of them is carried out, and returns both. */
  @JCStressTest
  @State
  @Outcome(
      id = {"0, 2, 2 aborted", "2, 0, 2 aborted"},
      expect = ACCEPTABLE,
      desc = "Returned by one of them.")
  @Outcome(expect = FORBIDDEN, desc = "Returned twice, or not at all.")
  public static class AbortAgainstAbort extends Two {
    @Actor
    public void one(IIL_Result r) {
      r.r1 = start(ShutdownPolicy.abort());
    }

    @Actor
    public void other(IIL_Result r) {
      r.r2 = start(ShutdownPolicy.abort());
    }

    @Arbiter
    public void result(IIL_Result r) {
      r.r3 = end();
    }
  }

  /**
   * Two deadlines: the earlier one holds, by the minimum under the monitor, for whoever asks what
   * is due.
   */
  @JCStressTest
  @State
  @Outcome(id = "[02], [02], 2 aborted", expect = ACCEPTABLE, desc = "The earlier deadline.")
  @Outcome(expect = FORBIDDEN, desc = "Relaxed: drained, or waits for the later one.")
  public static class DeadlineAgainstEarlierOne extends Two {
    @Actor
    public void one(IIL_Result r) {
      r.r1 = start(IN_AN_HOUR);
    }

    @Actor
    public void other(IIL_Result r) {
      r.r2 = start(IN_AN_INSTANT);
    }

    @Arbiter
    public void result(IIL_Result r) {
      Actors.await(this::isDueAndDone);
      r.r3 = end();
    }

    /** As the timer's errand does, which a rig has not. */
    private boolean isDueAndDone() {
      rig.core.lifecycle.advance();
      return rig.core.signal.isAborting();
    }
  }

  /**
   * The worker amid the escalation: each of two raw commands is run or returned, by the head's CAS,
   * while the abort counts as a body, so that the pool does not end under it.
   */
  @JCStressTest
  @State
  @Outcome(id = "true, 2, .*", expect = ACCEPTABLE, desc = "Each once, and the report says so.")
  @Outcome(expect = FORBIDDEN, desc = "Run and returned, neither, or the report is wrong.")
  public static class AbortAgainstDrainingWorker {
    private final Rig rig = new Rig();
    private final AtomicInteger runs = new AtomicInteger();
    private int returned;

    public AbortAgainstDrainingWorker() {
      rig.execute(runs::incrementAndGet);
      rig.execute(runs::incrementAndGet);
      rig.close();
    }

    @Actor
    public void worker() {
      rig.work();
    }

    @Actor
    public void aborter() {
      returned = rig.abort().size();
    }

    @Arbiter
    public void result(ZIL_Result r) {
      boolean ended = rig.ends();
      TerminationReport report = rig.core.lifecycle.report().orElseThrow();
      r.r1 = ended && report.accepted() == report.completed() + report.aborted();
      r.r2 = returned + runs.get();
      r.r3 = rig.outcomes();
    }
  }

  /**
   * The last body out, a worker or a guest: the count of bodies goes down by an atomic subtraction,
   * so one of them finds zero and completes the termination; a guest that comes after that is
   * refused by the CAS of {@code enterBody}.
   */
  @JCStressTest
  @State
  @Outcome(id = "entered, 0, 1", expect = ACCEPTABLE, desc = "Terminated after the guest.")
  @Outcome(id = "refused, 1, 1", expect = ACCEPTABLE, desc = "Terminated before the guest.")
  @Outcome(
      id = "refused, 0, 1",
      expect = ACCEPTABLE_INTERESTING,
      desc = "The last one was out, and about to say so.")
  @Outcome(expect = FORBIDDEN, desc = "Terminated with a guest in, twice, or never.")
  public static class LastBodyOut {
    private final Rig rig = new Rig();
    private final AtomicInteger ends = new AtomicInteger();

    public LastBodyOut() {
      rig.core.whenTerminated(ends::incrementAndGet);
      rig.close();
    }

    @Actor
    public void worker() {
      rig.work();
    }

    @Actor
    public void guest(LII_Result r) {
      boolean entered = rig.core.count.enter();
      r.r1 = entered ? "entered" : "refused";
      r.r2 = rig.core.lifecycle.isTerminated() ? 1 : 0;
      if (entered) {
        rig.core.count.leave();
      }
    }

    @Arbiter
    public void result(LII_Result r) {
      r.r3 = ends.get();
    }
  }

  /** Two bodies out, with nothing between: one of them is the last. */
  @JCStressTest
  @State
  @Outcome(id = "true, 1", expect = ACCEPTABLE, desc = "Terminated once.")
  @Outcome(expect = FORBIDDEN, desc = "Terminated twice, or never.")
  public static class BodyOutAgainstBodyOut {
    private final Rig rig = new Rig();
    private final AtomicInteger ends = new AtomicInteger();

    public BodyOutAgainstBodyOut() {
      rig.core.whenTerminated(ends::incrementAndGet);
      rig.core.count.enter();
    }

    @Actor
    public void one() {
      rig.core.count.leave();
    }

    @Actor
    public void other() {
      rig.core.count.leave();
    }

    @Arbiter
    public void result(ZI_Result r) {
      r.r1 = rig.core.lifecycle.isTerminated();
      r.r2 = ends.get();
    }
  }

  /** The report is there when the termination is seen: it is written before {@code terminated}. */
  @JCStressTest
  @State
  @Outcome(id = "false, 0, 0", expect = ACCEPTABLE, desc = "Not terminated.")
  @Outcome(id = "true, 1, 1", expect = ACCEPTABLE, desc = "Terminated, and reported.")
  @Outcome(expect = FORBIDDEN, desc = "Terminated without a report, or with a wrong one.")
  public static class ReportBeforeTermination {
    private final Rig rig = new Rig();

    public ReportBeforeTermination() {
      rig.execute(() -> {});
      rig.close();
    }

    @Actor
    public void worker() {
      rig.work();
    }

    @Actor
    public void reader(ZII_Result r) {
      r.r1 = rig.core.lifecycle.isTerminated();
      if (r.r1) {
        r.r2 = rig.core.lifecycle.report().isPresent() ? 1 : 0;
        r.r3 = rig.core.lifecycle.report().map(report -> (int) report.completed()).orElse(-1);
      }
    }
  }
}
