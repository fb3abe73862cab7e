package io.threadpool;

/**
 * What JMX shows of a pool that was built with {@link WorkerPoolBuilder#jmx(boolean) jmx(true)}:
 * the numbers of {@link PoolStats}, each read when it is asked for. Durations are in microseconds,
 * -1 where there is none.
 *
 * <p>Its name is {@code io.threadpool:type=WorkerPool,name="NAME",id=ID}, with the pool's name and
 * {@link PoolView#id()}; and with {@code loader=L} where it was not the system's class loader that
 * has loaded the library, of which there may be several then. It is there from {@link
 * WorkerPoolBuilder#build()} until the pool has terminated, or a moment later. Thread-safe.
 */
public interface WorkerPoolMXBean {

  /** {@return {@link PoolView#name()}} */
  String getName();

  /** {@return {@link PoolView#id()}} */
  long getId();

  /** {@return {@link PoolView#isShutdown()}} */
  boolean isShutdown();

  /** {@return {@link PoolStats#size()}} */
  int getSize();

  /** {@return {@link PoolStats#workers()}} */
  int getWorkers();

  /** {@return {@link PoolStats#largest()}} */
  int getLargest();

  /** {@return {@link PoolStats#active()}} */
  int getActive();

  /** {@return {@link PoolStats#utilisation()}} */
  double getUtilisation();

  /** {@return {@link PoolStats#queued()}} */
  long getQueued();

  /** {@return {@link PoolStats#delayed()}} */
  int getDelayed();

  /** {@return {@link PoolStats#accepted()}} */
  long getAccepted();

  /** {@return {@link PoolStats#completed()}} */
  long getCompleted();

  /** {@return {@link PoolStats#failed()}} */
  long getFailed();

  /** {@return {@link PoolStats#cancelled()}} */
  long getCancelled();

  /** {@return {@link PoolStats#aborted()}} */
  long getAborted();

  /** {@return {@link PoolStats#rejected()}} */
  long getRejected();

  /** {@return {@link PoolStats#oldestQueued()}} */
  long getOldestQueuedMicros();

  /** {@return the median of {@link PoolStats#queueWait()}} */
  long getQueueWaitP50Micros();

  /** {@return the 99th percentile of {@link PoolStats#queueWait()}} */
  long getQueueWaitP99Micros();

  /** {@return the median of {@link PoolStats#runTime()}} */
  long getRunTimeP50Micros();

  /** {@return the 99th percentile of {@link PoolStats#runTime()}} */
  long getRunTimeP99Micros();
}
