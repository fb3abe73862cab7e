package io.threadpool;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import io.threadpool.internal.Latches;
import io.threadpool.internal.Timers;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.slf4j.LoggerFactory;

/** When the watch over what runs has a timer, which is this pool's alone. */
@Timeout(60)
class WatchTimerTest {

  /** As one that was under way when the pool ended. */
  @Test
  void aLookAfterTheEndIsTheLast(Pools pools) {
    AtomicInteger scheduled = new AtomicInteger();
    PoolCore core =
        new PoolCore(WorkerPool.builder().size(2).config()) {
          @Override
          Timers newTimers() {
            return new Timers() {
              @Override
              public boolean schedule(Entry entry, long nanos) {
                scheduled.incrementAndGet();
                return super.schedule(entry, nanos);
              }
            };
          }
        };
    core.start(null);
    WorkerPool pool = pools.add(WorkerPoolBuilder.open(core));
    pool.submit(() -> 1).join();
    pool.close();
    int before = scheduled.get();
    core.watch.run();
    assertEquals(before, scheduled.get());
  }

  /** Nothing is taken from the queue, and what repeats has no outcome. Each beat has one look. */
  @Test
  void aPoolWhoseBeatsFollowEachOtherDoesNotStandStill(Pools pools) throws Exception {
    Logger log = (Logger) LoggerFactory.getLogger("io.threadpool.WorkerPool");
    ListAppender<ILoggingEvent> told = new ListAppender<>();
    told.list = new CopyOnWriteArrayList<>();
    told.start();
    log.addAppender(told);
    try {
      PoolCore core =
          new PoolCore(
              WorkerPool.builder()
                  .size(1)
                  .name("beats")
                  .standstillWarning(Duration.ofNanos(1))
                  .config()) {
            @Override
            Timers newTimers() {
              return new Timers() {
                @Override
                public boolean schedule(Entry entry, long nanos) {
                  return entry instanceof TaskWatch || super.schedule(entry, nanos);
                }
              };
            }
          };
      core.start(null);
      WorkerPool pool = pools.add(WorkerPoolBuilder.open(core));
      CountDownLatch beats = new CountDownLatch(100);
      for (int i = 0; i < 3; i++) {
        pool.scheduleWithFixedDelay(
            () -> {
              core.watch.run();
              beats.countDown();
            },
            0,
            1,
            TimeUnit.NANOSECONDS);
      }
      beats.await();
      pool.close();
      assertTrue(
          told.list.stream()
              .map(ILoggingEvent::getFormattedMessage)
              .noneMatch(text -> text.contains("beats stands still")),
          told.list::toString);
    } finally {
      log.detachAppender(told);
    }
  }

  /** Of a task with a limit for its start that is decided before; so the timer has no thread. */
  @Test
  void theTimerForgetsTheLimitOfWhatIsDecided(Pools pools) throws Exception {
    AtomicInteger kept = new AtomicInteger();
    Set<Timers.Entry> entries = ConcurrentHashMap.newKeySet();
    Timers own =
        new Timers() {
          @Override
          public boolean schedule(Entry entry, long nanos) {
            if (entry instanceof Limit) {
              kept.incrementAndGet();
              entries.add(entry);
            }
            return super.schedule(entry, nanos);
          }

          @Override
          public void cancel(Entry entry) {
            entries.remove(entry);
            super.cancel(entry);
          }
        };
    PoolCore core =
        new PoolCore(WorkerPool.builder().size(1).unboundedQueue().config()) {
          @Override
          Timers newTimers() {
            return own;
          }
        };
    core.start(null);
    WorkerPool pool = pools.add(WorkerPoolBuilder.open(core));
    CountDownLatch release = new CountDownLatch(1);
    pool.execute(() -> Latches.uninterruptibly(release));
    TaskOptions tomorrow = TaskOptions.startingWithin(Duration.ofDays(1));
    List<Task<?>> tasks = new ArrayList<>();
    for (int i = 0; i < 10_000; i++) {
      tasks.add(pool.submit(() -> 1, tomorrow));
    }
    for (int i = 0; i < 10_000; i += 2) {
      tasks.get(i).cancel(i % 4 == 0);
    }
    assertEquals(10_000, kept.get());
    assertEquals(5_000, entries.size());
    release.countDown();
    pool.close();
    assertEquals(Set.of(), entries);
    assertEquals(5_001, pool.stats().completed());
  }

  /** Nobody waits in the pool, which would do what is due. */
  @Test
  void theWatchIsAskedAgainWhereItHadNoThread(Pools pools) throws Exception {
    AtomicBoolean refuses = new AtomicBoolean(true);
    Timers own =
        new Timers() {
          @Override
          protected Thread newThread(Runnable body) {
            if (refuses.get()) {
              throw new OutOfMemoryError("unable to create native thread, for the test");
            }
            return super.newThread(body);
          }
        };
    PoolCore core =
        new PoolCore(
            WorkerPool.builder()
                .size(2)
                .taskOptions(TaskOptions.runningWithin(Duration.ofMillis(1)))
                .config()) {
          @Override
          Timers newTimers() {
            return own;
          }
        };
    core.start(null);
    WorkerPool pool = pools.add(WorkerPoolBuilder.open(core));
    CountDownLatch begun = new CountDownLatch(1);
    Task<?> never =
        pool.submit(
            () -> {
              begun.countDown();
              new CountDownLatch(1).await();
              return null;
            });
    begun.await();
    refuses.set(false);
    Awaitility.await()
        .atMost(20, TimeUnit.SECONDS)
        .until(
            () -> {
              pool.execute(() -> {}); // Which asks for a look.
              return never.isAborted();
            });
  }

  @Test
  void anIdlePoolHasNoTimer(Pools pools) {
    AtomicReference<Thread> keeper = new AtomicReference<>();
    Timers own =
        new Timers() {
          @Override
          protected Thread newThread(Runnable body) {
            Thread thread = super.newThread(body);
            keeper.set(thread);
            return thread;
          }
        };
    PoolCore core =
        new PoolCore(WorkerPool.builder().size(2).config()) {
          @Override
          Timers newTimers() {
            return own;
          }
        };
    core.start(null);
    WorkerPool pool = pools.add(WorkerPoolBuilder.open(core));
    pool.submit(() -> 1).join();
    Awaitility.await()
        .atMost(20, TimeUnit.SECONDS)
        .until(() -> keeper.get() != null && !keeper.get().isAlive());
    CountDownLatch release = new CountDownLatch(1);
    pool.execute(() -> Latches.uninterruptibly(release));
    Awaitility.await().atMost(20, TimeUnit.SECONDS).until(() -> keeper.get().isAlive());
    release.countDown();
  }
}
