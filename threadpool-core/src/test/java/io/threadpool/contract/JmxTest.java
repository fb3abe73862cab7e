package io.threadpool.contract;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.threadpool.WorkerPool;
import java.lang.management.ManagementFactory;
import java.net.URL;
import java.net.URLClassLoader;
import java.util.Set;
import java.util.function.Supplier;
import java.util.stream.Stream;
import javax.management.MBeanServer;
import javax.management.ObjectName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.slf4j.LoggerFactory;

/** What JMX shows of a pool, and for how long. */
class JmxTest {

  private static final MBeanServer SERVER = ManagementFactory.getPlatformMBeanServer();

  @RegisterExtension final TestPools pools = new TestPools();

  private static Set<ObjectName> beans(String pool) throws Exception {
    String name = ObjectName.quote(pool);
    return SERVER.queryNames(
        new ObjectName("io.threadpool:type=WorkerPool,name=" + name + ",id=*"), null);
  }

  private static Object attribute(ObjectName bean, String name) throws Exception {
    return SERVER.getAttribute(bean, name);
  }

  @Test
  void aPoolIsShownUntilItHasTerminated() throws Exception {
    String name = "shown, \"so\"=*";
    WorkerPool pool = pools.build(WorkerPool.builder().size(2).name(name).jmx(true));
    pool.submit(() -> null).get();
    assertTrue(pool.awaitIdle(TestPools.LONG));
    ObjectName bean = beans(name).iterator().next();
    assertEquals(name, attribute(bean, "Name"));
    assertEquals(2, attribute(bean, "Size"));
    assertEquals(1L, attribute(bean, "Completed"));
    assertEquals(0L, attribute(bean, "Queued"));
    assertEquals(0.0, attribute(bean, "Utilisation"));
    assertEquals(-1L, attribute(bean, "OldestQueuedMicros"));
    assertEquals(
        pool.stats().runTime().p99().toNanos() / 1_000, attribute(bean, "RunTimeP99Micros"));
    assertEquals(false, attribute(bean, "Shutdown"));
    pool.close();
    TestPools.eventually().untilAsserted(() -> assertEquals(Set.of(), beans(name)));
  }

  @Test
  void twoOfOneNameAreShown() throws Exception {
    pools.build(WorkerPool.builder().size(1).name("twin").jmx(true));
    pools.build(WorkerPool.builder().size(1).name("twin").jmx(true));
    assertEquals(2, beans("twin").size());
  }

  /** A pool of another copy of the library; loaded by that copy's loader. */
  public static final class Copy implements Supplier<AutoCloseable> {
    /** For reflection. */
    public Copy() {}

    @Override
    public AutoCloseable get() {
      return WorkerPool.builder().size(1).name("copied").jmx(true).build();
    }
  }

  private static URLClassLoader library() {
    return new URLClassLoader(
        Stream.of(WorkerPool.class, Copy.class, LoggerFactory.class)
            .map(type -> type.getProtectionDomain().getCodeSource().getLocation())
            .toArray(URL[]::new),
        ClassLoader.getPlatformClassLoader());
  }

  private static AutoCloseable poolOf(ClassLoader library) throws Exception {
    Class<?> copy = library.loadClass(Copy.class.getName());
    assertNotSame(Copy.class, copy);
    return (AutoCloseable) ((Supplier<?>) copy.getDeclaredConstructor().newInstance()).get();
  }

  /** As where a server has two applications with a library each, which both count from one. */
  @Test
  void poolsOfOneNameAndNumberAreShownWhereTwoLoadersHaveTheLibrary() throws Exception {
    ObjectName all = new ObjectName("io.threadpool:type=WorkerPool,name=\"copied\",loader=*,id=*");
    try (URLClassLoader first = library();
        URLClassLoader second = library();
        AutoCloseable one = poolOf(first)) {
      AutoCloseable two = poolOf(second);
      Set<ObjectName> beans = SERVER.queryNames(all, null);
      assertEquals(2, beans.size(), beans::toString);
      assertEquals(1, beans.stream().map(bean -> bean.getKeyProperty("id")).distinct().count());
      for (ObjectName bean : beans) {
        assertEquals("copied", attribute(bean, "Name"));
        assertEquals(1, attribute(bean, "Size"));
      }
      two.close();
      TestPools.eventually()
          .untilAsserted(() -> assertEquals(1, SERVER.queryNames(all, null).size()));
      assertNotNull(one);
    }
    TestPools.eventually()
        .untilAsserted(() -> assertEquals(Set.of(), SERVER.queryNames(all, null)));
  }

  @Test
  void othersAreNotShown() throws Exception {
    pools.build(WorkerPool.builder().size(1).name("hidden"));
    assertEquals(Set.of(), beans("hidden"));
  }

  /** The bean does not keep it. */
  @Test
  void aForgottenPoolEndsAndIsShownNoMore() throws Exception {
    forget();
    TestPools.eventually()
        .untilAsserted(
            () -> {
              System.gc();
              assertEquals(Set.of(), beans("forgotten"));
            });
  }

  private static void forget() throws Exception {
    WorkerPool pool = WorkerPool.builder().size(1).name("forgotten").jmx(true).build();
    pool.submit(() -> null).get();
    assertEquals(1, beans("forgotten").size());
  }
}
