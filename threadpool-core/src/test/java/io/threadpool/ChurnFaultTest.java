package io.threadpool;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.InputStream;
import java.lang.ref.WeakReference;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.atomic.AtomicInteger;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;

/**
 * Pools built and closed, built and dropped, in numbers: no thread, no pool and no class loader
 * stays. The number of pools is {@code -Drace.rounds}; see {@link RaceTeam}.
 */
class ChurnFaultTest {

  private static final Duration LONG = Duration.ofSeconds(60);

  private static void assertGone(WeakReference<?> reference, String what) {
    Awaitility.await()
        .atMost(LONG)
        .untilAsserted(
            () -> {
              System.gc();
              assertTrue(reference.refersTo(null), what);
            });
  }

  private static void assertNoWorkers() {
    Awaitility.await()
        .atMost(LONG)
        .untilAsserted(
            () -> {
              System.gc();
              assertEquals(List.of(), PoolsExtension.workerThreads());
            });
  }

  @Test
  void builtAndClosed() {
    int count = RaceTeam.rounds(1_000);
    AtomicInteger ran = new AtomicInteger();
    WeakReference<WorkerPool> one = null;
    for (int i = 0; i < count; i++) {
      try (WorkerPool pool = RaceConfigs.of(i).builder().size(1 + i % 3).build()) {
        for (int n = 0; n < i % 4; n++) {
          pool.execute(ran::incrementAndGet);
        }
        if (i == count / 2) {
          one = new WeakReference<>(pool);
        }
      }
    }
    assertEquals(sum(count), ran.get());
    assertEquals(
        List.of(), PoolsExtension.workerThreads(), "close() returned before the threads ended");
    assertGone(one, "a closed pool stays");
  }

  private static int sum(int count) {
    int sum = 0;
    for (int i = 0; i < count; i++) {
      sum += i % 4;
    }
    return sum;
  }

  @Test
  void builtAndDropped() {
    int count = Math.min(1_000, RaceTeam.rounds(100));
    AtomicInteger ran = new AtomicInteger();
    for (int i = 0; i < count; i++) {
      drop(i, ran);
    }
    assertNoWorkers();
    assertEquals(sum(count), ran.get(), "what a dropped pool had accepted is run");
  }

  private static void drop(int i, AtomicInteger ran) {
    WorkerPool pool = RaceConfigs.of(i).builder().size(1 + i % 2).build();
    for (int n = 0; n < i % 4; n++) {
      if (i % 2 == 0) {
        pool.execute(ran::incrementAndGet);
      } else {
        pool.submit(ran::incrementAndGet);
      }
    }
  }

  /** A task of a loader's own making, which the loader is to survive as little as the pool. */
  public static final class Guest implements Callable<Object> {
    /** For the loader. */
    public Guest() {}

    @Override
    public Object call() {
      return this;
    }
  }

  private static final class Loader extends ClassLoader {
    Loader() {
      super(ChurnFaultTest.class.getClassLoader());
    }

    @Override
    protected Class<?> loadClass(String name, boolean resolve) throws ClassNotFoundException {
      if (!name.equals(Guest.class.getName())) {
        return super.loadClass(name, resolve);
      }
      Class<?> loaded = findLoadedClass(name);
      return loaded == null ? define(name) : loaded;
    }

    private Class<?> define(String name) throws ClassNotFoundException {
      try (InputStream in = getResourceAsStream(name.replace('.', '/') + ".class")) {
        byte[] bytes = in.readAllBytes();
        return defineClass(name, bytes, 0, bytes.length);
      } catch (IOException e) {
        throw new ClassNotFoundException(name, e);
      }
    }
  }

  @Test
  void noClassLoaderStays() throws Exception {
    WorkerPool open = WorkerPool.fixed(1);
    try {
      assertGone(
          useLoader(open, false), "a pool that is open holds the loader of a task that ended");
      assertGone(useLoader(WorkerPool.fixed(1), true), "a pool that is closed holds the loader");
    } finally {
      open.close();
    }
  }

  private static WeakReference<ClassLoader> useLoader(WorkerPool pool, boolean closes)
      throws Exception {
    Loader loader = new Loader();
    Object guest = loader.loadClass(Guest.class.getName()).getDeclaredConstructor().newInstance();
    Callable<?> task = (Callable<?>) guest;
    assertEquals(loader, pool.submit(task).get().getClass().getClassLoader());
    pool.submit(
            () -> {
              Thread.currentThread().setContextClassLoader(loader);
              return null;
            })
        .get();
    Task<?> failing =
        pool.submit(
            () -> {
              throw new IllegalStateException(task.toString());
            });
    failing.cancel(true);
    if (closes) {
      pool.close();
    }
    return new WeakReference<>(loader);
  }
}
