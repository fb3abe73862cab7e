package io.threadpool;

import static org.junit.jupiter.api.Assertions.assertNotSame;

import io.threadpool.TaskAbortedException.Reason;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** An aborted handle gets a stage while another thread gives it an exception of its own. */
@Timeout(60)
class SharedExceptionTest extends EndRig {

  private final CountDownLatch exchanging = new CountDownLatch(1);
  private final CountDownLatch go = new CountDownLatch(1);
  private final AtomicReference<Thread> first = new AtomicReference<>();

  /** Holds the first one up where it compares what the handle has with what is shared. */
  private final class Core extends PoolCore {
    private int compared;

    Core() {
      super(WorkerPool.builder().size(1).config());
    }

    @Override
    TaskAbortedException aborted(Reason reason) {
      if (Thread.currentThread() == first.get() && ++compared == 2) { // After its first look.
        exchanging.countDown();
        uninterruptibly(go);
      }
      return super.aborted(reason);
    }
  }

  @Test
  void noStageSeesWhatIsShared() throws Exception {
    Core core = new Core();
    WorkerPool pool = open(core);
    occupy(pool);
    Task<?> task = pool.submit(() -> {});
    pool.shutdownNow();
    Awaitility.await().until(task::isTold);
    first.set(daemon(() -> task.whenComplete((result, failure) -> {})));
    first.get().start();
    exchanging.await();
    AtomicReference<Throwable> seen = new AtomicReference<>();
    FutureTask<?> second =
        new FutureTask<>(() -> task.whenComplete((result, failure) -> seen.set(failure)));
    Thread thread = started(second);
    Awaitility.await()
        .until(() -> second.isDone() || thread.getState() == Thread.State.TIMED_WAITING);
    go.countDown();
    second.get(20, TimeUnit.SECONDS);

    assertNotSame(core.aborted(Reason.SHUTDOWN), seen.get());
  }
}
