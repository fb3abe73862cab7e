package io.threadpool.contract;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;

import io.threadpool.ShutdownPolicy;
import io.threadpool.Task;
import io.threadpool.WorkerPool;
import io.threadpool.WorkerPoolBuilder;
import java.lang.ref.WeakReference;
import java.net.URL;
import java.net.URLClassLoader;
import java.security.AccessController;
import java.security.PrivilegedAction;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import javax.security.auth.Subject;
import javax.security.auth.x500.X500Principal;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledForJreRange;
import org.junit.jupiter.api.condition.JRE;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * What the pool's threads have from who built the pool, and what they have not, on each JDK alike.
 */
class InheritedStateTest {

  @RegisterExtension final TestPools pools = new TestPools();

  // The context class loader.

  private static ClassLoader loader() {
    return new URLClassLoader(new URL[0], InheritedStateTest.class.getClassLoader());
  }

  /** Builds a pool on a thread that has this context class loader. */
  private WorkerPool builtUnder(ClassLoader loader, WorkerPoolBuilder builder) throws Exception {
    return pools
        .call(
            () -> {
              Thread.currentThread().setContextClassLoader(loader);
              return pools.build(builder);
            })
        .get();
  }

  /** The context class loader of each worker. */
  private List<ClassLoader> loadersOf(WorkerPool pool, int size) throws Exception {
    CountDownLatch all = new CountDownLatch(size);
    List<Task<ClassLoader>> tasks = new ArrayList<>();
    for (int i = 0; i < size; i++) {
      tasks.add(
          pool.submit(
              () -> {
                all.countDown();
                all.await();
                return Thread.currentThread().getContextClassLoader();
              }));
    }
    List<ClassLoader> loaders = new ArrayList<>();
    for (Task<ClassLoader> task : tasks) {
      loaders.add(pools.call(task::get).get());
    }
    return loaders;
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void workersHaveTheContextClassLoaderOfWhoBuiltThePool(boolean daemon) throws Exception {
    for (int i = 0; i < 2; i++) {
      ClassLoader loader = loader();
      WorkerPool pool = builtUnder(loader, WorkerPool.builder().size(3).daemon(daemon));
      assertEquals(List.of(loader, loader, loader), loadersOf(pool, 3));
      pool.submit(() -> Thread.currentThread().setContextClassLoader(null)).get();
      assertEquals(List.of(loader, loader, loader), loadersOf(pool, 3));
    }
  }

  @Test
  void whoHadNoneGivesThemNone() throws Exception {
    WorkerPool pool = builtUnder(null, WorkerPool.builder().size(1));
    assertNull(loadersOf(pool, 1).get(0));
  }

  @Test
  void threadsOfAFactoryHaveWhatItGaveThem() throws Exception {
    ClassLoader given = loader();
    WorkerPool pool =
        builtUnder(
            loader(),
            WorkerPool.builder()
                .size(1)
                .threadFactory(
                    body -> {
                      Thread thread = new Thread(body);
                      thread.setContextClassLoader(given);
                      return thread;
                    }));
    assertSame(given, loadersOf(pool, 1).get(0));
  }

  // The Subject.

  @SuppressWarnings("removal")
  private static <T> T asAlice(PrivilegedAction<T> action) {
    Subject alice = new Subject();
    alice.getPrincipals().add(new X500Principal("CN=alice"));
    return Subject.doAs(alice, action);
  }

  @SuppressWarnings("removal")
  private static String whoAmI() {
    Subject subject = Subject.getSubject(AccessController.getContext());
    return subject == null ? "nobody" : subject.getPrincipals().toString();
  }

  @Test
  @EnabledForJreRange(max = JRE.JAVA_22)
  void aTaskRunsAsNobody() throws Exception {
    WorkerPool pool = asAlice(() -> pools.fixed(2));
    assertEquals("nobody", pool.submit(InheritedStateTest::whoAmI).get());
    AtomicReference<String> raw = new AtomicReference<>();
    pool.execute(() -> raw.set(whoAmI()));
    pool.awaitIdle(TestPools.LONG);
    assertEquals("nobody", raw.get());
    String stage = pool.submit(() -> 1).thenApplyAsync(x -> whoAmI()).get();
    assertEquals("nobody", stage);
  }

  @Test
  @EnabledForJreRange(max = JRE.JAVA_22)
  void nobodysIsTheStageThatADeadlineRuns() throws Exception {
    WorkerPool pool = asAlice(() -> pools.fixed(1));
    pools.occupy(pool);
    AtomicReference<String> told = new AtomicReference<>();
    pool.submit(() -> 1).whenComplete((x, e) -> told.set(whoAmI()));
    asAlice(
        () -> {
          pool.shutdown(ShutdownPolicy.drainFor(Duration.ofMillis(10)));
          return null;
        });
    TestPools.eventually().until(() -> told.get() != null);
    assertEquals("nobody", told.get());
  }

  // The priority.

  private static int priority() {
    return Thread.currentThread().getPriority();
  }

  private static void lower() {
    Thread.currentThread().setPriority(Thread.MIN_PRIORITY);
  }

  @ParameterizedTest
  @ValueSource(ints = {Thread.NORM_PRIORITY, 7})
  void theNextTaskFindsThePriorityAsItWas(int own) throws Exception {
    WorkerPool pool =
        pools.build(
            WorkerPool.builder()
                .size(1)
                .threadFactory(
                    body -> {
                      Thread thread = new Thread(body);
                      thread.setPriority(own);
                      return thread;
                    }));
    assertEquals(own, pool.submit(InheritedStateTest::priority).get());
    pool.execute(InheritedStateTest::lower);
    assertEquals(own, pool.submit(InheritedStateTest::priority).get());
    pool.submit(InheritedStateTest::lower).get();
    assertEquals(own, pool.submit(InheritedStateTest::priority).get());
    pool.execute(
        () -> {
          Thread.currentThread().setPriority(Thread.MAX_PRIORITY);
          throw new IllegalStateException();
        });
    assertEquals(own, pool.submit(InheritedStateTest::priority).get());
    Task<?> failing =
        pool.submit(
            () -> {
              lower();
              throw new IllegalStateException();
            });
    failing.handle((x, e) -> e).get();
    AtomicReference<Integer> raw = new AtomicReference<>();
    pool.execute(() -> raw.set(priority()));
    pool.awaitIdle(TestPools.LONG);
    assertEquals(own, raw.get());
  }

  @Test
  void soDoesWhoRunsATaskInline() throws Exception {
    WorkerPool pool = pools.fixed(1);
    Task<List<Integer>> outer =
        pool.submit(
            () -> {
              Thread.currentThread().setPriority(6);
              pool.submit(InheritedStateTest::lower).join();
              return List.of(priority());
            });
    assertEquals(List.of(6), outer.get());
    assertEquals(Thread.NORM_PRIORITY, pool.submit(InheritedStateTest::priority).get());
  }

  @Test
  void soDoesACallerThatRunsATaskItself() throws Exception {
    WorkerPool pool = pools.fullOfCallerRuns();
    Callable<List<Integer>> calls =
        () -> {
          Thread.currentThread().setPriority(4);
          List<Integer> after = new ArrayList<>();
          pool.execute(InheritedStateTest::lower);
          after.add(priority());
          pool.submit(InheritedStateTest::lower).get();
          after.add(priority());
          pool.execute(
              () -> {
                lower();
                throw new IllegalStateException();
              });
          after.add(priority());
          return after;
        };
    assertEquals(List.of(4, 4, 4), pools.call(calls).get());
  }

  // What outlives a pool.

  /** Loads the program below itself, and all else, the library included, from its parent. */
  private static final class Application extends URLClassLoader {
    Application() {
      super(
          new URL[] {First.class.getProtectionDomain().getCodeSource().getLocation()},
          First.class.getClassLoader());
    }

    @Override
    protected Class<?> loadClass(String name, boolean resolve) throws ClassNotFoundException {
      synchronized (getClassLoadingLock(name)) {
        if (name.startsWith(First.class.getName())) {
          Class<?> loaded = findLoadedClass(name);
          return loaded == null ? findClass(name) : loaded;
        }
        return super.loadClass(name, resolve);
      }
    }
  }

  /** Builds the first pool of the virtual machine, and begins to end it. */
  public static final class First implements Callable<WorkerPool> {
    /** For reflection. */
    public First() {}

    @Override
    public WorkerPool call() {
      WorkerPool pool =
          WorkerPool.builder()
              .size(2)
              .daemon(true)
              .abortGrace(Duration.ofSeconds(5))
              .onJvmExit(ShutdownPolicy.abort())
              .build();
      CountDownLatch running = new CountDownLatch(1);
      CountDownLatch release = new CountDownLatch(1);
      Runnable body =
          () -> {
            running.countDown();
            try {
              release.await();
            } catch (InterruptedException e) {
              // So it ends.
            }
          };
      pool.submit(body);
      pool.submit(body);
      for (int i = 0; i < 5; i++) {
        pool.submit(() -> 1).whenComplete((x, e) -> Thread.yield());
      }
      pool.shutdown(ShutdownPolicy.drainFor(Duration.ofHours(1)));
      return pool;
    }
  }

  /** Keeps what the library shares alive by another pool, and says whether the loader is free. */
  static final class OutlivesIt {
    public static void main(String[] args) throws Exception {
      List<WeakReference<ClassLoader>> loader = new ArrayList<>();
      WorkerPool first = buildFirst(loader);
      WorkerPool second =
          WorkerPool.builder().size(1).daemon(true).onJvmExit(ShutdownPolicy.abort()).build();
      CountDownLatch running = new CountDownLatch(1);
      second.submit(
          () -> {
            running.countDown();
            new CountDownLatch(1).await();
            return null;
          });
      running.await();
      second.shutdown(ShutdownPolicy.drainFor(Duration.ofHours(1)));
      first.shutdownNow();
      first.close();
      ChildJvm.say("terminated " + first.isTerminated());
      first = null;
      for (int i = 0; i < 200 && loader.get(0).get() != null; i++) {
        System.gc();
        LockSupport.parkNanos(20_000_000);
      }
      ChildJvm.say("free " + (loader.get(0).get() == null));
      ChildJvm.say("second " + second.isTerminated());
    }

    private static WorkerPool buildFirst(List<WeakReference<ClassLoader>> loader) throws Exception {
      ClassLoader application = new Application();
      loader.add(new WeakReference<>(application));
      AtomicReference<WorkerPool> pool = new AtomicReference<>();
      Thread builder =
          new Thread(
              () -> {
                try {
                  Object program =
                      application
                          .loadClass(First.class.getName())
                          .getDeclaredConstructor()
                          .newInstance();
                  pool.set((WorkerPool) ((Callable<?>) program).call());
                } catch (Exception e) {
                  throw new AssertionError(e);
                }
              });
      builder.setContextClassLoader(application);
      builder.start();
      builder.join();
      return pool.get();
    }
  }

  @Test
  void noThreadThatOutlivesAPoolKeepsItsBuildersClassLoader() throws Exception {
    ChildJvm child = ChildJvm.run(OutlivesIt.class, List.of("-XX:TieredStopAtLevel=1"));
    assertEquals(List.of("terminated true", "free true", "second false"), child.out());
    assertEquals(0, child.status(), child::toString);
  }
}
