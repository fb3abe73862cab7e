package io.threadpool;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.threadpool.internal.Explorer;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/** Join inline against take, and against cancel. */
class JoinCheck {

  @Test
  void inlineAgainstGuest() {
    Explorer.explore(
        "join inline against another that claims",
        1_000,
        () -> {
          Engine engine = new Engine(1);
          AtomicInteger ran = new AtomicInteger();
          Task<?> inner = engine.task(ran::incrementAndGet);
          Task<?> outer =
              engine.task(
                  () -> {
                    inner.join();
                    assertEquals(1, ran.get());
                  });
          engine.submit(outer);
          engine.submit(inner);
          engine.core.backlog.close();
          Explorer.together(engine.core.crew::runHere, inner::run);
          outer.join();
          assertEquals(2, engine.assertBooks().completed());
        });
  }

  @Test
  void inlineAgainstTake() {
    Explorer.explore(
        "join inline against take by a second worker",
        1_000,
        () -> {
          Engine engine = new Engine(2);
          AtomicInteger ran = new AtomicInteger();
          Task<?> inner = engine.task(ran::incrementAndGet);
          Task<?> outer =
              engine.task(
                  () -> {
                    inner.join();
                    assertEquals(1, ran.get());
                  });
          engine.submit(outer);
          engine.submit(inner);
          engine.shutdown();
          engine.start();
          engine.awaitTermination();
          outer.join();
          assertEquals(2, engine.assertBooks().completed());
        });
  }

  @Test
  void interruptOfTheOuterAgainstInline() {
    Explorer.explore(
        "cancel(true) of the outer body against an inline run",
        1_000,
        () -> {
          Engine engine = new Engine(1);
          AtomicBoolean stray = new AtomicBoolean();
          AtomicInteger ran = new AtomicInteger();
          Task<?> inner =
              engine.task(
                  () -> {
                    ran.incrementAndGet();
                    stray.set(Thread.currentThread().isInterrupted());
                  });
          Task<?> outer = engine.task(inner::run);
          Task<?> next =
              engine.task(
                  () -> {
                    if (Thread.currentThread().isInterrupted()) {
                      stray.set(true);
                    }
                  });
          engine.submit(outer);
          engine.submit(inner);
          engine.submit(next);
          engine.core.backlog.close();
          Explorer.together(engine.core.crew::runHere, () -> outer.cancel(true));
          assertEquals(1, ran.get());
          assertTrue(!stray.get(), "an interrupt of the outer body reached another");
          engine.assertBooks();
        });
  }
}
