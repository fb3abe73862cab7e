package io.threadpool;

import java.lang.management.ManagementFactory;
import java.time.Duration;
import javax.management.InstanceNotFoundException;
import javax.management.JMException;
import javax.management.ObjectName;
import javax.management.StandardMBean;

/**
 * What JMX knows of a pool. It holds the view, so that a pool that nobody else refers to drains all
 * the same. Loaded where it is asked for alone, since the module java.management need not be there.
 */
final class PoolBean implements WorkerPoolMXBean {

  private final PoolView pool;

  private PoolBean(PoolView pool) {
    this.pool = pool;
  }

  /** Calls user code: who listens to what is registered. */
  static void register(PoolView pool) {
    try {
      StandardMBean bean = new StandardMBean(new PoolBean(pool), WorkerPoolMXBean.class, true);
      ManagementFactory.getPlatformMBeanServer().registerMBean(bean, nameOf(pool));
    } catch (JMException refused) {
      throw new IllegalStateException("Pool " + pool.name() + " cannot be shown by JMX", refused);
    }
  }

  /** The same; does nothing where it is not registered. */
  static void unregister(PoolView pool) {
    try {
      ManagementFactory.getPlatformMBeanServer().unregisterMBean(nameOf(pool));
    } catch (InstanceNotFoundException gone) {
      // Its building failed, or somebody else has taken it away.
    } catch (JMException refused) {
      throw new IllegalStateException(refused);
    }
  }

  private static ObjectName nameOf(PoolView pool) throws JMException {
    String name = ObjectName.quote(pool.name());
    ClassLoader own = PoolBean.class.getClassLoader();
    boolean only = own == ClassLoader.getSystemClassLoader();
    String loader = only ? "" : ",loader=" + Integer.toHexString(System.identityHashCode(own));
    return new ObjectName(
        "io.threadpool:type=WorkerPool,name=" + name + ",id=" + pool.id() + loader);
  }

  private static long micros(Duration duration) {
    return duration.toNanos() / 1_000;
  }

  @Override
  public String getName() {
    return pool.name();
  }

  @Override
  public long getId() {
    return pool.id();
  }

  @Override
  public boolean isShutdown() {
    return pool.isShutdown();
  }

  @Override
  public int getSize() {
    return pool.stats().size();
  }

  @Override
  public int getWorkers() {
    return pool.stats().workers();
  }

  @Override
  public int getLargest() {
    return pool.stats().largest();
  }

  @Override
  public int getActive() {
    return pool.stats().active();
  }

  @Override
  public double getUtilisation() {
    return pool.stats().utilisation();
  }

  @Override
  public long getQueued() {
    return pool.stats().queued();
  }

  @Override
  public int getDelayed() {
    return pool.stats().delayed();
  }

  @Override
  public long getAccepted() {
    return pool.stats().accepted();
  }

  @Override
  public long getCompleted() {
    return pool.stats().completed();
  }

  @Override
  public long getFailed() {
    return pool.stats().failed();
  }

  @Override
  public long getCancelled() {
    return pool.stats().cancelled();
  }

  @Override
  public long getAborted() {
    return pool.stats().aborted();
  }

  @Override
  public long getRejected() {
    return pool.stats().rejected();
  }

  @Override
  public long getOldestQueuedMicros() {
    return pool.stats().oldestQueued().map(PoolBean::micros).orElse(-1L);
  }

  @Override
  public long getQueueWaitP50Micros() {
    return micros(pool.stats().queueWait().p50());
  }

  @Override
  public long getQueueWaitP99Micros() {
    return micros(pool.stats().queueWait().p99());
  }

  @Override
  public long getRunTimeP50Micros() {
    return micros(pool.stats().runTime().p50());
  }

  @Override
  public long getRunTimeP99Micros() {
    return micros(pool.stats().runTime().p99());
  }
}
