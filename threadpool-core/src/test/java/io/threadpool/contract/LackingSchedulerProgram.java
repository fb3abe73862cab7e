package io.threadpool.contract;

import io.threadpool.SaturationPolicy;
import io.threadpool.Task;
import io.threadpool.WorkerPool;
import java.lang.reflect.Method;
import java.time.Duration;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * Has virtual threads wait for a pool whose scheduler takes none that is to go on, as that of the
 * JDK does where it lacks memory or a thread; says what became of what they wait for.
 */
final class LackingSchedulerProgram {

  private static final AtomicBoolean lacking = new AtomicBoolean();
  private static final ExecutorService carriers =
      Executors.newCachedThreadPool(LackingSchedulerProgram::daemon);

  private LackingSchedulerProgram() {}

  private static Thread daemon(Runnable run) {
    Thread thread = new Thread(run);
    thread.setDaemon(true);
    return thread;
  }

  private static void schedule(Runnable run) {
    if (lacking.get()) {
      throw new RejectedExecutionException("for the test");
    }
    carriers.execute(run);
  }

  /** Returns when it waits. */
  private static void waiting(Runnable body) throws ReflectiveOperationException {
    Method make =
        Class.forName("java.lang.ThreadBuilders")
            .getDeclaredMethod(
                "newVirtualThread", Executor.class, String.class, int.class, Runnable.class);
    make.setAccessible(true);
    Executor scheduler = LackingSchedulerProgram::schedule;
    Thread thread = (Thread) make.invoke(null, scheduler, "waiter", 0, body);
    thread.start();
    while (thread.getState() != Thread.State.TIMED_WAITING) {
      Thread.onSpinWait();
    }
  }

  private static void await(Task<?> task) {
    try {
      task.awaitStopped(Duration.ofHours(1));
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  public static void main(String[] args) throws Exception {
    WorkerPool pool =
        WorkerPool.builder()
            .size(1)
            .queueCapacity(1)
            .saturationPolicy(SaturationPolicy.block())
            .daemon(true)
            .build();
    Held first = new Held(true);
    Task<?> running = pool.submit(first);
    first.awaitStarted();
    Task<?> queued = pool.submit(() -> 1);
    waiting(() -> pool.execute(() -> {})); // For room.
    waiting(() -> await(running));
    lacking.set(true);
    ChildJvm.say("cancelled " + queued.cancel(false));
    first.release();
    ChildJvm.say("ended " + running.get(20, TimeUnit.SECONDS));
    ChildJvm.say("counted " + pool.stats().cancelled());
    System.exit(0);
  }
}
