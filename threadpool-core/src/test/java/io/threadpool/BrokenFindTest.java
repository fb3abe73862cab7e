package io.threadpool;

import static org.junit.jupiter.api.Assertions.assertTrue;

import io.threadpool.internal.Starter;
import io.threadpool.internal.Timers;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * A worker whose loop breaks when it has taken an entry, and is about to have others come for what
 * it leaves: it does so before it runs what it has taken, which may wait for that.
 */
@Timeout(60)
class BrokenFindTest extends EndRig {

  private final Set<Thread> workers = ConcurrentHashMap.newKeySet();
  private final AtomicBoolean broken = new AtomicBoolean();

  /** Breaks the first worker that asks for a look, and looks for nobody. */
  private final class Failing extends Timers {
    @Override
    public boolean schedule(Entry entry, long nanos) {
      if (workers.contains(Thread.currentThread()) && broken.compareAndSet(false, true)) {
        throw new OutOfMemoryError("for the test");
      }
      return false;
    }
  }

  /** What the starter does, but that it does not look for others by itself. */
  private record Blind(Starter.Work work) implements Starter.Work {
    @Override
    public void startOne() {
      work.startOne();
    }

    @Override
    public void look() {}

    @Override
    public boolean isAwaited() {
      return work.isAwaited();
    }

    @Override
    public void notStarted(Throwable cause) {
      work.notStarted(cause);
    }
  }

  @Test
  void othersComeForWhatItLeaves() throws InterruptedException {
    PoolCore core =
        new PoolCore(WorkerPool.builder().size(0, 2).config()) {
          @Override
          Timers newTimers() {
            return new Failing();
          }

          @Override
          Starter newStarter(Starter.Work work) {
            return new Starter(new Blind(work), name(), true);
          }
        };
    WorkerPool pool =
        open(
            core,
            worker -> {
              Thread thread = daemon(worker);
              workers.add(thread);
              return thread;
            });
    CountDownLatch second = new CountDownLatch(1);
    CountDownLatch met = new CountDownLatch(1);
    Runnable waits =
        () -> {
          uninterruptibly(second);
          met.countDown();
        };
    core.queue.offer(waits);
    core.queue.offer((Runnable) second::countDown); // Nobody is asked for it but by the first.
    core.crew.nobodyAwake();
    boolean came = met.await(20, TimeUnit.SECONDS);
    second.countDown();
    assertTrue(broken.get(), "it did not break");
    assertTrue(came, "nobody came");
    assertTrue(workers.size() <= pool.stats().size());
  }
}
