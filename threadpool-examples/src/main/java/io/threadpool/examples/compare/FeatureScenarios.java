package io.threadpool.examples.compare;

import static io.threadpool.examples.compare.Trial.require;

import io.threadpool.examples.VirtualThreads;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.Future;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/** Order, counts, memory, and what some pools can do that others cannot. */
final class FeatureScenarios {
  private static final int TASKS = 1_000;
  private static final int CANCELLED = 100_000;
  private static final int MOST_BYTES_EACH = 20;
  private static final int CROWD = 10_000;

  private FeatureScenarios() {}

  static List<Scenario> all() {
    return List.of(
        new Scenario(
            "order", "tasks run in the order of their acceptance", FeatureScenarios::order),
        new Scenario("counts", "its counts of tasks add up at the end", FeatureScenarios::counts),
        new Scenario("idle", "one can wait until nothing is left to do", FeatureScenarios::idle),
        new Scenario(
            "stage", "an asynchronous next step stays on the pool", FeatureScenarios::stage),
        new Scenario(
            "cancelled-memory",
            "cancelled tasks do not pile up behind a busy thread",
            FeatureScenarios::cancelledMemory),
        new Scenario(
            "burst", "a burst of tasks does not need a thread each", FeatureScenarios::burst),
        new Scenario("elastic", "threads come and go with the load", FeatureScenarios::elastic),
        new Scenario("resize", "the size can be changed while it works", FeatureScenarios::resize),
        new Scenario("priority", "what is urgent overtakes the queue", FeatureScenarios::priority),
        new Scenario("delay", "a task can be run after a delay", FeatureScenarios::delay),
        new Scenario(
            "fork-order", "own subtasks run the latest first", FeatureScenarios::forkOrder),
        new Scenario(
            "crowd", "10,000 blocked tasks do not need 10,000 threads", FeatureScenarios::crowd));
  }

  private static void order(Trial trial) throws Exception {
    OpenPool pool = trial.open(Plan.threads(1).ordered());
    CountDownLatch gate = trial.block(pool);
    List<Integer> order = Collections.synchronizedList(new ArrayList<>());
    for (int i = 0; i < TASKS; i++) {
      int number = i;
      pool.execute(
          () -> {
            order.add(number);
            pool.execute(() -> order.add(TASKS + number));
          });
    }
    gate.countDown();
    require(trial.eventually(() -> order.size() == 2 * TASKS), order.size() + " tasks ran");
    for (int i = 0; i < order.size(); i++) {
      require(order.get(i) == i, "at " + i + " ran " + order.get(i));
    }
  }

  private static void counts(Trial trial) throws Exception {
    OpenPool pool = trial.open(Plan.threads(1).counted());
    CountDownLatch gate = trial.gate();
    pool.execute(() -> trial.await("the gate", gate));
    for (int i = 1; i < TASKS; i++) {
      boolean fails = i % 10 == 0;
      Future<?> task =
          pool.submit(
              () -> {
                require(!fails, "a task that fails");
                return true;
              });
      if (i % 10 == 1) {
        task.cancel(false);
      }
    }
    gate.countDown();
    CountDownLatch last = new CountDownLatch(1);
    pool.execute(last::countDown);
    trial.await("the last task", last);
    boolean right = trial.eventually(() -> pool.finished() == TASKS + 1);
    require(right, pool.finished() + " ended, it says, of " + (TASKS + 1));
  }

  private static void idle(Trial trial) throws Exception {
    OpenPool pool = trial.open(Plan.threads(2));
    AtomicInteger ran = new AtomicInteger();
    for (int i = 0; i < TASKS; i++) {
      pool.execute(
          () -> {
            ran.incrementAndGet();
            pool.execute(ran::incrementAndGet);
          });
    }
    boolean idle = trial.within("who waits for idleness", () -> pool.awaitIdle(trial.limit()));
    require(idle, "it never is");
    require(ran.get() == 2 * TASKS, "it says so after " + ran + " of " + 2 * TASKS + " tasks");
  }

  private static void stage(Trial trial) throws Exception {
    OpenPool pool = trial.open(Plan.threads(1));
    CountDownLatch gate = trial.gate();
    CompletableFuture<Boolean> onPool =
        pool.twoSteps(() -> trial.await("the gate", gate), Threads::onOne);
    gate.countDown();
    require(trial.finish("the next step", onPool), "it runs elsewhere");
  }

  private static void cancelledMemory(Trial trial) {
    OpenPool pool = trial.open(Plan.threads(1));
    trial.block(pool);
    long before = usedHeap();
    for (int i = 1; i <= CANCELLED; i++) {
      byte[] payload = new byte[200];
      Future<?> task =
          pool.submit(
              () -> {
                new CountDownLatch(payload.length).await();
                return true;
              });
      task.cancel(true);
      if (i % 5_000 == 0) {
        pool.reclaim();
      }
    }
    pool.reclaim();
    long each = (usedHeap() - before) / CANCELLED;
    require(each <= MOST_BYTES_EACH, each + " bytes stay for each");
  }

