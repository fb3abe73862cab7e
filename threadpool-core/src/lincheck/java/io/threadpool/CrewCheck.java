package io.threadpool;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.threadpool.RejectedTaskException.Reason;
import io.threadpool.internal.Explorer;
import io.threadpool.internal.Headcount;
import io.threadpool.internal.ModelThread;
import io.threadpool.internal.ModelWorld;
import io.threadpool.internal.Notice;
import io.threadpool.internal.Signal;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/**
 * Workers that come and go: who goes dormant against who counts on him, a change of the size
 * against both, no runs against the end, a start that fails. No timer looks after what was missed.
 */
class CrewCheck {

  private static final long SECOND = 1_000_000_000L;

  private static void runAndAwait(Engine engine) {
    Signal ran = new Signal();
    assertNull(engine.execute(ran::give));
    ran.await();
  }

  /** Ends the pool, in whose books everything is in order, and of whom nobody is left. */
  private static Counts end(Engine engine) throws InterruptedException {
    engine.shutdown();
    engine.awaitTermination();
    assertEquals(0, engine.core.crew.alive(), "alive");
    return engine.assertBooks();
  }

  @Test
  void dormantAgainstSubmission() {
    Explorer.explore(
        "a place that goes dormant against a submission, three times",
        1_000,
        () -> {
          Engine engine = Engine.elastic(0, 1).start();
          for (int i = 0; i < 3; i++) {
            runAndAwait(engine);
          }
          assertEquals(3, end(engine).completed());
          assertEquals(1, engine.core.crew.largest());
        });
  }

  @Test
  void dormantAgainstTwoSubmitters() {
    Explorer.explore(
        "a place that goes dormant against two submitters",
        1_000,
        () -> {
          Engine engine = Engine.elastic(0, 1).start();
          runAndAwait(engine);
          Explorer.together(() -> runAndAwait(engine), () -> runAndAwait(engine));
          assertEquals(3, end(engine).completed());
        });
  }

  @Test
  void twoDormantAgainstTwoSubmitters() {
    Explorer.explore(
        "two places that go dormant against two submitters",
        1_000,
        () -> {
          Engine engine = Engine.elastic(0, 2).start();
          Explorer.together(() -> runAndAwait(engine), () -> runAndAwait(engine));
          Explorer.together(() -> runAndAwait(engine), () -> runAndAwait(engine));
          assertEquals(4, end(engine).completed());
        });
  }

  @Test
  void bothAreNeeded() {
    Explorer.explore(
        "two dormant places against two tasks that need both",
        1_000,
        () -> {
          Engine engine = Engine.elastic(0, 2).start();
          Signal first = new Signal();
          Signal second = new Signal();
          runAndAwait(engine);
          assertNull(
              engine.execute(
                  () -> {
                    first.give();
                    second.await();
                  }));
          ModelWorld.pass(SECOND); // Submitters look once in a while.
          assertNull(
              engine.execute(
                  () -> {
                    second.give();
                    first.await();
                  }));
          first.await();
          second.await();
          assertEquals(3, end(engine).completed());
        });
  }

  @Test
  void oneStays() {
    Explorer.explore(
        "the least number stays: two that may leave, one of which is to stay",
        1_000,
        () -> {
          Engine engine = Engine.elastic(1, 2).start();
          engine.core.resize(2, 2);
          engine.core.crew.look();
          Explorer.together(
              () -> engine.core.resize(1, 2), () -> runAndAwait(engine), () -> runAndAwait(engine));
          assertTrue(engine.core.crew.alive() >= 1, "all have left");
          assertEquals(2, end(engine).completed());
        });
  }

  @Test
  void downAndUpAgainstSubmissions() {
    Explorer.explore(
        "resize down and up again against submissions",
        1_000,
        () -> {
          Engine engine = new Engine(2).start();
          Explorer.together(
              () -> {
                engine.core.resize(1, 1);
                engine.core.resize(2, 2);
              },
              () -> {
                runAndAwait(engine);
                runAndAwait(engine);
              });
          runAndAwait(engine);
          assertEquals(3, end(engine).completed());
        });
  }

