package io.threadpool.examples.users;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.binder.jvm.ExecutorServiceMetrics;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.threadpool.Task;
import io.threadpool.WorkerPool;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/**
 * Micrometer's binder for executors, which knows the JDK's by their classes: of any other it times
 * the tasks, through a wrapper, and says that it cannot tell its queue and its threads. Those are
 * in {@code stats()}; the README's recipe binds them.
 */
@Timeout(120)
class MicrometerTest {

  @RegisterExtension final UserPools pools = new UserPools();

  @Test
  void timesTheTasksOfAPoolAndWarnsThatItKnowsNoMoreOfIt() throws Exception {
    SimpleMeterRegistry registry = new SimpleMeterRegistry();
    WorkerPool pool = pools.fixed(2);
    ExecutorService timed;
    try (LogbackLog log = new LogbackLog("io.micrometer")) {
      timed = ExecutorServiceMetrics.monitor(registry, pool, "mail");
      assertEquals(1, log.messages().size(), () -> log.messages().toString());
      assertTrue(log.messages().get(0).startsWith("Failed to bind as "), log.messages().get(0));
    }
    Set<String> meters =
        registry.getMeters().stream()
            .map(Meter::getId)
            .map(Meter.Id::getName)
            .collect(Collectors.toSet());
    assertEquals(
        Set.of(
            "executor",
            "executor.idle",
            "executor.scheduled.once",
            "executor.scheduled.repetitively"),
        meters);

    List<Future<Integer>> answers = new ArrayList<>();
    for (int i = 0; i < 100; i++) {
      int n = i;
      answers.add(timed.submit((Callable<Integer>) () -> n));
    }
    for (int i = 0; i < 100; i++) {
      assertInstanceOf(Task.class, answers.get(i));
      assertEquals(i, answers.get(i).get());
    }
    timed.shutdown();
    assertTrue(timed.awaitTermination(UserPools.LONG.toSeconds(), TimeUnit.SECONDS));

    assertEquals(100, registry.timer("executor", "name", "mail").count());
    assertEquals(100, pool.report().orElseThrow().completed());
    registry.close();
  }
}
