package io.threadpool;

/**
 * What JMX shows of a pool that was built with {@link WorkerPoolBuilder#jmx(boolean) jmx(true)}:
 * the numbers of {@link PoolStats}, each read when it is asked for. Durations are in microseconds,
 * -1 where there is none.
 *
 * <p>Its name is {@code io.threadpool:type=WorkerPool,name="NAME",id=ID}, with the pool's name and
 * {@link PoolView#id()}. It is there from {@link WorkerPoolBuilder#build()} until the pool has
 * terminated, or a moment later. Thread-safe.
 */
public interface WorkerPoolMXBean {

  /** Returns {@link PoolView#name()}. */
  String getName();

  /** Returns {@link PoolView#id()}. */
  long getId();

  /** Returns {@link PoolView#isShutdown()}. */
  boolean isShutdown();

  /** Returns {@link PoolStats#size()}. */
  int getSize();

  /** Returns {@link PoolStats#workers()}. */
  int getWorkers();

  /** Returns {@link PoolStats#largest()}. */
  int getLargest();

  /** Returns {@link PoolStats#active()}. */
  int getActive();

  /** Returns {@link PoolStats#utilisation()}. */
  double getUtilisation();

  /** Returns {@link PoolStats#queued()}. */
  long getQueued();

  /** Returns {@link PoolStats#accepted()}. */
  long getAccepted();

  /** Returns {@link PoolStats#completed()}. */
  long getCompleted();

  /** Returns {@link PoolStats#failed()}. */
  long getFailed();

  /** Returns {@link PoolStats#cancelled()}. */
  long getCancelled();

  /** Returns {@link PoolStats#aborted()}. */
  long getAborted();

  /** Returns {@link PoolStats#rejected()}. */
  long getRejected();

  /** Returns {@link PoolStats#oldestQueued()}. */
  long getOldestQueuedMicros();

  /** Returns the median of {@link PoolStats#queueWait()}. */
  long getQueueWaitP50Micros();

  /** Returns the 99th percentile of {@link PoolStats#queueWait()}. */
  long getQueueWaitP99Micros();

  /** Returns the median of {@link PoolStats#runTime()}. */
  long getRunTimeP50Micros();

  /** Returns the 99th percentile of {@link PoolStats#runTime()}. */
  long getRunTimeP99Micros();
}
