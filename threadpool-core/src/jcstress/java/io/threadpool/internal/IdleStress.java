package io.threadpool.internal;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;
import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE_INTERESTING;
import static org.openjdk.jcstress.annotations.Expect.FORBIDDEN;

import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.LL_Result;
import org.openjdk.jcstress.infra.results.ZZ_Result;

/**
 * Park against wake: a worker does not sleep beside a task that is there. What the worker does when
 * it finds nothing is done by the cases themselves where they look between its steps, and by the
 * worker where they only look at the end.
 */
final class IdleStress {

  private IdleStress() {}

  /** Two workers' places to sleep, and a queue. */
  abstract static class Idle {
    final TaskQueue queue = new TaskQueue(2, Long.MAX_VALUE);
    final Parker[] parkers = {new Parker(0), new Parker(1)};
    final IdleWorkers idle = new IdleWorkers(parkers, new TaskQueue(1, 1));

    final boolean isWoken(int worker) {
      return parkers[worker].signal != Parker.NONE;
    }
  }

  /**
   * Register, then look, against fill, then wake. The worker's CAS of the word comes before its
   * volatile read of {@code tail}; the producer's CAS of the slot, after its addition to {@code
   * tail}, comes before its volatile read of the word. So the worker sees the task, or the producer
   * sees the worker.
   */
  @JCStressTest
  @State
  @Outcome(id = "true, true", expect = ACCEPTABLE, desc = "Seen, and woken too.")
  @Outcome(id = "true, false", expect = ACCEPTABLE, desc = "The worker saw it.")
  @Outcome(id = "false, true", expect = ACCEPTABLE, desc = "The worker was woken.")
  @Outcome(expect = FORBIDDEN, desc = "Asleep beside a task.")
  public static class RegisterAgainstFill extends Idle {
    @Actor
    public void worker(ZZ_Result r) {
      idle.register(parkers[0], false);
      r.r1 = queue.hasWork();
    }

    @Actor
    public void producer() {
      queue.offer("task");
      idle.wakeOne();
    }

    @Arbiter
    public void result(ZZ_Result r) {
      r.r2 = isWoken(0);
    }
  }

  /**
   * The same where the worker was the searcher, so that one CAS registers it and clears the flag.
   */
  @JCStressTest
  @State
  @Outcome(id = "true, true", expect = ACCEPTABLE, desc = "Seen, and woken too.")
  @Outcome(id = "true, false", expect = ACCEPTABLE, desc = "The worker saw it.")
  @Outcome(id = "false, true", expect = ACCEPTABLE, desc = "The worker was woken.")
  @Outcome(expect = FORBIDDEN, desc = "Asleep beside a task, or still searching.")
  public static class SearcherRegistersAgainstFill extends Idle {
    public SearcherRegistersAgainstFill() {
      idle.trySearch();
    }

    @Actor
    public void worker(ZZ_Result r) {
      idle.register(parkers[0], true);
      r.r1 = queue.hasWork();
    }

    @Actor
    public void producer() {
      queue.offer("task");
      idle.wakeOne();
    }

    @Arbiter
    public void result(ZZ_Result r) {
      r.r2 = isWoken(0);
    }
  }

  /**
   * Give the searching flag up, then look, against fill, then wake, while another worker sleeps. A
   * producer that leaves the task to the searcher read the flag before the searcher's CAS cleared
   * it; the searcher's look comes after that.
   */
  @JCStressTest
  @State
  @Outcome(id = "true, true", expect = ACCEPTABLE, desc = "Seen, and the other one woken too.")
  @Outcome(id = "true, false", expect = ACCEPTABLE, desc = "The searcher saw it.")
  @Outcome(id = "false, true", expect = ACCEPTABLE, desc = "The other one was woken.")
  @Outcome(expect = FORBIDDEN, desc = "Left to a searcher that had given up.")
  public static class StopSearchingAgainstFill extends Idle {
    public StopSearchingAgainstFill() {
      idle.register(parkers[1], false);
      idle.trySearch();
    }

    @Actor
    public void searcher(ZZ_Result r) {
      idle.stopSearching();
      r.r1 = queue.hasWork();
    }

    @Actor
    public void producer() {
      queue.offer("task");
      idle.wakeOne();
    }

    @Arbiter
    public void result(ZZ_Result r) {
      r.r2 = isWoken(1);
    }
  }

  /** Register, then look, against close, then wake all: the same for the closed bit. */
  @JCStressTest
  @State
  @Outcome(id = "true, true", expect = ACCEPTABLE, desc = "Seen, and woken too.")
  @Outcome(id = "true, false", expect = ACCEPTABLE, desc = "The worker saw it.")
  @Outcome(id = "false, true", expect = ACCEPTABLE, desc = "The worker was woken.")
  @Outcome(expect = FORBIDDEN, desc = "Asleep in a closed pool.")
  public static class RegisterAgainstClose extends Idle {
    @Actor
    public void worker(ZZ_Result r) {
      idle.register(parkers[0], false);
      r.r1 = queue.isClosed();
    }

