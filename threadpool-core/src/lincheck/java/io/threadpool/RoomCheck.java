package io.threadpool;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.threadpool.RejectedTaskException.Reason;
import io.threadpool.internal.Explorer;
import io.threadpool.internal.ModelThread;
import io.threadpool.internal.ModelWorld;
import io.threadpool.internal.Signal;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/** A full queue: each saturation policy against take, cancel and shutdown. */
class RoomCheck {

  @Test
  void blockedAgainstTake() {
    Explorer.explore(
        "block(): a blocked submitter against take",
        1_000,
        () -> {
          Engine engine = new Engine(1, 1, SaturationPolicy.block());
          AtomicInteger ran = new AtomicInteger();
          assertNull(engine.execute(ran::incrementAndGet));
          Explorer.together(
              () -> {
                assertNull(engine.execute(ran::incrementAndGet));
                engine.core.backlog.close();
              },
              engine.core.crew::runHere);
          assertEquals(2, ran.get());
          engine.assertBooks();
          engine.assertAllRoom();
        });
  }

  @Test
  void blockedAgainstShutdown() {
    Explorer.explore(
        "block(): a blocked submitter against shutdown and take",
        1_000,
        () -> {
          Engine engine = new Engine(1, 1, SaturationPolicy.block());
          AtomicInteger ran = new AtomicInteger();
          assertNull(engine.execute(ran::incrementAndGet));
          Reason[] refused = new Reason[1];
          Explorer.together(
              () -> refused[0] = engine.execute(ran::incrementAndGet),
              engine.core.backlog::close,
              engine.core.crew::runHere);
          assertEquals(refused[0] == null ? 2 : 1, ran.get());
          assertTrue(refused[0] == null || refused[0] == Reason.SHUTDOWN);
          engine.assertBooks();
          engine.assertAllRoom();
        });
  }

  @Test
  void blockedAgainstTimeout() {
    Explorer.explore(
        "block(time): a blocked submitter's time-out against cancel",
        1_000,
        () -> {
          Engine engine = new Engine(1, 1, SaturationPolicy.block(Duration.ofHours(1)));
          Task<?> queued = engine.task(() -> {});
          assertNull(engine.submit(queued));
          Reason[] refused = new Reason[1];
          Thread submitter = new ModelThread(() -> refused[0] = engine.execute(() -> {}));
          submitter.start();
          Explorer.together(
              () -> queued.cancel(false),
              () -> {
                ModelWorld.pass(Duration.ofHours(1).toNanos());
                ModelWorld.unpark(submitter);
              });
          submitter.join();
          assertTrue(refused[0] == null || refused[0] == Reason.TIMEOUT);
          engine.core.backlog.close();
          engine.core.crew.runHere();
          engine.assertBooks();
          engine.assertAllRoom();
        });
  }

  @Test
  void roomOfABodyThatHasBegun() {
    Explorer.explore(
        "reject(): a body that has begun has left its room",
        1_000,
        () -> {
          Engine engine = new Engine(1, 1, SaturationPolicy.reject());
          Signal begun = new Signal();
          assertNull(engine.execute(begun::give));
          Explorer.together(
              () -> {
                begun.await();
                assertNull(engine.execute(() -> {}), "full while a consumer is mid-take");
                engine.core.backlog.close();
              },
              engine.core.crew::runHere);
          assertEquals(2, engine.assertBooks().completed());
          engine.assertAllRoom();
        });
  }

  @Test
  void discardOldestAgainstTake() {
    Explorer.explore(
        "discardOldest(): against take",
        1_000,
        () -> {
          Engine engine = new Engine(1, 1, SaturationPolicy.discardOldest());
          AtomicInteger oldest = new AtomicInteger();
          AtomicInteger newest = new AtomicInteger();
          Task<?> first = engine.task(oldest::incrementAndGet);
          Task<?> second = engine.task(newest::incrementAndGet);
          assertNull(engine.submit(first));
          Explorer.together(
              () -> {
                assertNull(engine.submit(second));
                engine.core.backlog.close();
              },
              engine.core.crew::runHere);
          assertEquals(1, newest.get(), "the newest was discarded");
          assertTrue(first.isDone());
          Counts counts = engine.assertBooks();
          assertEquals(1, oldest.get() + counts.aborted());
          engine.assertAllRoom();
        });
  }

  @Test
  void twoDiscards() {
    Explorer.explore(
        "discardOldest(): two submitters against each other",
        1_000,
        () -> {
          Engine engine = new Engine(1, 1, SaturationPolicy.discardOldest());
          assertNull(engine.execute(() -> {}));
          Explorer.Step submitter = () -> assertNull(engine.execute(() -> {}));
          Explorer.together(submitter, submitter);
          assertEquals(1, engine.core.backlog.queued(), "not one is left");
          assertEquals(2, engine.core.ledger.counts().aborted());
          engine.core.backlog.close();
          engine.core.crew.runHere();
          engine.assertBooks();
          engine.assertAllRoom();
        });
  }

  @Test
  void callerRunsAgainstShutdown() {
    Explorer.explore(
        "callerRuns(): against shutdown and take",
        1_000,
        () -> {
          Engine engine = new Engine(1, 1, SaturationPolicy.callerRuns());
          AtomicInteger ran = new AtomicInteger();
          assertNull(engine.execute(ran::incrementAndGet));
          Reason[] refused = new Reason[1];
          Explorer.together(
              () -> refused[0] = engine.execute(ran::incrementAndGet),
              () -> {
                engine.shutdown();
                engine.core.crew.runHere();
              });
          assertEquals(refused[0] == null ? 2 : 1, ran.get());
          assertTrue(refused[0] == null || refused[0] == Reason.SHUTDOWN);
          assertTrue(engine.core.lifecycle.isTerminated());
          engine.assertBooks();
          engine.assertAllRoom();
        });
  }
}
