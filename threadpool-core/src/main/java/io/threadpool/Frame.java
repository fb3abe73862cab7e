package io.threadpool;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import org.jspecify.annotations.Nullable;

/**
 * A place on a thread's stack where a pool runs bodies: a worker's loop, where one body follows the
 * other, or a single body that runs on another thread (a guest) or on top of another body (inline).
 *
 * <p>The frames of a thread, of whatever pools, form a chain from the innermost outwards, by {@link
 * #outer}. All frames of one pool on a thread share the outermost of them, the {@link #root}: a
 * worker's, or a guest's. <em>A thread with a body of this pool on its stack</em> is one on whose
 * chain a frame of the pool stands.
 *
 * <p>Implementation note. Entering a frame suspends the body below it: that one's interrupts wait,
 * and the interrupt flag, the thread's name and its context class loader are put back when the
 * frame is left. All of it happens on the frame's own thread; other threads read {@link #entry()},
 * {@link #below} and {@link #innermost}, and decide {@link #fate}.
 */
final class Frame extends HeldSlot {

  long a1, a2, a3, a4, a5, a6, a7, a8, a9, a10, a11, a12, a13, a14, a15;

  private static final ThreadLocal<@Nullable Frame> CURRENT = new ThreadLocal<>();

  private static final VarHandle FATE;

  static {
    try {
      FATE = MethodHandles.lookup().findVarHandle(Frame.class, "fate", int.class);
    } catch (ReflectiveOperationException e) {
      throw new ExceptionInInitializerError(e);
    }
  }

  /** The fate of a raw command, which has no state word of its own. */
  private static final int PENDING = 0;

  private static final int BEGUN = 1;
  private static final int ENDED = 2;
  private static final int STUCK = 3;

  final PoolCore core;
  final Thread thread;
  final @Nullable Frame outer;
  final Frame root;

  /** The next frame of the same pool on the thread, outwards. */
  final @Nullable Frame below;

  /** How many frames of the pool on this stack, this one included, are {@code callerRuns}'s. */
  final int callerDepth;

  /** Whether the thread is a worker, of whatever pool. */
  private final boolean onWorkerThread;

  /** Where a worker's outcomes are counted; null for a guest's. */
  final Ledger.@Nullable Tally tally;

  /**
   * The entry whose body runs, of a guest's or an inline frame; a worker's is held in its slot.
   * Written by the frame's thread, read by others.
   */
  private volatile @Nullable Object entry;

  /**
   * On a root: the innermost frame of the pool. Written by its thread, read at the end of the
   * grace.
   */
  private volatile Frame innermost = this;

  /** What became of the raw command. Decided by CAS, by its thread or at the end of the grace. */
  private volatile int fate;

  /** The body began the abort, and is not interrupted by it. The thread's own. */
  private boolean exempt;

  /** On a root: whether an abort interrupted the thread. Guarded by the frame's monitor. */
  private boolean abortInterrupted;

  /**
   * On a root: that a body of another pool owns the thread, or that the frame was left. Monitor.
   */
  private boolean disowned;

  /** The task whose body is below, on the same thread. The thread's own. */
  private @Nullable Task<?> suspended;

  /** What was there before, to be put back. The thread's own. */
  private boolean interruptedBefore;

  private @Nullable String nameBefore;
  private @Nullable ClassLoader loaderBefore;

  /** A worker's. */
  Frame(PoolCore core, Thread thread, Ledger.Tally tally) {
    this.core = core;
    this.thread = thread;
    this.tally = tally;
    outer = null;
    root = this;
    below = null;
    callerDepth = 0;
    onWorkerThread = true;
    fate = BEGUN;
  }

  /**
   * A guest's or an inline one, not entered yet.
   *
   * @param unqueued whether it is for a task that its submitter runs
   */
  Frame(PoolCore core, boolean unqueued) {
    this.core = core;
    thread = Thread.currentThread();
    outer = CURRENT.get();
    below = of(core);
    root = below == null ? this : below.root;
    callerDepth = (below == null ? 0 : below.callerDepth) + (unqueued ? 1 : 0);
    tally = root == this ? null : root.tally;
    onWorkerThread = outer != null && outer.onWorkerThread;
  }

  /** The innermost frame of any pool on the calling thread's stack, or null. */
  static @Nullable Frame current() {
    return CURRENT.get();
  }

  /** Makes a frame that was {@link #current} before so again. */
  static void restore(@Nullable Frame before) {
    if (before == null) {
      CURRENT.remove();
    } else {
      CURRENT.set(before);
    }
  }

