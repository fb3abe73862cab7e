package io.threadpool;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;

/** What runs in a {@link FaultJvm}: each scenario checks itself and prints its figures. */
final class FaultMain {

  private static final Duration LONG = Duration.ofSeconds(30);

  private FaultMain() {}

  public static void main(String[] args) throws Exception {
    try {
      run(args[0], args.length > 1 ? Integer.parseInt(args[1]) : 0);
    } catch (Throwable thrown) {
      fail("thrown: " + thrown, thrown);
    }
  }

  private static void run(String scenario, int number) throws Exception {
    switch (scenario) {
      case "stack-submit" -> stackSubmit(number);
      case "stack-settle" -> stackSettle(number);
      case "heap" -> heap(number);
      case "no-threads" -> noThreads();
      case "sigterm" -> sigterm(number);
      case "exit" -> exit();
      case "ping" -> ping(number);
      default -> throw new IllegalArgumentException(scenario);
    }
  }

  private static void check(boolean holds, String what) {
    if (!holds) {
      fail(what, null);
    }
  }

  private static void fail(String what, Throwable thrown) {
    System.out.println("VIOLATED " + what);
    System.out.flush();
    if (thrown != null) {
      print("thrown at", thrown.getStackTrace());
    }
    Thread.getAllStackTraces().forEach((thread, stack) -> print(thread.toString(), stack));
    Runtime.getRuntime().halt(3);
  }

  private static void print(String where, StackTraceElement[] stack) {
    System.err.println(where + " " + Arrays.stream(stack).limit(12).toList());
  }

  private static void checkLaw(WorkerPool pool) throws InterruptedException {
    check(pool.awaitIdle(LONG), "never idle: " + pool);
    PoolStats s = pool.stats();
    check(
        s.accepted() == s.completed() + s.failed() + s.cancelled() + s.aborted(),
        "conservation: " + s);
    check(s.queued() == 0 && s.active() == 0, "quiescent: " + s);
  }

  // The edge of the stack.

  /** Calls the action at a depth of recursion. */
  private static void descend(int depth, Runnable action) {
    if (depth == 0) {
      action.run();
    } else {
      descend(depth - 1, action);
    }
  }

  /** How deep the calling thread can go. */
  private static int edge() {
    int low = 0;
    int high = 1 << 20;
    while (low < high - 1) {
      int middle = (low + high) / 2;
      try {
        descend(middle, () -> {});
        low = middle;
      } catch (StackOverflowError deep) {
        high = middle;
      }
    }
    return low;
  }

  private static void onSmallStack(Runnable action) throws InterruptedException {
    Thread thread = new Thread(null, action, "small", 200_000);
    Throwable[] thrown = new Throwable[1];
    thread.setUncaughtExceptionHandler((t, e) -> thrown[0] = e);
    thread.start();
    thread.join(60_000);
    check(!thread.isAlive(), "a caller hangs: " + Arrays.toString(thread.getStackTrace()));
    if (thrown[0] != null) {
      fail("thrown: " + thrown[0], thrown[0]);
    }
  }

  /** One submission at each depth near the edge: it is accepted and runs, or nothing of it is. */
  private static void stackSubmit(int passes) throws Exception {
    AtomicInteger overflowed = new AtomicInteger();
    AtomicInteger accepted = new AtomicInteger();
    AtomicInteger ran = new AtomicInteger();
    int submissions = 0;
    for (int pass = 0; pass < passes; pass++) {
      boolean raw = pass % 2 == 0;
      int capacity = pass % 3 == 0 ? 4 : 0;
      WorkerPoolBuilder builder = WorkerPool.builder().size(1);
      WorkerPool pool = (capacity == 0 ? builder : builder.queueCapacity(capacity)).build();
      int[] runs = new int[1];
      int[] mine = new int[1];
      onSmallStack(
          () -> {
            int edge = edge();
            for (int depth = edge + 20; depth > edge - 400; depth--) {
              boolean[] in = new boolean[1];
              List<Task<?>> handle = new ArrayList<>(1);
              Runnable body =
                  () -> {
                    runs[0]++;
                    ran.incrementAndGet();
                  };
              try {
                descend(
                    depth,
                    () -> {
                      if (raw) {
                        pool.execute(body);
                        in[0] = true;
                      } else {
                        Task<?> task = pool.submit(body);
                        in[0] = true;
                        handle.add(task);
                      }
                    });
              } catch (StackOverflowError deep) {
                overflowed.incrementAndGet();
              }
              if (in[0]) {
                accepted.incrementAndGet();
                mine[0]++;
              }
              try {
                if (handle.isEmpty()) {
                  check(pool.awaitIdle(LONG), "wedged: " + pool);
                } else {
                  handle.get(0).get(30, TimeUnit.SECONDS);
                }
              } catch (Exception e) {
                check(false, "a handle is not done: " + e + pool);
              }
            }
          });
      submissions += 420;
      checkLaw(pool);
      check(runs[0] == mine[0], "accepted " + mine[0] + ", ran " + runs[0] + ": " + pool);
      if (capacity > 0) {
        checkCapacity(pool, capacity);
      }
      pool.close();
      check(pool.isTerminated(), "not terminated: " + pool);
    }
    System.out.println(
        "submissions="
            + submissions
            + " accepted="
            + accepted
            + " ran="
            + ran
            + " overflowed="
            + overflowed
            + " violations=0");
  }

