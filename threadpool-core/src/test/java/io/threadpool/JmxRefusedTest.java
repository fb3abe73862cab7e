package io.threadpool;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.management.ManagementFactory;
import java.util.Hashtable;
import javax.management.MBeanServer;
import javax.management.ObjectName;
import javax.management.StandardMBean;
import org.junit.jupiter.api.Test;

/** A pool that JMX does not take is not built, and nothing of it stays. */
class JmxRefusedTest {

  private static final MBeanServer SERVER = ManagementFactory.getPlatformMBeanServer();

  private static ObjectName only(String pool) throws Exception {
    String pattern = "io.threadpool:type=WorkerPool,name=" + ObjectName.quote(pool) + ",*";
    return SERVER.queryNames(new ObjectName(pattern), null).iterator().next();
  }

  @Test
  void isListedNoMore(Pools pools) throws Exception {
    pools.build(WorkerPool.builder().size(1).name("before").jmx(true));
    ObjectName before = only("before");
    long next = Long.parseLong(before.getKeyProperty("id")) + 1;
    Hashtable<String, String> keys = before.getKeyPropertyList();
    keys.put("name", ObjectName.quote("refused"));
    keys.put("id", Long.toString(next));
    ObjectName taken = new ObjectName("io.threadpool", keys);
    Runnable other = () -> {};
    SERVER.registerMBean(new StandardMBean(other, Runnable.class, true), taken);
    try {
      WorkerPoolBuilder builder = WorkerPool.builder().size(1).name("refused").jmx(true);
      IllegalStateException thrown = assertThrows(IllegalStateException.class, builder::build);
      assertTrue(thrown.getMessage().contains("refused"), thrown.getMessage());
      assertFalse(WorkerPools.LIVE.containsKey(next));
      // What is taken away is the pool's, and not what stood there before.
      assertTrue(SERVER.isRegistered(taken));
    } finally {
      if (SERVER.isRegistered(taken)) {
        SERVER.unregisterMBean(taken);
      }
    }
  }
}