  /** The innermost frame of a pool on the calling thread's stack, or null. */
  static @Nullable Frame of(PoolCore core) {
    for (Frame frame = CURRENT.get(); frame != null; frame = frame.outer) {
      if (frame.core == core) {
        return frame;
      }
    }
    return null;
  }

  void enterLoop() {
    CURRENT.set(this);
  }

  /** From here on the thread is its maker's, and no abort interrupts it. */
  void leaveLoop() {
    if (disown(true)) {
      Thread.interrupted();
    }
    CURRENT.remove();
  }

  /**
   * Makes this frame the innermost of the thread, with a body that is about to be claimed: from the
   * claim on, an interrupt is the body's, so what was there before is put aside first.
   */
  void enter(Object claimed) {
    nameBefore = thread.getName();
    loaderBefore = thread.getContextClassLoader();
    startedAt = System.nanoTime();
    if (outer != null && outer.entry() instanceof Task<?> task) {
      task.suspend();
      suspended = task;
    }
    passThread(true);
    interruptedBefore = Thread.interrupted();
    set(claimed);
    CURRENT.set(this);
    if (root != this) {
      root.innermost = this;
    }
  }

  /**
   * Takes the frame off its thread's stack and puts back what its body may have changed.
   *
   * @param ran whether the body was claimed for this frame
   */
  void exit(boolean ran) {
    boolean ours = ran && entry() instanceof Task<?> task && task.wasInterrupted();
    if (root != this) {
      root.innermost = below == null ? root : below;
    }
    restore(outer);
    set(null);
    boolean byAbort = root == this && disown(true);
    if (onWorkerThread || ours || byAbort) {
      Thread.interrupted(); // Else it may be meant for the caller whose thread this is.
    }
    putBack();
    passThread(false);
    if (suspended != null) {
      suspended.resume();
    }
    if (outer != null) {
      outer.deliverAbort();
    }
    if (interruptedBefore) {
      thread.interrupt();
    }
  }

  private void putBack() {
    if (!thread.getName().equals(nameBefore)) {
      thread.setName(nameBefore);
    }
    if (thread.getContextClassLoader() != loaderBefore) {
      thread.setContextClassLoader(loaderBefore);
    }
  }

  /**
   * Interrupts the calling thread if its pool aborts; for a body that starts, or goes on, amid
   * that.
   */
  void deliverAbort() {
    if (core.lifecycle.isAborting() && !exempt && entry() != null) {
      if (isWorker()) {
        thread.interrupt();
      } else {
        root.interruptForAbort();
      }
    }
  }

  /**
   * Interrupts the thread for an abort, unless no body of the pool owns it; then it is told later.
   */
  synchronized void interruptForAbort() {
    if (!disowned) {
      abortInterrupted = true;
      try {
        thread.interrupt();
      } catch (Throwable refused) {
        core.events.interruptFailed(refused);
      }
    }
  }

  /** Says whether aborts may interrupt the thread; returns whether one has. */
  private synchronized boolean disown(boolean value) {
    disowned = value;
    return abortInterrupted;
  }

  /** Hands the thread over where this frame and the one below it are of different pools. */
  private void passThread(boolean entering) {
    if (outer != null && outer.core != core) {
      outer.root.disown(entering);
      if (root != this) {
        root.disown(!entering);
      }
    }
  }

  /** Notes whether the running body has begun the abort, which then does not interrupt it. */
  void exempt(boolean value) {
    exempt = value;
  }

  boolean isWorker() {
    return root.tally != null;
  }

  Frame innermost() {
    return innermost;
  }

  void set(@Nullable Object running) {
    entry = running;
  }

  /** The entry whose body runs, or is about to; null where there is none. */
  @Nullable Object entry() {
    Object own = entry;
    return own == null ? heldEntry() : own;
  }

  /** Notes that a raw command, accepted, begins, or that none will; false where that was noted. */
  boolean begin() {
    return FATE.compareAndSet(this, PENDING, BEGUN);
  }

  /** Decides that a raw command has ended; false where it was reported as stuck before. */
  boolean end() {
    return FATE.compareAndSet(this, BEGUN, ENDED);
  }

  /**
   * As {@link #end}, for a worker's, whose frame ends more than one: true where it was too late.
   */
  boolean isStuckAtEnd() {
    return !end() && isStuck();
  }

  /** Whether a raw command was reported as stuck; then it does not begin, if it has not. */
  boolean isStuck() {
    return fate == STUCK;
  }

  /** Decides that a raw command is stuck; false where it had ended before. */
  boolean markStuck() {
    return FATE.compareAndSet(this, BEGUN, STUCK);
  }
}
