package io.threadpool;

import io.threadpool.internal.Headcount;
import io.threadpool.internal.PaddingBefore;
import io.threadpool.internal.Parker;
import io.threadpool.internal.TaskQueue;
import io.threadpool.internal.Threads;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * What a worker writes with every task, its thread's own; on cache lines of its own, too, since
 * what lies beside it may be read with every submission.
 */
abstract class WorkerState extends PaddingBefore {

  @Nullable String name;
  @Nullable ClassLoader loader;
  int priority;

  boolean traced;

  /** For how many tasks the clock was, and is still, not to be read. */
  int window;

  int tasksUntilStamp;

  /** Whether the last window shows that the worker may leave the tasks to others. */
  boolean crowded;

  /** Whether the line of what is due comes before the queue, at the next look. */
  boolean dueNext;
}

/**
 * A worker: takes a task, runs it, cleans up after it, and sleeps where there is none. It is a
 * place in the crew; a run is its time on one thread, and one follows the other.
 *
 * <pre>
 *   looking --poll, takeDue--> taken --runTaken--> looking        with work, queued or due
 *   looking --search--> looking                                   found some while it spun
 *   looking --register, look again, await--> looking              none: asleep until woken
 *   looking --queue closed and drained, or the pool aborts--> left
 *   looking, asleep --leave--> left                               not needed: the place is vacant
 *   left --assign, run--> looking                                 another run, on another thread
 * </pre>
 *
 * <p>Implementation note. The entry that the worker has taken is held by its {@link Frame} until it
 * is settled, so that {@link #run}, whose frame is shallow, finishes what a loop that broke left
 * undone, and enters the loop again.
 *
 * <p>What a worker takes when an abort, or the end of its grace, is decided: the worker names the
 * slot, moves the head (a CAS, so a full fence), and then reads the phase ({@link AbortSignal});
 * who aborts writes the phase and then reads the frames. One of them sees the other: so either the
 * frame is seen, and its thread interrupted, or its entry settled; or the worker sees the abort,
 * and interrupts itself, or the end of the grace, and does not begin.
 */
final class Worker extends WorkerState implements Runnable, Bodies.Taker {

  long a1, a2, a3, a4, a5, a6, a7, a8, a9, a10, a11, a12, a13, a14, a15;

  private static final int TASKS_A_STAMP = 16;
  private static final int LONG_TASK_NANOS = 1_000;

  final int id;
  final Rest rest;

  /** Null where the worker never stands down. */
  final @Nullable Crowding crowding;

  private final Floor floor;
  private final AbortSignal signal;
  private final Backlog backlog;
  private final Delays delays;
  private final TaskQueue queue;
  private final Bodies bodies;
  private final Quiescence quiescence;
  private final Headcount headcount;
  private final Floor.Seam seam;
  final Parker parker;

  /** Set before the thread is started; null until then, where that failed, and between two runs. */
  private volatile @Nullable Frame frame;

  /**
   * Whether its thread has come to it, or it was counted out: one of the next three, and {@link
   * #ONE_RUN} more with each run. So who has looked at one run decides nothing of the next.
   */
  private final AtomicInteger presence = new AtomicInteger(AWAITED);

  private static final int AWAITED = 0;
  private static final int PRESENT = 1;

  /** Counted out, by the worker that leaves or by who finds its thread ended without that. */
  private static final int GONE = 2;

  private static final int ONE_RUN = 4;

  /** Whether this run counts as one that has a thread. */
  private final AtomicBoolean present = new AtomicBoolean();

  /** Set when the thread was started, which means nothing where its class overrides that. */
  private volatile boolean started;

  /** Set by the worker's thread, when it runs what it was given. */
  volatile boolean entered;

  Worker(int id, Parker parker, Floor floor, boolean standsDown) {
    this.id = id;
    this.parker = parker;
    this.floor = floor;
    signal = floor.signal();
    backlog = floor.backlog();
    delays = floor.delays();
    queue = backlog.queue;
    bodies = floor.bodies();
    quiescence = floor.quiescence();
    seam = floor.seam();
    headcount = floor.headcount();
    rest = new Rest(parker, floor);
    crowding = standsDown ? new Crowding(floor.idle(), backlog, parker, rest) : null;
  }

  /** Names the thread that is to run this worker; no other may. No earlier run is there. */
  void assign(Thread thread) {
    started = false;
    entered = false;
    present.set(false);
    presence.set((presence.get() | (ONE_RUN - 1)) + 1); // Before the frame, as it is read.
    crowded = false;
    endWindow();
    rest.begin();
    parker.thread = thread;
    frame = new Frame.OfLoop(signal, floor.events(), thread, floor.ledger().tally(id));
  }

  void unassign() {
    frame = null;
  }