  private static void checkCapacity(WorkerPool pool, int capacity) throws InterruptedException {
    CountDownLatch gate = new CountDownLatch(1);
    CountDownLatch busy = new CountDownLatch(1);
    pool.execute(
        () -> {
          busy.countDown();
          CancelRaceTest.uninterruptibly(gate);
        });
    busy.await();
    int fits = 0;
    try {
      for (; fits <= capacity; fits++) {
        pool.execute(() -> {});
      }
    } catch (RejectedTaskException full) {
      // As it should be after so many.
    }
    gate.countDown();
    check(fits == capacity, "capacity " + capacity + ", but " + fits + " fit");
    checkLaw(pool);
  }

  /** Joins that nest inline until the stack ends, with cancels and completions at the edge. */
  private static void stackSettle(int passes) throws Exception {
    int handles = 0;
    int deepest = 0;
    for (int pass = 0; pass < passes; pass++) {
      int kind = pass;
      WorkerPool pool =
          WorkerPool.builder()
              .size(1)
              .threadFactory(worker -> new Thread(null, worker, "small", 300_000))
              .build();
      List<Task<?>> all = new ArrayList<>();
      AtomicInteger depth = new AtomicInteger();
      AtomicBoolean over = new AtomicBoolean();
      Task<?> outermost = pool.submit(() -> nest(pool, all, depth, kind, over));
      try {
        outermost.get(30, TimeUnit.SECONDS);
      } catch (ExecutionException overflow) {
        // Wherever the stack ended.
      }
      pool.submit(() -> {}).get(30, TimeUnit.SECONDS);
      for (Task<?> task : all) {
        try {
          task.get(30, TimeUnit.SECONDS);
        } catch (TimeoutException hangs) {
          check(false, "a handle is not done: " + task + ", " + pool);
        } catch (Exception failed) {
          // Settled.
        }
      }
      checkLaw(pool);
      handles += all.size() + 1;
      deepest = Math.max(deepest, depth.get());
      pool.close();
      check(pool.isTerminated(), "not terminated: " + pool);
      Pools.assertLaw(pool);
    }
    System.out.println(
        "handles=" + handles + " deepest=" + deepest + " passes=" + passes + " violations=0");
  }

  private static int nest(
      WorkerPool pool, List<Task<?>> all, AtomicInteger depth, int kind, AtomicBoolean over) {
    if (over.get()) {
      return 0; // Once to the end of the stack is enough.
    }
    try {
      depth.incrementAndGet();
      Task<Integer> cancelled = pool.submit(() -> 1);
      all.add(cancelled);
      Task<Integer> inner = pool.submit(() -> nest(pool, all, depth, kind, over));
      all.add(inner);
      inner.whenComplete((x, e) -> depth.get());
      switch (kind % 4) {
        case 0 -> cancelled.cancel(true);
        case 1 -> cancelled.complete(2);
        case 2 -> cancelled.run();
        default -> {
          // Runs later.
        }
      }
      return kind % 2 == 0 ? inner.join() : getQuietly(inner);
    } catch (StackOverflowError end) {
      over.set(true);
      throw end;
    }
  }

  private static int getQuietly(Task<Integer> task) {
    try {
      return task.get();
    } catch (InterruptedException | ExecutionException e) {
      return -1;
    }
  }

  // A full heap.

  /** Fills the heap while submitting: each submission throws, or is accepted and runs once. */
  private static void heap(int passes) throws Exception {
    long accepted = 0;
    long refused = 0;
    WorkerPool pool = WorkerPool.builder().size(2).unboundedQueue().build();
    AtomicInteger ran = new AtomicInteger();
    AtomicInteger failed = new AtomicInteger();
    for (int pass = 0; pass < passes; pass++) {
      CountDownLatch gate = new CountDownLatch(1);
      CountDownLatch busy = new CountDownLatch(2);
      for (int i = 0; i < 2; i++) {
        pool.execute(
            () -> {
              busy.countDown();
              CancelRaceTest.uninterruptibly(gate);
            });
      }
      busy.await();
      Object[] ballast = fill();
      Task<?> last = null;
      int errors = 0;
      int tried = 0;
      while (errors < 50) {
        try {
          tried++;
          if (tried % 2 == 0) {
            pool.execute(ran::incrementAndGet);
          } else {
            last =
                pool.submit(
                    () -> {
                      ran.incrementAndGet();
                      if (ran.get() % 16 == 0) {
                        hog(failed);
                      }
                    });
          }
          accepted++;
        } catch (OutOfMemoryError full) {
          errors++;
          refused++;
        }
      }
      gate.countDown(); // The bodies run while the heap is full.
      for (int i = 0; i < 1_000 && ballast.length > 0; i++) {
        Thread.yield();
      }
      ballast = null;
      check(pool.awaitIdle(LONG), "wedged");
      check(last == null || last.isDone(), "a handle is not done");
    }
    check(ran.get() == accepted, "accepted " + accepted + ", ran " + ran);
    checkLaw(pool);
    pool.close();
    check(pool.isTerminated(), "not terminated");
    System.out.println(
        "accepted="
            + accepted
            + " ran="
            + ran
            + " refused="
            + refused
            + " passes="
            + passes
            + " violations=0");
  }

