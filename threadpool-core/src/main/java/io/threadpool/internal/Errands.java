package io.threadpool.internal;

import java.util.Objects;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * Runs what calls user code that may not come back (stages, interrupts, log lines) on daemon
 * threads of its pool, so that whoever decided something need not wait for it, and one that blocks
 * holds up no other, nor another pool's.
 *
 * <pre>
 *   waiting --post--> first in the line --next--> under way --next is false--> done
 *                                                   |
 *                                                   +--late--> a second thread goes on with it
 * </pre>
 *
 * <p>The pool's own steps, which call no such code, go before all others ({@link #postFirst}). One
 * thread at a time, the runner, takes errands in their order, as long as it comes back from each
 * piece within some 10 ms; else another becomes the runner and goes on with the next piece. So
 * pieces begin in order and may overlap, and one that blocks costs a thread and nobody else
 * anything. The threads exist while there is something to do.
 *
 * <p>Implementation note. The monitor guards the line and who the runner is; no user code runs
 * under it. Whether the runner is late is looked at by a timer entry every 5 ms while there is a
 * runner, and by whoever waits: it is late where two looks, that long apart, find it at the same
 * piece. A thread that was only kept off its processor and comes back finds that it is not the
 * runner any more and ends, after its piece. Where no thread can be had, the timer and those that
 * wait try again, and those that wait run the errands themselves.
 */
public class Errands extends Timers.Entry {

  /** How long after one look at the runner the next one follows. */
  private static final long LOOK_NANOS = 5_000_000;

  private static final long LONGEST_PAUSE_NANOS = 50_000_000;

  /** Something to be done piece by piece. */
  public abstract static class Errand {
    /** Whether it stands in the line. Guarded by the monitor of the errands, as are the next. */
    private boolean waits;

    /** The one behind it there. */
    private @Nullable Errand behind;

    /** Whether it was posted again since its last call. */
    private boolean again;

    /** How many pieces were begun; written by who runs it. A lost increment does no harm. */
    volatile int begun;

    /**
     * Does the next piece, or some short ones. While a piece has not come back, another thread may
     * call this: what was begun then counts as done, or is such that it can be done again.
     *
     * @return false where nothing was left to do
     */
    public abstract boolean next();

    /** Called before each piece, so that one can be told from the other. */
    @SuppressWarnings("NonAtomicVolatileUpdate") // Any change will do.
    public final void beginPiece() {
      begun++;
    }

    /** Begins the only piece of an errand that has no other; false where it was begun before. */
    public final synchronized boolean beginOnce() {
      boolean first = begun == 0;
      beginPiece();
      return first;
    }
  }

  /** A thread's time as the runner. */
  public final class Runner implements Runnable {
    /** Guarded by the monitor. */
    private @Nullable Errand current;

    private int turns;

    /** Whether its thread is somebody's who helps. Written before it runs. */
    private boolean lent;

    @Override
    public void run() {
      enter(1);
      try {
        runErrands();
      } finally {
        enter(-1);
      }
    }

    private void runErrands() {
      Thread own = Thread.currentThread();
      String name = own.getName();
      ClassLoader loader = lent ? null : own.getContextClassLoader(); // A lent one's is user code.
      int priority = own.getPriority();
      long pause = 0;
      for (Errand errand = take(this); errand != null; errand = take(this)) {
        try {
          if (!lent) { // What user code may have changed.
            Threads.putBack(own, name, loader, priority);
          }
          if (!errand.next()) {
            finished(this, errand);
          }
          pause = 0;
        } catch (VirtualMachineError lacking) {
          if (lent && lacking instanceof StackOverflowError) {
            standBack(this); // It would be no better the next time.
            return;
          }
          pause = Math.min(LONGEST_PAUSE_NANOS, 2 * pause + 1_000_000); // And once more.
          LockSupport.parkNanos(this, pause);
        } catch (Throwable unexpected) {
          finished(this, errand); // Each piece keeps what user code throws to itself.
        }
        if (!lent) {
          Thread.interrupted(); // User code may have left it.
        }
      }
    }
  }

  private final Timers timers;
  private final ThreadFactory threads;

  /** The line, which takes no memory: its first and its last. Guarded by the monitor. */
  private @Nullable Errand first;

  private @Nullable Errand last;

  private @Nullable Runner runner;

  /** Whether the last runner that was wanted got no thread. Written under the monitor. */
  private volatile boolean stranded;

  /** How many threads run errands, or have not come back. Guarded by the monitor. */
  private int active;

  /** How often a runner was late. Guarded by the monitor. */
  private long lateRunners;

  /** What the last look saw, and when. Guarded by the monitor. */
  private @Nullable Runner seen;

  private int seenTurns;
  private int seenBegun;
  private long seenAt;

  public Errands(Timers timers, ThreadFactory threads) {
    this.timers = timers;
    this.threads = threads;
  }

  /** Has an errand run after all that were posted before; once more, if it is under way. */
  public final void post(Errand errand) {
    post(errand, false);
  }

  /** Has an errand run before all others: it is the pool's own, and calls no user code. */
  public final void postFirst(Errand errand) {
    post(errand, true);
  }

  /** The same for both, which needs no memory; a seam for tests. */
  protected void post(Errand errand, boolean before) {
    Runner started = null;
    synchronized (this) {
      errand.again = true;
      if (!errand.waits) {
        append(errand, before);
      }
      try {
        if (runner == null) {
          started = new Runner();
          runner = started;
        }
      } catch (OutOfMemoryError full) {
        timers.schedule(this, LOOK_NANOS);
      }
    }
    if (started != null) {
      start(started, null);
    }
  }

