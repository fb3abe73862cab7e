package io.threadpool;

import io.threadpool.internal.Beside;
import io.threadpool.internal.DueHeap;
import io.threadpool.internal.HeldSlot;
import io.threadpool.internal.IdleWorkers;
import io.threadpool.internal.StackProbe;
import io.threadpool.internal.Timers;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * All scheduled tasks of one pool: the heap of what is delayed, and the line of what has fallen
 * due. One entry in the {@link Timers} is for the first of the heap. Whether it is the turn of the
 * line or of the queue is decided by who takes, a worker or a virtual run.
 *
 * <pre>
 *   (none) --add--> delayed --handOver--> in the line --take--> a worker's     or claimed by a joiner
 *                     |  ^                    |                    |
 *                     |  +---------------- delayAgain -------------+           it repeats
 *                     +--decided, takeAny-----+                                settled: out at once
 * </pre>
 *
 * <p>Implementation note. The monitor guards the heap and the line, and no user code runs under it.
 * To move what is due from the one to the other takes no memory, since both are made of the delays
 * themselves, and nor does to delay one again: so nothing is lost half way, whoever is at it.
 * Whether a task is delayed, may be claimed, or is settled is decided by its state word alone; here
 * it is only found. Who settles or claims one takes it out afterwards, and what is settled is not
 * put in: of those two one sees the other, as the state is read under the monitor.
 *
 * <p>What falls due is counted as entered before its state says so, and who settles a delayed one
 * counts that, too, before the outcome; a count too many, where both have, is counted as left. So
 * to {@link Quiescence} never more seems settled than entered.
 *
 * <p>A worker names what it takes before it is out of the line, both under the monitor. The aborter
 * takes the rest under it, after it has said that the pool aborts, which a worker reads under it,
 * too: so what the aborter does not find a frame shows. A worker that registers as asleep looks at
 * {@link Beside#due} afterwards; who hands over raises that first, and then looks whom to wake.
 */
final class Delays extends DelayHost implements Predicate<Delay<?>> {

  /** So many are handed over before the timer, which goes on with that, may do other things. */
  private static final int AT_ONCE = 256;

  private static final long AGAIN_NANOS = 1_000_000;

  private final Beside beside;
  private final Ledger ledger;
  private final Quiescence quiescence;
  private final IdleWorkers idle;
  private final AbortSignal signal;
  private final Events events;
  private final Timers timers;
  private final Untold untold;
  private final Observer observer;

  private final DueHeap<Delay<?>> heap = new DueHeap<>();

  /** How many are in the heap. Written under the monitor. */
  private volatile int size;

  /** The line: its first and its last, null where it is empty. Guarded by the monitor. */
  private @Nullable Delay<?> first;

  private @Nullable Delay<?> last;

  /**
   * Since when the first of the line is due, or the last that was it. Written under the monitor
   * before {@link Beside#due} is raised; read without it, after that.
   */
  private volatile long firstDue;

  /** How many were taken from the line so far. Written under the monitor. */
  volatile long taken;

  /** Whether the timer is to hand over. Guarded by the monitor, as are the next two. */
  private boolean asked;

  /** Whether it was asked, and has no thread. */
  private boolean denied;

  /** When; nanoTime. */
  private long askedFor;

  private final Timers.Entry timer = new Due();

  /** Taken out at the close, each linked to the next by its {@code after}. So is the next. */
  private @Nullable Delay<?> dropped;

  private boolean dropsAll;

  /** When; nanoTime. What was due by then runs. */
  private long droppedAt;

  /** Hands over, on the timer's thread. */
  private final class Due extends Timers.Entry {
    @Override
    public void run() {
      synchronized (Delays.this) {
        asked = false;
      }
      idle.settleDoubt();
      handOver();
    }
  }

  Delays(
      Beside beside,
      Ledger ledger,
      Quiescence quiescence,
      IdleWorkers idle,
      AbortSignal signal,
      Events events,
      Timers timers,
      Untold untold,
      Observer observer) {
    this.beside = beside;
    this.ledger = ledger;
    this.quiescence = quiescence;
    this.idle = idle;
    this.signal = signal;
    this.events = events;
    this.timers = timers;
    this.untold = untold;
    this.observer = observer;
  }

  /** How many are delayed. */
  int size() {
    return size;
  }

  /** Accepts a task, to be due after a time; false where the pool is closed. */
  boolean add(Delay<?> delay, long nanos) {
    long left = Math.max(0, Math.min(nanos, DueHeap.LONGEST_NANOS));
    boolean soonest;
    synchronized (this) {
      long now = ledger.nanoTime();
      soonest = left == 0 || !asked || now + left - askedFor < 0;
      if (soonest) {
        StackProbe.ensure(); // From the counting in on nothing may fail.
      } else {
        StackProbe.ensureLittle(); // As the timer is not asked.
      }
      if (!beside.enter()) {
        return false;
      }
      ledger.countScheduled();
      put(delay, now + left);
    }
    if (left == 0) {
      handOver();
    } else if (soonest) {
      keepTime();
    }
    return true;
  }

  private void put(Delay<?> delay, long due) {
    heap.put(delay, due);
    size = heap.size();
  }

  @Override
  boolean delayAgain(Object body) {
    Delay<?> delay = (Delay<?>) body;
    synchronized (this) {
      Frame own = Frame.of(signal);
      if (own != null) {
        own.begun = false; // Before another worker may run it.
      }
      if (beside.isClosed() || !delay.task.delayAgain()) {
        delay.dropBody();
        return false;
      }
      if (delay.inLine) {
        unlink(delay); // It was claimed by who had taken it for an earlier beat.
      }
      ledger.left.getAndIncrement();
      put(delay, delay.due);
    }
    handOver();
    return true;
  }

  // What is due.

  @Override
  long untilDue(@Nullable Object body) {
    if (!(body instanceof Delay<?> delay)) {
      return 0; // It is settled.
    }
    long nanos = delay.due - ledger.nanoTime();
    if (nanos <= 0) {
      StackProbe.ensure();
      handOver();
    }
    return nanos;
  }

  /** For about how long the first of the line has been due; -1 where there is none. */
  long oldest() {
    return beside.due() == 0 ? -1 : Math.max(0, ledger.nanoTime() - firstDue);
  }

  private void setFirst(@Nullable Delay<?> delay) {
    first = delay;
    if (delay != null) {
      firstDue = delay.due;
    }
  }

  /** How long until something is due; {@code Long.MAX_VALUE} where nothing is delayed. */
  long untilNext() {
    if (size == 0) {
      return Long.MAX_VALUE;
    }
    synchronized (this) {
      return heap.untilFirst(ledger.nanoTime());
    }
  }

  /** Puts into the line what has fallen due. Called by the timer, and by whoever waits. */
  void handOver() {
    for (int i = 0; i < AT_ONCE && moveOne(); i++) {
      if (!wakeOne()) {
        return;
      }
    }
    keepTime();
  }

  /** Has somebody look at the line; false where that failed, and is left to the timer. */
  private boolean wakeOne() {
    try {
      if (!idle.wakeOne()) {
        observer.onNobodyAwake();
      }
      return true;
    } catch (Throwable noMemory) {
      idle.doubtful = true; // Whoever comes next looks.
      askSoon();
      return false;
    }
  }

  private boolean moveOne() {
    boolean moved;
    synchronized (this) {
      if (heap.untilFirst(ledger.nanoTime()) > 0) {
        return false;
      }
      Delay<?> delay = Checks.nonNull(heap.poll(), "delay");
      size = heap.size();
      ledger.fallenDue.getAndIncrement();
      moved = delay.task.fallDue();
      if (moved) {
        append(delay);
      } else {
        ledger.left.getAndIncrement(); // Who has settled it counts as well.
      }
    }
    if (!moved) {
      quiescence.check();
    }
    return true;
  }

  /** Has the timer hand over when the next one is due; or a worker, where that has no thread. */
  private void keepTime() {
    if (!isKept()) {
      var unused = wakeOne(); // Who goes to sleep tries again.
    }
  }

  private synchronized boolean isKept() {
    Delay<?> next = heap.first();
    if (next != null && (!asked || next.due - askedFor < 0)) {
      askedFor = next.due;
      asked = timers.schedule(timer, askedFor - ledger.nanoTime());
      denied = !asked;
    } else if (next == null && (asked || denied)) {
      asked = false;
      denied = false;
      timers.cancel(timer); // It would keep the pool.
    }
    return !denied;
  }

  private void append(Delay<?> delay) {
    delay.before = last;
    if (last == null) {
      setFirst(delay);
    } else {
      last.after = delay;
    }
    last = delay;
    delay.inLine = true;
    beside.addDue(1);
  }

  private void unlink(Delay<?> delay) {
    Delay<?> before = delay.before;
    Delay<?> after = delay.after;
    if (before == null) {
      setFirst(after);
    } else {
      before.after = after;
    }
    if (after == null) {
      last = before;
    } else {
      after.before = before;
    }
    delay.before = null;
    delay.after = null;
    delay.inLine = false;
    beside.addDue(-1);
  }

  /**
   * Takes the first of the line, which the frame names; null where there is none, or at an abort.
   */
  synchronized @Nullable Task<?> take(Frame own) {
    Delay<?> delay = first;
    if (delay == null || signal.isAborting()) {
      return null;
    }
    own.set(delay.task);
    own.timedSince(delay.due);
    unlink(delay);
    taken++;
    return delay.task;
  }

  /**
   * Puts back what a frame names that will not run it: its loop, or its thread, has broken off. Of
   * an aborter, which takes what is here under the monitor, one sees the other.
   */
  void giveBack(Frame broken) {
    Task<?> task;
    boolean aborting;
    synchronized (this) {
      task = broken.isNamed() && broken.entry() instanceof Task<?> named ? named : null;
      if (task == null
          || !(task.whileQueued() instanceof Delay<?> delay)
          || delay.inLine
          || (broken.thread != Thread.currentThread() && broken.thread.isAlive())) {
        return;
      }
      aborting = signal.isAborting();
      if (!aborting) {
        append(delay);
      }
      broken.set(null);
    }
    if (!aborting) {
      var unused = wakeOne();
    } else if (task.abortUnstarted(TaskAbortedException.Reason.SHUTDOWN)) {
      untold.add(task);
    }
  }

  @Override
  synchronized void claimed(Object body) {
    Delay<?> delay = (Delay<?>) body;
    if (delay.inLine) {
      unlink(delay);
    }
  }

  // What is settled.

  @Override
  void decided(Object body, Outcome outcome, boolean delayed) {
    Delay<?> delay = (Delay<?>) body;
    delay.dropBody();
    synchronized (this) {
      if (delay.inLine) {
        unlink(delay);
      } else if (heap.remove(delay)) {
        size = heap.size();
      }
      if (delayed) {
        ledger.fallenDue.getAndIncrement();
      }
      ledger.count(outcome, null);
    }
    if (size == 0) {
      keepTime();
    }
    quiescence.check();
  }

  @Override
  void left() {
    if (beside.leave()) {
      observer.onNothingBeside();
    }
  }

  @Override
  void failed(Throwable thrown, @Nullable HeldSlot frame) {
    Frame.uncaught(events, thrown, frame == null ? Frame.of(signal) : (Frame) frame);
  }

  /**
   * Takes one out of the line, or of what is delayed, for the aborter; null where there is none.
   */
  synchronized @Nullable Task<?> takeAny() {
    Delay<?> delay = first;
    if (delay != null) {
      unlink(delay);
    } else {
      delay = heap.poll();
      size = heap.size();
    }
    return delay == null ? null : delay.task;
  }

  /**
   * Cancels what repeats, and is not due, of a pool that has been closed.
   *
   * @param all whether what is delayed once, too
   */
  void drop(boolean all) {
    unlinkDropped(all);
    settleDropped();
  }

  private synchronized void unlinkDropped(boolean all) {
    dropsAll = all;
    droppedAt = ledger.nanoTime();
    heap.removeIf(this);
    size = heap.size();
  }

  /** Cancels what was dropped; so does who aborts, whose call answers for that, too. */
  void settleDropped() {
    for (Delay<?> next = nextDropped(null); next != null; next = nextDropped(next)) {
      if (next.task.cancelDelayed()) {
        untold.add(next.task);
      }
    }
  }

  /** The first that was dropped, without one that is settled by now. */
  private synchronized @Nullable Delay<?> nextDropped(@Nullable Delay<?> settled) {
    if (settled != null && settled == dropped) {
      dropped = settled.after;
      settled.after = null;
    }
    return dropped;
  }

  /** Whether a close drops it, which links it with the others; itself, as that may lack memory. */
  @Override
  public boolean test(Delay<?> delay) {
    boolean drops = (dropsAll || delay.repeats()) && delay.due - droppedAt > 0;
    if (drops) {
      delay.after = dropped;
      dropped = delay;
    }
    return drops;
  }

  /** Has the timer do what has failed. */
  private synchronized void askSoon() {
    askedFor = ledger.nanoTime() + AGAIN_NANOS;
    asked = timers.schedule(timer, AGAIN_NANOS);
    denied = !asked;
  }
}
