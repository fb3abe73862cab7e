package io.threadpool;

import io.threadpool.internal.Headcount;
import io.threadpool.internal.StackProbe;
import io.threadpool.internal.Starter;
import io.threadpool.internal.TaskQueue;
import io.threadpool.internal.Timers;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/**
 * Decides when a crew on threads grows, and asks the {@link Starter} for each run: it starts none
 * itself.
 *
 * <p>It is asked where something is queued, and nobody sleeps who could be woken, nor searches: by
 * submitters, each millisecond at the most, by workers that found more than they take, by those
 * that leave, and by a tick of the timer for as long as that is so. A run is started at once where
 * fewer are there than are always to be, or none; and where fewer than there are processors
 * compute, as far as the states of their threads tell (one that reads from a socket is RUNNABLE,
 * too). Where that many do, one is started only once no task has been taken for some 5 ms; and none
 * while as many are coming as tasks wait.
 *
 * <p>Implementation note. What decides runs no user code. The factory, which is, is called by the
 * starter: a thread that exists while there is something to start, is no daemon unless the pool's
 * own are, and inherits nothing from whoever decided. A run is counted from the decision on. Where
 * it cannot start, it is counted out, and the tick, or who waits for the pool, decides anew, with
 * growing pauses. What was seen last is written without order by whoever looks: a look too few or
 * too many does no harm, since the tick follows.
 */
final class Growth extends Timers.Entry implements Starter.Work {

  private static final long TICK_NANOS = 5_000_000;

  /** Submitters look no more often than that, where as many run as should. */
  private static final long LOOK_NANOS = 1_000_000;

  private static final long LONGEST_PAUSE_NANOS = 1_000_000_000;

  /** After that long those that were started and have not come are not counted on any more. */
  private static final long LATE_NANOS = 1_000_000_000;

  /** Of so many threads the states are looked at. */
  private static final int MOST_STATES = 256;

  private static final int PROCESSORS = Runtime.getRuntime().availableProcessors();

  private static final ClassValue<Boolean> HAS_OWN_STATE = new OwnState();

  /** Whether a class of threads tells their state by a method of its own, which is user code. */
  private static final class OwnState extends ClassValue<Boolean> {
    @Override
    protected Boolean computeValue(Class<?> type) {
      try {
        return type.getMethod("getState").getDeclaringClass() != Thread.class;
      } catch (Throwable unknown) {
        return true;
      }
    }
  }

  private final Places places;
  private final Carrier carrier;
  private final Floor floor;
  private final Watch watch;
  private final Headcount headcount;
  private final TaskQueue queue;

  /** Whether the timer is to look. */
  private final AtomicBoolean ticking = new AtomicBoolean();

  private volatile long lookedAt = System.nanoTime() - LOOK_NANOS;

  /** How many runs have come. Written under the monitor. */
  private volatile long come;

  /** How many tasks more than that had been taken at the last look, and since when. */
  private volatile long takenSeen = Long.MIN_VALUE;

  private volatile long takenSince = lookedAt;

  /** When a run was last asked for; nanoTime. */
  private volatile long askedAt = lookedAt;

  /** How long nothing is started after the last failure; 0 where a run has come since. */
  volatile long pause;

  private volatile long pausedSince = lookedAt;

  /** Whether why a start failed was told, since a run has come. */
  private volatile boolean told;

  /** Who calls the factory. Set while the pool is built. */
  @Nullable Starter starter;

  Growth(Places places, Carrier carrier, Floor floor, Watch watch) {
    this.places = places;
    this.carrier = carrier;
    this.floor = floor;
    this.watch = watch;
    headcount = floor.headcount();
    queue = floor.backlog().queue;
  }

  // When.

  /** Looks, for who knows that something is queued and found nobody awake. */
  void nobodyAwake() {
    long now = System.nanoTime();
    if (headcount.isShort() || now - lookedAt >= LOOK_NANOS) {
      lookNow(now);
    } else {
      tickLater();
    }
  }

  private void lookNow(long now) {
    lookedAt = now;
    if (hasRoom()) {
      tickLater(); // First, should there be too little stack or memory for the rest.
      if (headcount.isShort() || stoodStill(now) || computing() < PROCESSORS) {
        askFor(now);
      }
    }
  }

  /**
   * As {@link #nobodyAwake}, for a run that has just begun, or leaves its place, and does not count
   * as one that computes.
   */
  void moreFound() {
    if (hasRoom()) {
      tickLater(); // First, as above.
      if (computing() <= PROCESSORS) {
        askFor(System.nanoTime());
      }
    }
  }

  private boolean hasRoom() {
    return headcount.hasRoom() && !floor.signal().isAborting();
  }

  private void askFor(long now) {
    if (areTooFewComing(now) && starter != null) {
      StackProbe.ensure(); // Nothing may fail between the counting in and the asking.
      if (now - pausedSince < pause) {
        starter.attend();
      } else if (headcount.tryEnter()) {
        askedAt = System.nanoTime();
        starter.want();
      }
    }
  }

  /**
   * Whether more waits than runs are coming: asked for, or started and not there yet. A thread that
   * has not come for long may never do; while the factory is at one, no other can be had.
   */
  private boolean areTooFewComing(long now) {
    return headcount.awaited() < Math.max(1, floor.backlog().queued())
        || (headcount.unstarted() == 0 && now - askedAt >= LATE_NANOS);
  }

