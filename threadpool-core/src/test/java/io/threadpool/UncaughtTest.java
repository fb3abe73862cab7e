package io.threadpool;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.Test;
import org.slf4j.helpers.NOPLogger;

/** Where the failures of raw commands go when nobody says where. */
class UncaughtTest {

  private final List<String> heard = new CopyOnWriteArrayList<>();

  private static void fail() {
    throw new IllegalStateException("planted");
  }

  @Test
  void aHandlerThatATaskPutOnItsThreadDoesNotHearOfTheNext(Pools pools) throws Exception {
    WorkerPool pool =
        pools.build(
            WorkerPool.builder()
                .size(1)
                .threadFactory(
                    worker -> {
                      Thread thread = new Thread(worker);
                      thread.setUncaughtExceptionHandler((t, e) -> heard.add("maker's " + e));
                      return thread;
                    }));
    pool.execute(
        () ->
            Thread.currentThread()
                .setUncaughtExceptionHandler((t, e) -> heard.add("thief's " + e)));
    pool.execute(UncaughtTest::fail);
    assertTrue(pool.awaitIdle(Duration.ofMinutes(1)));
    assertEquals(List.of("maker's java.lang.IllegalStateException: planted"), heard);
  }

  @Test
  void withoutALogTheThreadsGroupHearsOfIt() throws Exception {
    Thread.UncaughtExceptionHandler before = Thread.getDefaultUncaughtExceptionHandler();
    PoolCore core = new PoolCore(WorkerPool.builder().size(1).config(), NOPLogger.NOP_LOGGER);
    core.start(null);
    try (WorkerPool pool = WorkerPoolBuilder.open(core)) {
      Thread.setDefaultUncaughtExceptionHandler((t, e) -> heard.add(t.getName() + " " + e));
      pool.execute(UncaughtTest::fail);
      assertTrue(pool.awaitIdle(Duration.ofMinutes(1)));
      assertEquals(List.of(pool.name() + "-0 java.lang.IllegalStateException: planted"), heard);
    } finally {
      Thread.setDefaultUncaughtExceptionHandler(before);
    }
  }
}
