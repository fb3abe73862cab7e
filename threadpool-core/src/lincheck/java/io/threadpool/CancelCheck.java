package io.threadpool;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.threadpool.internal.Explorer;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/** Cancel against start and finish: one outcome, one run at most, no interrupt to the next. */
class CancelCheck {

  @Test
  void againstStartAndFinish() {
    Explorer.explore(
        "cancel(true) against start and finish, and the next task",
        1_500,
        () -> {
          Engine engine = new Engine(1);
          AtomicInteger ran = new AtomicInteger();
          AtomicBoolean stray = new AtomicBoolean();
          Task<?> task = engine.task(ran::incrementAndGet);
          Task<?> next = engine.task(() -> stray.set(Thread.currentThread().isInterrupted()));
          engine.submit(task);
          engine.submit(next);
          engine.core.backlog.close();
          boolean[] cancelled = new boolean[1];
          Explorer.together(engine.core.crew::runHere, () -> cancelled[0] = task.cancel(true));
          assertEquals(cancelled[0], task.isCancelled());
          assertTrue(cancelled[0] || ran.get() == 1);
          assertTrue(ran.get() <= 1);
          assertFalse(stray.get(), "the next task was interrupted");
          Counts counts = engine.assertBooks();
          assertEquals(cancelled[0] ? 1 : 0, counts.cancelled());
          assertEquals(cancelled[0] ? 1 : 2, counts.completed());
        });
  }

  @Test
  void cancelAgainstComplete() {
    Explorer.explore(
        "cancel against complete against the worker",
        1_500,
        () -> {
          Engine engine = new Engine(1);
          Task<?> task = engine.task(() -> {});
          engine.submit(task);
          engine.core.backlog.close();
          boolean[] won = new boolean[2];
          Explorer.together(
              engine.core.crew::runHere,
              () -> won[0] = task.cancel(false),
              () -> won[1] = task.complete(null));
          assertTrue(task.isDone());
          assertFalse(won[0] && won[1], "two outcomes");
          assertEquals(won[0], task.isCancelled());
          Counts counts = engine.assertBooks();
          assertEquals(won[0] ? 1 : 0, counts.cancelled());
          assertEquals(won[0] ? 0 : 1, counts.completed());
        });
  }

  @Test
  void cancelMakesRoom() {
    Explorer.explore(
        "cancel of a queued task makes room at once, against take",
        1_000,
        () -> {
          Engine engine = new Engine(1, 1, SaturationPolicy.reject());
          Task<?> task = engine.task(() -> {});
          assertNull(engine.submit(task));
          Task<?> second = engine.task(() -> {});
          Explorer.together(
              () -> {
                task.cancel(true);
                assertNull(engine.submit(second), "no room");
                engine.core.backlog.close();
              },
              engine.core.crew::runHere);
          assertTrue(second.isDone());
          engine.assertBooks();
          engine.assertAllRoom();
        });
  }

  @Test
  void awaitStoppedAgainstFinish() {
    Explorer.explore(
        "awaitStopped against finish and cancel",
        1_000,
        () -> {
          Engine engine = new Engine(1);
          AtomicBoolean inside = new AtomicBoolean();
          Task<?> task =
              engine.task(
                  () -> {
                    inside.set(true);
                    inside.set(false);
                  });
          engine.submit(task);
          engine.core.backlog.close();
          Explorer.together(
              engine.core.crew::runHere,
              () -> {
                task.cancel(false);
                assertTrue(task.awaitStopped(java.time.Duration.ofHours(1)));
                assertFalse(inside.get(), "the body is on the stack");
              });
        });
  }
}
