package io.threadpool;

import static io.threadpool.Outcome.CANCELLED;
import static io.threadpool.Outcome.COMPLETED;
import static io.threadpool.Outcome.FAILED;
import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;
import static org.openjdk.jcstress.annotations.Expect.FORBIDDEN;

import io.threadpool.internal.TaskQueue;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.JI_Result;
import org.openjdk.jcstress.infra.results.JJ_Result;
import org.openjdk.jcstress.infra.results.LL_Result;
import org.openjdk.jcstress.infra.results.L_Result;
import org.openjdk.jcstress.infra.results.ZJ_Result;

/** What the counts say while they change: never more than has happened, and nothing twice. */
final class CountStress {

  private CountStress() {}

  /**
   * A worker's tally is not ahead of the body: {@link PaddedLong#incrementOwned} is a release store
   * after it, and the reader's load is volatile, so an acquire.
   */
  @JCStressTest
  @State
  @Outcome(id = "0, 0", expect = ACCEPTABLE, desc = "Not counted.")
  @Outcome(id = "1, 42", expect = ACCEPTABLE, desc = "Counted, with what the body wrote.")
  @Outcome(expect = FORBIDDEN, desc = "Counted before the body is visible.")
  public static class TallyToBody {
    private final Rig rig = new Rig();
    private int written;

    public TallyToBody() {
      rig.execute(() -> written = 42);
      rig.close();
    }

    @Actor
    public void worker() {
      rig.work();
    }

    @Actor
    public void reader(JI_Result r) {
      r.r1 = rig.core.stats().completed();
      r.r2 = r.r1 == 0 ? 0 : written;
    }
  }

  /**
   * A task is counted before its handle is done: the tally's release store comes before the CAS of
   * the future's result.
   */
  @JCStressTest
  @State
  @Outcome(id = "false, 0", expect = ACCEPTABLE, desc = "Not done.")
  @Outcome(id = "true, 1", expect = ACCEPTABLE, desc = "Done, and counted.")
  @Outcome(expect = FORBIDDEN, desc = "Done, and not counted.")
  public static class CountBeforeDone {
    private final Rig rig = new Rig();
    private final Task<?> task = rig.submitRun(() -> {});

    @Actor
    public void worker() {
      rig.takeOne();
    }

    @Actor
    public void reader(ZJ_Result r) {
      r.r1 = task.isDone();
      r.r2 = r.r1 ? rig.core.stats().completed() : 0;
    }
  }

  /**
   * A task is counted before its dependent stages run, wherever they do; the same order as {@link
   * CountBeforeDone}.
   */
  @JCStressTest
  @State
  @Outcome(id = "1, 0", expect = ACCEPTABLE, desc = "Counted, and no longer queued.")
  @Outcome(expect = FORBIDDEN, desc = "The stage ran before the task was counted.")
  public static class CountBeforeStage {
    private final Rig rig = new Rig(Rig.ROOM_FOR_ONE);
    private final Task<?> task = rig.submitRun(() -> {});

    @Actor
    public void worker() {
      rig.takeOne();
    }

    @Actor
    public void reader(JJ_Result r) {
      PoolStats stats = task.thenApply(nothing -> rig.core.stats()).join();
      r.r1 = stats.completed();
      r.r2 = stats.queued();
    }
  }

  /**
   * More outcomes than acceptances are never read: {@link Ledger#counts} reads the acceptances
   * last, and an outcome's count follows its acceptance (the claim of the slot, an atomic addition
   * on {@code tail}) through {@link Segment#fill} and {@link Segment#get}. The count is that of the
   * last of many workers, so that summing takes about as long as accepting and running.
   */
  @JCStressTest
  @State
  @Outcome(id = "within", expect = ACCEPTABLE, desc = "No more outcomes than acceptances.")
  @Outcome(expect = FORBIDDEN, desc = "An outcome without its acceptance.")
  public static class OutcomesWithinAccepted {
    private static final int WORKERS = 64;

