package io.threadpool;

import io.threadpool.internal.Parker;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * The workers of a pool: a fixed number, started once, by the thread that builds it. A worker
 * leaves when the pool ends, and not before.
 */
final class Crew {

  final Worker[] workers;

  /** How many workers were started and do not run yet. Written by who starts them and by them. */
  final AtomicInteger missing;

  /** How many workers could be started. Written while the pool is built. */
  private volatile int size;

  private final Events events;
  private final BodyCount count;

  /**
   * Those of a pool, not started yet; each sleeps at one of the places.
   *
   * @param standsDown whether a worker may stand down in favour of the others
   */
  Crew(Parker[] places, Worker.Floor floor, boolean standsDown) {
    size = places.length;
    missing = floor.missing();
    events = floor.events();
    count = floor.count();
    workers = new Worker[size];
    for (int i = 0; i < size; i++) {
      workers[i] = new Worker(i, places[i], floor, standsDown);
    }
  }

  /** Where so many workers sleep. */
  static Parker[] places(int size) {
    Parker[] places = new Parker[size];
    for (int i = 0; i < size; i++) {
      places[i] = new Parker(i);
    }
    return places;
  }

  /**
   * Starts the workers on threads of a factory, which may do anything.
   *
   * @return what prevented the last one that could not be started where none could; else null
   */
  @Nullable Throwable start(ThreadFactory factory) {
    missing.getAndAdd(size);
    Throwable cause = null;
    int started = size;
    for (Worker worker : workers) {
      Throwable failed = start(worker, factory);
      if (failed != null) {
        cause = failed;
        started--;
        size = started;
        missing.getAndDecrement();
        events.workerNotStarted(worker.id, failed);
        count.lost();
      }
    }
    return started == 0 ? cause : null;
  }

  private static @Nullable Throwable start(Worker worker, ThreadFactory factory) {
    try {
      Thread thread = factory.newThread(worker);
      if (thread == null) {
        return new IllegalStateException("the thread factory returned null");
      }
      if (thread.getState() != Thread.State.NEW) {
        return new IllegalStateException(
            "the thread factory returned a thread that was started already: " + thread.getName());
      }
      worker.assign(thread);
      thread.start();
      worker.started();
      return null;
    } catch (Throwable failed) {
      worker.unassign();
      return failed;
    }
  }

  /** Runs the only worker on the calling thread, to the end of the closed queue. */
  void runHere() {
    missing.getAndIncrement();
    workers[0].assign(Thread.currentThread());
    workers[0].run();
  }

  int size() {
    return size;
  }

  /** The frame of each worker that was started. */
  List<Frame> frames() {
    List<Frame> frames = new ArrayList<>();
    for (Worker worker : workers) {
      Frame frame = worker.frame();
      if (frame != null) {
        frames.add(frame);
      }
    }
    return frames;
  }

  /** The numbers of those that were started. */
  IntStream started() {
    return Arrays.stream(workers).filter(worker -> worker.frame() != null).mapToInt(w -> w.id);
  }

  /** How many workers run a body. */
  int active() {
    int active = 0;
    for (Worker worker : workers) {
      Frame frame = worker.frame();
      if (frame != null && isActive(frame.entry())) {
        active++;
      }
    }
    return active;
  }

  /** Not one that a worker is about to pass over. */
  private static boolean isActive(@Nullable Object entry) {
    return entry instanceof Task<?> task ? task.hasStarted() || task.isQueued() : entry != null;
  }

  List<Thread> threads() {
    return frames().stream().map(frame -> frame.thread).toList();
  }
}