  /** Whether nothing has been taken for a while, since the last run that was started for that. */
  private boolean stoodStill(long now) {
    long taken = queue.taken() + floor.delays().taken - come; // Each run takes one as it comes.
    boolean more = taken > takenSeen;
    takenSeen = taken;
    boolean still = !more && now - takenSince >= TICK_NANOS;
    if (more || still) {
      takenSince = now;
    }
    return still;
  }

  /** About how many runs compute, or are about to begin; of many, as a part of them shows. */
  private int computing() {
    @Nullable Worker[] workers = places.workers;
    int blocked = 0;
    int seen = 0;
    int at = workers.length > MOST_STATES ? (int) (System.nanoTime() & 0xFFFF) : 0;
    for (int i = 0; i < workers.length && seen < MOST_STATES; i++) {
      Worker worker = workers[(at + i) % workers.length];
      Frame frame = worker == null ? null : worker.frame();
      if (frame != null) {
        seen++;
        blocked += isBlocked(frame) ? 1 : 0;
      }
    }
    int alive = headcount.alive();
    return seen < MOST_STATES ? alive - blocked : (seen - blocked) * alive / seen;
  }

  /** Whether its body waits. A thread that waits without one was woken a moment ago. */
  private static boolean isBlocked(Frame frame) {
    if (frame.entry() == null) {
      return false;
    }
    Thread thread = frame.thread;
    Class<?> type = thread.getClass();
    if (type != Thread.class && HAS_OWN_STATE.get(type)) {
      return false;
    }
    Thread.State state = thread.getState();
    return state != Thread.State.RUNNABLE && state != Thread.State.NEW;
  }

  /** Looks where something is queued and nobody awake. On the timer's thread, and the starter's. */
  @Override
  public void look() {
    if (headcount.lacksKept() || floor.isLeftAlone()) {
      lookNow(System.nanoTime());
    }
  }

  private void tickLater() {
    if (headcount.hasRoom()) {
      floor.timers().scheduleOnce(ticking, this, Math.max(TICK_NANOS, pause));
    }
  }

  /** The tick, on the timer's thread. */
  @Override
  public void run() {
    ticking.set(false); // Before the look, so that who comes after it asks for another.
    look();
  }

  /** Nothing is looked at any more. */
  void end() {
    floor.timers().cancel(this);
  }

  // Who: on the starter's thread.

  @Override
  public void startOne() {
    Throwable failed;
    try {
      Worker worker = places.take();
      worker.rest.fresh = true;
      failed = carrier.start(worker);
    } catch (Throwable noMemory) {
      headcount.lost(false);
      headcount.notStarted();
      failed = noMemory;
    }
    if (failed == null) {
      watch.lookLater(); // The thread may be one that never comes.
      tellGrowth();
    } else {
      failed(failed);
    }
  }

  private void tellGrowth() {
    try {
      floor.events().sight.grew(floor.events().pool, headcount.alive());
    } catch (Throwable noMemory) {
      // It shows nowhere.
    }
  }

  /**
   * While a run is to come, and nobody else is there to keep the virtual machine alive. One whose
   * thread has been started may never come.
   */
  @Override
  public boolean isAwaited() {
    return headcount.come() == 0
        && !floor.signal().isAborting()
        && (floor.backlog().hasWork() || (headcount.keepsOne() && headcount.min() > 0));
  }

  @Override
  public void notStarted(Throwable cause) {
    headcount.lost(false);
    headcount.notStarted();
    failed(cause);
  }

  /** A run has come: starts do not fail any more. */
  synchronized void came() {
    come++;
    pause = 0;
    told = false;
  }

  /** Threads have ended without their runs, which counts as a start that failed. */
  void lost() {
    if (countsLost()) {
      pausedFor(null);
    } else {
      tickLater();
    }
  }

  /**
   * Once, however many were asked for and whoever finds them, and as one that took long where
   * nobody else is there.
   */
  private synchronized boolean countsLost() {
    if (pause != 0 && askedAt - pausedSince < 0) {
      return false;
    }
    if (headcount.alive() == 0) {
      pause = Math.max(pause, LONGEST_PAUSE_NANOS / 4);
    }
    pauseLonger();
    return true;
  }

  private synchronized void pauseLonger() {
    pausedSince = System.nanoTime();
    pause = Math.min(LONGEST_PAUSE_NANOS, Math.max(TICK_NANOS, 2 * pause));
  }

  private void failed(Throwable cause) {
    pauseLonger();
    pausedFor(cause);
  }

  /** Sees to it that it is tried again, and tells the first cause that there is. */
  private void pausedFor(@Nullable Throwable cause) {
    floor.observer().onCountedOut();
    tickLater(); // Before what takes memory.
    boolean longEnough = pause == LONGEST_PAUSE_NANOS && queue.isClosed();
    if (longEnough && headcount.alive() == 0 && floor.backlog().hasWork()) {
      floor.observer().onNobodyLeft();
    }
    if (cause != null && !told && !floor.count().isZero()) {
      told = true;
      floor.errands().post(() -> floor.events().runNotStarted(cause));
    }
  }
}