  @Test
  void downAgainstUp() {
    Explorer.explore(
        "resize down against resize up and a submission",
        1_000,
        () -> {
          Engine engine = new Engine(2).start();
          Explorer.together(
              () -> engine.core.resize(0, 1),
              () -> engine.core.resize(1, 2),
              () -> runAndAwait(engine));
          runAndAwait(engine);
          Headcount headcount = ((ThreadCrew) engine.core.crew).floor.headcount();
          assertEquals(headcount.max(), engine.core.crew.size());
          assertEquals(2, end(engine).completed());
        });
  }

  @Test
  void downAgainstGrowth() {
    Explorer.explore(
        "the headcount: one counted in against a smaller size",
        1_000,
        () -> {
          Headcount headcount = new Headcount(0, new Notice());
          headcount.resize(0, 2);
          assertTrue(headcount.tryEnter());
          headcount.came();
          boolean[] entered = new boolean[1];
          Explorer.together(() -> entered[0] = headcount.tryEnter(), () -> headcount.resize(0, 1));
          if (entered[0]) {
            assertTrue(headcount.isShrinking(), "one too many, and nobody leaves");
            assertFalse(headcount.tryLeave(), "in favour of one that has not come");
            headcount.came();
            assertTrue(headcount.tryLeave());
          }
          assertFalse(headcount.tryLeave());
          assertEquals(1, headcount.alive());
        });
  }

  @Test
  void lastRunAgainstClose() {
    Explorer.explore(
        "the last run that leaves against the close",
        1_000,
        () -> {
          Engine engine = Engine.elastic(0, 1).start();
          runAndAwait(engine);
          Explorer.together(
              () -> assertEquals(1, end(engine).completed()), engine::awaitTermination);
        });
  }

  @Test
  void noRunsAgainstClose() {
    Explorer.explore(
        "no runs: a submission against the close",
        1_000,
        () -> {
          Engine engine = Engine.elastic(0, 1).start();
          AtomicInteger ran = new AtomicInteger();
          Reason[] refused = new Reason[1];
          Explorer.together(
              () -> refused[0] = engine.execute(ran::incrementAndGet), engine::shutdown);
          engine.awaitTermination();
          assertEquals(refused[0] == null ? 1 : 0, ran.get());
          end(engine);
        });
  }

  @Test
  void noRunsAgainstAbort() {
    Explorer.explore(
        "no runs: a submission against an abort",
        1_000,
        () -> {
          Engine engine = Engine.elastic(0, 1).start();
          AtomicInteger ran = new AtomicInteger();
          Reason[] refused = new Reason[1];
          List<Runnable> returned = new ArrayList<>();
          Explorer.together(
              () -> refused[0] = engine.execute(ran::incrementAndGet),
              () -> returned.addAll(engine.shutdownNow()));
          engine.awaitTermination();
          assertEquals(1, ran.get() + returned.size() + (refused[0] == null ? 0 : 1));
          end(engine);
        });
  }

  @Test
  void noRunsAgainstIdleness() {
    Explorer.explore(
        "no runs: submissions against awaitIdle",
        1_000,
        () -> {
          Engine engine = Engine.elastic(0, 1).start();
          AtomicInteger ran = new AtomicInteger();
          assertNull(engine.execute(ran::incrementAndGet));
          Explorer.together(
              () -> {
                assertTrue(engine.core.quiescence.await(Explorer.FOREVER, engine.core.timers));
                assertTrue(ran.get() >= 1, "idle with a task queued");
              },
              () -> runAndAwait(engine));
          assertTrue(engine.core.quiescence.await(Explorer.FOREVER, engine.core.timers));
          assertEquals(2, end(engine).completed());
        });
  }

  /** Fails the first few times. */
  private record Failing(AtomicInteger failures) implements ThreadFactory {
    @Override
    public Thread newThread(Runnable body) {
      if (failures.getAndDecrement() > 0) {
        throw new IllegalStateException("for the test");
      }
      return new ModelThread(body);
    }
  }

