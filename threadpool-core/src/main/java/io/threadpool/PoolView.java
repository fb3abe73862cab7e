package io.threadpool;

import java.util.List;
import java.util.Optional;

/**
 * What can be seen of a pool by who must not use it: a list of pools, a monitor. It keeps the pool
 * from nothing: one that nobody else refers to drains all the same. Of a pool that has terminated
 * it shows, and keeps, the end. Thread-safe.
 *
 * <pre>{@code
 * for (PoolView pool : WorkerPools.all()) {
 *   System.out.println(pool.name() + ": " + pool.stats());
 * }
 * }</pre>
 */
public final class PoolView {

  private final long id;

  /** Written by who terminates the pool. */
  private volatile PoolEngine engine;

  PoolView(long id, PoolEngine engine) {
    this.id = id;
    this.engine = engine;
  }

  void ended(EndedPool remains) {
    engine = remains;
  }

  /**
   * Returns what tells the pool from all others, whatever their names, in this virtual machine and
   * class loader.
   *
   * @return a number, higher for pools that were built later
   */
  public long id() {
    return id;
  }

  /**
   * Returns the pool's name, which others may have, too.
   *
   * @return the name
   */
  public String name() {
    return engine.name();
  }

  /**
   * Returns what {@link WorkerPool#isShutdown} does.
   *
   * @return whether the pool has been shut down
   */
  public boolean isShutdown() {
    return engine.isShutdown();
  }

  /**
   * Returns what {@link WorkerPool#isTerminated} does.
   *
   * @return whether the pool has ended
   */
  public boolean isTerminated() {
    return engine.isTerminated();
  }

  /**
   * Returns what {@link WorkerPool#stats} does.
   *
   * @return the counts of about this moment
   */
  public PoolStats stats() {
    return engine.stats();
  }

  /**
   * Returns what {@link WorkerPool#runningTasks} does.
   *
   * @return those running now
   */
  public List<RunningTask> runningTasks() {
    return engine.runningTasks();
  }

  /**
   * Returns what {@link WorkerPool#report} does.
   *
   * @return the report, once there is one
   */
  public Optional<TerminationReport> report() {
    return engine.report();
  }

  /** Returns the pool's name, its number, and what {@link #stats()} shows. */
  @Override
  public String toString() {
    return "PoolView[" + name() + ", id=" + id + ", " + stats() + "]";
  }
}
