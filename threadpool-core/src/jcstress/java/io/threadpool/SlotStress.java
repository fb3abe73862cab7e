package io.threadpool;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;
import static org.openjdk.jcstress.annotations.Expect.FORBIDDEN;

import java.util.concurrent.atomic.AtomicInteger;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.LLL_Result;

/** The queue's slots and segments: each entry is taken once, in order, by whoever gets there. */
final class SlotStress {

  /**
   * The take of a dead entry against the sweeper: the sweeper CASes the slot to SWEPT, the consumer
   * moves the head over it; REMOVED, set by an atomic or on the task's state, says which of the two
   * counts it out of the dead, and the length comes out even.
   */
  @JCStressTest
  @State
  @Outcome(id = "0, 0 queued, 2 cancelled", expect = ACCEPTABLE, desc = "Each removed once.")
  @Outcome(expect = FORBIDDEN, desc = "Removed twice or not at all.")
  public static class TakeAgainstSweep {
    private final Rig rig = new Rig(Rig.PLAIN, 2);
    private final AtomicInteger dead = new AtomicInteger(2);

    public TakeAgainstSweep() {
      rig.submitRun(() -> {}).cancel(false);
      rig.submitRun(() -> {}).cancel(false);
    }

    @Actor
    public void consumer() {
      for (int i = 0; i < 2; i++) {
        if (rig.core.queue.poll() instanceof Task<?> task) {
          if (task.markRemoved()) {
            dead.decrementAndGet();
          } else {
            rig.core.queue.tookSwept();
          }
        }
      }
    }

    @Actor
    public void sweeper() {
      rig.core.queue.sweep(
          entry -> entry instanceof Task<?> task && task.isDeadEntry(),
          entry -> {
            boolean ours = ((Task<?>) entry).markRemoved();
            if (ours) {
              dead.decrementAndGet();
            }
            return ours;
          });
    }

    @Arbiter
    public void result(LLL_Result r) {
      while (rig.core.queue.poll() instanceof Task<?> task) {
        if (task.markRemoved()) {
          dead.decrementAndGet();
        }
      }
      r.r1 = dead.get();
      r.r2 = rig.core.queue.length() + " queued";
      r.r3 = rig.outcomes();
    }
  }
}
