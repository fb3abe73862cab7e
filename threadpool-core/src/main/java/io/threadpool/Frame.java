package io.threadpool;

import io.threadpool.internal.Gate;
import io.threadpool.internal.Handles;
import io.threadpool.internal.HeldSlot;
import io.threadpool.internal.Threads;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * A place on a thread's stack where a pool runs bodies, which names what runs there, and where
 * interrupts for it arrive: a worker's loop, where one body follows the other, or a single body
 * that runs on another thread (a guest) or on top of another body (inline).
 *
 * <p>The frames of a thread, of whatever pools, form a chain from the innermost outwards, by {@link
 * #outer}. All frames of one pool on a thread share the outermost of them, the {@link #root}: a
 * worker's, or a guest's. <em>A thread with a body of this pool on its stack</em> is one on whose
 * chain a frame of the pool stands.
 *
 * <p>Implementation note. Entering a frame suspends the body below it: that one's interrupts wait,
 * and the interrupt flag, the thread's name and its context class loader are put back when the
 * frame is left. All of it happens on the frame's own thread; other threads read {@link #entry()},
 * {@link #below} and {@link #innermost}. An abort interrupts by way of {@link #interruption}; a
 * cancel, and a limit, by the state of the {@link Task}; and a worker clears the flag between two
 * bodies ({@link Worker}). From what waits on one thread for what runs on another {@link #joiner}
 * leads back, for who looks for what would wait for itself.
 */
class Frame extends HeldSlot {

  /**
   * That of a worker's loop, with space after what it writes with every task; others last for one
   * body, and there may be many of them.
   */
  static final class OfLoop extends Frame {
    long a1, a2, a3, a4, a5, a6, a7, a8, a9, a10, a11, a12, a13, a14, a15;

    OfLoop(AbortSignal signal, Events events, Thread thread, Ledger.Tally tally) {
      super(signal, events, thread, tally, null);
    }
  }

  private static final ThreadLocal<@Nullable Frame> CURRENT = new ThreadLocal<>();

  private static final VarHandle INTERRUPTION =
      Handles.field(MethodHandles.lookup(), "interruption", int.class);

  /** The only run that a guest's or an inline frame shows. */
  private static final long GUESTS_RUN = Long.MAX_VALUE;

  /** A body of another pool owns the thread, or the frame was left: no abort may interrupt it. */
  private static final int DISOWNED = 1;

  /** An abort has interrupted the thread. */
  private static final int INTERRUPTED = 2;

  /** One more that is about to, or amid it; the thread does not pass on meanwhile. */
  private static final int INTERRUPTING = 4;

  /** The pool's; it is what tells one pool from another. */
  final AbortSignal signal;

  private final Events events;
  final @Nullable Frame outer;
  final Frame root;

  /** The next frame of the same pool on the thread, outwards. */
  final @Nullable Frame below;

  /** The frame, on another thread, of the body that waits for what runs here; null for none. */
  final @Nullable Frame joiner;

  /** How many frames of the pool on this stack, this one included, are {@code callerRuns}'s. */
  final int callerDepth;

  /** Whether the thread is of a pool, and nobody's who calls it. */
  private final boolean onPoolThread;

  /** Whether the pool's own code runs here, as if it were a body, and none that is counted. */
  private final boolean bare;

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
  volatile Frame innermost = this;

  /**
   * On a root: the bits above, and how many are interrupting the thread. Written by CAS, by the
   * frame's thread and by aborters.
   */
  private volatile int interruption;

  /** On a root: whether an abort's errand is to interrupt it. Written by aborters and errands. */
  volatile boolean interruptDue;

  static final Predicate<Frame> INTERRUPT_DUE =
      new Predicate<>() { // No lambda: the first ones of a JVM take a millisecond each.
        @Override
        public boolean test(Frame frame) {
          return frame.interruptDue;
        }
      };

  /**
   * Of a guest's, an inline or a lent one, and where a worker names what it runs: whether that was
   * claimed, or accepted from its submitter. Written by its thread.
   */
  volatile boolean begun;

  /** Of a worker's: how far the entry that it has taken has come: one of the next three. */
  int progress;

  static final int TAKEN = 0;
  static final int BEGUN = 1;

  /** One that has ended and was counted. */
  static final int COUNTED = 2;

  /** Of a worker's: how many entries it has named. Written by its thread, before {@link #begun}. */
  private int named;

  /** The body began the abort, and is not interrupted by it. The thread's own. */
  boolean exempt;

  /**
   * On a root: the stack of the thread at the end of the grace; empty while somebody asks for it.
   * Written by who settles what is stuck.
   */
  volatile StackTraceElement @Nullable [] stack;

  /** The run that the watch has seen last, since when, and whether it was slow. The watch's own. */
  private long runSeen = NO_RUN;

  private long seenSince;
  boolean slowTold;

  /** Of a worker's: what the thread's maker put on it, before any body. The thread's own. */
  private Thread.@Nullable UncaughtExceptionHandler makers;

  /**
   * Where its root stands among others that come and go; negative for nowhere. The thread's own.
   */
  long place = -1;

  /** The task whose body is below, on the same thread. The thread's own. */
  private @Nullable Task<?> suspended;

  /** What was there before, to be put back. The thread's own. */
  private boolean interruptedBefore;

  private @Nullable String nameBefore;
  private @Nullable ClassLoader loaderBefore;
  private int priorityBefore;

  /**
   * A worker's.
   *
   * @param joiner whose body waits for what the worker runs; null for none
   */
  Frame(
      AbortSignal signal,
      Events events,
      Thread thread,
      Ledger.Tally tally,
      @Nullable Frame joiner) {
    super(thread);
    this.joiner = joiner;
    this.signal = signal;
    this.events = events;
    this.tally = tally;
    outer = null;
    root = this;
    below = null;
    callerDepth = 0;
    onPoolThread = true;
    bare = false;
  }

  /**
   * A guest's or an inline one, not entered yet.
   *
   * @param unqueued whether it is for a task that its submitter runs
   * @param bare whether it is on an errand thread, below what is called there: what runs on top of
   *     it is a guest
   */
  Frame(AbortSignal signal, Events events, boolean unqueued, boolean bare) {
    super(Thread.currentThread());
    joiner = null;
    this.signal = signal;
    this.events = events;
    outer = CURRENT.get();
    Frame lower = of(signal);
    below = lower == null || lower.bare ? null : lower;
    root = below == null ? this : below.root;
    callerDepth = (below == null ? 0 : below.callerDepth) + (unqueued ? 1 : 0);
    tally = root == this ? null : root.tally;
    onPoolThread = bare || (outer != null && outer.onPoolThread);
    this.bare = bare;
  }

  /** The innermost frame of any pool on the calling thread's stack, or null. */
  static @Nullable Frame current() {
    return CURRENT.get();
  }

  /**
   * Whether a body on the calling thread is what a body on another thread waits for, directly or by
   * way of others.
   */
  static boolean isAwaitedOn(Thread thread) {
    Frame frame = CURRENT.get();
    while (frame != null && frame.thread != thread) {
      frame = frame.outer == null ? frame.joiner : frame.outer;
    }
    return frame != null;
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
  static @Nullable Frame of(AbortSignal signal) {
    for (Frame frame = CURRENT.get(); frame != null; frame = frame.outer) {
      if (frame.signal == signal) {
        return frame;
      }
    }
    return null;
  }

  void enterLoop() {
    CURRENT.set(this);
    makers = Events.handlerOn(thread);
  }

  /** The handler that the thread's maker put on it, or null. */
  Thread.@Nullable UncaughtExceptionHandler makersHandler() {
    return isWorker() ? root.makers : Events.handlerOn(thread);
  }

  /**
   * Reports what ended a body that nobody asks for, or one run of it: what it has thrown, on its
   * own thread; else, where the frame is another thread's or there is none, a limit.
   */
  static void uncaught(Events events, Throwable thrown, @Nullable Frame frame) {
    boolean limit = frame == null || frame.thread != Thread.currentThread();
    events.uncaught(thrown, frame == null ? null : frame.makersHandler(), limit);
  }

  /** From here on the thread is its maker's. */
  void leaveLoop() {
    disown();
    CURRENT.remove();
  }

  /** From here on no abort interrupts the thread. */
  void disown() {
    if (disown(true)) {
      Thread.interrupted();
    }
  }

  /**
   * Makes this frame the innermost of the thread, with a body that is about to be claimed: from the
   * claim on, an interrupt is the body's, so what was there before is put aside first.
   */
  void enter(Object claimed) {
    nameBefore = thread.getName();
    loaderBefore = thread.getContextClassLoader();
    priorityBefore = thread.getPriority();
    startedAt = System.nanoTime();
    if (outer != null && outer.entry() instanceof Task<?> task) {
      task.suspend();
      suspended = task;
    }
    Frame others = otherPools();
    if (others != null) {
      others.disown(true);
    }
    interruptedBefore = Thread.interrupted(); // Those of the pool below are over, ours yet to come.
    if (others != null && root != this) {
      root.disown(false);
    }
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
    Frame others = otherPools();
    boolean byAbort = (root == this || others != null) && root.disown(true);
    if (onPoolThread || ours || byAbort) {
      Thread.interrupted(); // Else it may be meant for the caller whose thread this is.
    }
    try {
      Threads.putBack(thread, nameBefore, loaderBefore, priorityBefore);
    } catch (Throwable refused) { // The thread may be of a user's class.
      events.notPutBack(refused);
    }
    if (others != null) {
      others.disown(false);
    }
    if (suspended != null) {
      suspended.resume();
      suspended = null; // Who keeps a view of this run keeps neither task nor pool.
    }
    if (outer != null) {
      outer.deliverAbort();
    }
    if (interruptedBefore) {
      interruptOwn();
    }
  }

  /**
   * Interrupts the calling thread if its pool aborts; for a body that starts, or goes on, amid
   * that.
   */
  void deliverAbort() {
    if (signal.isAborting() && !exempt && entry() != null) {
      if (isWorker()) {
        interruptOwn();
      } else {
        root.interruptForAbort();
      }
    }
  }

  /** Interrupts the calling thread, whose frame this is. */
  void interruptOwn() {
    events.interrupt(thread);
  }

  /**
   * Whether the frame has something to interrupt, or its worker may have taken something; asked in
   * this order, since what was tried may be held a moment later.
   */
  boolean isBusy() {
    return triedEntry() != null || entry() != null;
  }

  /** Whether what was tried still stands in its slot, or is held here by now. */
  boolean isAt(Object entry) {
    return triedEntry() == entry || entry() == entry;
  }

  /**
   * Interrupts the thread for an abort, unless no body of the pool owns it; then it is told later.
   * The thread does not pass on meanwhile, nor need it be counted where it is the caller, who might
   * wait for itself; nobody else is held up, since this may run user code.
   */
  void interruptForAbort() {
    int interrupting = thread == Thread.currentThread() ? 0 : INTERRUPTING;
    int h = interruption;
    while ((h & DISOWNED) == 0) {
      if (INTERRUPTION.compareAndSet(this, h, (h | INTERRUPTED) + interrupting)) {
        try {
          events.interrupt(thread);
        } finally {
          h = interruption;
          while (!INTERRUPTION.compareAndSet(this, h, h - interrupting)) { // Which is linked.
            h = interruption;
          }
        }
        return;
      }
      h = interruption;
    }
  }

  /** Says whether aborts may interrupt the thread; returns whether one has. */
  private boolean disown(boolean value) {
    for (int turn = 0; ; turn++) {
      int h = interruption;
      if (h >= INTERRUPTING) {
        Gate.pause(turn);
      } else if (INTERRUPTION.compareAndSet(this, h, value ? h | DISOWNED : h & ~DISOWNED)) {
        return (h & INTERRUPTED) != 0;
      }
    }
  }

  /**
   * The root of the frame that this stands on, where that is another pool's: then the thread is
   * handed over, and neither owns it at the instant at which the flag is put aside, or cleared.
   */
  private @Nullable Frame otherPools() {
    return outer == null || outer.signal == signal ? null : outer.root;
  }

  boolean isWorker() {
    return root.tally != null;
  }

  void set(@Nullable Object running) {
    begun = false;
    entry = running;
  }

  /** Of a worker's: lets go of its entry, which is named here, or held in its slot. */
  void drop() {
    if (isNamed()) {
      set(null);
    } else {
      letGo();
    }
  }

  /** Of a worker's: whether its entry is named here, and not held in its slot. */
  boolean isNamed() {
    return entry != null;
  }

  /** Of a worker's: the body of what it names is about to run. */
  void beginNamed() {
    named++;
    begun = true;
  }

  /** Which run of a body the frame shows; {@link #NO_RUN} where none runs. */
  long run() {
    return entry == null ? heldRun() : begun ? GUESTS_RUN - named : NO_RUN;
  }

  /** For how long the watch has seen the body that runs here; negative where none does. */
  long seenFor(long now) {
    long run = run();
    if (run != runSeen) {
      runSeen = run;
      seenSince = System.nanoTime(); // Not before it was seen: it may have begun after that time.
      slowTold = false;
    }
    return run == NO_RUN ? -1 : Math.max(0, now - seenSince);
  }

  /** The entry whose body runs, or is about to; null where there is none. */
  @Nullable Object entry() {
    Object own = entry;
    return own == null ? heldEntry() : own;
  }
}
