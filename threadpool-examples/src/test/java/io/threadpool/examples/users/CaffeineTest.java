package io.threadpool.examples.users;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.github.benmanes.caffeine.cache.AsyncLoadingCache;
import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import io.threadpool.RejectedTaskException;
import io.threadpool.WorkerPool;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/**
 * Caffeine, which gives its executor three things: loads, removal listeners, and the maintenance of
 * the cache, of which at most one is under way.
 */
@Timeout(120)
class CaffeineTest {

  @RegisterExtension final UserPools pools = new UserPools();
  @RegisterExtension final JulLog log = new JulLog("com.github.benmanes.caffeine");
  private final Held held = new Held();

  @AfterEach
  void release() {
    held.release();
  }

  private static String here() {
    return Thread.currentThread().getName().replaceAll("-\\d+$", "");
  }

  @Test
  void loadsAndNotifiesOnWorkers() throws Exception {
    WorkerPool pool = pools.build(WorkerPool.builder().size(4).name("cache"));
    AtomicInteger loads = new AtomicInteger();
    ConcurrentLinkedQueue<String> listeners = new ConcurrentLinkedQueue<>();
    AsyncLoadingCache<Integer, String> cache =
        Caffeine.newBuilder()
            .executor(pool)
            .maximumSize(10)
            .removalListener((key, value, cause) -> listeners.add(here()))
            .buildAsync(
                key -> {
                  loads.incrementAndGet();
                  return key + " " + here();
                });
    List<Integer> keys = IntStream.range(0, 100).boxed().toList();
    Map<Integer, String> loaded = cache.getAll(keys).join();
    for (int key : keys) {
      assertEquals(key + " cache", loaded.get(key));
    }
    assertEquals(100, loads.get());
    assertTrue(pool.awaitIdle(UserPools.LONG)); // An entry counts once its load has told the cache.
    cache.synchronous().cleanUp();
    assertEquals(10, cache.synchronous().estimatedSize());
    assertTrue(pool.awaitIdle(UserPools.LONG));
    assertEquals(90, listeners.size());
    assertEquals(Set.of("cache"), Set.copyOf(listeners));

    pool.close();
    assertEquals(0, pool.report().orElseThrow().failed());
    assertEquals(List.of(), log.messages());
  }

  /** So the pool may be closed before the last use of the cache; loads alone are lost. */
  @Test
  void doesItsMaintenanceOnTheCallerWhereThePoolRefusesAndLogsIt() throws Exception {
    WorkerPool pool = pools.fixed(1);
    Set<Thread> listeners = ConcurrentHashMap.newKeySet();
    Cache<Integer, Integer> cache =
        Caffeine.newBuilder()
            .executor(pool)
            .maximumSize(10)
            .removalListener((key, value, cause) -> listeners.add(Thread.currentThread()))
            .build();
    pool.close();

    for (int i = 0; i < 1_000; i++) {
      cache.put(i, i);
    }
    assertEquals(10, cache.estimatedSize());
    assertEquals(Set.of(Thread.currentThread()), listeners);
    assertFalse(log.messages().isEmpty());
    log.thrown().forEach(thrown -> assertInstanceOf(RejectedTaskException.class, thrown));

    AsyncLoadingCache<Integer, Integer> loading =
        Caffeine.newBuilder().executor(pool).buildAsync(key -> key);
    assertThrows(RejectedTaskException.class, () -> loading.get(1));
    CompletableFuture<Integer> nothingKept = loading.getIfPresent(1);
    assertEquals(null, nothingKept);
  }

  /**
   * An aborted maintenance is one that Caffeine takes for under way: it starts no other, until its
   * write buffer is full or somebody calls {@code cleanUp}. The same goes for one that is discarded
   * for a newer task.
   */
  @Test
  void missesAMaintenanceThatIsDroppedSilently() throws Exception {
    WorkerPool pool = pools.fixed(1);
    Cache<Integer, Integer> cache = Caffeine.newBuilder().executor(pool).maximumSize(10).build();
    pool.execute(held);
    held.awaitStarted(1);
    for (int i = 0; i < 20; i++) {
      cache.put(i, i);
    }
    assertEquals(1, pool.stats().queued());
    pool.shutdownNow();
    pool.close();

    cache.put(20, 20);
    assertEquals(21, cache.estimatedSize());
    assertEquals(List.of(), log.messages());
    cache.cleanUp();
    assertEquals(10, cache.estimatedSize());
  }
}
