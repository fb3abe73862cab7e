package io.threadpool.contract;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.threadpool.Task;
import io.threadpool.TaskOptions;
import io.threadpool.WorkerPool;
import java.lang.ref.Reference;
import java.lang.ref.WeakReference;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ThreadFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What a handle that somebody keeps, or a pool that runs, keeps alive in its turn. */
class KeptHandleTest {

  @RegisterExtension final TestPools pools = new TestPools();

  /**
   * Compares what the references say, and not what they refer to: what a look throws that finds
   * some refers to what it has compared, and Awaitility, whose variable refers to that, would keep
   * it over the next look, and so for ever.
   */
  private static void collectUntilCleared(List<? extends WeakReference<?>> references) {
    TestPools.eventually()
        .pollInterval(Duration.ofMillis(20))
        .untilAsserted(
            () -> {
              System.gc();
              assertEquals(
                  List.of(),
                  references.stream()
                      .map(Reference::get)
                      .filter(x -> x != null)
                      .map(Object::toString)
                      .toList());
            });
  }

  /** A factory that notes, weakly, what it made. */
  private static final class Factory implements ThreadFactory {
    final List<WeakReference<?>> made;

    Factory(List<WeakReference<?>> made) {
      this.made = made;
      made.add(new WeakReference<>(this));
    }

    @Override
    public Thread newThread(Runnable body) {
      Thread thread = new Thread(body, "kept");
      thread.setDaemon(true);
      made.add(new WeakReference<>(thread));
      return thread;
    }
  }

  /** A handler of a user's. */
  private static final class Handler implements Thread.UncaughtExceptionHandler {
    @Override
    public void uncaughtException(Thread thread, Throwable thrown) {}
  }

  /** How the handle came to its end. */
  enum Handle {
    COMPLETED,
    FAILED,
    CANCELLED,
    ABORTED,
    STUCK,
    STAGE,
    GIVEN
  }

  private static CompletableFuture<?> handle(WorkerPool pool, Handle how, List<Held> held)
      throws Exception {
    Held body = new Held(how == Handle.STUCK);
    held.add(body);
    switch (how) {
      case COMPLETED -> {
        Task<Integer> task = pool.submit(() -> 1);
        task.get();
        return task;
      }
      case FAILED -> {
        Task<Integer> task =
            pool.submit(
                () -> {
                  throw new IllegalStateException();
                });
        task.handle((x, e) -> e).get();
        return task;
      }
      case STAGE -> {
        return pool.submit(() -> 1).thenApply(x -> x + 1);
      }
      case STUCK -> {
        Task<?> task = pool.submit(body);
        body.awaitStarted();
        return task;
      }
      default -> {
        for (int i = 0; i < pool.stats().size(); i++) {
          Held occupies = new Held(false);
          held.add(occupies);
          pool.execute(occupies);
          occupies.awaitStarted();
        }
        Task<Integer> task = pool.submit(() -> 1);
        if (how == Handle.CANCELLED) {
          task.cancel(true);
        } else if (how == Handle.GIVEN) {
          task.complete(2);
        }
        return task;
      }
    }
  }

  private static CompletableFuture<?> fromAPoolThatHasEnded(Handle how, List<WeakReference<?>> gone)
      throws Exception {
    Handler handler = new Handler();
    gone.add(new WeakReference<>(handler));
    WorkerPool pool =
        WorkerPool.builder()
            .size(2)
            .threadFactory(new Factory(gone))
            .uncaughtHandler(handler)
            .abortGrace(Duration.ofMillis(20))
            .build();
    List<Held> held = new CopyOnWriteArrayList<>();
    CompletableFuture<?> handle = handle(pool, how, held);
    pool.shutdownNow();
    TestPools.eventually().until(() -> pool.report().isPresent());
    held.forEach(Held::release);
    assertTrue(pool.awaitTermination(TestPools.LONG));
    pool.close();
    return handle;
  }

  @ParameterizedTest
  @EnumSource
  void aFinishedHandleKeepsNoThreadFactoryOrHandlerOfAPoolThatHasEnded(Handle how)
      throws Exception {
    List<WeakReference<?>> gone = new CopyOnWriteArrayList<>();
    CompletableFuture<?> handle = fromAPoolThatHasEnded(how, gone);
    assertEquals(4, gone.size());
    collectUntilCleared(gone);
    assertTrue(handle.isDone());
  }

  /** Keeps a finished handle of each of many pools, and says what that costs. */
  static final class KeepsHandles {
    private static final int POOLS = 150;

    public static void main(String[] args) throws Exception {
      List<Object> kept = new ArrayList<>(2 * POOLS);
      for (int i = 0; i < 20; i++) {
        kept.add(finished(args[0])); // What is loaded and made once.
      }
      long before = liveBytes();
      for (int i = 0; i < POOLS; i++) {
        kept.add(finished(args[0]));
      }
      ChildJvm.say("bytes " + (liveBytes() - before) / POOLS);
      Reference.reachabilityFence(kept);
    }