  private static long usedHeap() {
    Runtime runtime = Runtime.getRuntime();
    long least = Long.MAX_VALUE;
    for (int i = 0; i < 3; i++) {
      System.gc();
      least = Math.min(least, runtime.totalMemory() - runtime.freeMemory());
    }
    return least;
  }

  private static void burst(Trial trial) {
    OpenPool pool = trial.open(Plan.threads(4));
    ThreadMXBean threads = ManagementFactory.getThreadMXBean();
    CountDownLatch ran = new CountDownLatch(TASKS);
    threads.resetPeakThreadCount();
    int before = threads.getThreadCount();
    for (int i = 0; i < TASKS; i++) {
      pool.execute(
          () -> {
            ran.countDown();
            try {
              TimeUnit.MILLISECONDS.sleep(1);
            } catch (InterruptedException e) {
              Thread.currentThread().interrupt();
            }
          });
    }
    trial.await("a burst of tasks", ran);
    int more = threads.getPeakThreadCount() - before;
    require(more <= 8, more + " threads for " + TASKS + " tasks");
  }

  private static void elastic(Trial trial) throws Exception {
    OpenPool pool = trial.open(Plan.threads(8).elastic());
    List<Thread> busy = new CopyOnWriteArrayList<>();
    CyclicBarrier barrier = new CyclicBarrier(9);
    for (int i = 0; i < 8; i++) {
      pool.execute(
          () -> {
            busy.add(Thread.currentThread());
            try {
              barrier.await();
            } catch (Exception e) {
              throw new IllegalStateException(e);
            }
          });
    }
    trial.within("eight tasks that need eight threads", barrier::await);
    require(
        trial.eventually(() -> busy.stream().filter(Thread::isAlive).count() <= 1),
        busy.stream().filter(Thread::isAlive).count() + " idle threads stay");
  }

  private static void resize(Trial trial) throws Exception {
    OpenPool pool = trial.open(Plan.threads(1));
    pool.resize(3);
    FailureScenarios.allThreadsMeet(trial, pool, 3);
  }

  /** The higher the more urgent. */
  private static final class Urgent implements Runnable, Comparable<Urgent> {
    private final int urgency;
    private final LinkedBlockingQueue<Integer> ran;

    Urgent(int urgency, LinkedBlockingQueue<Integer> ran) {
      this.urgency = urgency;
      this.ran = ran;
    }

    @Override
    public void run() {
      ran.add(urgency);
    }

    @Override
    public int compareTo(Urgent other) {
      return Integer.compare(other.urgency, urgency);
    }
  }

  private static void priority(Trial trial) throws Exception {
    OpenPool pool = trial.open(Plan.threads(1).priorities());
    CountDownLatch gate = trial.block(pool);
    LinkedBlockingQueue<Integer> ran = new LinkedBlockingQueue<>();
    pool.execute(new Urgent(1, ran));
    pool.execute(new Urgent(2, ran));
    pool.execute(new Urgent(3, ran));
    gate.countDown();
    require(trial.eventually(() -> ran.size() == 3), ran.size() + " of 3 ran");
    require(List.copyOf(ran).equals(List.of(3, 2, 1)), "they ran in the order " + ran);
  }

  private static void delay(Trial trial) {
    OpenPool pool = trial.open(Plan.threads(1).delays());
    CountDownLatch ran = new CountDownLatch(1);
    pool.schedule(ran::countDown, Duration.ofMillis(50));
    trial.await("a task with a delay", ran);
  }

  private static void forkOrder(Trial trial) throws Exception {
    OpenPool pool = trial.open(Plan.threads(1).lastInFirstOut());
    LinkedBlockingQueue<Integer> ran = new LinkedBlockingQueue<>();
    pool.execute(
        () -> {
          for (int i = 1; i <= 3; i++) {
            int number = i;
            pool.execute(() -> ran.add(number));
          }
        });
    require(trial.eventually(() -> ran.size() == 3), ran.size() + " of 3 ran");
    require(List.copyOf(ran).equals(List.of(3, 2, 1)), "they ran in the order " + ran);
  }

  private static void crowd(Trial trial) throws Exception {
    int threads = VirtualThreads.available() ? CROWD : 4;
    OpenPool pool = trial.open(Plan.threads(threads).crowd());
    CountDownLatch all = new CountDownLatch(CROWD);
    for (int i = 0; i < CROWD; i++) {
      pool.execute(
          () -> {
            all.countDown();
            try {
              all.await();
            } catch (InterruptedException e) {
              Thread.currentThread().interrupt();
            }
          });
    }
    require(
        all.await(1, TimeUnit.SECONDS) || all.getCount() < CROWD / 2,
        all.getCount() + " tasks wait behind those that block");
    trial.await("the last of the crowd", all);
  }
}
