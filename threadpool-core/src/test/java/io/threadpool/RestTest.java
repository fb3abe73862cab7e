package io.threadpool;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.threadpool.internal.PaddedLong;
import io.threadpool.internal.TaskQueue;
import io.threadpool.internal.Yielder;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Workers that find nothing to do, in a pool whose loops do not run. */
class RestTest {

  /** After so many depths in a row at which the stack was enough it is at all others. */
  private static final int MANY = 40;

  private final PoolCore core = new PoolCore(WorkerPool.builder().size(2).config());
  private final Thread[] threads = new Thread[2];

  private void awaitBack(int id) throws InterruptedException {
    threads[id].join(60_000);
    assertFalse(threads[id].isAlive(), "worker " + id + " sleeps on");
  }

  @AfterEach
  void wakeAll() throws InterruptedException {
    core.backlog.close();
    for (int id = 0; id < 2; id++) {
      if (threads[id] != null) {
        awaitBack(id);
      }
    }
  }

  /** A pool of one worker, whose searches find what is there where they see it. */
  private static PoolCore poolWhoseSearchersSee(BooleanSupplier sees) {
    return new PoolCore(WorkerPool.builder().size(1).config()) {
      @Override
      TaskQueue newQueue(long roughLimit) {
        return new TaskQueue(TaskQueue.DEFAULT_SEGMENT_SIZE, roughLimit) {
          @Override
          public boolean isFilled() {
            return sees.getAsBoolean() && super.isFilled();
          }
        };
      }
    };
  }

  /** What comes between the search and the registration is seen by the look that follows. */
  @Test
  void whoFallsAsleepLooksOnceMore() throws InterruptedException {
    PoolCore blind = poolWhoseSearchersSee(() -> false);
    Worker worker = Crews.of(blind).workers[0];
    Thread thread = new Thread(() -> assertTrue(worker.rest.idle()));
    worker.assign(thread);
    blind.queue.offer("a task");
    thread.start();
    thread.join(20_000);
    boolean sleeps = thread.isAlive();
    blind.backlog.close();
    assertFalse(sleeps, "it sleeps beside a task");
  }

  /** Wherever the stack of a worker ends, it does not take itself for one that others may wake. */
  @Test
  void whoFindsNoStackToRegisterIsNotRegistered() throws InterruptedException {
    Worker worker = Crews.of(core).workers[0];
    AtomicInteger ended = new AtomicInteger();
    AtomicReference<Throwable> wrong = new AtomicReference<>();
    core.backlog.close();
    assertTrue(core.idle.trySearch());
    threads[0] =
        new Thread(
            null,
            () -> {
              try {
                sleepAtEachDepth(worker, ended);
                shifted(0, () -> sleepAtEachDepth(worker, ended));
                shifted(0, 0, () -> sleepAtEachDepth(worker, ended));
                shifted(0, 0, 0, () -> sleepAtEachDepth(worker, ended));
              } catch (Throwable found) {
                wrong.set(found);
              }
            },
            "small",
            200_000);
    threads[0].setDaemon(true);
    worker.assign(threads[0]);
    threads[0].start();
    awaitBack(0);
    assertNull(wrong.get(), () -> String.valueOf(wrong.get()));
    assertTrue(ended.get() > 0, "the stack did not end");
  }

  /** A depth takes more than what lies between two steps: so the stack ends elsewhere by these. */
  private static void shifted(long one, Runnable action) {
    action.run();
  }

  private static void shifted(long one, long two, Runnable action) {
    action.run();
  }

  private static void shifted(long one, long two, long three, Runnable action) {
    action.run();
  }

  /** How deep the calling thread's stack is, or was while its code was compiled less. */
  private static int deepest() {
    int enough = 0;
    int tooMuch = 16 * StackRow.edge();
    while (tooMuch - enough > 1) {
      int depth = (enough + tooMuch) / 2;
      try {
        StackRow.descend(depth, () -> {});
        enough = depth;
      } catch (StackOverflowError deep) {
        tooMuch = depth;
      }
    }
    return enough;
  }

  /** Each sleep is short, since the pool ends; nobody else is there that could wake it. */
  private void sleepAtEachDepth(Worker worker, AtomicInteger ended) {
    int fine = 0;
    for (int depth = deepest() + MANY; depth > 0 && fine < MANY; depth--) {
      try {
        StackRow.descend(depth, worker.rest::idle);
        assertFalse(worker.rest.isRegistered());
        fine++;
      } catch (StackOverflowError deep) {
        ended.getAndIncrement();
        fine = 0;
        if (worker.rest.isRegistered()) {
          core.idle.wakeAll();
          worker.rest.resume(); // Sleeps for ever where nobody could have woken it.
        }
      }
    }
  }

