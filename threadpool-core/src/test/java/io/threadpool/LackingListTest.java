package io.threadpool;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.threadpool.internal.Latches;
import java.lang.reflect.Field;
import java.util.ArrayDeque;
import java.util.List;
import java.util.concurrent.ConcurrentLinkedDeque;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** There is no memory to list what the pool has just accepted. */
@Timeout(60)
class LackingListTest {

  private final OutOfMemoryError full = new OutOfMemoryError("for the test");
  private final CountDownLatch end = new CountDownLatch(1);

  /** As the JDK's: it grows when it has added. */
  private final class Window extends ArrayDeque<Object> {
    private static final long serialVersionUID = 1;

    @Override
    public boolean add(Object body) {
      super.add(body);
      if (size() == 3) {
        throw full;
      }
      return true;
    }
  }

  /** Adds nothing. */
  private final class Full extends ConcurrentLinkedDeque<Object> {
    private static final long serialVersionUID = 1;

    @Override
    public boolean add(Object task) {
      throw full;
    }
  }

  private static void replace(Object owner, String name, Object list) throws Exception {
    Field field = owner.getClass().getDeclaredField(name);
    field.setAccessible(true);
    field.set(owner, list);
  }

  private WorkerPool held(Pools pools) {
    WorkerPool pool = pools.fixed(1);
    pool.execute(() -> Latches.uninterruptibly(end));
    return pool;
  }

  @Test
  void aBatchSubmitsWhatItHasListed(Pools pools) throws Exception {
    WorkerPool pool = held(pools);
    try (BatchResults<Integer> results =
        Batch.on(pool).map(List.of(0, 1, 2, 3).iterator(), item -> item)) {
      replace(results, "window", new Window());
      assertTrue(results.hasNext());
      assertEquals(1 + 2, pool.stats().accepted());
      end.countDown();
      assertEquals(0, results.next());
      assertEquals(1, results.next());
      assertEquals(full, assertThrows(OutOfMemoryError.class, results::next));
      assertFalse(results.hasNext());
    }
  }

  @Test
  void aGroupCancelsWhatItCannotList(Pools pools) throws Exception {
    WorkerPool pool = held(pools);
    try (TaskGroup group = TaskGroup.on(pool)) {
      replace(group, "tasks", new Full());
      assertThrows(OutOfMemoryError.class, () -> group.fork(() -> 1));
    }
    assertEquals(1, pool.stats().cancelled());
    end.countDown();
  }

  @Test
  void soDoesABulkCall(Pools pools) throws Exception {
    DefaultWorkerPool pool = (DefaultWorkerPool) held(pools);
    BulkCall call = new BulkCall(pool, Long.MAX_VALUE);
    replace(call, "submitted", new Full());
    assertThrows(OutOfMemoryError.class, () -> call.invokeAll(List.of(() -> 1)));
    assertEquals(1, pool.stats().cancelled());
    end.countDown();
  }
}
