package io.threadpool;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.threadpool.internal.Explorer;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/** awaitIdle against the last body: it returns, and not too early. */
class IdlenessCheck {

  @Test
  void againstLastBody() {
    Explorer.explore(
        "awaitIdle against the last body",
        1_000,
        () -> {
          Engine engine = new Engine(1);
          AtomicInteger ended = new AtomicInteger();
          assertNull(engine.execute(ended::incrementAndGet));
          Explorer.together(
              () -> {
                assertTrue(engine.core.quiescence.await(Explorer.FOREVER, engine.core.timers));
                assertEquals(1, ended.get(), "idle while a body runs");
                engine.core.backlog.close();
              },
              engine.core.crew::runHere);
          engine.assertBooks();
        });
  }

  @Test
  void againstGuest() {
    Explorer.explore(
        "awaitIdle against a guest, cancel and the worker",
        1_000,
        () -> {
          Engine engine = new Engine(1);
          AtomicInteger running = new AtomicInteger();
          Task<?> task =
              engine.task(
                  () -> {
                    running.incrementAndGet();
                    running.decrementAndGet();
                  });
          assertNull(engine.submit(task));
          Explorer.together(
              () -> {
                assertTrue(engine.core.quiescence.await(Explorer.FOREVER, engine.core.timers));
                assertTrue(task.awaitStopped(Duration.ZERO), "idle with a task that has not ended");
                assertEquals(0, running.get(), "idle while a body runs");
              },
              task::run,
              () -> task.cancel(false));
          engine.core.backlog.close();
          engine.core.crew.runHere();
          engine.assertBooks();
        });
  }
}
