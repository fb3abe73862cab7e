package io.threadpool.contract;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.threadpool.PoolStats;
import io.threadpool.RejectedTaskException;
import io.threadpool.Task;
import io.threadpool.WorkerPool;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Tasks run once, in the order they were accepted, however many submit and whoever shuts down. */
class OrderTest {

  private static final int TASKS = 5_000;

  @RegisterExtension final TestPools pools = new TestPools();

  @Test
  void oneWorkerRunsTasksInTheOrderOfAcceptance() throws Exception {
    WorkerPool pool = pools.fixed(1);
    List<Integer> order = new ArrayList<>();
    for (int i = 0; i < TASKS; i++) {
      int number = i;
      if (i % 3 == 0) {
        pool.submit(() -> order.add(number));
      } else {
        pool.execute(() -> order.add(number));
      }
    }
    pool.close();
    assertEquals(IntStream.range(0, TASKS).boxed().toList(), order);
  }

  @Test
  void eachSubmittersTasksKeepTheirOrder() throws Exception {
    WorkerPool pool = pools.fixed(1);
    List<int[]> order = new ArrayList<>();
    List<Caller<?>> submitters = new ArrayList<>();
    for (int s = 0; s < 4; s++) {
      int submitter = s;
      submitters.add(
          pools.call(
              () -> {
                for (int i = 0; i < TASKS; i++) {
                  int number = i;
                  pool.execute(() -> order.add(new int[] {submitter, number}));
                }
                return null;
              }));
    }
    for (Caller<?> submitter : submitters) {
      submitter.get();
    }
    pool.close();
    int[] next = new int[4];
    for (int[] ran : order) {
      assertEquals(next[ran[0]]++, ran[1]);
    }
    assertEquals(4 * TASKS, order.size());
  }

  @Test
  void manyWorkersStartTasksInOrder() throws Exception {
    WorkerPool pool = pools.fixed(3);
    List<Held> busy = List.of(pools.occupy(pool), pools.occupy(pool), pools.occupy(pool));
    List<Held> queued = new ArrayList<>();
    for (int i = 0; i < 9; i++) {
      Held body = pools.held();
      queued.add(body);
      pool.execute(body);
    }
    busy.get(1).release();
    for (int i = 0; i < 9; i++) {
      queued.get(i).awaitStarted();
      for (Held later : queued.subList(i + 1, 9)) {
        assertFalse(later.hasStarted());
      }
      queued.get(i).release();
    }
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void submittersThatRaceAShutdownAreRefusedOrRun(boolean now) throws Exception {
    for (int round = 0; round < 30; round++) {
      WorkerPool pool = pools.fixed(2);
      CyclicBarrier start = new CyclicBarrier(4);
      AtomicInteger runs = new AtomicInteger();
      List<Caller<BitSet>> submitters = new ArrayList<>();
      List<Task<?>> tasks = Collections.synchronizedList(new ArrayList<>());
      for (int s = 0; s < 3; s++) {
        submitters.add(
            pools.call(
                () -> {
                  BitSet refused = new BitSet();
                  start.await();
                  for (int i = 0; i < 200; i++) {
                    try {
                      tasks.add(pool.submit(runs::incrementAndGet));
                    } catch (RejectedTaskException e) {
                      assertEquals(RejectedTaskException.Reason.SHUTDOWN, e.reason());
                      refused.set(i);
                    }
                  }
                  return refused;
                }));
      }
      start.await();
      int returned = 0;
      if (now) {
        returned = pool.shutdownNow().size();
      } else {
        pool.shutdown();
      }
      int refused = 0;
      for (Caller<BitSet> submitter : submitters) {
        BitSet missing = submitter.get();
        refused += missing.cardinality();
        // Once closed, always closed.
        assertEquals(missing.cardinality(), missing.isEmpty() ? 0 : 200 - missing.nextSetBit(0));
      }
      assertTrue(pool.awaitTermination(TestPools.LONG));
      PoolStats s = pool.stats();
      assertEquals(tasks.size(), s.accepted());
      assertEquals(refused, s.rejected());
      assertEquals(600, s.accepted() + s.rejected());
      assertEquals(runs.get(), s.completed());
      assertEquals(returned, s.aborted());
      assertEquals(s.accepted(), runs.get() + returned);
      assertTrue(tasks.stream().allMatch(Task::isDone));
    }
  }
}
