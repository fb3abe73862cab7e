package io.threadpool;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.threadpool.RejectedTaskException.Reason;
import io.threadpool.internal.Explorer;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/**
 * The end: close against the last task, abort against take, the last body out against who waits.
 */
class ShutdownCheck {

  @Test
  void closeAgainstLastTask() {
    Explorer.explore(
        "close against the last task",
        1_000,
        () -> {
          Engine engine = new Engine(1).start();
          AtomicInteger ran = new AtomicInteger();
          Reason[] refused = new Reason[1];
          Explorer.together(
              () -> refused[0] = engine.execute(ran::incrementAndGet), engine::shutdown);
          engine.awaitTermination();
          assertEquals(refused[0] == null ? 1 : 0, ran.get());
          assertTrue(refused[0] == null || refused[0] == Reason.SHUTDOWN);
          engine.assertBooks();
        });
  }

  @Test
  void closeAgainstTwoSubmitters() {
    Explorer.explore(
        "close against two submitters, the worker drains",
        1_000,
        () -> {
          Engine engine = new Engine(1);
          AtomicInteger ran = new AtomicInteger();
          AtomicInteger accepted = new AtomicInteger();
          Explorer.Step submitter =
              () ->
                  accepted.getAndAdd(
                      engine.submit(engine.task(ran::incrementAndGet)) == null ? 1 : 0);
          Explorer.together(
              submitter,
              submitter,
              () -> {
                engine.core.backlog.close();
                engine.core.crew.runHere();
              });
          assertEquals(accepted.get(), ran.get());
          engine.assertBooks();
        });
  }

  @Test
  void abortAgainstTake() {
    Explorer.explore(
        "abort against take: run or returned",
        1_000,
        () -> {
          Engine engine = new Engine(1);
          AtomicInteger[] runs = {new AtomicInteger(), new AtomicInteger()};
          List<Task<?>> tasks = new ArrayList<>();
          for (AtomicInteger run : runs) {
            Task<?> task = engine.task(run::incrementAndGet);
            tasks.add(task);
            engine.submit(task);
          }
          engine.core.backlog.close();
          List<Runnable> returned = new ArrayList<>();
          Explorer.together(engine.core.crew::runHere, () -> returned.addAll(engine.shutdownNow()));
          engine.awaitTermination();
          for (int i = 0; i < 2; i++) {
            Task<?> task = tasks.get(i);
            assertTrue(task.isDone(), "left open");
            assertEquals(returned.contains(task) ? 0 : 1, runs[i].get());
            assertEquals(returned.contains(task), task.isCancelled());
          }
          assertEquals(returned.size(), engine.assertBooks().aborted());
        });
  }

  @Test
  void submitAgainstAbort() {
    Explorer.explore(
        "submit against abort: run, returned or refused",
        1_000,
        () -> {
          Engine engine = new Engine(1).start();
          AtomicInteger ran = new AtomicInteger();
          Reason[] refused = new Reason[1];
          List<Runnable> returned = new ArrayList<>();
          Explorer.together(
              () -> refused[0] = engine.execute(ran::incrementAndGet),
              () -> returned.addAll(engine.shutdownNow()));
          engine.awaitTermination();
          assertEquals(1, ran.get() + returned.size() + (refused[0] == null ? 0 : 1));
          engine.assertBooks();
        });
  }

  @Test
  void lastBodyOut() {
    Explorer.explore(
        "the last body out against awaitTermination",
        1_000,
        () -> {
          Engine engine = new Engine(1);
          AtomicInteger ended = new AtomicInteger();
          Task<?> task = engine.task(ended::incrementAndGet);
          engine.submit(task);
          engine.core.backlog.close();
          Explorer.Step waiter =
              () -> {
                engine.awaitTermination();
                assertTrue(engine.core.lifecycle.isTerminated());
                assertEquals(1, ended.get(), "a body runs");
                TerminationReport report = engine.core.lifecycle.report().orElseThrow();
                assertEquals(1, report.completed());
                assertEquals(0, engine.active());
              };
          Explorer.together(
              () -> {
                engine.shutdown();
                engine.core.crew.runHere();
              },
              waiter);
        });
  }

  @Test
  void guestAndWorkerOut() {
    Explorer.explore(
        "a guest and the worker, the last of them terminates",
        1_000,
        () -> {
          Engine engine = new Engine(1);
          AtomicInteger ended = new AtomicInteger();
          Task<?> task = engine.task(ended::incrementAndGet);
          engine.submit(task);
          engine.shutdown();
          Explorer.together(task::run, engine.core.crew::runHere);
          assertTrue(engine.core.lifecycle.isTerminated());
          assertEquals(1, ended.get());
          assertEquals(1, engine.assertBooks().completed());
        });
  }

  @Test
  void abortAgainstGuest() {
    Explorer.explore(
        "abort against a guest that claims",
        1_000,
        () -> {
          Engine engine = new Engine(1);
          AtomicInteger ran = new AtomicInteger();
          Task<?> task = engine.task(ran::incrementAndGet);
          engine.submit(task);
          engine.core.backlog.close();
          List<Runnable> returned = new ArrayList<>();
          Explorer.together(
              () -> {
                task.run();
                assertFalse(Thread.currentThread().isInterrupted(), "an interrupt is left");
              },
              () -> returned.addAll(engine.shutdownNow()));
          engine.core.crew.runHere();
          engine.awaitTermination();
          assertEquals(1, ran.get() + returned.size());
          assertEquals(returned.size(), engine.assertBooks().aborted());
        });
  }
}