    @Actor
    public void closer() {
      queue.close();
      idle.wakeAll();
    }

    @Arbiter
    public void result(ZZ_Result r) {
      r.r2 = isWoken(0);
    }
  }

  /**
   * Two producers and two that sleep: the CAS that pops the first sets SEARCHING, so the second
   * producer leaves the rest to that one.
   */
  @JCStressTest
  @State
  @Outcome(id = "false, true", expect = ACCEPTABLE, desc = "The top one alone, as the searcher.")
  @Outcome(expect = FORBIDDEN, desc = "Nobody, both, or the wrong one.")
  public static class WakeAgainstWake extends Idle {
    public WakeAgainstWake() {
      idle.register(parkers[0], false);
      idle.register(parkers[1], false);
    }

    @Actor
    public void one() {
      queue.offer("task");
      idle.wakeOne();
    }

    @Actor
    public void other() {
      queue.offer("task");
      idle.wakeOne();
    }

    @Arbiter
    public void result(ZZ_Result r) {
      r.r1 = isWoken(0);
      r.r2 = parkers[1].signal == Parker.SEARCHING;
    }
  }

  /** Two that want to search: the CAS of the word lets one. */
  @JCStressTest
  @State
  @Outcome(id = "true, false", expect = ACCEPTABLE, desc = "One of them.")
  @Outcome(id = "false, true", expect = ACCEPTABLE, desc = "One of them.")
  @Outcome(expect = FORBIDDEN, desc = "Both or neither.")
  public static class SearchAgainstSearch extends Idle {
    @Actor
    public void one(ZZ_Result r) {
      r.r1 = idle.trySearch();
    }

    @Actor
    public void other(ZZ_Result r) {
      r.r2 = idle.trySearch();
    }
  }

  /** Two that register: neither push is lost, so that all are woken at the close. */
  @JCStressTest
  @State
  @Outcome(id = "true, true", expect = ACCEPTABLE, desc = "Both are on the stack.")
  @Outcome(expect = FORBIDDEN, desc = "One is asleep for ever.")
  public static class RegisterAgainstRegister extends Idle {
    @Actor
    public void one() {
      idle.register(parkers[0], false);
    }

    @Actor
    public void other() {
      idle.register(parkers[1], false);
    }

    @Arbiter
    public void result(ZZ_Result r) {
      idle.wakeAll();
      r.r1 = isWoken(0);
      r.r2 = isWoken(1);
    }
  }

  /**
   * A pop against workers that were woken and come back: the version in the word makes the CAS of
   * who read the word before fail, so nobody is popped who is not on the stack. {@code below} may
   * be stale in such a pop, and does no harm.
   */
  @JCStressTest
  @State
  @Outcome(id = "awake, woken", expect = ACCEPTABLE, desc = "Each as often as it registered.")
  @Outcome(expect = FORBIDDEN, desc = "Popped without being there, or left on the stack.")
  public static class PopAgainstReturn extends Idle {
    public PopAgainstReturn() {
      idle.register(parkers[0], false);
      idle.register(parkers[1], false);
    }

    @Actor
    public void waker() {
      idle.wakeAll();
    }

    @Actor
    public void workers() {
      parkers[0].thread = Thread.currentThread();
      parkers[1].thread = Thread.currentThread();
      idle.wakeAll();
      parkers[1].await(this);
      parkers[0].await(this);
      idle.register(parkers[1], false);
    }

    @Arbiter
    public void result(LL_Result r) {
      idle.wakeAll();
      r.r1 = isWoken(0) ? "woken" : "awake";
      r.r2 = isWoken(1) ? "woken" : "awake";
    }
  }

  /**
   * End the lookout, then look, against fill, then wake. A producer that leaves the task to the
   * lookout read LOOKOUT before the CAS that cleared it, and the look comes after that.
   */
  @JCStressTest
  @State
  @Outcome(id = "true, true", expect = ACCEPTABLE, desc = "Seen, and woken too.")
  @Outcome(id = "true, false", expect = ACCEPTABLE, desc = "The lookout saw it.")
  @Outcome(id = "false, true", expect = ACCEPTABLE, desc = "The lookout was woken.")
  @Outcome(expect = FORBIDDEN, desc = "Left to a lookout that was none any more.")
  public static class EndLookoutAgainstFill extends Idle {
    public EndLookoutAgainstFill() {
      idle.standDown(parkers[0]);
    }

    @Actor
    public void lookout(ZZ_Result r) {
      idle.endLookout();
      r.r1 = queue.hasWork();
    }

    @Actor
    public void producer() {
      queue.offer("task");
      idle.wakeOne();
    }