  /** Counts out a run whose thread was not started; false where it has come all the same. */
  boolean giveUp() {
    int seen = presence();
    return ofRun(seen) == AWAITED && countOut(seen);
  }

  /** Notes that {@code start()} has returned. */
  void started() {
    started = true;
    countPresent();
  }

  /** By who starts the thread, or by that, as the first of the two: a body may be seen at once. */
  private void countPresent() {
    if (present.compareAndSet(false, true)) {
      headcount.started();
    }
  }

  @Nullable Frame frame() {
    return frame;
  }

  boolean isGone() {
    return ofRun(presence.get()) == GONE;
  }

  /** True where the thread has ended and has not left its loop, or not even entered it. */
  boolean isDead() {
    Frame own = frame;
    return own != null && started && !isGone() && !own.thread.isAlive();
  }

  /**
   * Counts a dead worker out; false where that was done, or its thread, of a class that starts it
   * late, has come meanwhile.
   */
  boolean bury() {
    int seen = presence(); // Before the thread is asked, which may come in between.
    return isDead() && countOut(seen);
  }

  int presence() {
    return presence.get();
  }

  private static int ofRun(int presence) {
    return presence & (ONE_RUN - 1);
  }

  /**
   * Counts a run out, unless that was done, or its thread has come, since its presence was seen.
   */
  boolean countOut(int seen) {
    return ofRun(seen) != GONE && presence.compareAndSet(seen, (seen & -ONE_RUN) + GONE);
  }

  /** The life of the worker's thread. Does nothing on any other thread. */
  @Override
  public void run() {
    int seen = presence(); // Before the frame: one that is the thread's own is of no earlier run.
    Frame own = frame;
    if (own == null || !comes(own, seen)) {
      return; // Its thread could not be started, or it was started by somebody else.
    }
    work(own);
    floor.observer().onLeaving();
    own.leaveLoop();
    boolean counted = ofRun(presence.getAndSet(seen + GONE)) != GONE;
    boolean ended = !rest.hasLeft();
    if (ended) {
      headcount.lost(true);
    } else {
      leavePlace();
    }
    if (counted) {
      floor.count().leave();
    }
    floor.observer().onLeft(id, ended); // Last, since it logs.
  }

  /** Whether the calling thread is the run's, and was not given up as dead before it came. */
  private boolean comes(Frame own, int seen) {
    if (own.thread != Thread.currentThread()) {
      floor.events().foreignThread(id);
      return false;
    }
    seam.onCome(id);
    if (ofRun(seen) != AWAITED || !presence.compareAndSet(seen, seen + PRESENT)) {
      return false;
    }
    countPresent();
    return true;
  }

  /** Does what there is to do until the run is over. */
  private void work(Frame own) {
    own.enterLoop();
    name = own.thread.getName();
    loader = own.thread.getContextClassLoader();
    priority = own.thread.getPriority();
    entered = true; // After what a thread's class may have made user code, which may end it.
    if (headcount.came() == headcount.min() + 1) {
      floor.idle().wakeAll(); // Who sleeps may have found nobody too many, and sleep for ever.
    }
    floor.observer().onCome();
    for (boolean left = false; !left; ) {
      try {
        loop(own);
        left = true;
      } catch (Throwable broken) {
        repair(own, broken);
      }
    }
  }

  /**
   * Leaves the place to another run, then looks: who found no room for one while this was counted
   * has left its task to this look.
   */
  private void leavePlace() {
    frame = null;
    quiescence.check(); // As before a sleep: what it did last may not have been seen.
    parker.thread = null;
    floor
        .idle()
        .vacate(parker); // From here on it may have begun: nothing of this object is touched.
    try {
      floor.observer().onCountedOut(); // Who found no room may have told that to all that follow.
      boolean needed = floor.isLeftAlone() || headcount.lacksKept();
      if (!needed && floor.timers().isStranded() && !floor.idle().wakeOne()) { // It kept the time.
        needed = floor.isLeftAlone(); // Left to who popped that one, which was dormant.
      }
      if (needed) {
        floor.observer().onMoreFound(); // Now, as nobody looks once more.
      }
    } catch (Throwable lacking) {
      floor.idle().doubtful = true; // Whoever comes next looks; the run is yet to be counted out.
    }
  }

  /** Finishes what the broken loop had begun. */
  private void repair(Frame own, Throwable broken) {
    crowded = false;
    tasksUntilStamp = TASKS_A_STAMP; // What broke may have been the stamp.
    try {
      rest.foundWork(); // What broke may have been this; and the entry may wait for what is behind.
    } catch (Throwable again) {
      floor.idle().doubtful = true; // Whoever waits looks.
    }
    bodies.repair(this, own, broken);
    delays.giveBack(own); // Should it not even have claimed what is due.
    if (own.entry() != null) { // Else the break may have come amid the taking.
      own.drop();
    }
  }

