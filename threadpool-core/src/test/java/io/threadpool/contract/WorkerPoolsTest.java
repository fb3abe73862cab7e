package io.threadpool.contract;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.threadpool.PoolView;
import io.threadpool.WorkerPool;
import io.threadpool.WorkerPools;
import java.lang.ref.WeakReference;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** The list of the live pools, and what a view of one shows and keeps. */
class WorkerPoolsTest {

  private static final int ROUNDS = 200;

  @RegisterExtension final TestPools pools = new TestPools();

  private static List<PoolView> named(String name) {
    return WorkerPools.all().stream().filter(view -> view.name().equals(name)).toList();
  }

  @Test
  void aPoolIsListedUntilItHasTerminated() throws Exception {
    WorkerPool first = pools.build(WorkerPool.builder().size(1).name("listed"));
    WorkerPool second = pools.build(WorkerPool.builder().size(2).name("listed"));
    List<PoolView> views = named("listed");
    assertEquals(2, views.size(), views::toString);
    assertTrue(views.get(0).id() < views.get(1).id());
    PoolView view = views.get(1);
    assertEquals(2, view.stats().size());
    assertSame(view, named("listed").get(1));
    Held held = pools.occupy(second);
    assertEquals(held.thread().getName(), view.runningTasks().get(0).worker());
    assertTrue(view.toString().startsWith("PoolView[listed, id=" + view.id()), view::toString);
    second.shutdown();
    assertTrue(view.isShutdown());
    assertFalse(view.isTerminated());
    assertTrue(view.report().isEmpty());
    assertEquals(views, named("listed"));
    held.release();
    second.close();
    assertTrue(view.isTerminated());
    assertEquals(1, view.stats().completed());
    assertEquals(second.report(), view.report());
    assertEquals(List.of(), view.runningTasks());
    assertEquals(List.of(views.get(0)), named("listed"));
    first.close();
    assertEquals(List.of(), named("listed"));
  }

  @Test
  void whatHasTerminatedIsNotListed() {
    for (int i = 0; i < ROUNDS; i++) {
      WorkerPool pool = pools.build(WorkerPool.builder().size(1).name("over"));
      pool.shutdown();
      while (!pool.isTerminated()) {
        Thread.onSpinWait();
      }
      assertEquals(List.of(), named("over"));
    }
  }

  @Test
  void aViewDoesNotKeepAForgottenPool() {
    PoolView view = buildAndDrop("forgotten");
    collectUntilTerminated(view);
    assertEquals(100, view.stats().completed());
    assertEquals(List.of(), named("forgotten"));
  }

  private static PoolView buildAndDrop(String name) {
    WorkerPool pool = WorkerPool.builder().size(1).name(name).build();
    for (int i = 0; i < 100; i++) {
      pool.execute(() -> {});
    }
    return named(name).get(0);
  }

  static void collectUntilTerminated(PoolView view) {
    TestPools.eventually()
        .pollInterval(Duration.ofMillis(20))
        .until(
            () -> {
              System.gc();
              return view.isTerminated();
            });
  }

  /** It has neither the queue nor the workers of it any more. */
  @Test
  void aViewOfAnEndedPoolKeepsLittleOfIt() throws Exception {
    WorkerPool pool = pools.build(WorkerPool.builder().size(1).name("kept"));
    PoolView view = named("kept").get(0);
    WeakReference<Thread> worker = new WeakReference<>(pool.submit(Thread::currentThread).get());
    pool.close();
    TestPools.eventually()
        .pollInterval(Duration.ofMillis(20))
        .until(
            () -> {
              System.gc();
              return worker.get() == null;
            });
    assertEquals("kept", view.name());
  }
}
