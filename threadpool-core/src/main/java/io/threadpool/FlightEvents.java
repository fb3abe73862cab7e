package io.threadpool;

import io.threadpool.internal.StackProbe;
import java.time.Duration;
import jdk.jfr.Category;
import jdk.jfr.Event;
import jdk.jfr.FlightRecorder;
import jdk.jfr.Label;
import jdk.jfr.Name;
import jdk.jfr.Period;
import jdk.jfr.StackTrace;
import jdk.jfr.Threshold;
import jdk.jfr.Timespan;
import org.jspecify.annotations.Nullable;

/**
 * Shows pools to the Java Flight Recorder, as events whose names begin with {@code io.threadpool.}.
 *
 * <p>Implementation note. Whether there is a recorder is asked where a pool is built, a task is
 * timed, or there is something else to show, so one that begins is noticed by the next of those.
 * What the recorder keeps of this class, the hook of its periodic event, is there from the first
 * body that is timed amid a recording of it until there is no pool. No event is handed on as what
 * all have in common, which would load them all with this class.
 */
final class FlightEvents extends Sight {

  /** What all have in common. */
  @Category("Thread Pool")
  @StackTrace(false)
  abstract static class OfPool extends Event {
    @Label("Pool")
    String pool = "";
  }

  @Name("io.threadpool.Task")
  @Label("Task")
  @Threshold("10 ms")
  static final class TaskEvent extends OfPool {
    @Label("Name")
    String name = "";

    @Label("Waited")
    @Timespan
    long waited;

    @Label("Outcome")
    String outcome = "";
  }

  @Name("io.threadpool.Rejection")
  @Label("Rejection")
  @StackTrace
  static final class RejectionEvent extends OfPool {
    @Label("Reason")
    String reason = "";

    @Label("Queued")
    long queued;
  }

  @Name("io.threadpool.Growth")
  @Label("Growth")
  static final class GrowthEvent extends OfPool {
    @Label("Workers")
    int workers;
  }

  @Name("io.threadpool.Shutdown")
  @Label("Shutdown")
  @StackTrace
  static final class ShutdownEvent extends OfPool {
    @Label("Queued")
    long queued;
  }

  @Name("io.threadpool.Stuck")
  @Label("Stuck Task")
  static final class StuckEvent extends OfPool {
    @Label("Worker")
    String worker = "";

    @Label("Age")
    @Timespan
    long age;
  }

  @Name("io.threadpool.Pool")
  @Label("Pool")
  @Period("1 s")
  static final class PoolEvent extends OfPool {
    @Label("Number")
    long id;

    @Label("Size")
    int size;

    @Label("Workers")
    int workers;

    @Label("Running")
    int running;

    @Label("Queued")
    long queued;

    @Label("Delayed")
    long delayed;

    @Label("Accepted")
    long accepted;

    @Label("Completed")
    long completed;

    @Label("Failed")
    long failed;

    @Label("Cancelled")
    long cancelled;

    @Label("Aborted")
    long aborted;

    @Label("Rejected")
    long rejected;

    @Label("Queue Wait, 99th Percentile")
    @Timespan
    long queueWait99;

    @Label("Run Time, 99th Percentile")
    @Timespan
    long runTime99;
  }

  /** Written once, when the first pool is opened. */
  private volatile @Nullable Runnable tellStats;

  /** Whether the recorder has the hook. Written under the monitor. */
  private volatile boolean hooked;

  /** Whether the events are being loaded, or were, or cannot be. Written by {@link #look}. */
  private volatile boolean tried;

  /** Whether they may be used. Written after that. */
  private volatile boolean loaded;

  /**
   * Loads the events, which may first be used where the stack is short. Not before there is a
   * recorder: it takes longer than all the rest of a first pool, as each is registered.
   */
  @Override
  void look() {
    if (tried || !FlightRecorder.isInitialized()) {
      return;
    }
    tried = true; // Where it fails, a class of them is broken for good; but for want of memory.
    try {
      for (OfPool event :
          new OfPool[] {
            new TaskEvent(),
            new RejectionEvent(),
            new GrowthEvent(),
            new ShutdownEvent(),
            new StuckEvent(),
            new PoolEvent()
          }) {
        var unused = event.isEnabled();
      }
      loaded = true;
    } catch (OutOfMemoryError full) {
      tried = false;
      throw full;
    }
  }

  /**
   * On a submitter's thread, whose stack may end soon: a class that is loaded there would break.
   */
  private void lookFromAnywhere() {
    if (!tried && FlightRecorder.isInitialized()) {
      try {
        StackProbe.ensure();
        look();
      } catch (VirtualMachineError lacking) {
        // It shows nowhere.
      }
    }
  }

  @Override
  void watch(Runnable told) {
    tellStats = told;
  }

  private synchronized void hook() {
    Runnable told = tellStats;
    if (told != null && !hooked) {
      FlightRecorder.addPeriodicEvent(PoolEvent.class, told);
      hooked = true;
    }
  }

  @Override
  boolean isWatching() {
    return hooked;
  }

  @Override
  synchronized void unwatch() {
    Runnable told = tellStats;
    if (told != null && hooked) {
      FlightRecorder.removePeriodicEvent(told);
      hooked = false;
    }
  }

  @Override
  @Nullable Object begins() {
    look();
    if (!loaded) {
      return null;
    }
    if (!hooked && new PoolEvent().isEnabled()) {
      hook();
    }
    TaskEvent event = new TaskEvent();
    if (!event.isEnabled()) {
      return null;
    }
    event.begin();
    return event;
  }

  @Override
  void ended(Object begun, String pool, String name, long waited, @Nullable Outcome outcome) {
    TaskEvent event = (TaskEvent) begun;
    event.end();
    if (event.shouldCommit()) {
      event.name = name;
      event.waited = waited;
      event.outcome = outcome == null ? "DELAYED" : outcome.name();
      event.pool = pool;
      event.commit();
    }
  }

  @Override
  RejectedTaskException rejected(RejectedTaskException refused) {
    lookFromAnywhere();
    if (loaded) {
      RejectionEvent event = new RejectionEvent();
      event.reason = refused.reason().name();
      event.queued = refused.queued();
      event.pool = refused.pool();
      event.commit();
    }
    return refused;
  }

  @Override
  void grew(String pool, int workers) {
    look();
    if (loaded) {
      GrowthEvent event = new GrowthEvent();
      event.workers = workers;
      event.pool = pool;
      event.commit();
    }
  }

  @Override
  void shutdown(String pool, long queued) {
    look();
    if (loaded) {
      ShutdownEvent event = new ShutdownEvent();
      event.queued = queued;
      event.pool = pool;
      event.commit();
    }
  }

  @Override
  void stuck(String pool, String worker, Duration age) {
    look();
    if (loaded) {
      StuckEvent event = new StuckEvent();
      event.worker = worker;
      event.age = age.toNanos();
      event.pool = pool;
      event.commit();
    }
  }

  @Override
  void stats(String pool, long id, PoolStats stats) {
    PoolEvent event = new PoolEvent();
    event.id = id;
    event.size = stats.size();
    event.workers = stats.workers();
    event.running = stats.active();
    event.queued = stats.queued();
    event.delayed = stats.delayed();
    event.accepted = stats.accepted();
    event.completed = stats.completed();
    event.failed = stats.failed();
    event.cancelled = stats.cancelled();
    event.aborted = stats.aborted();
    event.rejected = stats.rejected();
    event.queueWait99 = stats.queueWait().p99().toNanos();
    event.runTime99 = stats.runTime().p99().toNanos();
    event.pool = pool;
    event.commit();
  }
}
