package io.threadpool;

import io.threadpool.internal.StackProbe;
import io.threadpool.internal.TaskQueue;
import io.threadpool.internal.Timers;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * Workers that are virtual threads: each run takes one task and ends, so that what the task leaves
 * on its thread ends with it. There are no places, and nobody sleeps.
 *
 * <pre>
 *   (none) --startOne--> starting --begin--> looking --takeOne--> over       alive until then
 * </pre>
 *
 * <p>Implementation note. One word holds how many runs are alive, and how many of those have not
 * looked at the queue yet. No task waits while there is room for a run: a submitter fills its slot
 * (F), then reads the word (R). If there is room it starts a run. Else one of the runs that R
 * counts is counted out later (D, after R in the word's order), and then looks at the queue (L): F
 * before R before D before L, so L sees the fill, or that it was taken. It starts another run
 * unless as many are starting, read after L, as it has seen queued: each of those looks at the
 * queue after that, and takes one or finds none. Who has taken one looks as well, since the length
 * of the queue may read too low for a moment. A run is in the set that an abort looks at before it
 * takes anything.
 *
 * <p>A body that joins a task that is queued has it run by a run that is not counted, in the place
 * of its own, and waits until that is over: whatever the task leaves on its thread is not the
 * joiner's, and one of the two runs at a time.
 */
final class VirtualCrew extends Crew {

  private static final long ONE_STARTING = 1L << 32;
  private static final long FIRST_PAUSE_NANOS = 5_000_000;

  /** How long a joiner waits before it looks whether what it waits for is gone; then longer. */
  private static final long FIRST_LOOK_NANOS = 1_000_000;

  private static final long LONGEST_PAUSE_NANOS = 1_000_000_000;

  private final Backlog backlog;
  private final Bodies bodies;
  private final Quiescence quiescence;
  private final Timers timers;
  private final AbortSignal signal;
  private final TaskQueue queue;
  private final Ledger.Tally tally;
  private final Observer observer;
  private final Guests guests;
  private final @Nullable ClassLoader loader = Thread.currentThread().getContextClassLoader();

  /** How many runs are alive, in the lower half, and how many of those are starting. */
  private final AtomicLong word = new AtomicLong();

  /** How many run for a joiner. Written by those who start them, and by them. */
  private final AtomicInteger lent = new AtomicInteger();

  private final AtomicInteger largest = new AtomicInteger();

  /** Those that have begun and are not over. */
  private final Set<Run> runs = ConcurrentHashMap.newKeySet();

  /** How many runs there may be; none before the start. Written by who changes that. */
  private volatile int max;

  /** How many were last asked for. */
  private volatile int size;

  private final ThreadFactory factory;

  private final Again again = new Again();
  private final AtomicBoolean trying = new AtomicBoolean();

  /** How long to wait after a failure; 0 where there was none since a success. */
  private volatile long pause;

  VirtualCrew(
      Backlog backlog,
      Bodies bodies,
      Quiescence quiescence,
      Timers timers,
      ThreadFactory factory,
      int max,
      Guests guests,
      Observer observer) {
    this.factory = factory;
    this.guests = guests;
    this.backlog = backlog;
    this.bodies = bodies;
    this.quiescence = quiescence;
    this.timers = timers;
    size = max;
    this.observer = observer;
    signal = bodies.signal;
    queue = backlog.queue;
    tally = bodies.ledger.sharedTally();
  }

  @Override
  @Nullable Throwable start(@Nullable ThreadFactory none) {
    max = size;
    return null; // Each begins with its task.
  }

  @Override
  void runHere() {
    word.getAndAdd(ONE_STARTING + 1);
    new Run(null, null).run();
  }

  // When runs begin.

  @Override
  boolean mayGrow() {
    return alive() < max;
  }

  @Override
  boolean isComplete() {
    return false;
  }

  @Override
  void nobodyAwake() {
    try {
      var unused = startOne();
    } catch (Throwable lacking) {
      tryAgain();
    }
  }

  /** Starts a run, if there is room; false where there is none, or it failed. */
  private boolean startOne() {
    if (alive() >= max) {
      return false;
    }
    Run run = new Run(null, null); // Nothing may fail between the counting in and the start.
    StackProbe.ensure();
    for (long w = word.get(); (int) w < max; w = word.get()) {
      if (word.compareAndSet(w, w + ONE_STARTING + 1)) {
        noteLargest((int) w + 1);
        return start(run);
      }
    }
    return false;
  }

  private void noteLargest(int alive) {
    for (int most = largest.get(); most < alive; most = largest.get()) {
      largest.compareAndSet(most, alive);
    }
  }

  /** After somebody was counted out, or may have failed: starts those that are needed. */
  @Override
  void look() {
    while (lacksRuns() && startOne()) {
      // Each turn starts one.
    }
  }

  /** Whether more is queued than runs are starting. What is claimed and not filled is one. */
  private boolean lacksRuns() {
    if (signal.isAborting() || !queue.hasWork()) {
      return false;
    }
    long queued = Math.max(1, queue.length()); // Before the word.
    return word.get() >>> 32 < queued;
  }

  private boolean start(Run run) {
    try {
      factory.newThread(run).start();
      pause = 0;
      return true;
    } catch (Throwable lacking) {
      run.undo();
      return false;
    }
  }

  private void tryAgain() {
    if (!trying.get()) {
      pause = Math.min(LONGEST_PAUSE_NANOS, Math.max(FIRST_PAUSE_NANOS, 2 * pause));
      timers.scheduleOnce(trying, again, pause);
    }
  }

  /** Looks again after a failure, on the timer's thread. */
  private final class Again extends Timers.Entry {
    @Override
    public void run() {
      trying.set(false);
      look();
    }
  }

  @Override
  void closed() {
    look();
  }

  @Override
  void ended() {
    timers.cancel(again);
  }

  @Override
  void resize(int least, int most) {
    changeSize(most);
    look();
  }

  /** Of two at once, one is the last in both. */
  private synchronized void changeSize(int most) {
    size = most;
    max = most;
  }

  @Override
  void help(Task<?> task) {
    Run run = new Run(task, Frame.of(signal));
    StackProbe.ensure();
    lent.getAndIncrement();
    if (start(run)) {
      run.awaitOver(task);
    } else {
      guests.run(task); // Better on the joiner's thread than never.
    }
  }

  // The runs.

  /** One thread's time, for one task: a given one, for its joiner, or the first in the queue. */
  private final class Run implements Runnable {
    private final @Nullable Task<?> given;
    private final @Nullable Frame joiner;

    /** Set by its thread before it can be found, or null while it starts. */
    private volatile @Nullable Frame frame;

    /** The thread of the joiner, which waits for the end; null for none. */
    private final @Nullable Thread waiter;

    /** Whether what it was given has left its thread, or will not come there. */
    private volatile boolean over;

    /** Whether it is about to claim that, or has. Written by its thread, before the claim. */
    private volatile boolean claiming;

    private int progress = Worker.TAKEN;

    Run(@Nullable Task<?> given, @Nullable Frame joiner) {
      this.given = given;
      this.joiner = joiner;
      waiter = given == null ? null : Thread.currentThread();
    }

    /**
     * Waits until it is over, as who runs a body inline has it on his stack until then: else the
     * two would run at once, should the handle be decided before. An interrupt waits, too. Where
     * the run has not come to its task, and that is queued no more, there is nothing to wait for.
     */
    void awaitOver(Task<?> task) {
      boolean interrupted = false;
      long nanos = FIRST_LOOK_NANOS;
      while (!over && (claiming || task.isQueued())) {
        LockSupport.parkNanos(this, nanos);
        nanos = Math.min(LONGEST_PAUSE_NANOS, 2 * nanos);
        interrupted |= Thread.interrupted();
      }
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }

    @Override
    public void run() {
      boolean begun = false;
      try {
        Thread thread = Thread.currentThread();
        thread.setContextClassLoader(loader);
        Frame own = new Frame(signal, bodies.events, thread, tally, joiner);
        frame = own;
        runs.add(this);
        own.enterLoop();
        begun = true;
        begin();
        work(own);
        own.leaveLoop();
      } finally {
        runs.remove(this);
        if (begun) {
          over();
        } else {
          undo();
        }
      }
    }

    private void begin() {
      if (given == null) {
        word.getAndAdd(-ONE_STARTING);
      }
    }

    /** It has not begun, and will not; others are to be tried. */
    void undo() {
      begin();
      countOut();
      tryAgain();
      quiescence.check();
      observer.onNotBegun();
    }

    private void work(Frame own) {
      try {
        if (given == null) {
          takeOne(own);
        } else {
          runGiven(given, own);
        }
      } catch (Throwable broken) {
        Throwable cause = broken;
        for (int i = 0; cause != null && i < Worker.MOST_REPAIRS; i++) {
          cause = repair(own, cause);
        }
        own.set(null);
        own.letGo();
      }
    }

    private void takeOne(Frame own) {
      while (progress == Worker.TAKEN && !signal.isAborting()) {
        Object entry = queue.poll(own);
        if (entry == null) {
          return;
        }
        look(); // The length that somebody started by may have been too low.
        runTaken(entry, own);
      }
    }

    /** Runs an entry, unless it proves dead. */
    private void runTaken(Object entry, Frame own) {
      own.startedAt = System.nanoTime();
      if (signal.isAborting()) {
        own.interruptOwn(); // It may have come too early for this body: see Worker.
      }
      if (entry instanceof Task<?> task && !task.claim(true)) {
        backlog.tookDead(task);
      } else {
        progress = Worker.BEGUN;
        backlog.tookLive();
        bodies.run(entry, own);
        progress = Worker.COUNTED;
      }
      own.letGo();
    }

    private void runGiven(Task<?> task, Frame own) {
      own.set(task);
      own.startedAt = System.nanoTime();
      own.deliverAbort();
      claiming = true;
      if (!signal.isAborting() && task.claimInQueue()) {
        progress = Worker.BEGUN;
        own.begun = true;
        bodies.run(task, own);
        progress = Worker.COUNTED;
      }
      own.set(null);
    }

    /**
     * Finishes what broke off for want of memory; returns what breaks that in its turn, or null.
     */
    private @Nullable Throwable repair(Frame own, Throwable broken) {
      bodies.events.runBroken(broken);
      try {
        Object entry = own.entry();
        if (entry instanceof Task<?> task && progress == Worker.BEGUN) {
          task.finishBroken(broken, own, tally);
        } else if (entry != null && progress == Worker.BEGUN) {
          bodies.ledger.count(Outcome.FAILED, tally);
          progress = Worker.COUNTED;
        } else if (entry != null && progress == Worker.TAKEN && given == null) {
          runTaken(entry, own);
        } else if (progress == Worker.TAKEN && own.letGoOfSwept()) {
          queue.tookSwept();
        }
        return null;
      } catch (Throwable again) {
        return again;
      }
    }

    private void countOut() {
      if (given == null) {
        word.getAndDecrement();
      } else {
        lent.getAndDecrement();
        over = true;
        wakeWaiter();
      }
    }

    /** What is left of the run's end does not hang on this: the waiter looks itself. */
    private void wakeWaiter() {
      try {
        LockSupport.unpark(waiter);
      } catch (Throwable noMemory) {
        // In a second at the most.
      }
    }

    private void over() {
      countOut();
      try {
        look();
      } catch (Throwable lacking) {
        tryAgain();
      }
      tellEnd();
    }

    /** This may have been the last one that somebody waits for. */
    private void tellEnd() {
      quiescence.check();
      if (queue.isClosed()) {
        observer.onLeaving();
      }
    }
  }

  // What is asked.

  @Override
  List<Frame> frames() {
    List<Frame> frames = new ArrayList<>();
    for (Run run : runs) {
      Frame frame = run.frame;
      if (frame != null) {
        frames.add(frame);
      }
    }
    return frames;
  }

  @Override
  IntStream numbers() {
    return IntStream.empty();
  }

  @Override
  int active() {
    long w = word.get();
    return (int) w - (int) (w >>> 32) + lent.get();
  }

  @Override
  boolean nothingRuns() {
    return isOut();
  }

  @Override
  boolean isInterruptDue() {
    for (Run run : runs) {
      Frame frame = run.frame;
      if (frame != null && frame.interruptDue) {
        return true;
      }
    }
    return false;
  }

  @Override
  boolean isOut() {
    return alive() == 0 && lent.get() == 0;
  }

  @Override
  int size() {
    return size;
  }

  @Override
  int alive() {
    return (int) word.get();
  }

  @Override
  int largest() {
    return largest.get();
  }
}