  private static void hog(AtomicInteger failed) {
    try {
      long[][] more = new long[64][];
      for (int i = 0; i < more.length; i++) {
        more[i] = new long[1 << 16];
      }
      check(more[0] != null, "hogged");
    } catch (OutOfMemoryError full) {
      failed.incrementAndGet();
      throw full;
    }
  }

  private static Object[] fill() {
    Object[] head = new Object[2];
    for (int size = 1 << 22; size >= 16; size /= 2) {
      try {
        for (; ; ) {
          head = new Object[] {head, new byte[size]};
        }
      } catch (OutOfMemoryError full) {
        // Smaller pieces, then.
      }
      if (size == 1 << 14) {
        break; // Leaves a little, which the submissions use up.
      }
    }
    return head;
  }

  // Threads that the system refuses.

  private static void noThreads() throws Exception {
    WorkerPoolBuilder none =
        WorkerPool.builder()
            .size(3)
            .threadFactory(worker -> new Thread(null, worker, "impossible", 1L << 46));
    try {
      none.build();
      check(false, "built without a worker");
    } catch (IllegalStateException expected) {
      check(expected.getCause() instanceof OutOfMemoryError, "cause " + expected.getCause());
    }
    int[] calls = new int[1];
    WorkerPool pool =
        WorkerPool.builder()
            .size(4)
            .queueCapacity(100)
            .threadFactory(
                worker -> new Thread(null, worker, "w", calls[0]++ % 2 == 0 ? 0 : 1L << 46))
            .build();
    check(pool.stats().size() == 2, "size " + pool.stats().size());
    AtomicInteger ran = new AtomicInteger();
    for (int round = 0; round < 100; round++) {
      for (int i = 0; i < 100; i++) {
        pool.execute(ran::incrementAndGet);
      }
      checkLaw(pool);
    }
    pool.close();
    check(ran.get() == 10_000, "ran " + ran);
    System.out.println("submitted=10000 ran=" + ran + " refused=0 violations=0");
  }

  // Signals.

  /** 2,000 tasks are queued, then the parent sends SIGTERM; the last word is the report's. */
  private static void sigterm(int deadlineMillis) throws Exception {
    WorkerPool pool =
        WorkerPool.builder()
            .size(2)
            .onJvmExit(ShutdownPolicy.drainFor(Duration.ofMillis(deadlineMillis)))
            .build();
    AtomicInteger ran = new AtomicInteger();
    Runtime.getRuntime()
        .addShutdownHook(
            new Thread(
                () -> {
                  try {
                    pool.awaitTermination(LONG);
                  } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                  }
                  TerminationReport r = pool.report().orElseThrow();
                  System.out.println(
                      "report "
                          + ran
                          + " "
                          + r.accepted()
                          + " "
                          + r.completed()
                          + " "
                          + r.aborted());
                  System.out.flush();
                }));
    for (int i = 0; i < 2_000; i++) {
      pool.execute(
          () -> {
            RaceTeam.jitter(400_000);
            ran.incrementAndGet();
          });
    }
    System.out.println("queued");
    System.out.flush();
    pool.awaitTermination(LONG);
  }

  private static void exit() throws Exception {
    WorkerPool pool =
        WorkerPool.builder()
            .size(2)
            .abortGrace(Duration.ofMillis(200))
            .onJvmExit(ShutdownPolicy.drainFor(Duration.ofMillis(200)))
            .build();
    for (int i = 0; i < 100; i++) {
      pool.execute(() -> RaceTeam.jitter(100_000));
    }
    pool.execute(() -> System.exit(7));
    pool.awaitTermination(LONG);
  }

  /** Hands tasks to and fro until the time is over; the parent stops and continues the process. */
  private static void ping(int millis) throws Exception {
    WorkerPool pool = WorkerPool.builder().size(2).queueCapacity(64).build();
    System.out.println("pinging");
    System.out.flush();
    long end = System.nanoTime() + millis * 1_000_000L;
    int rounds = 0;
    while (System.nanoTime() < end || rounds < 1_000) {
      Task<Integer> one = pool.submit(() -> 1);
      Task<Integer> two = pool.submit(() -> 1 + one.join());
      check(two.get(30, TimeUnit.SECONDS) == 2, "wrong");
      if (rounds++ % 64 == 0) {
        checkLaw(pool);
      }
    }
    pool.close();
    check(pool.stats().completed() == 2L * rounds, "lost some: " + pool);
    System.out.println("rounds " + rounds);
  }
}
