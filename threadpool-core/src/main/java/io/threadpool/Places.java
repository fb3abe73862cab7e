package io.threadpool;

import io.threadpool.internal.IdleWorkers;
import io.threadpool.internal.Parker;
import java.util.Arrays;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The places of a crew: its {@link Worker}s, each of which is made when it is first needed, and
 * kept.
 *
 * <p>Implementation note. A place is used for another run once it is off the stack of sleepers and
 * its last run has left ({@link IdleWorkers#vacate}). The places are listed in an array that is
 * replaced by a larger one; what is added was a null before.
 */
final class Places {

  /** The places, and nulls behind them. Written under the monitor. */
  volatile @Nullable Worker[] workers;

  /** How many places there are. Guarded by the monitor. */
  private int made;

  private final Floor floor;
  private final boolean standsDown;

  /**
   * So many, to begin with.
   *
   * @param standsDown whether a worker may stand down in favour of the others
   */
  Places(int number, Floor floor, boolean standsDown) {
    this.floor = floor;
    this.standsDown = standsDown;
    workers = new Worker[number];
    while (made < number) {
      make();
    }
  }

  Worker get(int id) {
    return Objects.requireNonNull(workers[id], "worker");
  }

  /** A place for another run. */
  Worker take() {
    Parker vacant = floor.idle().takeVacant();
    return vacant == null ? make() : get(vacant.id);
  }

  private synchronized Worker make() {
    if (made == IdleWorkers.MOST) {
      throw new IllegalStateException("there are " + made + " places, and their runs do not leave");
    }
    Parker parker = new Parker(made);
    floor.idle().add(parker);
    Worker added = new Worker(made, parker, floor, standsDown);
    @Nullable Worker[] all = workers;
    if (made == all.length) {
      all = Arrays.copyOf(all, 2 * made + 1);
    }
    all[made] = added;
    workers = all;
    made++;
    return added;
  }

  /** Gives back a place where no run has begun. */
  void putBack(Worker worker) {
    floor.idle().vacate(worker.parker); // It is not on the stack,
    floor.idle().vacate(worker.parker); // and nobody is there.
  }
}
