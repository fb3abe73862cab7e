package io.threadpool.contract;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.threadpool.ShutdownPolicy;
import io.threadpool.StuckTask;
import io.threadpool.Task;
import io.threadpool.TaskAbortedException;
import io.threadpool.TerminationReport;
import io.threadpool.WorkerPool;
import io.threadpool.WorkerPoolBuilder;
import io.threadpool.contract.Place.Scene;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * The deadline, the grace, the report and the termination come at their time, whatever code of a
 * user's the pool calls on the way to its end does; it costs nobody else's handle, interrupt or
 * pool.
 */
class ObstructedEndTest {

  private static final Duration SOON = Duration.ofMillis(10);

  @RegisterExtension final TestPools pools = new TestPools();

  private Scene scene;

  /** The ways in which a pool is made to abort. */
  enum Way {
    ABORT {
      @Override
      void begin(WorkerPool pool) {
        pool.shutdown(ShutdownPolicy.abort());
      }
    },
    DEADLINE {
      @Override
      void begin(WorkerPool pool) {
        pool.shutdown(ShutdownPolicy.drainFor(SOON));
      }
    },
    SHUTDOWN_NOW {
      @Override
      void begin(WorkerPool pool) {
        pool.shutdownNow();
      }
    },
    CLOSE {
      @Override
      WorkerPoolBuilder configure(WorkerPoolBuilder builder) {
        return builder.shutdownPolicy(ShutdownPolicy.drainFor(SOON));
      }

      @Override
      void begin(WorkerPool pool) {
        pool.close();
      }
    },
    CLOSE_THAT_ABORTS {
      @Override
      WorkerPoolBuilder configure(WorkerPoolBuilder builder) {
        return builder.shutdownPolicy(ShutdownPolicy.abort());
      }

      @Override
      void begin(WorkerPool pool) {
        pool.close();
      }
    },
    CLOSE_INTERRUPTED {
      @Override
      void begin(WorkerPool pool) {
        Thread.currentThread().interrupt();
        pool.close();
        assertTrue(Thread.interrupted(), "the interrupt is kept");
      }
    };

    WorkerPoolBuilder configure(WorkerPoolBuilder builder) {
      return builder;
    }

    abstract void begin(WorkerPool pool);
  }

  static Stream<Arguments> placesAndWays() {
    return Stream.of(Place.values())
        .flatMap(place -> Stream.of(Way.values()).map(way -> Arguments.of(place, way)));
  }

  @AfterEach
  void letAllComeBack() {
    if (scene != null) {
      scene.end();
    }
  }

  private <T> T within(Callable<T> call) throws Exception {
    return pools.call(call).get();
  }

  private void begin(Way way) throws Exception {
    within(
        () -> {
          way.begin(scene.pool);
          return null;
        });
  }

  private void close(WorkerPool pool) throws Exception {
    within(
        () -> {
          pool.close();
          return null;
        });
  }

  @ParameterizedTest
  @MethodSource("placesAndWays")
  void thePoolEndsAndNobodyElseIsHurt(Place place, Way way) throws Exception {
    WorkerPool other = pools.build(WorkerPool.builder().size(1).abortGrace(Place.GRACE));
    scene = Scene.of(pools, place, way::configure);
    begin(way);
    for (Held held : scene.others) {
      if (place.isInterruptible(held.thread())) {
        held.awaitInterrupted();
      }
    }
    for (Task<?> task : scene.queued) {
      assertAborted(task, TaskAbortedException.Reason.SHUTDOWN);
    }
    TestPools.eventually().until(() -> scene.pool.report().isPresent());
    TerminationReport report = scene.pool.report().orElseThrow();
    assertEquals(
        report.accepted(),
        report.completed() + report.failed() + report.cancelled() + report.aborted(),
        report::toString);
    close(scene.pool);
    assertEquals(1, within(() -> other.submit(() -> 1).get()));
    close(other);
    assertTrue(other.isTerminated());
  }