  @Test
  void startFailsWithoutOthers() {
    Explorer.explore(
        "a start that fails, nobody else is there",
        1_000,
        () -> {
          Failing factory = new Failing(new AtomicInteger(1));
          Engine engine = Engine.elastic(0, 1).start(factory);
          AtomicInteger ran = new AtomicInteger();
          Explorer.together(
              () -> assertNull(engine.execute(ran::incrementAndGet)),
              () -> assertNull(engine.execute(ran::incrementAndGet)));
          ModelWorld.pass(2 * SECOND);
          assertEquals(2, end(engine).completed());
          assertTrue(factory.failures.get() < 0);
        });
  }

  @Test
  void startFailsWithOthers() {
    Explorer.explore(
        "a start that fails, others are there",
        1_000,
        () -> {
          AtomicInteger failures = new AtomicInteger();
          Failing factory = new Failing(failures);
          Engine engine = Engine.elastic(1, 2).start(factory);
          failures.set(1);
          Explorer.together(() -> runAndAwait(engine), () -> runAndAwait(engine));
          assertEquals(2, end(engine).completed());
        });
  }

  @Test
  void placeWithTwoRuns() {
    Explorer.explore(
        "a place used again while its last run has not left",
        1_000,
        () -> {
          List<Thread> made = new ArrayList<>();
          ThreadFactory factory =
              body -> {
                Thread thread = new ModelThread(body);
                made.add(thread);
                return thread;
              };
          Engine engine = Engine.elastic(0, 1).start(factory);
          for (int i = 0; i < 3; i++) {
            Signal ran = new Signal();
            assertNull(engine.execute(ran::give));
            ran.await();
            engine.core.idle.wakeAll(); // Takes the place off the stack.
          }
          assertEquals(3, end(engine).completed());
          for (Thread thread : made) {
            thread.join();
          }
        });
  }

  @Test
  void threadEachAgainstSubmitters() {
    Explorer.explore(
        "a thread for each task, one at a time: two submitters",
        1_000,
        () -> {
          Engine engine = Engine.threadEach(1).start();
          Explorer.together(() -> runAndAwait(engine), () -> runAndAwait(engine));
          assertEquals(2, end(engine).completed());
        });
  }

  /** One run ends, one has polled and does not say so yet, and what comes finds no room. */
  @Test
  void threadEachAgainstWhoIsStarting() {
    Explorer.explore(
        "a thread for each task, two at a time: three tasks",
        1_000,
        () -> {
          Engine engine = Engine.threadEach(2).start();
          Signal second = new Signal();
          Signal third = new Signal();
          assertNull(engine.execute(() -> {}));
          assertNull(engine.execute(second::give));
          assertNull(engine.execute(third::give));
          second.await();
          third.await();
          assertEquals(3, end(engine).completed());
        });
  }

  @Test
  void threadEachAgainstClose() {
    Explorer.explore(
        "a thread for each task, one at a time: the close",
        1_000,
        () -> {
          Engine engine = Engine.threadEach(1).start();
          AtomicInteger ran = new AtomicInteger();
          AtomicInteger accepted = new AtomicInteger();
          Explorer.Step submitter =
              () -> accepted.getAndAdd(engine.execute(ran::incrementAndGet) == null ? 1 : 0);
          Explorer.together(submitter, submitter, engine::shutdown);
          engine.awaitTermination();
          assertEquals(accepted.get(), ran.get());
          end(engine);
        });
  }

  @Test
  void threadEachAgainstResize() {
    Explorer.explore(
        "a thread for each task: resize up against two tasks that need both",
        1_000,
        () -> {
          Engine engine = Engine.threadEach(1).start();
          Signal first = new Signal();
          Signal second = new Signal();
          Explorer.together(
              () -> {
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
              },
              () -> engine.core.resize(2, 2));
          first.await();
          second.await();
          assertEquals(2, end(engine).completed());
        });
  }
}
