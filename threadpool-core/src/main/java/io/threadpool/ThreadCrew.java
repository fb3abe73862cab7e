package io.threadpool;

import io.threadpool.internal.Headcount;
import java.util.Arrays;
import java.util.concurrent.ThreadFactory;
import java.util.function.Predicate;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * Workers on threads of a factory. Those that are always to be there are started by the thread that
 * builds the pool, the others when they are needed ({@link Growth}).
 */
final class ThreadCrew extends Crew {

  final Places places;
  final Carrier carrier;
  final Growth growth;
  private final Watch watch;
  final Floor floor;
  private final Headcount headcount;
  private final Guests guests;
  private final PoolConfig config;

  /** How many runs were last asked for. Written by who asks. */
  private volatile int size;

  ThreadCrew(
      Floor floor,
      Places places,
      Carrier carrier,
      Growth growth,
      Watch watch,
      Guests guests,
      PoolConfig config) {
    this.config = config;
    this.floor = floor;
    this.places = places;
    this.carrier = carrier;
    this.growth = growth;
    this.watch = watch;
    this.guests = guests;
    headcount = floor.headcount();
    size = config.max();
  }

  @Override
  @Nullable Throwable start(@Nullable ThreadFactory factory) {
    if (factory != null) {
      carrier.use(factory);
    }
    headcount.resize(config.min(), config.max());
    Throwable cause = null;
    int failures = 0;
    for (int id = 0; id < config.places(); id++) {
      headcount.tryEnter();
      Throwable failed = carrier.start(places.get(id));
      if (failed != null) {
        cause = failed;
        failures++;
        floor.events().workerNotStarted(id, failed);
      }
    }
    headcount.lostForGood(failures);
    return failures < config.places() ? null : cause;
  }

  @Override
  void runHere() {
    headcount.resize(1, 1);
    headcount.tryEnter();
    floor.count().enter();
    places.get(0).assign(Thread.currentThread());
    places.get(0).run();
  }

  @Override
  boolean mayGrow() {
    return headcount.awaited() > 0 || headcount.hasRoom();
  }

  @Override
  boolean isComplete() {
    return !headcount.isElastic() && !mayGrow();
  }

  @Override
  void nobodyAwake() {
    if (headcount.hasRoom()) {
      growth.nobodyAwake();
    }
    watch.lookLater();
  }

  @Override
  void moreFound() {
    if (headcount.hasRoom()) {
      growth.moreFound();
    }
  }

  @Override
  void look() {
    watch.look();
    growIfWanted();
  }

  @Override
  void came() {
    growth.came();
  }

  @Override
  void lost() {
    growth.lost();
    look();
  }

  private void growIfWanted() {
    if (headcount.lacksKept() || (headcount.hasRoom() && floor.isLeftAlone())) {
      growth.nobodyAwake();
    }
  }

  @Override
  void nothingBeside() {
    if (headcount.keepsOne()) {
      floor.idle().wakeAll();
    }
  }

  @Override
  void closed() {
    watch.lookLater(); // Dead threads would not tell that they do not drain it.
    growIfWanted();
  }

  @Override
  void ended() {
    growth.end();
    watch.end();
  }

  @Override
  void resize(int min, int max) {
    changeSize(min, max);
    floor.idle().wakeAll(); // Who is too much leaves, and the others may have to from now on.
    try {
      look();
    } catch (Throwable noMemory) {
      floor.idle().doubtful = true; // Who waits looks, or who submits.
    }
  }

  /** Of two at once, one is the last in both. */
  private synchronized void changeSize(int min, int max) {
    headcount.resize(min, max);
    size = max;
  }

  @Override
  void help(Task<?> task) {
    guests.run(task);
  }

  @Override
  boolean any(Predicate<? super Frame> test) {
    for (Worker worker : places.workers) {
      Frame frame = worker == null ? null : worker.frame();
      if (frame != null && test.test(frame)) {
        return true;
      }
    }
    return false;
  }

  @Override
  IntStream numbers() {
    return Arrays.stream(places.workers)
        .filter(worker -> worker != null && worker.frame() != null)
        .mapToInt(worker -> worker.id);
  }

  @Override
  int active() {
    int active = 0;
    for (Worker worker : places.workers) {
      Frame frame = worker == null ? null : worker.frame();
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

  @Override
  boolean isAsleep() {
    for (Worker worker : places.workers) {
      if (worker != null && worker.frame() != null && !worker.rest.isRegistered()) {
        return false;
      }
    }
    return true;
  }

  @Override
  boolean isOut() {
    return true; // Each run is counted by itself.
  }

  @Override
  int size() {
    return size;
  }

  @Override
  int alive() {
    return headcount.present();
  }

  @Override
  int largest() {
    return headcount.largest();
  }
}
