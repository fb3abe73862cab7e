package io.threadpool.contract;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ch.qos.logback.classic.Level;
import io.threadpool.SaturationPolicy;
import io.threadpool.ShutdownPolicy;
import io.threadpool.Task;
import io.threadpool.WorkerPool;
import java.lang.ref.WeakReference;
import java.net.URL;
import java.net.URLClassLoader;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Pools that nobody closed, and what a pool leaves reachable. */
class UnreachablePoolTest {

  @RegisterExtension final TestPools pools = new TestPools();

  private static void collectUntil(BooleanSupplier condition) {
    TestPools.eventually()
        .pollInterval(Duration.ofMillis(20))
        .until(
            () -> {
              System.gc();
              return condition.getAsBoolean();
            });
  }

  @Test
  void aDroppedPoolDrainsEndsItsThreadsAndSaysWhereItWasBuilt() throws Exception {
    try (LogCapture log = LogCapture.at(Level.WARN)) {
      Held held = pools.held();
      AtomicInteger runs = new AtomicInteger();
      buildAndDrop(held, runs);
      held.awaitStarted();
      System.gc();
      assertTrue(held.thread().isAlive());
      held.release();
      collectUntil(() -> !held.thread().isAlive());
      assertEquals(100, runs.get());
      TestPools.eventually().until(() -> !warnings(log, "dropped").isEmpty());
      assertEquals(1, warnings(log, "dropped").size(), () -> log.messages().toString());
      String message = warnings(log, "dropped").get(0);
      assertTrue(message.contains(UnreachablePoolTest.class.getSimpleName() + ".java"), message);
      assertTrue(message.contains("buildAndDrop"), message);
    }
  }

  /** Of that pool; one that a test before has dropped may be told of, too. */
  private static List<String> warnings(LogCapture log, String pool) {
    return log.messages("Pool " + pool + " ");
  }

  private static WorkerPool named(String name) {
    return WorkerPool.builder().size(1).name(name).build();
  }

  private static void buildAndDrop(Held held, AtomicInteger runs) {
    WorkerPool pool = WorkerPool.builder().size(1).name("dropped").build();
    pool.execute(held);
    for (int i = 0; i < 100; i++) {
      pool.execute(runs::incrementAndGet);
    }
  }

  @Test
  void executeOnAPoolThatNobodyHoldsStillRuns() throws Exception {
    for (int round = 0; round < 20; round++) {
      AtomicReference<Thread> ranOn = new AtomicReference<>();
      CountDownLatch ran = new CountDownLatch(1);
      WorkerPool.fixed(4)
          .execute(
              () -> {
                ranOn.set(Thread.currentThread());
                ran.countDown();
              });
      System.gc();
      Held.await(ran, "run");
      collectUntil(() -> !ranOn.get().isAlive());
    }
  }

  @Test
  void aTaskKeepsItsPool() throws Exception {
    try (LogCapture log = LogCapture.at(Level.WARN)) {
      Task<Thread> task = named("kept").submit(Thread::currentThread);
      Thread worker = task.get(TestPools.LONG.toSeconds(), TimeUnit.SECONDS);
      WeakReference<Object> canary = new WeakReference<>(new Object());
      collectUntil(() -> canary.get() == null);
      assertTrue(worker.isAlive());
      assertEquals(worker, task.thenApplyAsync(x -> Thread.currentThread()).get());
      assertEquals(List.of(), warnings(log, "kept"));
      ((WorkerPool) task.defaultExecutor()).close();
      TestPools.eventually().until(() -> !worker.isAlive());
    }
  }

  @Test
  void aTaskThatIsQueuedKeepsItsPool() throws Exception {
    Held held = pools.held();
    AtomicReference<String> seen = new AtomicReference<>();
    submitChain(held, seen);
    held.awaitStarted();
    WeakReference<Object> canary = new WeakReference<>(new Object());
    collectUntil(() -> canary.get() == null);
    held.release();
    TestPools.eventually().until(() -> seen.get() != null);
    assertEquals("body stage", seen.get());
    collectUntil(() -> !held.thread().isAlive());
  }

  private static void submitChain(Held held, AtomicReference<String> seen) {
    WorkerPool.fixed(1)
        .submit(held, "body")
        .thenApplyAsync(x -> x + " stage")
        .thenAcceptAsync(seen::set);
  }

