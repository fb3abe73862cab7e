package io.threadpool.contract;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.threadpool.ShutdownPolicy;
import io.threadpool.WorkerPool;
import io.threadpool.contract.Place.Scene;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * A virtual machine ends within the deadline of its pools and their grace, whatever code of a
 * user's one of them calls on the way, and the others go down as if that were not there.
 */
class ObstructedExitTest {

  private static final List<String> OPTIONS = List.of("-XX:TieredStopAtLevel=1", "-Xshare:auto");

  /** Exits while one pool has such code before it, and others have tasks to drain. */
  static final class Exits {
    public static void main(String[] args) throws Exception {
      Place place = Place.valueOf(args[0]);
      ShutdownPolicy policy =
          args[1].equals("abort")
              ? ShutdownPolicy.abort()
              : ShutdownPolicy.drainFor(Duration.ofMillis(50));
      CountDownLatch exiting = new CountDownLatch(1);
      List<WorkerPool> all = new ArrayList<>(draining(exiting, 2));
      all.add(Scene.of(new TestPools(), place, builder -> builder.onJvmExit(policy)).pool);
      all.addAll(draining(exiting, 2));
      Runtime.getRuntime().addShutdownHook(new Thread(exiting::countDown));
      Runtime.getRuntime().addShutdownHook(new Thread(() -> sayReports(all)));
      System.exit(7);
    }

    private static List<WorkerPool> draining(CountDownLatch exiting, int count) {
      return Stream.generate(() -> draining(exiting)).limit(count).toList();
    }

    /** A pool with tasks that end only when the exit has begun. */
    private static WorkerPool draining(CountDownLatch exiting) {
      WorkerPool pool =
          WorkerPool.builder()
              .size(1)
              .daemon(true)
              .onJvmExit(ShutdownPolicy.drainFor(Duration.ofMinutes(10)))
              .build();
      for (int i = 0; i < 3; i++) {
        pool.submit(
            () -> {
              exiting.await();
              return null;
            });
      }
      return pool;
    }

    private static void sayReports(List<WorkerPool> pools) {
      for (WorkerPool pool : pools) {
        while (pool.report().isEmpty()) {
          LockSupport.parkNanos(1_000_000);
        }
      }
      List<Long> drained =
          pools.stream().map(pool -> pool.report().orElseThrow().completed()).toList();
      ChildJvm.say("completed first " + drained.subList(0, 2));
      ChildJvm.say("completed last " + drained.subList(3, 5));
    }
  }

  private static void assertExits(Place place, String policy) throws Exception {
    ChildJvm child = ChildJvm.run(Exits.class, OPTIONS, place.name(), policy);
    assertEquals("[3, 3]", child.line("completed first "), child::toString);
    assertEquals("[3, 3]", child.line("completed last "), child::toString);
    assertEquals(7, child.status(), child::toString);
  }

  @ParameterizedTest
  @EnumSource
  void theJvmEndsAndTheOtherPoolsDrain(Place place) throws Exception {
    assertExits(place, "abort");
  }

  @ParameterizedTest
  @EnumSource(
      names = {"STAGE", "CLOSE_OF_A_CHANNEL", "LOG_OF_WHAT_IS_STUCK", "LOG_OF_THE_SHUTDOWN"})
  void soItDoesAfterADeadline(Place place) throws Exception {
    assertExits(place, "drainFor");
  }

  /** Many pools, each with a stage that blocks. */
  static final class ExitsWithMany {
    public static void main(String[] args) throws Exception {
      List<WorkerPool> all = new ArrayList<>();
      for (int i = 0; i < 10; i++) {
        all.add(
            Scene.of(
                    new TestPools(),
                    Place.STAGE,
                    builder -> builder.onJvmExit(ShutdownPolicy.abort()))
                .pool);
      }
      Runtime.getRuntime()
          .addShutdownHook(
              new Thread(
                  () -> {
                    for (WorkerPool pool : all) {
                      while (pool.report().isEmpty()) {
                        LockSupport.parkNanos(1_000_000);
                      }
                    }
                    ChildJvm.say("all reported");
                  }));
      System.exit(7);
    }
  }

  @Test
  void manySuchPoolsGoDownSideBySide() throws Exception {
    ChildJvm child = ChildJvm.run(ExitsWithMany.class, OPTIONS);
    assertEquals(List.of("all reported"), child.out(), child::toString);
    assertEquals(7, child.status(), child::toString);
  }
}