    private final TaskQueue queue = new TaskQueue(2, Long.MAX_VALUE);
    private final Ledger ledger = new Ledger(WORKERS, queue);

    @Actor
    public void worker() {
      for (int i = 0; i < 6; i++) {
        queue.offer("task");
        queue.poll();
        ledger.tally(WORKERS - 1).count(COMPLETED);
      }
    }

    @Actor
    public void reader(L_Result r) {
      r.r1 = "within";
      for (int i = 0; i < 3; i++) {
        Counts counts = ledger.counts();
        if (counts.completed() > counts.accepted()) {
          r.r1 = counts.text();
        }
      }
    }
  }

  /**
   * What two threads count adds up: the worker's tally is its own, and everybody else adds to an
   * atomic.
   */
  @JCStressTest
  @State
  @Outcome(id = "4 completed 3 failed 1 cancelled", expect = ACCEPTABLE, desc = "All of them.")
  @Outcome(expect = FORBIDDEN, desc = "A count was lost.")
  public static class CountsAddUp {
    private final Rig rig = new Rig();

    @Actor
    public void worker() {
      Ledger.Tally tally = rig.core.ledger.tally(0);
      rig.core.decided(COMPLETED, tally);
      rig.core.decided(COMPLETED, null);
      rig.core.decided(FAILED, null);
      rig.core.decided(FAILED, tally);
    }

    @Actor
    public void other() {
      rig.core.decided(COMPLETED, null);
      rig.core.decided(FAILED, null);
      rig.core.decided(COMPLETED, null);
      rig.core.decided(CANCELLED, null);
    }

    @Arbiter
    public void result(L_Result r) {
      r.r1 = rig.outcomes();
    }
  }

  /**
   * The figures of a running pool stay within their bounds: {@code queued} is taken from the tail
   * less the head, read in that order's reverse, and the dead are counted after they died.
   */
  @JCStressTest
  @State
  @Outcome(id = "within, 0 left", expect = ACCEPTABLE, desc = "At most what there was.")
  @Outcome(expect = FORBIDDEN, desc = "More queued, or active, than there can be.")
  public static class QueuedWithinBounds {
    private final Rig rig = new Rig(Rig.PLAIN, 1);
    private String seen = "within";

    @Actor
    public void worker() {
      for (int i = 0; i < 2; i++) {
        rig.submitRun(() -> {}).cancel(false);
        rig.takeOne();
      }
    }

    @Actor
    public void reader() {
      for (int i = 0; i < 3; i++) {
        PoolStats stats = rig.core.stats();
        if (stats.queued() > 2 || stats.active() > 0 || stats.cancelled() > 2) {
          seen = stats.toString();
        }
      }
    }

    @Arbiter
    public void result(LL_Result r) {
      r.r1 = seen;
      r.r2 = rig.core.backlog.queued() + " left";
    }
  }

  /**
   * A task that a canceller settles is counted once and is queued no more when {@code cancel}
   * returns; the CAS of {@code Task.settle} decides, and the atomic count follows on the same
   * thread.
   */
  @JCStressTest
  @State
  @Outcome(id = "1, 0", expect = ACCEPTABLE, desc = "Cancelled once, and not queued.")
  @Outcome(expect = FORBIDDEN, desc = "Counted twice or not at all, or queued still.")
  public static class CancellersCountOnce {
    private final Rig rig = new Rig(Rig.ROOM_FOR_ONE);
    private final Task<?> task = rig.submitRun(() -> {});

    @Actor
    public void one() {
      task.cancel(true);
    }

    @Actor
    public void other() {
      task.cancel(false);
    }

    @Arbiter
    public void result(JJ_Result r) {
      PoolStats stats = rig.core.stats();
      r.r1 = stats.cancelled();
      r.r2 = stats.queued();
    }
  }
}