    @Arbiter
    public void result(ZZ_Result r) {
      r.r2 = isWoken(0);
    }
  }

  /** The same where another worker, by registering, relieves the lookout, and looks. */
  @JCStressTest
  @State
  @Outcome(id = "true, true", expect = ACCEPTABLE, desc = "Seen, and one woken too.")
  @Outcome(id = "true, false", expect = ACCEPTABLE, desc = "The worker saw it.")
  @Outcome(id = "false, true", expect = ACCEPTABLE, desc = "One of them was woken.")
  @Outcome(expect = FORBIDDEN, desc = "Left to a lookout that was none any more.")
  public static class RegisterBesideLookoutAgainstFill extends Idle {
    public RegisterBesideLookoutAgainstFill() {
      idle.standDown(parkers[0]);
    }

    @Actor
    public void worker(ZZ_Result r) {
      idle.register(parkers[1], false);
      r.r1 = queue.hasWork();
    }

    @Actor
    public void producer() {
      queue.offer("task");
      idle.wakeOne();
    }

    @Arbiter
    public void result(ZZ_Result r) {
      r.r2 = isWoken(0) || isWoken(1);
    }
  }

  /**
   * Stand down against fill, then wake. The worker that becomes the lookout need not look: either
   * the producer read the word before, and left the task to those that are awake, or it finds
   * LOOKOUT, and the lookout looks when its time is up.
   */
  @JCStressTest
  @State
  @Outcome(id = "true, false", expect = ACCEPTABLE, desc = "On the lookout, and not woken.")
  @Outcome(expect = FORBIDDEN, desc = "Woken, or not on the lookout.")
  public static class StandDownAgainstFill extends Idle {
    @Actor
    public void worker() {
      idle.standDown(parkers[0]);
    }

    @Actor
    public void producer() {
      queue.offer("task");
      idle.wakeOne();
    }

    @Arbiter
    public void result(ZZ_Result r) {
      r.r1 = idle.hasLookout() && queue.hasWork();
      r.r2 = isWoken(0);
    }
  }

  /** Two that stand down: the CAS that finds LOOKOUT clear makes one of them the lookout. */
  @JCStressTest
  @State
  @Outcome(
      id = {"true, false", "false, true"},
      expect = ACCEPTABLE,
      desc = "One of them.")
  @Outcome(expect = FORBIDDEN, desc = "Both or neither.")
  public static class StandDownAgainstStandDown extends Idle {
    @Actor
    public void one(ZZ_Result r) {
      r.r1 = idle.standDown(parkers[0]);
    }

    @Actor
    public void other(ZZ_Result r) {
      r.r2 = idle.standDown(parkers[1]);
    }
  }

  /**
   * Stand down against the end of a closed queue, then wake all: the worker asks whether it is
   * drained after the CAS that sets LOOKOUT and pushes it; who found it drained before pops it.
   */
  @JCStressTest
  @State
  @Outcome(id = "true, true", expect = ACCEPTABLE, desc = "Seen, and woken too.")
  @Outcome(id = "true, false", expect = ACCEPTABLE, desc = "The worker saw it.")
  @Outcome(id = "false, true", expect = ACCEPTABLE, desc = "The worker was woken.")
  @Outcome(expect = FORBIDDEN, desc = "Asleep in a closed pool.")
  public static class StandDownAgainstClose extends Idle {
    @Actor
    public void worker(ZZ_Result r) {
      idle.standDown(parkers[0]);
      r.r1 = queue.isDrained();
    }

    @Actor
    public void closer() {
      queue.close();
      idle.wakeAll();
    }

    @Arbiter
    public void result(ZZ_Result r) {
      r.r2 = isWoken(0);
    }
  }

  /**
   * The mark of a wake-up that failed against one that wakes: {@code doubtful} is cleared before
   * who was popped is unparked again, so that a mark set meanwhile is not lost.
   */
  @JCStressTest
  @State
  @Outcome(id = "false, true", expect = ACCEPTABLE, desc = "Settled, and the worker is woken.")
  @Outcome(
      id = "true, true",
      expect = ACCEPTABLE_INTERESTING,
      desc = "Marked after the last one looked: the next one honours it.")
  @Outcome(expect = FORBIDDEN, desc = "The mark was lost with its wake-up.")
  public static class DoubtAgainstWake extends Idle {
    public DoubtAgainstWake() {
      idle.register(parkers[0], false);
    }

    @Actor
    public void failing() {
      queue.offer("task");
      idle.doubtful = true;
    }

    @Actor
    public void next(ZZ_Result r) {
      Actors.await(() -> idle.doubtful || queue.hasWork());
      idle.wakeOne();
    }

    @Arbiter
    public void result(ZZ_Result r) {
      r.r1 = idle.doubtful;
      r.r2 = isWoken(0);
    }
  }
}
