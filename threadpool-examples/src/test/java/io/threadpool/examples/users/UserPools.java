package io.threadpool.examples.users;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.threadpool.PoolStats;
import io.threadpool.TerminationReport;
import io.threadpool.WorkerPool;
import io.threadpool.WorkerPoolBuilder;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.awaitility.Awaitility;
import org.awaitility.core.ConditionFactory;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.BeforeEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/**
 * The pools that a test gives to their user. Ending them is part of the test; this checks
 * afterwards that they have ended, that each accepted task has one outcome, and that no thread is
 * left of those that came up meanwhile, but for the ones that the user is known to leave behind.
 */
final class UserPools implements BeforeEachCallback, AfterEachCallback {

  /** Longer than anything takes on a busy machine; nothing that passes waits for so long. */
  static final Duration LONG = Duration.ofSeconds(30);

  /** Of the pools, for those that become unreachable, one for all; and of JUnit, for time-outs. */
  private static final List<String> NOT_THE_USERS = List.of("Cleaner-", "junit-");

  private final List<WorkerPool> pools = new ArrayList<>();
  private final List<String> staying;
  private Set<Thread> before = Set.of();

  /**
   * Pools whose user leaves threads behind.
   *
   * @param staying how the names of those threads begin
   */
  UserPools(String... staying) {
    this.staying = new ArrayList<>(List.of(staying));
    this.staying.addAll(NOT_THE_USERS);
  }

  WorkerPool fixed(int size) {
    return build(WorkerPool.builder().size(size));
  }

  WorkerPool build(WorkerPoolBuilder builder) {
    WorkerPool pool = builder.build();
    pools.add(pool);
    return pool;
  }

  /** Waits for what nothing signals; looks at once, then often. */
  static ConditionFactory eventually() {
    return Awaitility.await()
        .pollInSameThread()
        .pollDelay(Duration.ZERO)
        .pollInterval(Duration.ofMillis(2))
        .atMost(LONG);
  }

  @Override
  public void beforeEach(ExtensionContext context) {
    before = Thread.getAllStackTraces().keySet();
  }

  @Override
  public void afterEach(ExtensionContext context) {
    if (context.getExecutionException().isPresent()) {
      pools.forEach(WorkerPool::shutdownNow);
      return;
    }
    for (WorkerPool pool : pools) {
      assertTrue(pool.isTerminated(), pool::toString);
      assertLaw(pool);
    }
    eventually().untilAsserted(() -> assertEquals(List.of(), left(), "threads left alive"));
  }

  private List<String> left() {
    return Thread.getAllStackTraces().keySet().stream()
        .filter(thread -> !before.contains(thread))
        .map(Thread::getName)
        .filter(name -> staying.stream().noneMatch(name::startsWith))
        .toList();
  }

  /**
   * Asserts, of a pool that has ended, that each task has one outcome and that the report says so.
   */
  private static void assertLaw(WorkerPool pool) {
    PoolStats s = pool.stats();
    assertEquals(0, s.queued() + s.active(), s::toString);
    TerminationReport r = pool.report().orElseThrow();
    assertEquals(
        r.accepted(), r.completed() + r.failed() + r.cancelled() + r.aborted(), r::toString);
    assertEquals(
        List.of(s.accepted(), s.completed(), s.failed(), s.cancelled(), s.aborted()),
        List.of(r.accepted(), r.completed(), r.failed(), r.cancelled(), r.aborted()));
    assertEquals(List.of(), r.stuck());
  }
}