  @Test
  void aClosedPoolIsNotWarnedAbout() throws Exception {
    try (LogCapture log = LogCapture.at(Level.WARN)) {
      Thread worker = closeAndDrop();
      WeakReference<Object> canary = new WeakReference<>(new Object());
      collectUntil(() -> canary.get() == null && !worker.isAlive());
      assertEquals(List.of(), warnings(log, "closed"));
    }
  }

  private static Thread closeAndDrop() {
    try (WorkerPool pool = named("closed")) {
      return pool.submit(Thread::currentThread).join();
    }
  }

  @Test
  void aCancelledTaskDropsItsBodyAtOnce() throws Exception {
    WorkerPool pool = pools.fixed(1);
    pools.occupy(pool);
    AtomicReference<WeakReference<Object>> body = new AtomicReference<>();
    Task<?> task = submitHeavy(pool, body);
    task.cancel(false);
    collectUntil(() -> body.get().get() == null);
    assertTrue(task.isCancelled());
  }

  private static Task<?> submitHeavy(WorkerPool pool, AtomicReference<WeakReference<Object>> body) {
    byte[] heavy = new byte[1 << 20];
    body.set(new WeakReference<>(heavy));
    return pool.submit(() -> heavy.length);
  }

  @Test
  void aTaskThatHasEndedRetainsNoBody() throws Exception {
    WorkerPool pool = pools.fixed(1);
    AtomicReference<WeakReference<Object>> body = new AtomicReference<>();
    Task<?> task = submitHeavy(pool, body);
    assertEquals(1 << 20, task.get());
    collectUntil(() -> body.get().get() == null);
    assertTrue(pool.awaitIdle(TestPools.LONG));
  }

  // Class loaders.

  /** Loads the library and the program below itself, and all else from its parent. */
  private static final class Isolated extends URLClassLoader {
    Isolated(URL... places) {
      super(places, UnreachablePoolTest.class.getClassLoader());
    }

    @Override
    protected Class<?> loadClass(String name, boolean resolve) throws ClassNotFoundException {
      synchronized (getClassLoadingLock(name)) {
        if (name.startsWith("io.threadpool.")) {
          Class<?> loaded = findLoadedClass(name);
          return loaded == null ? findClass(name) : loaded;
        }
        return super.loadClass(name, resolve);
      }
    }
  }

  /** Uses a pool in every way that might pin the class loader. */
  public static final class Program implements Runnable {
    /** For reflection. */
    public Program() {}

    @Override
    public void run() {
      for (ShutdownPolicy policy :
          List.of(
              ShutdownPolicy.drain(),
              ShutdownPolicy.abort(),
              ShutdownPolicy.drainFor(Duration.ofHours(1)))) {
        WorkerPool pool =
            WorkerPool.builder()
                .size(2)
                .queueCapacity(1)
                .saturationPolicy(SaturationPolicy.callerRuns())
                .onJvmExit(ShutdownPolicy.abort())
                .build();
        for (int i = 0; i < 100; i++) {
          pool.submit(() -> 1).thenApplyAsync(x -> x + 1).cancel(true);
        }
        pool.submit(() -> pool.submit(() -> 2).join()).join();
        pool.shutdown(policy);
        pool.close();
      }
    }
  }

  @Test
  void aTerminatedPoolPinsNoClassLoader() throws Exception {
    WeakReference<ClassLoader> loader = runIsolated();
    collectUntil(() -> loader.get() == null);
  }

  private static WeakReference<ClassLoader> runIsolated() throws Exception {
    try (Isolated loader =
        new Isolated(
            WorkerPool.class.getProtectionDomain().getCodeSource().getLocation(),
            Program.class.getProtectionDomain().getCodeSource().getLocation())) {
      Class<?> program = loader.loadClass(Program.class.getName());
      assertTrue(program.getClassLoader() == loader);
      assertFalse(program == Program.class);
      ((Runnable) program.getDeclaredConstructor().newInstance()).run();
      return new WeakReference<>(loader);
    }
  }

  @Test
  void aPoolThatNobodyHoldsRunsWhatIsDelayedAndThenEnds() {
    AtomicReference<Thread> ranOn = new AtomicReference<>();
    scheduleAndDrop(ranOn);
    collectUntil(() -> ranOn.get() != null && !ranOn.get().isAlive());
  }

  private static void scheduleAndDrop(AtomicReference<Thread> ranOn) {
    WorkerPool.fixed(1)
        .schedule(() -> ranOn.set(Thread.currentThread()), 200, TimeUnit.MILLISECONDS);
  }
}
