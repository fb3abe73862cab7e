package io.threadpool;

import io.threadpool.internal.Headcount;
import io.threadpool.internal.Threads;
import java.lang.ref.WeakReference;
import java.util.concurrent.ThreadFactory;
import org.jspecify.annotations.Nullable;

/**
 * Starts one run of a crew on threads: gets a thread for a worker from the factory, which may do
 * anything, and starts it. ({@link VirtualCrew} starts its own.) Who asks has counted the run in
 * ({@link Headcount}); where it does not start it is counted out.
 *
 * <p>Implementation note. A user's factory is held by the user's handle of the pool, and weakly
 * here: one that refers to who owns the pool does not keep a forgotten pool. What such a pool has
 * still to run, when the factory is gone, is run on threads of the library's own.
 */
final class Carrier {

  private final Places places;
  private final Floor floor;
  private final Headcount headcount;

  /** Whether threads of the library's own are daemons. */
  private final boolean daemon;

  /** The builder's: a JDK after 18 would not hand it on, without the thread-locals. */
  private final ClassLoader loader = Thread.currentThread().getContextClassLoader();

  /** The user's, if there is one. Set before the first run is started. */
  private volatile @Nullable WeakReference<ThreadFactory> users;

  Carrier(Places places, Floor floor, boolean daemon) {
    this.places = places;
    this.floor = floor;
    this.daemon = daemon;
    headcount = floor.headcount();
  }

  /** Has threads made by a factory of the user's. */
  void use(ThreadFactory factory) {
    users = new WeakReference<>(factory);
  }

  /**
   * Starts a run at a place.
   *
   * @return what prevented that, or null
   */
  @Nullable Throwable start(Worker worker) {
    Throwable failed = tryStart(worker);
    if (failed != null) {
      headcount.lost(false);
      places.putBack(worker);
      headcount.notStarted();
    }
    return failed;
  }

  private @Nullable Throwable tryStart(Worker worker) {
    boolean counted = false;
    boolean assigned = false;
    try {
      Thread thread = newThread(worker);
      counted = floor.count().enter();
      if (!counted) {
        throw new IllegalStateException("the pool has terminated");
      }
      worker.assign(thread);
      assigned = true;
      thread.start();
    } catch (Throwable failed) {
      if (assigned && !worker.giveUp()) {
        worker.started(); // The thread has come all the same, and counts itself out.
        return null;
      }
      worker.unassign();
      if (counted) {
        floor.count().leave();
      }
      return failed;
    }
    worker.started();
    return null;
  }

  private Thread newThread(Worker worker) {
    WeakReference<ThreadFactory> given = users;
    ThreadFactory factory = given == null ? null : given.get();
    Thread thread = factory == null ? ownThread(worker) : factory.newThread(worker);
    if (thread == null) {
      throw new IllegalStateException("the thread factory returned null");
    }
    if (thread.getState() != Thread.State.NEW) {
      throw new IllegalStateException(
          "the thread factory returned a thread that was started already: " + thread.getName());
    }
    return thread;
  }

  /**
   * A thread of the library's own: {@code name-0}, {@code name-1} and so on, of normal priority,
   * with the context class loader of the thread that built the pool, and inheriting nothing else.
   */
  private Thread ownThread(Worker worker) {
    Thread thread = Threads.make(null, worker, floor.events().pool + "-" + worker.id);
    thread.setDaemon(daemon);
    return Threads.prepared(thread, loader);
  }

  /** Counts out a run whose thread has ended without it. */
  void bury(Worker worker) {
    boolean entered = worker.entered;
    headcount.lost(entered);
    if (!entered) {
      worker.unassign();
      places.putBack(worker);
    }
    floor.count().leave();
  }
}