  /** Nobody submits while it spins, but at once when it sleeps, as where both share a processor. */
  @Test
  void aLongSearchInVainIsNotRepeatedAtOnce() throws InterruptedException {
    Worker worker = Crews.of(core).workers[0];
    worker.rest.searchers = new PaddedLong(0);
    AtomicInteger then = new AtomicInteger(-1);
    threads[0] =
        new Thread(
            () -> {
              for (int i = 0; i < 8; i++) {
                while (worker.rest.searchNanos != Rest.LONG_SEARCH_NANOS) {
                  worker.rest.idle();
                }
                worker.rest.idle();
                then.accumulateAndGet(worker.rest.searchNanos, Math::max);
              }
            });
    worker.assign(threads[0]);
    threads[0].start();
    while (threads[0].isAlive()) {
      core.idle.wakeOne();
      Thread.onSpinWait();
    }
    assertTrue(0 < then.get() && then.get() < Rest.LONG_SEARCH_NANOS);
  }

  /** Else it would sleep at the begin of the next burst, and two workers would contend for it. */
  @Test
  void aLongSearchInVainIsRepeatedAfterABurst() throws InterruptedException {
    Worker worker = Crews.of(core).workers[0];
    worker.rest.searchers = new PaddedLong(0);
    AtomicBoolean repeated = new AtomicBoolean();
    threads[0] =
        new Thread(
            () -> {
              while (!repeated.get()) {
                for (int i = 0; i < 1_000; i++) {
                  core.queue.offer("a task");
                  core.queue.poll();
                }
                boolean isLong = worker.rest.searchNanos == Rest.LONG_SEARCH_NANOS;
                worker.rest.idle(); // It may find that it slept too long for another.
                repeated.set(isLong && worker.rest.searchNanos == Rest.LONG_SEARCH_NANOS);
              }
            });
    worker.assign(threads[0]);
    threads[0].start();
    long end = System.nanoTime() + 20_000_000_000L;
    while (threads[0].isAlive() && System.nanoTime() < end) {
      core.idle.wakeOne();
      Thread.onSpinWait();
    }
    assertTrue(repeated.getAndSet(true), "never repeated");
  }

  /** Who finds something in each search never sleeps, and submitters may wait for its processor. */
  @Test
  void searchesThatAllFindSomethingLetOthersRun() throws InterruptedException {
    Worker worker = Crews.of(core).workers[0];
    AtomicInteger yields = new AtomicInteger();
    worker.rest.yielder =
        new Yielder(core.queue) {
          @Override
          public boolean letRun() {
            yields.getAndIncrement();
            return true;
          }
        };
    List<Integer> yieldsSoFar = new ArrayList<>();
    threads[0] =
        new Thread(
            () -> {
              core.queue.offer("a task");
              for (int i = 0; i <= Rest.FOUND_IN_A_ROW; i++) {
                assertFalse(worker.rest.idle());
                yieldsSoFar.add(yields.get());
              }
            });
    worker.assign(threads[0]);
    threads[0].start();
    awaitBack(0);
    List<Integer> expected = new ArrayList<>(Collections.nCopies(Rest.FOUND_IN_A_ROW, 0));
    expected.add(1);
    assertEquals(expected, yieldsSoFar);
  }

  /** What it waits for comes from a thread that needs its processor. */
  @Test
  void aLongSearchLetsOthersRun() throws InterruptedException {
    Worker worker = Crews.of(core).workers[0];
    worker.rest.searchers = new PaddedLong(0);
    worker.rest.searchNanos = Integer.MAX_VALUE;
    worker.rest.yielder =
        new Yielder(core.queue) {
          @Override
          public boolean letRun() {
            core.queue.offer("a task");
            return true;
          }
        };
    AtomicBoolean slept = new AtomicBoolean(true);
    threads[0] = new Thread(() -> slept.set(worker.rest.idle()));
    worker.assign(threads[0]);
    threads[0].start();
    awaitBack(0);
    assertFalse(slept.get(), "it found nothing");
    assertEquals(0, worker.rest.searchers.get());
  }

  /** Of a thousand pools that each search, no processor would be left to those that submit. */
  @Test
  void whereOthersSearchItLooksAFewTimes() throws InterruptedException {
    AtomicInteger looks = new AtomicInteger();
    PoolCore counting = poolWhoseSearchersSee(() -> looks.incrementAndGet() > 0);
    int others = Runtime.getRuntime().availableProcessors();
    Worker worker = Crews.of(counting).workers[0];
    worker.rest.searchers = new PaddedLong(others);
    worker.rest.searchNanos = Integer.MAX_VALUE;
    Thread thread = new Thread(() -> assertTrue(worker.rest.idle()));
    worker.assign(thread);
    thread.start();
    while (thread.isAlive()) {
      counting.idle.wakeOne();
      Thread.onSpinWait();
    }
    assertEquals(Rest.LOOKS_A_TIME, looks.get());
    assertEquals(others, worker.rest.searchers.get());
    counting.backlog.close();
  }
}
