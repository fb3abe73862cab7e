package io.threadpool;

import io.threadpool.RejectedTaskException.Reason;
import io.threadpool.internal.StackProbe;
import io.threadpool.internal.TaskQueue;
import org.jspecify.annotations.Nullable;

/**
 * Looks, before anything is accepted, whether the submitter has the stack to ask for a worker, or
 * for the watch: the core of a pool that may have no worker, or whose tasks have to start in time,
 * where who submits at the end of a stack may be the only one who could ask. A class of its own,
 * since other pools do not pay for it.
 *
 * <p>Implementation note. Where a run is counted that is awake, and the watch is on, nobody else
 * needs to be asked for. Who submits looks before it claims, and again after the claim, or the link
 * of the segment that it lies in. The last run is counted out (D), then looks at the queue (L),
 * which shows what is claimed where there is a segment for it: so either L sees the claim, or the
 * second look comes after L, hence after D, and sees that nobody is there. L does not rely on who
 * holds the searching flag ({@link Floor#isLeftAlone}), nor does who submits where nobody is there:
 * it may be a submitter that lacks stack. One that registers as asleep looks at the queue after
 * that, as the last run does. The same with the watch, which says that it ceases, then looks. What
 * breaks off at the second look leaves a claim, and is not accepted; the first asks for more, so
 * that the second fails amid a race alone.
 */
class CautiousCore extends PoolCore {

  CautiousCore(PoolConfig config) {
    super(config);
  }

  /** What it claims in looks once more before it is filled. */
  class CautiousQueue extends TaskQueue {
    CautiousQueue(int segmentSize, long roughLimit) {
      super(segmentSize, roughLimit);
    }

    @Override
    public void onClaim(long index) {
      lookOnce();
    }

    @Override
    public void onLinked() {
      lookOnce();
    }

    private void lookOnce() {
      if (lacksSomebody()) {
        StackProbe.ensureTwice(); // Who asks for a worker probes, too.
      }
    }
  }

  @Override
  TaskQueue newQueue(long roughLimit) {
    return config.virtual()
        ? super.newQueue(roughLimit)
        : new CautiousQueue(TaskQueue.DEFAULT_SEGMENT_SIZE, roughLimit);
  }

  /** Whether somebody may have to be asked for. */
  private boolean lacksSomebody() {
    return crew.alive() == 0 || idle.isToBeWoken() || !bodies.watched.get();
  }

  @Override
  @Nullable Reason tryAccept(Object entry, long nanos) {
    if (config.virtual()) {
      StackProbe.ensure(); // Each has a run started.
    } else if (lacksSomebody()) {
      StackProbe.ensureThrice();
    }
    Reason refused = super.tryAccept(entry, nanos);
    if (refused == null) {
      followUp(entry);
    }
    return refused;
  }

  /** What is lacking here was there at the last look; since then who has ceased has looked. */
  private void followUp(Object entry) {
    try {
      if (!config.virtual() && crew.alive() == 0 && backlog.hasWork()) {
        crew.nobodyAwake();
      }
      bodies.watch(); // It has to start in time, though nobody may run it.
      if (waitsForRoom() && entry instanceof Task<?> task && task.isLate()) {
        StackProbe.ensure(); // Else the claim, or the watch, ends it.
        var unused = task.endIfLate();
      }
    } catch (Throwable noStackOrMemory) {
      idle.doubtful = true;
    }
  }
}
