package io.threadpool.internal;

import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * The thread on which factories are called, which starts others, and exists while there are some to
 * start and a little longer; unless it is a daemon, for as long as a run is awaited. It inherits
 * nothing from whoever asks for them: what starts a thread is user code, and may look at the thread
 * that it is called by, or not come back.
 */
public class Starter implements Runnable {

  /** How long the thread stays when there is nothing to start, and how often it looks then. */
  private static final long LINGER_NANOS = 2_000_000;

  private static final long LOOK_NANOS = 200_000;

  /** How often it looks while it stays for longer. */
  private static final long STAY_NANOS = 5_000_000;

  /** What it does. */
  public interface Work {
    /** Starts one of those that were asked for. Throws nothing. */
    void startOne();

    /** Looks whether another one is to be asked for. Throws nothing. */
    void look();

    /** Whether the starter is to stay though there is nothing to start. Throws nothing. */
    boolean isAwaited();

    /** One that was asked for is not started, since the starter could not be. */
    void notStarted(Throwable cause);
  }

  private final Work work;
  private final String name;
  private final boolean daemon;

  /** That of the thread that makes this, as is the next. */
  private final @Nullable ClassLoader loader = Thread.currentThread().getContextClassLoader();

  private final @Nullable ThreadGroup group = Thread.currentThread().getThreadGroup();

  /** How many are to be started. Guarded by the monitor, as is the next. */
  private int wanted;

  private @Nullable Thread thread;

  /** Whether it is to ask once more whether it stays. Guarded by the monitor, as is the next. */
  private boolean attended;

  /** When no thread could be had; nanoTime. */
  private long failedAt = System.nanoTime() - STAY_NANOS;

  /**
   * One without a thread yet.
   *
   * @param daemon whether the thread may not keep the virtual machine alive
   */
  public Starter(Work work, String name, boolean daemon) {
    this.work = work;
    this.name = name;
    this.daemon = daemon;
  }

  /** Asks for one. Runs no user code. */
  public void want() {
    Throwable lacking = tryWant();
    if (lacking != null) {
      work.notStarted(lacking);
    }
  }

  /**
   * Has the thread there to look, where it can be had; it stays for as long as it is awaited,
   * unless it is a daemon. May be called often.
   */
  public synchronized void attend() {
    attended = !daemon;
    if (attended && thread == null && System.nanoTime() - failedAt >= STAY_NANOS) {
      var unused = startThread();
    }
  }

  private synchronized @Nullable Throwable tryWant() {
    wanted++;
    if (thread != null) {
      notifyAll();
      return null;
    }
    Throwable lacking = startThread();
    wanted -= lacking == null ? 0 : 1;
    return lacking;
  }

  /** Returns what prevented that, or null. */
  private @Nullable Throwable startThread() {
    Thread made;
    try {
      try {
        made = startedIn(group);
      } catch (IllegalThreadStateException destroyed) { // A group may be, before 19.
        made = startedIn(Threads.outermostGroup());
      }
    } catch (Throwable noThread) {
      failedAt = System.nanoTime();
      return noThread;
    }
    thread = made;
    return null;
  }

  private Thread startedIn(@Nullable ThreadGroup where) {
    Thread made = Threads.make(where, this, name);
    made.setDaemon(daemon);
    Threads.prepared(made, loader).start();
    return made;
  }

  /** What its thread does. */
  @Override
  public final void run() {
    long since = System.nanoTime();
    for (boolean lingers = true; lingers || stays() || !isOver(); ) {
      boolean starts = takeWanted(lingers ? LOOK_NANOS : STAY_NANOS);
      try {
        if (starts) {
          work.startOne();
        } else {
          work.look();
        }
      } catch (Throwable noMemory) {
        // It goes on with the next: who asks for one counts on this thread.
      }
      since = starts ? System.nanoTime() : since;
      lingers = System.nanoTime() - since < LINGER_NANOS;
    }
  }

  /** A daemon would keep nothing alive. */
  private boolean stays() {
    return !daemon && work.isAwaited();
  }

  /** Takes one that is to be started; waits for that a moment. */
  private synchronized boolean takeWanted(long nanos) {
    if (wanted == 0) {
      try {
        TimeUnit.NANOSECONDS.timedWait(this, nanos);
      } catch (InterruptedException nobodysBusiness) {
        return false;
      }
    }
    if (wanted == 0) {
      return false;
    }
    wanted--;
    return true;
  }

  private synchronized boolean isOver() {
    if (attended) { // Since it was asked whether it stays, maybe.
      attended = false;
    } else if (wanted == 0) {
      thread = null;
      return true;
    }
    return false;
  }
}
