package io.threadpool;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;
import static org.openjdk.jcstress.annotations.Expect.FORBIDDEN;

import io.threadpool.internal.Actors;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.LL_Result;
import org.openjdk.jcstress.infra.results.L_Result;

/**
 * Park against wake: a worker does not sleep beside a task that is there. What the worker does when
 * it finds nothing is done by the cases themselves where they look between its steps, and by the
 * worker where they only look at the end.
 */
final class IdleStress {

  private IdleStress() {}

  /**
   * The worker's loop against a submission, with everything real: the search, the register, the
   * look, the park, and the unpark. It runs, without the close having to help.
   */
  @JCStressTest
  @State
  @Outcome(id = "run", expect = ACCEPTABLE, desc = "Found or woken.")
  @Outcome(expect = FORBIDDEN, desc = "Asleep beside a task.")
  public static class SleepAgainstSubmit {
    private final Rig rig = new Rig();
    private volatile boolean run;

    @Actor
    public void worker() {
      rig.work();
    }

    @Actor
    public void submitter(L_Result r) {
      rig.execute(() -> run = true);
      r.r1 = Actors.await(() -> run) ? "run" : "asleep";
      rig.close();
    }
  }

  /** The same in a queue with a slot a segment, twice, so that the worker may sleep in between. */
  @JCStressTest
  @State
  @Outcome(id = "run, run", expect = ACCEPTABLE, desc = "Found or woken, both times.")
  @Outcome(expect = FORBIDDEN, desc = "Asleep beside a task.")
  public static class SleepAgainstSubmitsInSegmentsOf1 {
    private final Rig rig = new Rig(Rig.PLAIN, 1);
    private volatile int runs;

    @Actor
    public void worker() {
      rig.work();
    }

    @Actor
    public void submitter(LL_Result r) {
      rig.execute(() -> runs = 1);
      r.r1 = Actors.await(() -> runs == 1) ? "run" : "asleep";
      rig.execute(() -> runs = 2);
      r.r2 = Actors.await(() -> runs == 2) ? "run" : "asleep";
      rig.close();
    }
  }

  /** The worker's loop against the close: it leaves, whether it was asleep, or about to be. */
  @JCStressTest
  @State
  @Outcome(id = "terminated", expect = ACCEPTABLE, desc = "The worker has left.")
  @Outcome(expect = FORBIDDEN, desc = "Asleep in a closed pool.")
  public static class SleepAgainstClose {
    private final Rig rig = new Rig();

    @Actor
    public void worker() {
      rig.work();
    }

    @Actor
    public void closer(L_Result r) {
      rig.close();
      r.r1 = rig.ends() ? "terminated" : "asleep";
      rig.core.idle.wakeAll();
    }
  }
}