  private void assertAborted(Task<?> task, TaskAbortedException.Reason reason) throws Exception {
    TestPools.eventually().until(() -> within(task::isDone));
    assertTrue(task.isCancelled(), task::toString);
    assertTrue(task.isCompletedExceptionally(), task::toString);
    List<Callable<Object>> questions =
        List.of(
            task::get,
            () -> task.get(TestPools.LONG.toSeconds(), TimeUnit.SECONDS),
            task::join,
            () -> task.getNow(null));
    for (Callable<Object> question : questions) {
      Caller<Object> caller = pools.call(question);
      Throwable thrown = assertThrows(ExecutionException.class, caller::get).getCause();
      assertEquals(reason, assertInstanceOf(TaskAbortedException.class, thrown).reason());
    }
  }

  @ParameterizedTest
  @EnumSource(
      names = {
        "STAGE",
        "MANY_STAGES",
        "FAILURE_OF_A_STAGE",
        "CANCEL_OF_A_FUTURE",
        "DONE_OF_A_FUTURE",
        "FAILURE_OF_A_CANCEL",
        "LOG_OF_THE_SHUTDOWN",
        "LOG_OF_WHAT_IS_STUCK"
      })
  void itTerminatesOnceTheBodiesAreGoneAndTheGraceHasPassed(Place place) throws Exception {
    scene = Scene.of(pools, place, builder -> builder);
    begin(Way.SHUTDOWN_NOW);
    TestPools.eventually().until(() -> scene.pool.report().isPresent());
    if (scene.deaf != null) {
      assertTrue(!scene.pool.isTerminated(), "a body still runs");
      scene.deaf.release();
    }
    assertTrue(within(() -> scene.pool.awaitTermination(TestPools.LONG)));
    assertTrue(scene.pool.isTerminated());
  }

  /** What blocked comes to its end later, and takes nothing back. */
  @ParameterizedTest
  @EnumSource
  void theReportStaysWhenItComesBack(Place place) throws Exception {
    scene = Scene.of(pools, place, builder -> builder);
    begin(Way.SHUTDOWN_NOW);
    TestPools.eventually().until(() -> scene.pool.report().isPresent());
    TerminationReport report = scene.pool.report().orElseThrow();
    pools.releaseAll();
    assertTrue(within(() -> scene.pool.awaitTermination(TestPools.LONG)));
    assertEquals(report.toString(), scene.pool.report().orElseThrow().toString());
    TestPools.assertLaw(scene.pool);
  }

  @Test
  void theWarningComesWhenTheLogLetsIt() throws Exception {
    scene = Scene.of(pools, Place.LOG_OF_WHAT_IS_STUCK, builder -> builder);
    begin(Way.SHUTDOWN_NOW);
    TestPools.eventually().until(() -> scene.pool.report().isPresent());
    List<StuckTask> stuck = scene.pool.report().orElseThrow().stuck();
    String deaf = scene.deaf.thread().getName();
    assertTrue(stuck.stream().anyMatch(task -> task.worker().equals(deaf)), stuck::toString);
    scene.stay.release();
    TestPools.eventually()
        .until(
            () ->
                scene.log.messages().stream()
                    .anyMatch(line -> line.contains(deaf) && line.contains(Held.class.getName())));
  }

  /** A body that is stuck in the log is told as any other that is stuck. */
  @Test
  void aBodyInsideTheLogIsReportedAsStuck() throws Exception {
    scene = Scene.of(pools, Place.LOG_AROUND_A_BODY, builder -> builder);
    begin(Way.SHUTDOWN_NOW);
    TestPools.eventually().until(() -> scene.pool.report().isPresent());
    String inside = scene.stay.thread().getName();
    List<StuckTask> stuck = scene.pool.report().orElseThrow().stuck();
    assertTrue(stuck.stream().anyMatch(task -> task.worker().equals(inside)), stuck::toString);
  }

  /** Another call interrupts again, and is no more held up than the first. */
  @ParameterizedTest
  @EnumSource(names = {"CLOSE_OF_A_CHANNEL", "INTERRUPT", "EACH_INTERRUPT"})
  void aSecondAbortIsNotHeldUpByAnInterrupt(Place place) throws Exception {
    scene = Scene.of(pools, place, builder -> builder);
    begin(Way.SHUTDOWN_NOW);
    begin(Way.SHUTDOWN_NOW);
    TestPools.eventually().until(() -> scene.pool.report().isPresent());
    close(scene.pool);
  }
}