    private static Object finished(String how) throws Exception {
      WorkerPool pool = WorkerPool.fixed(16);
      CompletableFuture<Integer> handle = pool.submit(() -> 1);
      handle.get();
      if (how.equals("stage")) {
        handle = handle.thenApply(x -> x + 1);
      } else if (how.equals("aborted")) {
        CountDownLatch running = new CountDownLatch(16);
        for (int i = 0; i < 16; i++) {
          pool.submit(
              () -> {
                running.countDown();
                new CountDownLatch(1).await();
                return null;
              });
        }
        running.await();
        handle = pool.submit(() -> 1);
        pool.shutdownNow();
      }
      pool.close();
      return handle;
    }

    /**
     * The least of many looks: threads of a pool that has just ended, and the timer, may keep one
     * or the other for some milliseconds.
     */
    private static long liveBytes() {
      long least = Long.MAX_VALUE;
      for (int i = 0; i < 40; i++) {
        System.gc();
        Runtime runtime = Runtime.getRuntime();
        least = Math.min(least, runtime.totalMemory() - runtime.freeMemory());
      }
      return least;
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"completed", "stage", "aborted"})
  void aFinishedHandleKeepsAKilobyteOfAPoolThatHasEndedAtTheMost(String how) throws Exception {
    ChildJvm child =
        ChildJvm.run(
            KeepsHandles.class,
            List.of("-Xmx256m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1"),
            how);
    assertEquals(0, child.status(), child::toString);
    long bytes = Long.parseLong(child.line("bytes "));
    assertTrue(bytes <= 1_024, () -> "a handle keeps " + bytes + " bytes");
  }

  // Factories.

  private WorkerPool withFactory(List<WeakReference<?>> factory, int size) {
    Factory own = new Factory(new ArrayList<>());
    factory.add(new WeakReference<>(own));
    return pools.build(WorkerPool.builder().size(size).threadFactory(own));
  }

  @Test
  void aPoolThatHasEndedKeepsNoFactory() throws Exception {
    List<WeakReference<?>> factory = new ArrayList<>();
    WorkerPool pool = withFactory(factory, 3);
    assertEquals("kept", pool.submit(() -> Thread.currentThread().getName()).get());
    pool.close();
    collectUntilCleared(factory);
    assertTrue(pool.isTerminated());
  }

  /** The usual service: a field for the pool, and a factory that refers to the service. */
  private static final class Service {
    final WorkerPool pool;
    private int threads;

    Service(List<WeakReference<?>> made) {
      made.add(new WeakReference<>(this));
      pool =
          WorkerPool.builder()
              .size(2)
              .threadFactory(
                  body -> {
                    threads++;
                    Thread thread = new Thread(body, "of a service");
                    thread.setDaemon(true);
                    made.add(new WeakReference<>(thread));
                    return thread;
                  })
              .build();
    }
  }

  private static void useAndDrop(List<WeakReference<?>> made) throws Exception {
    Service service = new Service(made);
    assertEquals(1, service.pool.submit(() -> 1).get());
    assertEquals(2, service.threads);
  }

  @Test
  void aFactoryThatRefersToThePoolsOwnerDoesNotKeepAForgottenPool() throws Exception {
    List<WeakReference<?>> made = new CopyOnWriteArrayList<>();
    useAndDrop(made);
    assertEquals(3, made.size());
    try {
      collectUntilCleared(made);
    } finally {
      if (made.get(0).get() instanceof Service kept) {
        kept.pool.shutdownNow(); // Which the next test is not to find.
      }
    }
  }

  /** What a user has submitted, and may be large. */
  private static final class Body implements Callable<Integer> {
    @Override
    public Integer call() {
      return 1;
    }
  }

  private static Task<Integer> limited(WorkerPool pool, List<WeakReference<?>> bodies) {
    Body body = new Body();
    bodies.add(new WeakReference<>(body));
    Duration hour = Duration.ofHours(1);
    return pool.submit(body, TaskOptions.runningWithin(hour).startWithin(hour));
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void theHandleOfATaskWithLimitsKeepsItsBodyNoLongerThanOthers(boolean runs) throws Exception {
    WorkerPool pool = pools.fixed(1);
    List<WeakReference<?>> bodies = new ArrayList<>();
    Held held = pools.occupy(pool);
    Task<Integer> task = limited(pool, bodies);
    assertTrue(runs || task.cancel(true));
    held.release();
    assertTrue(pool.awaitIdle(TestPools.LONG));
    collectUntilCleared(bodies);
    assertTrue(task.isDone());
  }
}
