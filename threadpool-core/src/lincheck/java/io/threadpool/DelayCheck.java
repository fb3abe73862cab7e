package io.threadpool;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.threadpool.internal.DueHeap;
import io.threadpool.internal.Explorer;
import java.lang.reflect.Field;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/** What falls due, against who cancels, joins, closes and aborts. */
class DelayCheck {

  private static final int SCHEDULES = 1_000;

  private final AtomicInteger ran = new AtomicInteger();

  /** One that is due, and that nobody has handed over. */
  private Delay<?> overdue(Engine engine, long period) throws ReflectiveOperationException {
    ran.set(0);
    Delay<?> delay =
        new Delay<>(engine.pool, (Runnable) ran::incrementAndGet, false, period, false);
    assertTrue(engine.core.tryDelay(delay, 1));
    Field due = DueHeap.Entry.class.getDeclaredField("due");
    due.setAccessible(true);
    due.setLong(delay, 0); // In a model no time passes.
    return delay;
  }

  /** The close, and the worker that then takes what there is. */
  private static Explorer.Step drains(Engine engine) {
    return () -> {
      engine.core.backlog.close();
      engine.core.crew.runHere();
    };
  }

  @Test
  void dueAgainstTheLastWorkersSleep() {
    Explorer.explore(
        "due against the sleep of the worker that drains",
        SCHEDULES,
        () -> {
          Engine engine = new Engine(1);
          Delay<?> delay = overdue(engine, 0);
          Explorer.together(engine.core.delays::handOver, drains(engine));
          assertTrue(delay.isDone());
          assertEquals(1, ran.get());
          assertEquals(1, engine.assertBooks().completed());
        });
  }

  @Test
  void dueAgainstCancel() {
    Explorer.explore(
        "due against cancel and the worker that drains",
        SCHEDULES,
        () -> {
          Engine engine = new Engine(1);
          Delay<?> delay = overdue(engine, 0);
          Explorer.together(
              engine.core.delays::handOver, () -> delay.cancel(false), drains(engine));
          assertTrue(delay.isDone());
          Counts counts = engine.assertBooks();
          assertEquals(1, counts.completed() + counts.cancelled());
          assertEquals(0, counts.delayed());
          assertTrue(engine.core.quiescence.isQuiescent());
        });
  }

  @Test
  void dueAgainstJoin() {
    Explorer.explore(
        "due against who runs it, the timer and the worker",
        SCHEDULES,
        () -> {
          Engine engine = new Engine(1);
          Delay<?> delay = overdue(engine, 0);
          Explorer.together(
              engine.core.delays::handOver,
              () -> {
                engine.core.delays.untilDue(delay);
                delay.toCompletableFuture().run();
              },
              drains(engine));
          assertEquals(1, ran.get());
          assertEquals(1, engine.assertBooks().completed());
        });
  }

  @Test
  void dueAgainstAbort() {
    Explorer.explore(
        "due against abort: run or returned",
        SCHEDULES,
        () -> {
          Engine engine = new Engine(1);
          Delay<?> delay = overdue(engine, 0);
          engine.core.backlog.close();
          List<Runnable> returned = new ArrayList<>();
          Explorer.together(
              engine.core.delays::handOver,
              engine.core.crew::runHere,
              () -> returned.addAll(engine.shutdownNow()));
          engine.awaitTermination();
          assertTrue(delay.isDone());
          assertEquals(1, ran.get() + returned.size());
          assertEquals(returned.size(), engine.assertBooks().aborted());
        });
  }

  @Test
  void beatAgainstClose() {
    Explorer.explore(
        "a beat against the close, which ends what repeats",
        SCHEDULES,
        () -> {
          Engine engine = new Engine(1);
          Delay<?> delay = overdue(engine, -DueHeap.LONGEST_NANOS);
          Explorer.together(
              engine.core.delays::handOver, engine::shutdown, engine.core.crew::runHere);
          engine.awaitTermination();
          assertTrue(delay.isCancelled());
          assertTrue(ran.get() <= 1);
          assertEquals(1, engine.assertBooks().cancelled());
        });
  }

  @Test
  void scheduleAgainstClose() {
    Explorer.explore(
        "schedule against the close: run or refused",
        SCHEDULES,
        () -> {
          ran.set(0);
          Engine engine = new Engine(1).start();
          boolean[] accepted = new boolean[1];
          Delay<?> delay =
              new Delay<>(engine.pool, (Runnable) ran::incrementAndGet, false, 0, false);
          Explorer.together(() -> accepted[0] = engine.core.tryDelay(delay, 0), engine::shutdown);
          engine.awaitTermination();
          assertEquals(accepted[0] ? 1 : 0, ran.get());
          engine.assertBooks();
        });
  }
}