  private void append(Errand errand, boolean before) {
    errand.waits = true;
    errand.behind = before ? first : null;
    if (before || last == null) {
      first = errand;
    } else {
      last.behind = errand;
    }
    if (errand.behind == null) {
      last = errand;
    }
  }

  private void remove(Errand errand) {
    Errand before = null; // Few are before it: it was the first when it began.
    for (Errand each = first; each != errand; each = Objects.requireNonNull(each).behind) {
      before = each;
    }
    if (before == null) {
      first = errand.behind;
    } else {
      before.behind = errand.behind;
    }
    if (last == errand) {
      last = before;
    }
    errand.behind = null;
    errand.waits = false;
  }

  /** Has something run that is one piece. */
  public final void post(Runnable piece) {
    post(
        new Errand() {
          @Override
          public boolean next() {
            if (beginOnce()) {
              piece.run();
            }
            return false;
          }
        });
  }

  /**
   * Runs an errand on the calling thread, whose it is; where that is not back in some 10 ms, an
   * errand thread goes on with it.
   */
  public final void here(Errand errand) {
    Timers.Entry late =
        new Timers.Entry() {
          @Override
          public void run() {
            post(errand);
          }
        };
    timers.schedule(late, 2 * LOOK_NANOS);
    try {
      while (errand.next()) {
        // Each turn does a piece.
      }
    } finally {
      timers.cancel(late);
    }
  }

  /** Starts a runner in the place of another; a seam for tests and models. */
  protected void start(Runner started, @Nullable Runner before) {
    boolean running = false;
    try {
      threads.newThread(started).start();
      running = true;
    } catch (Throwable noThread) {
      // Then those that wait run them.
    }
    synchronized (this) {
      stranded = !running;
      if (stranded && runner == started) {
        runner = before;
      }
    }
    timers.schedule(this, LOOK_NANOS);
  }

  private synchronized @Nullable Errand take(Runner own) {
    if (runner != own) {
      own.current = null; // It may still be what was seen last.
      return null;
    }
    own.turns++;
    own.current = first;
    if (first == null) {
      runner = null;
    } else {
      first.again = false;
    }
    return first;
  }

  /** The errand stays the first in the line, for others that help, or for a thread. */
  private synchronized void standBack(Runner own) {
    own.current = null; // As in take.
    if (runner == own) {
      runner = null;
      stranded = true;
    }
  }

  private synchronized void finished(Runner own, Errand errand) {
    if (runner != own || errand.again) {
      return; // Whoever has taken over finds out itself that there is no more.
    }
    remove(errand);
    own.current = null;
  }

  /** Looks whether there is a runner, and whether it is late; the timer does, and who waits. */
  @Override
  public final void run() {
    Runner late;
    Runner started = null;
    synchronized (this) {
      late = runner;
      if (first == null && late == null) {
        return;
      }
      if (first != null && (late == null || isLate(late))) {
        started = new Runner();
        runner = started;
        lateRunners += late == null ? 0 : 1;
      }
    }
    if (started != null) {
      start(started, late);
    } else {
      timers.schedule(this, LOOK_NANOS);
    }
  }

  /** Whether the last look found the runner at the same piece, long enough ago. */
  private boolean isLate(Runner now) {
    int begun = now.current == null ? 0 : now.current.begun;
    if (now == seen && now.turns == seenTurns && begun == seenBegun) {
      // Without a turn it has yet to come onto a processor, as another would.
      return now.turns > 0 && System.nanoTime() - seenAt >= LOOK_NANOS;
    }
    seen = now;
    seenTurns = now.turns;
    seenBegun = begun;
    seenAt = System.nanoTime();
    return false;
  }

  /** Counts a thread that runs errands in or out. */
  private synchronized void enter(int change) {
    active += change;
    if (active == 0) {
      notifyAll();
    }
  }

  /**
   * Waits until all errands are done, within a time, and only a while longer once one of them is
   * late. Runs them itself where no thread is to be had. Not interruptible, since it is brief.
   *
   * @param nanos how long at the most
   * @param lateNanos how long where one is late
   */
  public final void awaitQuiet(long nanos, long lateNanos) {
    boolean interrupted = false;
    long start = System.nanoTime();
    long lateBefore = lateRunners();
    long inTime = start;
    for (long now = start; !isQuiet() && now - start < nanos; now = System.nanoTime()) {
      if (!isLateSince(lateBefore)) {
        inTime = now;
      } else if (now - inTime >= lateNanos) {
        break;
      }
      try {
        synchronized (this) {
          if (runner != null || active > 0 || now != start) { // Else nobody has tried yet.
            TimeUnit.NANOSECONDS.timedWait(this, LOOK_NANOS);
          }
        }
      } catch (InterruptedException e) {
        interrupted = true;
      }
      help();
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  private synchronized long lateRunners() {
    return lateRunners;
  }

  /**
   * Whether a runner was late since, or has not begun, or was late before and is all that is left.
   */
  private synchronized boolean isLateSince(long before) {
    return first == null || lateRunners != before || (runner != null && runner.turns == 0);
  }

  private synchronized boolean isQuiet() {
    return first == null && active == 0;
  }

  /** As {@link #help}, but only where the last thread that was wanted was not to be had. */
  public final void helpIfStranded() {
    if (stranded) {
      help();
    }
  }

  /** Looks after the runner; where no thread is to be had for one, the caller is it. */
  public final void help() {
    run();
    Runner own = new Runner();
    synchronized (this) {
      if (first == null || (runner != null && !stranded)) {
        return;
      }
      own.lent = true;
      runner = own;
      stranded = false;
    }
    own.run();
  }
}
