package io.threadpool.examples.users;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.threadpool.PoolStats;
import io.threadpool.SaturationPolicy;
import io.threadpool.WorkerPool;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.RejectedExecutionException;
import java.util.stream.Stream;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * A crawler whose tasks submit tasks, for what the README says of it: a page that links to 99, on a
 * pool of one worker with room for two.
 */
@Timeout(60)
class CrawlerTest {
  private static final int PAGES = 100;

  private final Set<Integer> visited = ConcurrentHashMap.newKeySet();

  static Stream<Arguments> policies() {
    return Stream.of(
        Arguments.of(SaturationPolicy.block(), 3),
        Arguments.of(SaturationPolicy.reject(), 3),
        Arguments.of(SaturationPolicy.discardOldest(), 3),
        Arguments.of(SaturationPolicy.callerRuns(), PAGES));
  }

  @ParameterizedTest
  @MethodSource("policies")
  void onlyTheStatsTellOfLostPages(SaturationPolicy policy, int found) throws Exception {
    WorkerPool pool =
        WorkerPool.builder().size(1).queueCapacity(2).saturationPolicy(policy).build();
    CountDownLatch crawled = new CountDownLatch(1);
    try (pool) {
      pool.submit(
          () -> {
            visit(pool, 0);
            crawled.countDown();
          });
      crawled.await();
    }
    assertEquals(found, visited.size());
    PoolStats stats = pool.stats();
    assertEquals(PAGES - found, stats.rejected() + stats.aborted(), stats.toString());
    assertEquals(0, stats.failed(), stats.toString());
  }

  private void visit(WorkerPool pool, int page) {
    visited.add(page);
    for (int link = 1; page == 0 && link < PAGES; link++) {
      int linked = link;
      try {
        pool.submit(() -> visit(pool, linked));
      } catch (RejectedExecutionException unnoticed) {
        // As a crawler does that thinks of one page at a time.
      }
    }
  }
}