  @Override
  public void tellBroken(Throwable cause) {
    floor.events().loopBroken(id, cause);
  }

  private void loop(Frame own) {
    if (crowding != null) {
      crowding.resume();
    }
    if (rest.resume()) {
      endWindow();
    }
    boolean over = rest.hasLeft();
    while (!over) {
      seam.onLoop(id);
      if ((!signal.isGiven() || mayTake()) && runNext(own)) {
        if (crowded) {
          leaveToOthers(own);
          over = rest.hasLeft();
        }
      } else {
        over = rest.hasLeft() || isOver() || rests();
      }
    }
  }

  /**
   * For a worker that was given notice: leaves, where there are too many; true where it goes on,
   * and the pool does not abort.
   */
  private boolean mayTake() {
    return !(headcount.isShrinking() && rest.leave()) && !signal.isAborting();
  }

  /** For one that has found nothing: whether it never will, or the pool aborts. */
  private boolean isOver() {
    seam.onEmpty(id);
    boolean over = backlog.isOver() || signal.isAborting();
    if (over) {
      rest.giveUpSearch();
      floor.idle().wakeAll(); // Should the closer have failed to.
    }
    return over;
  }

  /** Searches and sleeps; true where the run has ended meanwhile. */
  private boolean rests() {
    if (rest.idle()) {
      endWindow();
    }
    return rest.hasLeft();
  }

  /**
   * Takes an entry and runs it; false where there is none. In a method of its own, since a variable
   * of the loop would keep the entry, and so the pool, reachable while the worker sleeps.
   */
  private boolean runNext(Frame own) {
    own.progress = Frame.TAKEN;
    Object entry = dueNext ? takeDue(own) : null;
    entry = entry == null ? queue.poll(own) : entry;
    entry = entry == null ? takeDue(own) : entry;
    if (entry == null) {
      return false;
    }
    if (rest.isAlert()) {
      rest.foundWork();
    }
    runTaken(own, entry);
    return true;
  }

  /**
   * Takes from the line of what is due. Where the queue has work, too, the line is looked at after
   * each time that the clock was read; so in turns, but for short tasks.
   */
  private @Nullable Object takeDue(Frame own) {
    dueNext = false;
    return backlog.beside.due() == 0 ? null : delays.take(own);
  }

  /** Stands down, if the body that has run since it was due was short, too. */
  private void leaveToOthers(Frame own) {
    crowded = false;
    if (System.nanoTime() - own.startedAt < TASKS_A_STAMP * LONG_TASK_NANOS
        && crowding != null
        && crowding.standDown()) {
      endWindow();
    }
  }

  /** Runs what the frame holds, or names since it was due, unless it proves dead. */
  @Override
  public void runTaken(Frame own, Object entry) {
    boolean due = own.isNamed();
    if (due) {
      seam.onDue(id);
    }
    if (due || --tasksUntilStamp <= 0) {
      stamp(own);
    }
    beforeBody(own);
    if (backlog.claim(own, entry)) {
      try {
        bodies.run(entry, own);
        own.progress = Frame.COUNTED; // A store, which cannot fail between.
      } finally {
        afterBody(own);
      }
    }
    own.drop();
    if (due) {
      endWindow(); // What was taken from the queue meanwhile tells nothing.
      crowded = false;
      dueNext = false;
    }
    quiescence.check();
  }

  /**
   * Lets the body begin without an interrupt that is not meant for it, but with that of an abort,
   * which may have come too early for it. Before the claim, since from there on an interrupt is the
   * body's, and since a thread's interrupt may be user code.
   */
  private void beforeBody(Frame own) {
    if (traced) {
      floor.events().gotJob(id);
    }
    Thread.interrupted();
    if (signal.isAborting()) {
      own.interruptOwn();
    }
  }

  /** Puts back what the body may have changed on the thread. */
  private void afterBody(Frame own) {
    own.exempt = false;
    Thread.interrupted();
    Threads.putBack(own.thread, name, loader, priority);
  }

  /**
   * Reads the clock, before every task where they are long and once in a while where they are not.
   */
  private void stamp(Frame own) {
    long now = System.nanoTime();
    long elapsed = now - own.startedAt;
    int shortTasks = window == TASKS_A_STAMP ? window : 0;
    crowded = crowding != null && crowding.stamp(shortTasks, now, elapsed);
    own.startedAt = now;
    window = elapsed > TASKS_A_STAMP * LONG_TASK_NANOS ? 1 : TASKS_A_STAMP;
    tasksUntilStamp = window;
    traced = floor.events().look();
    dueNext = backlog.beside.due() > 0;
    bodies.watch();
  }

  /** After a sleep: the next task is stamped, and what was taken meanwhile tells nothing. */
  private void endWindow() {
    window = 0;
    tasksUntilStamp = 0;
  }
}
