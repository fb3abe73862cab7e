package io.threadpool;

import static org.junit.jupiter.api.Assertions.assertNull;

import io.threadpool.internal.Explorer;
import io.threadpool.internal.Signal;
import org.junit.jupiter.api.Test;

/** Park against wake: a task that was accepted finds a worker. */
class WakingCheck {

  @Test
  void oneWorker() {
    Explorer.explore(
        "park against wake: one worker, two submissions",
        1_000,
        () -> {
          Engine engine = new Engine(1).start();
          for (int i = 0; i < 2; i++) {
            Signal ran = new Signal();
            assertNull(engine.execute(ran::give));
            ran.await();
          }
          engine.core.backlog.close();
        });
  }

  @Test
  void twoSubmitters() {
    Explorer.explore(
        "park against wake: one worker, two submitters",
        1_000,
        () -> {
          Engine engine = new Engine(1).start();
          Explorer.Step submitter =
              () -> {
                Signal ran = new Signal();
                assertNull(engine.execute(ran::give));
                ran.await();
              };
          Explorer.together(submitter, submitter);
          engine.core.backlog.close();
        });
  }

  @Test
  void burstWakesBoth() {
    Explorer.explore(
        "park against wake: two tasks that need two workers",
        1_000,
        () -> {
          Engine engine = new Engine(2).start();
          Signal first = new Signal();
          Signal second = new Signal();
          assertNull(
              engine.execute(
                  () -> {
                    first.give();
                    second.await();
                  }));
          assertNull(
              engine.execute(
                  () -> {
                    second.give();
                    first.await();
                  }));
          first.await();
          second.await();
          engine.core.backlog.close();
        });
  }

  @Test
  void bodyThatSubmits() {
    Explorer.explore(
        "park against wake: a body that waits for what it submits",
        1_000,
        () -> {
          Engine engine = new Engine(2).start();
          Signal inner = new Signal();
          Signal outer = new Signal();
          assertNull(
              engine.execute(
                  () -> {
                    assertNull(engine.execute(inner::give));
                    inner.await();
                    outer.give();
                  }));
          outer.await();
          engine.core.backlog.close();
        });
  }

  @Test
  void closeAgainstPark() {
    Explorer.explore(
        "close against park: two workers leave",
        1_000,
        () -> {
          Engine engine = new Engine(2).start();
          engine.shutdown();
          engine.awaitTermination();
        });
  }

  @Test
  void lateProducer() {
    Explorer.explore(
        "park against wake: a producer that fails between claim and fill",
        1_000,
        () -> {
          Engine engine =
              new Engine(
                  1,
                  index -> {
                    if (index == 0) {
                      throw new IllegalStateException("for the test");
                    }
                  });
          engine.start();
          Signal ran = new Signal();
          Explorer.together(
              () -> {
                try {
                  engine.execute(() -> {});
                } catch (IllegalStateException expected) {
                  assertNull(engine.execute(ran::give));
                }
              },
              ran::await);
          engine.core.backlog.close();
        });
  }
}
